# Sources of the project for the checks of this folder: pld_sources(out extension...), relative to
# SOURCE, without vendored and generated files.
function(pld_sources out)
  set(found)
  foreach(folder host cuda graph prune eval tests benchmarks configs cmake docs)
    foreach(extension IN LISTS ARGN)
      file(GLOB_RECURSE files RELATIVE ${SOURCE} ${SOURCE}/${folder}/*.${extension})
      list(APPEND found ${files})
    endforeach()
  endforeach()
  list(FILTER found EXCLUDE REGEX "^host/vendor/")
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# file(STRINGS) splits at semicolons and joins at brackets; what is wanted is lines.
function(pld_read_lines out path)
  file(READ ${path} text)
  string(REGEX REPLACE "[][;\\\\]" "_" text "${text}")
  string(REGEX REPLACE "\n" ";" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()
