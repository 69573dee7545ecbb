/* LRN: local response normalisation over neighbouring channels. */
#include "graph/ops/ops.h"

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_lrn_params *lrn = &node->params.lrn;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (x->shape.rank < 2) return pld_op_fail(node, "input of rank %d", x->shape.rank);
    lrn->alpha = pld_node_float(node, "alpha", 1e-4f);
    lrn->beta = pld_node_float(node, "beta", 0.75f);
    lrn->bias = pld_node_float(node, "bias", 1);
    lrn->size = pld_node_int(node, "size", 0);
    if (lrn->size < 1 || lrn->size > 1 << 24)
        return pld_op_fail(node, "size is %lld", (long long)lrn->size);
    return pld_op_infer_same(graph, node);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    PLD_TRY(pld_op_tie_all(c, graph, node->in[0], node->out[0]));
    return pld_ch_lock(c, node->in[0], 1, "normalised over neighbouring channels");
}

const struct pld_op_desc pld_opdesc_LRN = {infer, NULL, channels, PLD_LAYOUT_ROWS};
