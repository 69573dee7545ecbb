# One library a row. Each row's headers are reached through a folder of links of its own, so a
# target can include "graph/graph.h" only when it was given the row `graph`.
set(PLD_ROW_DIR_core host/core)
set(PLD_ROW_DIR_backend host/backend)
set(PLD_ROW_DIR_cpu host/cpu)
set(PLD_ROW_DIR_cuda cuda)
set(PLD_ROW_DIR_graph graph)
set(PLD_ROW_DIR_prune prune)
set(PLD_ROW_DIR_eval eval)
set(PLD_ROW_DIR_run host/run)
set(PLD_ROW_DIR_cli host/cli)

foreach(row core backend cpu cuda graph prune eval run cli)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include/${row})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${PLD_ROW_DIR_${row}}
       ${CMAKE_BINARY_DIR}/include/${row}/${row} SYMBOLIC)
endforeach()

# pld_sees(target row...): the rows whose headers the target may include, and the common flags.
function(pld_sees target)
  foreach(row ${ARGN})
    target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/include/${row})
  endforeach()
  # No contraction: products and sums must round as the reference evaluators round them.
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes
    -Wmissing-prototypes -Wvla -ffp-contract=off $<$<BOOL:${PLD_WERROR}>:-Werror>)
  # GCC cannot know that pld_fail() never returns PLD_OK, so it takes every PLD_TRY() for a path that
  # goes on with unset outputs; and messages are truncated by snprintf() on purpose.
  target_compile_options(${target} PRIVATE $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized
    -Wno-format-truncation>)
  # clang gives the resolvers of static functions with target_clones external names, which clash when
  # two files have a function of one name. Without versions such a build is only slower.
  target_compile_options(${target} PRIVATE
    "$<$<C_COMPILER_ID:Clang>:-Dtarget_clones(...)=__unused__>")
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE PLD_VERSION="${PROJECT_VERSION}")
  if(PLD_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-omit-frame-pointer
                           -fno-sanitize-recover=undefined)
    target_link_options(${target} PRIVATE -fsanitize=address,undefined)
  endif()
  if(PLD_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  if(PLD_COVERAGE)
    target_compile_options(${target} PRIVATE --coverage)
    target_link_options(${target} PRIVATE --coverage)
  endif()
endfunction()

# pld_row(name SOURCES file... SEES row... LINK library...)
function(pld_row name)
  cmake_parse_arguments(ROW "" "" "SOURCES;SEES;LINK" ${ARGN})
  add_library(pld_${name} STATIC ${ROW_SOURCES})
  pld_sees(pld_${name} ${ROW_SEES})
  target_link_libraries(pld_${name} PUBLIC ${ROW_LINK})
endfunction()
