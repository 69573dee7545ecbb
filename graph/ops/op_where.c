/* Where: condition ? x : y, with numpy broadcasting. */
#include "graph/ops/ops.h"

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *condition, *x, *y;
    struct pld_shape shape;
    pld_op_begin(node, 3);
    PLD_TRY(pld_infer_input(&condition, graph, node, 0));
    PLD_TRY(pld_infer_input(&x, graph, node, 1));
    PLD_TRY(pld_infer_input(&y, graph, node, 2));
    if (condition->dtype != PLD_BOOL || x->dtype != y->dtype)
        return pld_op_fail(node, "inputs of types %s, %s and %s", pld_dtype_name(condition->dtype),
                           pld_dtype_name(x->dtype), pld_dtype_name(y->dtype));
    if (!pld_shape_broadcast(&shape, &x->shape, &y->shape) ||
        !pld_shape_broadcast(&shape, &shape, &condition->shape))
        return pld_op_fail(node, "the shapes of the inputs do not broadcast");
    return pld_infer_output(graph, node, 0, x->dtype, &shape);
}

const struct pld_op_desc pld_opdesc_WHERE = {infer, NULL, pld_ch_elementwise, PLD_LAYOUT_ANY};
