/* Shared by the operator files: the descriptors that op.def promises, and small helpers. */
#ifndef PLD_GRAPH_OPS_OPS_H
#define PLD_GRAPH_OPS_OPS_H

#include "graph/op_desc.h"

#define PLD_OP(id, onnx, file) extern const struct pld_op_desc pld_opdesc_##id;
#include "backend/op.def"
#undef PLD_OP

/* PLD_EMODEL for this node, the operator's name in front of the message. */
pld_status pld_op_fail(const struct pld_node *node, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Starts an infer(): zeroes the parameters and sets n_data to at most `data` present inputs. */
void pld_op_begin(struct pld_node *node, int data);

/* Input or output i of a node, PLD_NONE when it is absent. */
int pld_op_in(const struct pld_node *node, int i);
int pld_op_out(const struct pld_node *node, int i);

/* The value of input i, or NULL when it is absent. */
const struct pld_value *pld_op_in_value(const struct pld_graph *graph, const struct pld_node *node,
                                        int i);
/* PLD_EINCOMPLETE where input i is there and its elements are not known yet. */
pld_status pld_op_wait_for(const struct pld_graph *graph, const struct pld_node *node, int i);
/* Are the elements known now? (An empty tensor is.) */
bool pld_op_is_constant(const struct pld_value *value);
/* Fails unless optional output i, which no kernel computes, is absent or read by nobody. */
pld_status pld_op_output_unused(const struct pld_graph *graph, const struct pld_node *node, int i,
                                const char *what);

/* Integers that are input i in newer opsets and attribute `attr` (may be NULL) in older ones:
 * whichever the node has. *n = -1 when it has neither. */
pld_status pld_op_ints(int64_t *out, int *n, int max, const struct pld_graph *graph,
                       const struct pld_node *node, int i, const char *attr);
/* The same for the set of axes, as a bit mask of non-negative axes. *given says whether there was a
 * non-empty list; duplicates fail. */
pld_status pld_op_axes(uint32_t *mask, bool *given, int rank, const struct pld_graph *graph,
                       const struct pld_node *node, int i);

/* The shape that is left of `shape` after a reduction. */
struct pld_shape pld_op_reduced(const struct pld_shape *shape,
                                const struct pld_reduce_params *reduce);

/* Output 0 gets the shape and type of input 0. */
pld_status pld_op_infer_same(struct pld_graph *graph, struct pld_node *node);

/* Gives output i constant elements, from the graph's arena; *data is for the caller to fill, also
 * where the output is absent. */
pld_status pld_op_constant_output(void **data, struct pld_graph *graph, const struct pld_node *node,
                                  int i, enum pld_dtype dtype, const struct pld_shape *shape);

/* The axis of an inferred value whose outermost factor counts the images, or PLD_NONE. */
int pld_batch_axis(const struct pld_graph *graph, int value);
/* The axis in front of which a shape has `outer` elements, or PLD_NONE. A -1 ends the search. */
int pld_axis_after(const struct pld_shape *shape, int64_t outer);

/* a * b multiply-accumulates, capped far beyond any real model, so that sums cannot overflow. */
int64_t pld_op_macs(int64_t a, int64_t b);

/* ---- for channel rules: shapes are known there ---- */

const struct pld_shape *pld_op_shape(const struct pld_graph *graph, int value);
/* Ties axis `a` of both values over the whole axis. */
pld_status pld_op_tie_axis(struct pld_channels *c, const struct pld_graph *graph, int va, int vb,
                           int a);
/* Ties all axes of two values of equal shape. */
pld_status pld_op_tie_all(struct pld_channels *c, const struct pld_graph *graph, int va, int vb);
/* Ties the axes of `v`, right aligned, with those of `y` where they do not broadcast. */
pld_status pld_op_tie_broadcast(struct pld_channels *c, const struct pld_graph *graph, int v,
                                int y);
/* Says that the node contracts input axis `ax` of `x` against axis `aw` of `w`, and makes its
 * outputs along axis `out` of `w` (PLD_NONE: it has none). Where `w` is no constant there are no
 * columns to remove: a channel is a term of the sum (pld_ch_contract). */
pld_status pld_op_weight(struct pld_channels *c, const struct pld_graph *graph, int x, int ax,
                         int w, int aw, int out);
/* The rule of operators that reduce axes (params.reduce): those are locked, with `why`. */
pld_status pld_op_reduced_channels(struct pld_channels *c, const struct pld_graph *graph, int node,
                                   const char *why);
/* Locks every axis of every activation that the node reads or writes. */
pld_status pld_op_lock_all(struct pld_channels *c, const struct pld_graph *graph,
                           const struct pld_node *node, const char *why);
/* The rule of nodes whose output relates to no activation: shapes, constants. */
pld_status pld_op_channels_none(struct pld_channels *c, const struct pld_graph *graph, int node);
/* The rule of the operators that only rename axes (Reshape, Flatten, Squeeze, Unsqueeze). */
pld_status pld_reshape_channels(struct pld_channels *c, const struct pld_graph *graph, int node);

#endif
