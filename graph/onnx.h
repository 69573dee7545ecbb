/* Private to the ONNX reader and writer: what their files share. */
#ifndef PLD_GRAPH_ONNX_H
#define PLD_GRAPH_ONNX_H

#include "graph/graph.h"
#include "onnx/onnx.pb-c.h"

/* One ONNX file holds at most this much (a limit of protobuf). */
#define PLD_ONNX_MAX_BYTES ((size_t)INT32_MAX)

/* Names of values, by hash. */
struct pld_onnx_names {
    int *slots; /* value + 1, or 0; from the arena */
    size_t mask;
};

struct pld_onnx_reader {
    struct pld_graph *graph;
    struct pld_onnx_names names;
    const Onnx__ModelProto *model;
};

/* onnx_read.c */
pld_status pld_onnx_load(struct pld_graph **out, const char *path);

/* onnx_wire.c */

/* Checks that `data` is a well-formed protobuf message of the model's kind whose nesting is
 * bounded: protobuf-c recurses without a limit of its own. */
pld_status pld_onnx_check_wire(const void *data, size_t size, const char *path,
                               const ProtobufCMessageDescriptor *kind);

/* Unpacks into the arena: nothing is freed until the arena is. */
pld_status pld_onnx_unpack(ProtobufCMessage **out, struct pld_arena *arena,
                           const ProtobufCMessageDescriptor *kind, const void *data, size_t size,
                           const char *path);

/* onnx_tensor.c */

/* The type of an ONNX number, or PLD_DTYPE_COUNT for one we do not hold; and back. */
enum pld_dtype pld_onnx_dtype(int32_t type);
int32_t pld_onnx_type(enum pld_dtype dtype);
const char *pld_onnx_type_name(int32_t type);

/* Describes a tensor and finds its elements: in place where the file's form allows it, else copied
 * to the arena. desc->dtype is PLD_DTYPE_COUNT, and *data NULL, for a type we do not hold. */
pld_status pld_onnx_tensor(struct pld_desc *desc, const void **data, struct pld_arena *arena,
                           const Onnx__TensorProto *tensor, const char *path);

/* A TensorProto file (test data of the ONNX project). */
pld_status pld_onnx_tensor_parse(struct pld_desc *desc, const void **data, struct pld_arena *arena,
                                 const void *bytes, size_t size, const char *path);

/* onnx_external.c */

/* Elements of a tensor that lie in another file, in the model's folder or below. */
pld_status pld_onnx_external(const void **data, struct pld_arena *arena,
                             const Onnx__TensorProto *tensor, size_t bytes, const char *path);

/* onnx_outside.c */

/* Tensors that lay in another file when the model was loaded, and are to do so again: in one file
 * beside the model, with its name and ".data". */
struct pld_onnx_outside {
    struct pld_arena arena;
    const char *location; /* name of the model's file */
    struct pld_onnx_blob *blobs;
    int n_blobs, cap_blobs;
    size_t size;
};

/* Moves the elements of a message outside, if those of its source were. */
pld_status pld_onnx_put_outside(struct pld_onnx_outside *outside, Onnx__TensorProto *tensor,
                                const Onnx__TensorProto *source);
/* Writes them, if there are any; `path` is that of the model. */
pld_status pld_onnx_write_outside(const struct pld_onnx_outside *outside, const char *path);

/* onnx_attr.c */
pld_status pld_onnx_attrs(struct pld_graph *graph, struct pld_node *node,
                          const Onnx__NodeProto *proto);

/* onnx_check.c */

/* Makes room for `count` names. */
pld_status pld_onnx_names_new(struct pld_onnx_names *names, struct pld_arena *arena, size_t count);
int pld_onnx_name_find(const struct pld_onnx_reader *r, const char *name); /* or PLD_NONE */
/* New value with a name that must not be taken. */
pld_status pld_onnx_name_add(int *value, struct pld_onnx_reader *r, const char *name);
/* Puts nodes into topological order if they are not; a cycle is PLD_EMODEL. */
pld_status pld_onnx_sort(struct pld_graph *graph);

#endif
