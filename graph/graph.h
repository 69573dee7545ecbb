/* The intermediate representation: values and nodes, as ONNX has them.
 *
 * One representation serves two lives. As loaded, it is the user's model: every node, attribute,
 * name and initializer is kept, so that saving it again loses nothing; groups, criteria and
 * surgery work on it. A clone of it goes through the passes (graph/passes.h) and becomes what is
 * executed. Values keep their index from the model to the clone, and a constant that a pass derives
 * from another remembers its `origin`.
 */
#ifndef PLD_GRAPH_GRAPH_H
#define PLD_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/backend.h"
#include "backend/op.h"
#include "backend/tensor.h"
#include "core/arena.h"
#include "core/status.h"

enum { PLD_NONE = -1 };

/* What the file says of an input or output: its axes may be dynamic, and have names. */
struct pld_declared {
    int rank;                            /* -1: not stated */
    int64_t dim[PLD_MAX_RANK];           /* -1: dynamic */
    const char *axis_name[PLD_MAX_RANK]; /* of a dynamic axis; NULL where it has none */
};

struct pld_value {
    const char *name;
    struct pld_desc desc; /* valid after inference (constants: after loading; of an input, loading
                           * sets the dtype, and pld_declared.dim as the shape when it is static) */
    const void *data;     /* constant: row-major dense elements; NULL otherwise */
    int producer;         /* node, or PLD_NONE for inputs and initializers */
    int origin;           /* constant derived from this value by a pass, else PLD_NONE */
    bool initializer;     /* stored in the model file */
    bool listed;          /* an initializer that the file lists among the inputs too */
    bool inferred;        /* desc is final */
    const struct pld_declared *declared; /* graph inputs and outputs of a loaded model; inputs of a
                                          * built one after the first inference; else NULL */
    const void *source; /* private to the ONNX reader and writer: what is saved as it was read */
};

enum pld_attr_type {
    PLD_ATTR_FLOAT,
    PLD_ATTR_INT,
    PLD_ATTR_STRING,
    PLD_ATTR_TENSOR,
    PLD_ATTR_FLOATS,
    PLD_ATTR_INTS,
    PLD_ATTR_STRINGS,
    PLD_ATTR_OTHER, /* subgraphs, sparse tensors: no operator we run has one */
};

struct pld_attr {
    const char *name;
    enum pld_attr_type type;
    float f;
    int64_t i;
    const char *s; /* zero-terminated copy */
    int n;         /* number of floats, ints or strings */
    const float *floats;
    const int64_t *ints;
    const char *const *strings;
    struct pld_desc tensor;
    const void *tensor_data;
    const void *source; /* private to the ONNX reader and writer: PLD_ATTR_OTHER as it was read */
};

struct pld_node {
    int op;           /* enum pld_op, or PLD_NONE: an operator we do not know (see type) */
    const char *name; /* never empty: made from the first output where the model has none */
    const char *type; /* ONNX op_type */
    const char *domain;
    bool named; /* the name was in the model */
    int n_in, n_out;
    int *in, *out; /* values; PLD_NONE for an absent optional one */
    int n_data;    /* after inference: kernels receive in[0..n_data-1]; the rest is in params */
    union pld_op_params params; /* after inference */
    int n_attrs;
    struct pld_attr *attrs;
    const void *source; /* private to the ONNX reader and writer: fields kept as they were read */
    bool constant;      /* every output was computed at load time (constant folding) */
    bool dynamic;       /* the shapes of its outputs depend on the data: graph/tail.h */
    bool dead;          /* removed by a pass */
};

struct pld_metadata {
    const char *key, *value;
};

struct pld_graph {
    struct pld_arena arena; /* owns all of the below */
    const char *path;       /* file it came from, for messages */
    char sha256[65];        /* of that file */
    const char *name, *producer_name, *producer_version, *doc;
    int64_t ir_version, model_version;
    int opset;
    struct pld_value *values;
    int n_values, cap_values;
    struct pld_node *nodes; /* topological order */
    int n_nodes, cap_nodes;
    int *inputs, n_inputs; /* true inputs: initializers excluded */
    int *outputs, n_outputs;
    struct pld_metadata *metadata;
    int n_metadata;

    /* How many times an exported batch of 1 is widened (0 and 1: not at all). pld_pass_infer() sets
     * it before it walks the nodes. Operators whose target may have that 1 baked in read it, where
     * their data input varies: Reshape, Expand, Resize with `sizes`. */
    int64_t batch;
    const void *source; /* private to the ONNX reader and writer: model fields kept as read */
};

/* Loads an ONNX file, or a Darknet .cfg with its .weights (graph/darknet.h): parse, check names and
 * order, read every attribute and initializer. Unknown operators are kept
 * (pld_graph_check_supported names them). Fails with PLD_EMODEL. The graph is released with
 * pld_graph_free(). */
pld_status pld_graph_load(struct pld_graph **out, const char *path);

