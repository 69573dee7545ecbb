/* Cast and CastLike: the type is in the output's description. */
#include "graph/onnx.h"
#include "graph/ops/ops.h"

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    int64_t to = pld_node_int(node, "to", 0);
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    struct pld_shape shape = x->shape;
    enum pld_dtype dtype = to > 0 && to < INT32_MAX ? pld_onnx_dtype((int32_t)to) : PLD_DTYPE_COUNT;
    if (dtype == PLD_DTYPE_COUNT)
        return pld_op_fail(node, "the ONNX type %lld (%s) is not supported", (long long)to,
                           to > 0 && to < INT32_MAX ? pld_onnx_type_name((int32_t)to) : "unknown");
    return pld_infer_output(graph, node, 0, dtype, &shape);
}

static pld_status infer_like(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *like;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&like, graph, node, 1));
    struct pld_shape shape = x->shape;
    return pld_infer_output(graph, node, 0, like->dtype, &shape);
}

const struct pld_op_desc pld_opdesc_CAST = {infer, NULL, pld_ch_elementwise, PLD_LAYOUT_ANY};
const struct pld_op_desc pld_opdesc_CAST_LIKE = {infer_like, NULL, pld_ch_elementwise,
                                                 PLD_LAYOUT_ANY};
