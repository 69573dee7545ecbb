/* Softmax, LogSoftmax and Hardmax: over one axis, or before opset 13 over all axes from `axis` on.
 */
#include "graph/ops/ops.h"

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_softmax_params *softmax = &node->params.softmax;
    bool old = graph->opset < 13;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    softmax->axis = pld_node_int(node, "axis", old ? 1 : -1);
    PLD_TRY(pld_infer_axis(&softmax->axis, x->shape.rank, false, node));
    softmax->flatten = old && softmax->axis != x->shape.rank - 1;
    softmax->log = node->op == PLD_OP_LOG_SOFTMAX;
    return pld_op_infer_same(graph, node);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_softmax_params *softmax = &node->params.softmax;
    int x = node->in[0], end = softmax->flatten ? pld_op_shape(graph, x)->rank : 0;
    PLD_TRY(pld_op_tie_all(c, graph, x, node->out[0]));
    PLD_TRY(pld_ch_lock(c, x, (int)softmax->axis, "softmax over the axis"));
    for (int a = (int)softmax->axis + 1; a < end; a++)
        PLD_TRY(pld_ch_lock(c, x, a, "softmax over the axis"));
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_SOFTMAX = {infer, NULL, channels, PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_LOG_SOFTMAX = {infer, NULL, channels, PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_HARDMAX = {infer, NULL, channels, PLD_LAYOUT_ROWS};