/* The same from memory; `path` is for messages. */
pld_status pld_graph_parse(struct pld_graph **out, const void *data, size_t size, const char *path);
void pld_graph_free(struct pld_graph *graph);

/* Saves as ONNX, atomically, with names, attributes, metadata, opset and ir_version kept. Derived
 * values are not stored; only what the loaded graph had and what surgery changed. Tensors that lay
 * outside the file lie in `path`.data afterwards, written first. */
pld_status pld_graph_save(const struct pld_graph *graph, const char *path);

/* Serialises to memory; caller frees. */
pld_status pld_graph_serialise(void **data, size_t *size, const struct pld_graph *graph);

/* A clone that shares constant data with `graph`, which must outlive it. Value indices are equal.
 */
pld_status pld_graph_clone(struct pld_graph **out, const struct pld_graph *graph);

/* PLD_OK, or PLD_EMODEL listing every node whose operator is not known, in one message. */
pld_status pld_graph_check_supported(const struct pld_graph *graph);

/* ---- building and editing ---- */

/* An empty graph (opset 13), for tests and for importers of other formats. */
pld_status pld_graph_new(struct pld_graph **out, const char *name);
/* New value; the name is copied. Index, or PLD_NONE on no memory. */
int pld_graph_add_value(struct pld_graph *graph, const char *name);
/* New constant with a copy of the data (NULL: zeroes). Index or PLD_NONE. */
int pld_graph_add_constant(struct pld_graph *graph, const char *name, const struct pld_desc *desc,
                           const void *data);
/* New node at the end of the order; arrays are copied, params are zeroed. Index or PLD_NONE. */
int pld_graph_add_node(struct pld_graph *graph, enum pld_op op, const char *name, const int *in,
                       int n_in, const int *out, int n_out);
/* Attributes of a node; copied. */
pld_status pld_node_set_int(struct pld_graph *graph, int node, const char *name, int64_t value);
pld_status pld_node_set_ints(struct pld_graph *graph, int node, const char *name,
                             const int64_t *values, int n);
pld_status pld_node_set_float(struct pld_graph *graph, int node, const char *name, float value);
pld_status pld_node_set_string(struct pld_graph *graph, int node, const char *name,
                               const char *value);
pld_status pld_graph_add_input(struct pld_graph *graph, int value);
pld_status pld_graph_add_output(struct pld_graph *graph, int value);
pld_status pld_graph_set_metadata(struct pld_graph *graph, const char *key, const char *value);
/* Gives a constant other elements and perhaps another shape: in its initializer or in the Constant
 * node that holds it. One that folded nodes compute becomes an initializer. `data` is not copied
 * and must live as long as the graph. */
pld_status pld_graph_set_constant(struct pld_graph *graph, int value, const struct pld_desc *desc,
                                  const void *data);
/* Drops initializers and folded nodes that nothing reads any more, from what is saved. */
pld_status pld_graph_drop_unread(struct pld_graph *graph);

/* ---- questions ---- */

const char *pld_graph_metadata(const struct pld_graph *graph, const char *key); /* or NULL */
int pld_graph_find_value(const struct pld_graph *graph, const char *name);      /* or PLD_NONE */
int pld_graph_find_node(const struct pld_graph *graph, const char *name);       /* or PLD_NONE */
const struct pld_attr *pld_node_attr(const struct pld_node *node, const char *name); /* or NULL */
int64_t pld_node_int(const struct pld_node *node, const char *name, int64_t fallback);
float pld_node_float(const struct pld_node *node, const char *name, float fallback);
const char *pld_node_string(const struct pld_node *node, const char *name, const char *fallback);
bool pld_graph_is_output(const struct pld_graph *graph, int value);

/* A node that is executed: neither dead, nor folded into a constant, nor left to the tail. */
static inline bool pld_node_live(const struct pld_node *node)
{
    return !node->dead && !node->constant && !node->dynamic;
}

/* Nodes that read each value, in order: users[first[v] .. first[v+1]-1]. Both from the arena. */
struct pld_uses {
    int *first, *users;
};
pld_status pld_graph_uses(struct pld_uses *out, struct pld_arena *arena,
                          const struct pld_graph *graph);

/* Marks every live node that reads a marked value, or is marked, and the values that it writes: what
 * changes with the nodes and values that are marked before. nodes[n_nodes], values[n_values]. */
void pld_graph_downstream(bool *nodes, bool *values, const struct pld_graph *graph);
/* The reverse: marks every live node that a marked value needs, and the values that those read. */
void pld_graph_upstream(bool *nodes, bool *values, const struct pld_graph *graph);

/* Parameters: elements of all float initializers, and of Constant nodes once they are inferred,
 * that feed a live node, perhaps through folded ones. */
int64_t pld_graph_params(const struct pld_graph *graph);
/* Multiply-accumulates of conv, matmul and gemm for one image (DESIGN: FLOPs = 2 x MACs). */
int64_t pld_graph_macs(const struct pld_graph *graph);
int64_t pld_node_macs(const struct pld_graph *graph, int node);

#endif
