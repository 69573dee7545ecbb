/* Gemm: y = alpha * op(a) op(b) + beta * c. */
#include "graph/ops/ops.h"

static pld_status check_c(const struct pld_graph *graph, const struct pld_node *node,
                          const struct pld_shape *out)
{
    const struct pld_desc *c;
    struct pld_shape sum;
    if (pld_op_in(node, 2) == PLD_NONE) return PLD_OK;
    PLD_TRY(pld_infer_input(&c, graph, node, 2));
    if (!pld_shape_broadcast(&sum, out, &c->shape) || !pld_shape_equal(&sum, out))
        return pld_op_fail(node, "the shape of C does not broadcast to the result");
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *a, *b;
    struct pld_gemm_params *gemm = &node->params.gemm;
    pld_op_begin(node, 3);
    gemm->alpha = pld_node_float(node, "alpha", 1);
    gemm->beta = pld_node_float(node, "beta", 1);
    gemm->trans_a = pld_node_int(node, "transA", 0) != 0;
    gemm->trans_b = pld_node_int(node, "transB", 0) != 0;
    PLD_TRY(pld_infer_input(&a, graph, node, 0));
    PLD_TRY(pld_infer_input(&b, graph, node, 1));
    if (a->shape.rank != 2 || b->shape.rank != 2)
        return pld_op_fail(node, "operands of rank %d and %d", a->shape.rank, b->shape.rank);
    if (a->dtype != b->dtype)
        return pld_op_fail(node, "inputs of types %s and %s", pld_dtype_name(a->dtype),
                           pld_dtype_name(b->dtype));
    int64_t k = a->shape.dim[!gemm->trans_a], kb = b->shape.dim[gemm->trans_b];
    if (k != kb)
        return pld_op_fail(node, "contracts %lld against %lld", (long long)k, (long long)kb);
    struct pld_shape out = {2, {a->shape.dim[gemm->trans_a], b->shape.dim[!gemm->trans_b]}};
    PLD_TRY(check_c(graph, node, &out));
    return pld_infer_output(graph, node, 0, a->dtype, &out);
}

static int64_t macs(const struct pld_graph *graph, const struct pld_node *node)
{
    int k_axis = !node->params.gemm.trans_a;
    return pld_op_macs(pld_shape_count(pld_op_shape(graph, node->out[0])),
                       pld_op_shape(graph, node->in[0])->dim[k_axis]);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_gemm_params *gemm = &node->params.gemm;
    int a = node->in[0], b = node->in[1], y = node->out[0];
    int ka = !gemm->trans_a, kb = gemm->trans_b; /* contracted axes */
    const struct pld_shape *sa = pld_op_shape(graph, a), *sy = pld_op_shape(graph, y);
    PLD_TRY(pld_ch_tie(c, a, !ka, y, 0, sy->dim[0]));
    PLD_TRY(pld_ch_tie(c, b, !kb, y, 1, sy->dim[1]));
    PLD_TRY(pld_ch_tie(c, a, ka, b, kb, sa->dim[ka]));
    if (pld_op_in(node, 2) != PLD_NONE) PLD_TRY(pld_op_tie_broadcast(c, graph, node->in[2], y));
    if (graph->values[a].data) return pld_op_weight(c, graph, b, kb, a, ka, !ka);
    return pld_op_weight(c, graph, a, ka, b, kb, !kb);
}

const struct pld_op_desc pld_opdesc_GEMM = {infer, macs, channels, PLD_LAYOUT_ROWS};
