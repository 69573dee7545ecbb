/* ArgMax and ArgMin. */
#include "graph/ops/ops.h"

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_reduce_params *reduce = &node->params.reduce;
    int64_t axis = pld_node_int(node, "axis", 0);
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_axis(&axis, x->shape.rank, false, node));
    if (x->shape.dim[axis] == 0) return pld_op_fail(node, "axis %d is empty", (int)axis);
    reduce->axes = 1u << axis;
    reduce->keep_dims = pld_node_int(node, "keepdims", 1) != 0;
    reduce->last = pld_node_int(node, "select_last_index", 0) != 0;
    struct pld_shape out = pld_op_reduced(&x->shape, reduce);
    return pld_infer_output(graph, node, 0, PLD_I64, &out);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int node)
{
    return pld_op_reduced_channels(c, graph, node, "the position of an extreme along the axis");
}

const struct pld_op_desc pld_opdesc_ARG_MAX = {infer, NULL, channels, PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_ARG_MIN = {infer, NULL, channels, PLD_LAYOUT_ROWS};
