/* TopK: the number is an attribute before opset 10 and an input since. */
#include "graph/ops/ops.h"

static pld_status read_k(int64_t *k, const struct pld_graph *graph, const struct pld_node *node)
{
    int n;
    PLD_TRY(pld_infer_ints(k, &n, 1, graph, node, 1));
    if (n < 1) *k = pld_node_int(node, "k", -1);
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    int64_t k, axis = pld_node_int(node, "axis", -1);
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_axis(&axis, x->shape.rank, false, node));
    PLD_TRY(read_k(&k, graph, node));
    if (k < 0 || k > x->shape.dim[axis])
        return pld_op_fail(node, "%lld of an axis of %lld", (long long)k,
                           (long long)x->shape.dim[axis]);
    node->params.top_k.axis = axis;
    node->params.top_k.smallest = pld_node_int(node, "largest", 1) == 0;
    struct pld_shape out = x->shape;
    enum pld_dtype dtype = x->dtype;
    out.dim[axis] = k;
    PLD_TRY(pld_infer_output(graph, node, 0, dtype, &out));
    return pld_infer_output(graph, node, 1, PLD_I64, &out);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    static const char why[] = "the largest along the axis are picked";
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0];
    PLD_TRY(pld_ch_lock(c, x, (int)node->params.top_k.axis, why));
    for (int i = 0; i < node->n_out; i++) {
        if (node->out[i] == PLD_NONE) continue;
        PLD_TRY(pld_ch_lock(c, node->out[i], (int)node->params.top_k.axis, why));
        for (int a = 0; a < pld_op_shape(graph, x)->rank; a++)
            if (a != node->params.top_k.axis)
                PLD_TRY(pld_op_tie_axis(c, graph, x, node->out[i], a));
    }
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_TOP_K = {infer, NULL, channels, PLD_LAYOUT_ROWS};
