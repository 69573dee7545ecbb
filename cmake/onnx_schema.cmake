# The ONNX schema as shipped by the distribution (libonnx-dev), compiled to C by protobuf-c.
find_path(ONNX_PROTO_DIR onnx/onnx.proto REQUIRED)
find_program(PROTOC_C protoc-c REQUIRED)
set(ONNX_GEN ${CMAKE_BINARY_DIR}/onnx_schema)
file(MAKE_DIRECTORY ${ONNX_GEN}/onnx)
add_custom_command(
  OUTPUT ${ONNX_GEN}/onnx/onnx.pb-c.c ${ONNX_GEN}/onnx/onnx.pb-c.h
  COMMAND ${PROTOC_C} --c_out=${ONNX_GEN} -I${ONNX_PROTO_DIR} ${ONNX_PROTO_DIR}/onnx/onnx.proto
  DEPENDS ${ONNX_PROTO_DIR}/onnx/onnx.proto)
add_library(pld_onnx_schema STATIC ${ONNX_GEN}/onnx/onnx.pb-c.c)
target_include_directories(pld_onnx_schema SYSTEM PUBLIC ${ONNX_GEN})
target_compile_options(pld_onnx_schema PRIVATE -w)
target_link_libraries(pld_onnx_schema PUBLIC PkgConfig::PROTOBUF_C)
