/* Where the batch went: the axis of a value whose outermost factor counts the images.
 *
 * A model exported for one image has that 1 baked into its constants. To run it on more, Reshape
 * must know which entry of its target grows, and that is the one that holds the batch: the leading
 * one in most models, but not behind a Transpose, or where a channel shuffle made 24x2x1936 from
 * 1x48x44x44.
 */
#include <stdlib.h>

#include "graph/ops/ops.h"

/* Finds the axis of `to` that is tied with axis `from`. */
struct follower {
    struct pld_axis from;
    int to;
    int axis; /* PLD_NONE until found */
};

static pld_status on_tie(void *self, int node, struct pld_axis a, int64_t a0, int64_t a_step,
                         struct pld_axis b, int64_t b0, int64_t b_step, int64_t count)
{
    struct follower *f = self;
    (void)node, (void)a0, (void)a_step, (void)b0, (void)b_step, (void)count;
    if (a.value == f->from.value && a.axis == f->from.axis && b.value == f->to) f->axis = b.axis;
    if (b.value == f->from.value && b.axis == f->from.axis && a.value == f->to) f->axis = a.axis;
    return PLD_OK;
}

static pld_status on_lock(void *self, int node, struct pld_axis axis, const char *why)
{
    (void)self, (void)node, (void)axis, (void)why;
    return PLD_OK;
}

static pld_status on_weight(void *self, int node, struct pld_axis weight)
{
    (void)self, (void)node, (void)weight;
    return PLD_OK;
}

static pld_status on_contract(void *self, int node, struct pld_axis a, struct pld_axis b)
{
    (void)self, (void)node, (void)a, (void)b;
    return PLD_OK;
}

/* Elements in front of an axis. */
static int64_t outer_of(const struct pld_shape *shape, int axis)
{
    int64_t n = 1;
    for (int i = 0; i < axis; i++)
        n *= shape->dim[i];
    return n;
}

int pld_axis_after(const struct pld_shape *shape, int64_t outer)
{
    int64_t n = 1;
    for (int i = 0; i < shape->rank; i++) {
        if (n == outer) return i;
        if (shape->dim[i] < 1) return PLD_NONE;
        n *= shape->dim[i];
    }
    return PLD_NONE;
}

/* The axis of the node's output `y` that axis `axis` of its input `x` becomes, or PLD_NONE. */
static int forward(const struct pld_graph *graph, int index, int x, int axis, int y)
{
    static const struct pld_channel_sink sink = {on_tie, on_lock, on_weight, on_weight,
                                                 on_contract};
    const struct pld_node *node = &graph->nodes[index];
    if (node->op == PLD_NONE) return PLD_NONE;
    const struct pld_op_desc *desc = pld_op_describe((enum pld_op)node->op);
    const struct pld_shape *sx = pld_op_shape(graph, x), *sy = pld_op_shape(graph, y);
    if (desc->channels == pld_reshape_channels) return pld_axis_after(sy, outer_of(sx, axis));
    struct follower f = {{x, axis}, y, PLD_NONE};
    struct pld_channels c = {&sink, &f, index};
    if (!desc->channels || desc->channels(&c, graph, index) != PLD_OK) return PLD_NONE;
    if (f.axis != PLD_NONE) return f.axis;
    /* A convolution ties no images, but leaves the axis where it is. */
    return sx->rank == sy->rank ? axis : PLD_NONE;
}

/* The input that brings the batch: the first that is no constant. */
static int source_of(const struct pld_graph *graph, const struct pld_node *node)
{
    for (int i = 0; i < node->n_in; i++)
        if (node->in[i] != PLD_NONE && !pld_op_is_constant(&graph->values[node->in[i]]))
            return node->in[i];
    return PLD_NONE;
}

int pld_batch_axis(const struct pld_graph *graph, int value)
{
    int *path = calloc((size_t)graph->n_nodes + 1, sizeof *path); /* values, back to an input */
    if (!path) return PLD_NONE;
    int n = 0;
    for (int v = value; v != PLD_NONE && n <= graph->n_nodes; n++) {
        path[n] = v;
        int producer = graph->values[v].producer;
        v = producer == PLD_NONE ? PLD_NONE : source_of(graph, &graph->nodes[producer]);
    }
    int axis = pld_op_shape(graph, path[n - 1])->rank > 0 ? 0 : PLD_NONE;
    for (int i = n - 1; i > 0 && axis != PLD_NONE; i--)
        axis = forward(graph, graph->values[path[i - 1]].producer, path[i], axis, path[i - 1]);
    free(path);
    return axis;
}
