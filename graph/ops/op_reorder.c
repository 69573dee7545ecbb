/* Reorder: the same tensor in another layout, put in by the layout pass, which sets the layout of
 * the output itself. */
#include "graph/ops/ops.h"

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    pld_op_begin(node, 1);
    return pld_op_infer_same(graph, node);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    return pld_op_tie_all(c, graph, node->in[0], node->out[0]);
}

const struct pld_op_desc pld_opdesc_REORDER = {infer, NULL, channels, PLD_LAYOUT_ANY};
