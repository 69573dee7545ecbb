/* MaxPool, AveragePool and their global forms. */
#include <string.h>

#include "graph/ops/ops.h"

/* The cells an output axis has, with ceil_mode's cells added to the end pad. A window that would
 * start in the end pad is left out. */
static pld_status out_size(int64_t *out, struct pld_pool_params *pool, int i, int64_t in,
                           bool ceil_mode, const struct pld_node *node)
{
    struct pld_window *w = &pool->window;
    int64_t extent = w->dilation[i] * (w->kernel[i] - 1) + 1, stride = w->stride[i];
    int64_t room = in + w->pad_begin[i] + w->pad_end[i] - extent;
    int64_t last = room / stride; /* index of the last window */
    if (ceil_mode && room > 0 && room % stride != 0) last++;
    if (ceil_mode && last > 0 && last * stride >= in + w->pad_begin[i]) last--;
    if (room < 0 && (!ceil_mode || room <= -stride))
        return pld_op_fail(node, "the window is larger than the padded input");
    int64_t missing = last * stride - room;
    pool->ceil_extra[i] = missing > 0 ? missing : 0;
    w->pad_end[i] += pool->ceil_extra[i];
    *out = last + 1;
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_pool_params *pool = &node->params.pool;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (x->shape.rank < 3 || x->shape.rank > 4)
        return pld_op_fail(node, "input of rank %d; 1-d and 2-d images are supported",
                           x->shape.rank);
    if (!pld_node_attr(node, "kernel_shape"))
        return pld_op_fail(node, "attribute kernel_shape is missing");
    int spatial = x->shape.rank - 2, at = 2 - spatial;
    int64_t in[2] = {1, 1};
    for (int i = at; i < 2; i++)
        in[i] = x->shape.dim[2 + i - at];
    PLD_TRY(pld_infer_window(&pool->window, node, spatial, in));
    pool->count_include_pad = pld_node_int(node, "count_include_pad", 0) != 0;
    const char *auto_pad = pld_node_string(node, "auto_pad", "NOTSET");
    bool ceil_mode = pld_node_int(node, "ceil_mode", 0) != 0 && strcmp(auto_pad, "NOTSET") == 0;

    struct pld_shape out = x->shape;
    for (int i = at; i < 2; i++)
        PLD_TRY(out_size(&out.dim[2 + i - at], pool, i, in[i], ceil_mode, node));
    PLD_TRY(pld_op_output_unused(graph, node, 1, "Indices"));
    PLD_TRY(pld_infer_output(graph, node, 1, PLD_I64, &out));
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status infer_global(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (x->shape.rank < 3) return pld_op_fail(node, "input of rank %d", x->shape.rank);
    struct pld_shape out = x->shape;
    for (int i = 2; i < out.rank; i++) {
        if (out.dim[i] < 1) return pld_op_fail(node, "the input is empty");
        out.dim[i] = 1;
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], y = node->out[0];
    PLD_TRY(pld_op_tie_axis(c, graph, x, y, 0));
    PLD_TRY(pld_op_tie_axis(c, graph, x, y, 1));
    for (int a = 2; a < pld_op_shape(graph, x)->rank; a++) {
        PLD_TRY(pld_ch_lock(c, x, a, "spatial axis of a pooling window"));
        PLD_TRY(pld_ch_lock(c, y, a, "spatial axis of a pooling window"));
    }
    return PLD_OK;
}

static pld_status channels_global(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], y = node->out[0];
    bool mean = node->op == PLD_OP_GLOBAL_AVERAGE_POOL;
    PLD_TRY(pld_op_tie_axis(c, graph, x, y, 0));
    PLD_TRY(pld_op_tie_axis(c, graph, x, y, 1));
    for (int a = 2; a < pld_op_shape(graph, x)->rank; a++)
        PLD_TRY(pld_ch_lock(c, x, a, mean ? "mean over the axis" : "max over the axis"));
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_MAX_POOL = {infer, NULL, channels, PLD_LAYOUT_BOTH};
const struct pld_op_desc pld_opdesc_AVERAGE_POOL = {infer, NULL, channels, PLD_LAYOUT_BOTH};
const struct pld_op_desc pld_opdesc_GLOBAL_AVERAGE_POOL = {infer_global, NULL, channels_global,
                                                           PLD_LAYOUT_BOTH};
const struct pld_op_desc pld_opdesc_GLOBAL_MAX_POOL = {infer_global, NULL, channels_global,
                                                       PLD_LAYOUT_BOTH};
