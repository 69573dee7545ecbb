/* ReduceMean, ReduceSum, ReduceMax, ReduceMin, ReduceProd. */
#include "graph/ops/ops.h"

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

    struct pld_shape out = {0};
    for (int a = 0; a < rank; a++) {
        bool reduced = reduce->axes >> a & 1;
        if (!reduced || reduce->keep_dims) out.dim[out.rank++] = reduced ? 1 : x->shape.dim[a];
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static const char *reason(int op)
{
    switch (op) {
    case PLD_OP_REDUCE_MEAN:
        return "mean over the axis";
    case PLD_OP_REDUCE_SUM:
        return "sum over the axis";
    case PLD_OP_REDUCE_MAX:
        return "max over the axis";
    case PLD_OP_REDUCE_MIN:
        return "min over the axis";
    default:
        return "product over the axis";
    }
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_reduce_params *reduce = &node->params.reduce;
    int x = node->in[0], y = node->out[0], b = 0; /* axis of y */
    const struct pld_shape *shape = pld_op_shape(graph, x);
    for (int a = 0; a < shape->rank; a++) {
        if (reduce->axes >> a & 1) {
            PLD_TRY(pld_ch_lock(c, x, a, reason(node->op)));
            b += reduce->keep_dims;
        } else {
            PLD_TRY(pld_ch_tie(c, x, a, y, b++, shape->dim[a]));
        }
    }
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_REDUCE_MEAN = {infer, NULL, channels, PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_REDUCE_SUM = {infer, NULL, channels, PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_REDUCE_MAX = {infer, NULL, channels, PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_REDUCE_MIN = {infer, NULL, channels, PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_REDUCE_PROD = {infer, NULL, channels, PLD_LAYOUT_ROWS};
