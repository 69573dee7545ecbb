/* Expand and Tile. */
#include "graph/ops/ops.h"

static pld_status infer_expand(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_shape target = {0}, out;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_ints(target.dim, &target.rank, PLD_MAX_RANK, graph, node, 1));
    if (target.rank < 0) return pld_op_fail(node, "the shape is missing");
    PLD_TRY(pld_shape_check(&target, node->name));
    if (!pld_shape_broadcast(&out, &x->shape, &target)) {
        char a[128], b[128];
        return pld_op_fail(node, "shape %s does not expand to %s",
                           pld_shape_text(a, sizeof a, &x->shape),
                           pld_shape_text(b, sizeof b, &target));
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status infer_tile(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    int64_t repeats[PLD_MAX_RANK];
    int n;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_ints(repeats, &n, PLD_MAX_RANK, graph, node, 1));
    struct pld_shape out = x->shape;
    if (n != out.rank) return pld_op_fail(node, "%d repeats for rank %d", n, out.rank);
    for (int i = 0; i < n; i++) {
        if (repeats[i] < 0 || __builtin_mul_overflow(out.dim[i], repeats[i], &out.dim[i]))
            return pld_op_fail(node, "%lld repeats along axis %d", (long long)repeats[i], i);
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

/* An axis of 1 that repeats ties nothing: all of its copies are alike. */
static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], y = node->out[0];
    const struct pld_shape *sx = pld_op_shape(graph, x), *sy = pld_op_shape(graph, y);
    for (int a = 0; a < sx->rank; a++) {
        int b = a + sy->rank - sx->rank;
        if (sx->dim[a] == sy->dim[b]) {
            PLD_TRY(pld_ch_tie(c, x, a, y, b, sx->dim[a]));
        } else if (sx->dim[a] != 1) {
            PLD_TRY(pld_ch_lock(c, x, a, "the axis is repeated"));
            PLD_TRY(pld_ch_lock(c, y, b, "the axis is repeated"));
        }
    }
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_EXPAND = {infer_expand, NULL, channels, PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_TILE = {infer_tile, NULL, channels, PLD_LAYOUT_ROWS};
