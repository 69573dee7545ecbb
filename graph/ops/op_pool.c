/* MaxPool, AveragePool, LpPool and their global forms. */
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

static pld_status read_norm(struct pld_pool_params *pool, const struct pld_node *node)
{
    pool->p = pld_node_int(node, "p", 2);
    return pool->p >= 1 ? PLD_OK : pld_op_fail(node, "p is %lld", (long long)pool->p);
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_pool_params *pool = &node->params.pool;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (x->shape.rank < 3 || x->shape.rank > 5)
        return pld_op_fail(node, "input of rank %d; 1-d to 3-d images are supported",
                           x->shape.rank);
    if (!pld_node_attr(node, "kernel_shape"))
        return pld_op_fail(node, "attribute kernel_shape is missing");
    int spatial = x->shape.rank - 2;
    PLD_TRY(pld_infer_window(&pool->window, node, spatial, x->shape.dim + 2));
    pool->count_include_pad = pld_node_int(node, "count_include_pad", 0) != 0;
    const char *auto_pad = pld_node_string(node, "auto_pad", "NOTSET");
    bool ceil_mode = pld_node_int(node, "ceil_mode", 0) != 0 && strcmp(auto_pad, "NOTSET") == 0;

    struct pld_shape out = x->shape;
    for (int k = 0; k < spatial; k++)
        PLD_TRY(out_size(&out.dim[2 + k], pool, pld_window_axis(spatial, k), x->shape.dim[2 + k],
                         ceil_mode, node));
    pool->column_major = pld_node_int(node, "storage_order", 0) != 0;
    if (node->op == PLD_OP_LP_POOL) PLD_TRY(read_norm(pool, node));
    if (node->op == PLD_OP_MAX_POOL) PLD_TRY(pld_infer_output(graph, node, 1, PLD_I64, &out));
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status infer_global(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (x->shape.rank < 3) return pld_op_fail(node, "input of rank %d", x->shape.rank);
    if (node->op == PLD_OP_GLOBAL_LP_POOL) PLD_TRY(read_norm(&node->params.pool, node));
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
    int where = pld_op_out(node, 1);
    for (int a = 0; a < 2 && where != PLD_NONE; a++) {
        PLD_TRY(pld_ch_lock(c, x, a, "Indices count positions along the axis"));
        PLD_TRY(pld_ch_lock(c, where, a, "Indices count positions along the axis"));
    }
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
    const char *why = node->op == PLD_OP_GLOBAL_AVERAGE_POOL ? "mean over the axis"
                      : node->op == PLD_OP_GLOBAL_MAX_POOL   ? "max over the axis"
                                                             : "norm over the axis";
    PLD_TRY(pld_op_tie_axis(c, graph, x, y, 0));
    PLD_TRY(pld_op_tie_axis(c, graph, x, y, 1));
    for (int a = 2; a < pld_op_shape(graph, x)->rank; a++)
        PLD_TRY(pld_ch_lock(c, x, a, why));
    return PLD_OK;
}

#define POOL(ID, infer, channels) \
    const struct pld_op_desc pld_opdesc_##ID = {infer, NULL, channels, PLD_LAYOUT_BOTH}

POOL(MAX_POOL, infer, channels);
POOL(AVERAGE_POOL, infer, channels);
POOL(LP_POOL, infer, channels);
POOL(GLOBAL_AVERAGE_POOL, infer_global, channels_global);
POOL(GLOBAL_MAX_POOL, infer_global, channels_global);
POOL(GLOBAL_LP_POOL, infer_global, channels_global);
