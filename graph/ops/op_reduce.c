/* The Reduce family: axes are an attribute or, in newer opsets, an input. */
#include "graph/ops/ops.h"

struct pld_shape pld_op_reduced(const struct pld_shape *shape,
                                const struct pld_reduce_params *reduce)
{
    struct pld_shape out = {0};
    for (int a = 0; a < shape->rank; a++) {
        bool reduced = reduce->axes >> a & 1;
        if (!reduced || reduce->keep_dims) out.dim[out.rank++] = reduced ? 1 : shape->dim[a];
    }
    return out;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_reduce_params *reduce = &node->params.reduce;
    bool given;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    int rank = x->shape.rank;
    PLD_TRY(pld_op_axes(&reduce->axes, &given, rank, graph, node, 1));
    if (!given && pld_node_int(node, "noop_with_empty_axes", 0) == 0)
        reduce->axes = (1u << rank) - 1;
    reduce->keep_dims = pld_node_int(node, "keepdims", 1) != 0;

    struct pld_shape out = pld_op_reduced(&x->shape, reduce);
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static const char *const reasons[PLD_OP_COUNT] = {
    [PLD_OP_REDUCE_MEAN] = "mean over the axis",
    [PLD_OP_REDUCE_SUM] = "sum over the axis",
    [PLD_OP_REDUCE_MAX] = "max over the axis",
    [PLD_OP_REDUCE_MIN] = "min over the axis",
    [PLD_OP_REDUCE_PROD] = "product over the axis",
    [PLD_OP_REDUCE_L1] = "L1 norm over the axis",
    [PLD_OP_REDUCE_L2] = "L2 norm over the axis",
    [PLD_OP_REDUCE_LOG_SUM] = "sum over the axis",
    [PLD_OP_REDUCE_LOG_SUM_EXP] = "sum over the axis",
    [PLD_OP_REDUCE_SUM_SQUARE] = "sum over the axis",
};

pld_status pld_op_reduced_channels(struct pld_channels *c, const struct pld_graph *graph, int index,
                                   const char *why)
{
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_reduce_params *reduce = &node->params.reduce;
    int x = node->in[0], y = node->out[0], b = 0; /* axis of y */
    const struct pld_shape *shape = pld_op_shape(graph, x);
    for (int a = 0; a < shape->rank; a++) {
        if (reduce->axes >> a & 1) {
            PLD_TRY(pld_ch_lock(c, x, a, why));
            b += reduce->keep_dims;
        } else {
            PLD_TRY(pld_ch_tie(c, x, a, y, b++, shape->dim[a]));
        }
    }
    return PLD_OK;
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    return pld_op_reduced_channels(c, graph, index, reasons[graph->nodes[index].op]);
}

#define REDUCE(ID) \
    const struct pld_op_desc pld_opdesc_##ID = {infer, NULL, channels, PLD_LAYOUT_ROWS}

REDUCE(REDUCE_MEAN);
REDUCE(REDUCE_SUM);
REDUCE(REDUCE_MAX);
REDUCE(REDUCE_MIN);
REDUCE(REDUCE_PROD);
REDUCE(REDUCE_L1);
REDUCE(REDUCE_L2);
REDUCE(REDUCE_LOG_SUM);
REDUCE(REDUCE_LOG_SUM_EXP);
REDUCE(REDUCE_SUM_SQUARE);
