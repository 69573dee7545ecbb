/* Transpose; without perm the axes are reversed. */
#include "graph/ops/ops.h"

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    int64_t perm[PLD_MAX_RANK];
    int n;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    int rank = x->shape.rank;
    PLD_TRY(pld_op_ints(perm, &n, PLD_MAX_RANK, graph, node, -1, "perm"));
    if (n >= 0 && n != rank) return pld_op_fail(node, "perm has %d entries for rank %d", n, rank);
    struct pld_shape out = {.rank = rank};
    uint32_t seen = 0;
    for (int i = 0; i < rank; i++) {
        if (n < 0) perm[i] = rank - 1 - i;
        if (perm[i] < 0 || perm[i] >= rank || (seen >> perm[i] & 1))
            return pld_op_fail(node, "perm is not a permutation of %d axes", rank);
        seen |= 1u << perm[i];
        node->params.transpose.perm[i] = (int)perm[i];
        out.dim[i] = x->shape.dim[perm[i]];
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_shape *y = pld_op_shape(graph, node->out[0]);
    for (int a = 0; a < y->rank; a++)
        PLD_TRY(
            pld_ch_tie(c, node->in[0], node->params.transpose.perm[a], node->out[0], a, y->dim[a]));
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_TRANSPOSE = {infer, NULL, channels, PLD_LAYOUT_ROWS};
