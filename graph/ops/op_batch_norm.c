/* BatchNormalization, inference form. */
#include "graph/ops/ops.h"

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    static const char *const statistics[] = {"mean", "var", "saved_mean", "saved_var"};
    const struct pld_desc *x, *p;
    pld_op_begin(node, 5);
    node->params.norm.epsilon = pld_node_float(node, "epsilon", 1e-5f);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (x->shape.rank < 2) return pld_op_fail(node, "input of rank %d", x->shape.rank);
    if (pld_node_int(node, "training_mode", 0) != 0)
        return pld_op_fail(node, "training_mode is not supported");
    if (pld_node_int(node, "spatial", 1) != 1)
        return pld_op_fail(node, "statistics per pixel (spatial = 0) are not supported");
    for (int i = 1; i < 5; i++) {
        PLD_TRY(pld_infer_input(&p, graph, node, i));
        if (p->shape.rank != 1 || p->shape.dim[0] != x->shape.dim[1])
            return pld_op_fail(node, "input %d must be a list of %lld", i,
                               (long long)x->shape.dim[1]);
    }
    struct pld_shape per_channel = pld_shape_of(1, &x->shape.dim[1]);
    for (int i = 1; i < 5; i++) {
        PLD_TRY(pld_op_output_unused(graph, node, i, statistics[i - 1]));
        PLD_TRY(pld_infer_output(graph, node, i, x->dtype, &per_channel));
    }
    return pld_op_infer_same(graph, node);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0];
    PLD_TRY(pld_op_tie_all(c, graph, x, node->out[0]));
    for (int i = 1; i < 5; i++)
        PLD_TRY(pld_ch_tie(c, x, 1, node->in[i], 0, pld_op_shape(graph, x)->dim[1]));
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_BATCH_NORM = {infer, NULL, channels, PLD_LAYOUT_BOTH};
