/* The channel rule of an operator: which indices of which axes live or die together.
 *
 * Every axis of every tensor has indices. An operator's rule says, through the calls below, which
 * indices it ties, which weight columns read an input channel, and which axes it cannot let go.
 * The receiver of the calls (prune/group.c) builds the groups; operators know nothing of it.
 */
#ifndef PLD_GRAPH_CHANNEL_H
#define PLD_GRAPH_CHANNEL_H

#include <stdint.h>

#include "core/status.h"

/* An axis of a value. */
struct pld_axis {
    int value;
    int axis;
};

struct pld_channels; /* the receiver */

struct pld_channel_sink {
    /* a[a0 + i*a_step] and b[b0 + i*b_step] die together, for i in 0..count-1. */
    pld_status (*tie)(void *self, int node, struct pld_axis a, int64_t a0, int64_t a_step,
                      struct pld_axis b, int64_t b0, int64_t b_step, int64_t count);
    /* The axis cannot lose indices; `why` is a phrase such as "softmax over the axis". */
    pld_status (*lock)(void *self, int node, struct pld_axis axis, const char *why);
    /* Along `weight` the node contracts its input: removing the input index removes this column and
     * zeroing the column is the same as removing it. (conv [M,C,..]: axis 1.) */
    pld_status (*consume)(void *self, int node, struct pld_axis weight);
    /* Along `weight` the node produces its output channels. (conv [M,C,..]: axis 0.) */
    pld_status (*produce)(void *self, int node, struct pld_axis weight);
    /* The node multiplies two activations and sums over these axes, which are tied: a channel is a
     * term of the sum. */
    pld_status (*contract)(void *self, int node, struct pld_axis a, struct pld_axis b);
};

struct pld_channels {
    const struct pld_channel_sink *sink;
    void *self;
    int node; /* being asked */
};

/* Shorthands for rules. Values of PLD_NONE and dead axes are the caller's to avoid. */
pld_status pld_ch_tie(struct pld_channels *c, int va, int aa, int vb, int ab, int64_t count);
pld_status pld_ch_tie_range(struct pld_channels *c, int va, int aa, int64_t a0, int64_t a_step,
                            int vb, int ab, int64_t b0, int64_t b_step, int64_t count);
pld_status pld_ch_lock(struct pld_channels *c, int value, int axis, const char *why);
pld_status pld_ch_consume(struct pld_channels *c, int value, int axis);
pld_status pld_ch_produce(struct pld_channels *c, int value, int axis);
pld_status pld_ch_contract(struct pld_channels *c, int va, int aa, int vb, int ab);

struct pld_graph;
/* Ties every axis of input `i` with the same axis of output 0 under numpy broadcasting (an axis of
 * size 1 against a larger one ties nothing). The rule of elementwise operators. */
pld_status pld_ch_elementwise(struct pld_channels *c, const struct pld_graph *graph, int node);

/* Asks the rule of every live node, in order, and of the folded Transpose, Cast and Identity nodes
 * between a stored weight and its use. Nodes without a rule lock all their axes. */
pld_status pld_channels_walk(struct pld_channels *c, const struct pld_graph *graph);

#endif
