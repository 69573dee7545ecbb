/* What the graph knows about an operator: shapes, parameters, cost, and how channels relate.
 *
 * Descriptors are found through graph/op_desc.c, which is made from backend/op.def: a row there
 * without its pld_opdesc_<ID> here is a link error.
 */
#ifndef PLD_GRAPH_OP_DESC_H
#define PLD_GRAPH_OP_DESC_H

#include "graph/channel.h"
#include "graph/graph.h"

/* How an operator's tensors may lie in memory. */
enum pld_layout_rule {
    PLD_LAYOUT_ANY,  /* elementwise: any one layout for all; small operands may stay row-major */
    PLD_LAYOUT_BOTH, /* row-major or channels-last as the backend prefers; data input 0 and outputs
                      */
    PLD_LAYOUT_ROWS, /* row-major only: axes are permuted or merged */
};

struct pld_op_desc {
    /* Reads attributes and constant inputs into node->params, sets node->n_data, and fills desc
     * (dtype and shape, row-major) of every output. Inputs are inferred before. A shape-like input
     * that is not a known constant is PLD_EINCOMPLETE: the node waits until the data is there
     * (graph/tail.h). Everything else that is wrong is PLD_EMODEL naming the node. NULL is not
     * allowed. */
    pld_status (*infer)(struct pld_graph *graph, struct pld_node *node);
    /* MACs for the whole batch; NULL = 0. */
    int64_t (*macs)(const struct pld_graph *graph, const struct pld_node *node);
    /* Relates indices of the inputs to indices of the outputs (graph/channel.h). NULL: no rule, so
     * everything that touches the node is locked, by name. */
    pld_status (*channels)(struct pld_channels *channels, const struct pld_graph *graph, int node);
    enum pld_layout_rule layout;
};

const struct pld_op_desc *pld_op_describe(enum pld_op op);

/* Helpers for infer(). */

/* The desc of input i; fails with PLD_EMODEL if it is absent or not inferred. */
pld_status pld_infer_input(const struct pld_desc **out, const struct pld_graph *graph,
                           const struct pld_node *node, int i);
/* Values of constant integer input i; *n = -1 when the input is absent. `max` is the room.
 * PLD_EINCOMPLETE when it is not constant, PLD_EMODEL when it is too long or of another type. */
pld_status pld_infer_ints(int64_t *out, int *n, int max, const struct pld_graph *graph,
                          const struct pld_node *node, int i);
pld_status pld_infer_floats(float *out, int *n, int max, const struct pld_graph *graph,
                            const struct pld_node *node, int i);
/* Sets the desc of output i (row-major) after pld_shape_check; an absent output is fine. */
pld_status pld_infer_output(struct pld_graph *graph, const struct pld_node *node, int i,
                            enum pld_dtype dtype, const struct pld_shape *shape);
/* Maps a possibly negative axis into 0..rank-1 (or ..rank with `inclusive`), or PLD_EMODEL. */
pld_status pld_infer_axis(int64_t *axis, int rank, bool inclusive, const struct pld_node *node);
/* Reads kernel_shape, strides, dilations, pads, auto_pad for an image of sizes in[spatial], in the
 * order of its axes. */
pld_status pld_infer_window(struct pld_window *window, const struct pld_node *node, int spatial,
                            const int64_t *in);

#endif
