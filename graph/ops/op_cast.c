/* Cast: the type is in the output's description. */
#include "graph/ops/ops.h"

/* TensorProto.DataType of onnx.proto. */
static const struct {
    int64_t onnx;
    enum pld_dtype dtype;
} types[] = {
    {1, PLD_F32}, {2, PLD_U8},   {3, PLD_I8},   {6, PLD_I32},
    {7, PLD_I64}, {9, PLD_BOOL}, {10, PLD_F16}, {11, PLD_F64},
};

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    int64_t to = pld_node_int(node, "to", 0);
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    struct pld_shape shape = x->shape;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].onnx == to) return pld_infer_output(graph, node, 0, types[i].dtype, &shape);
    return pld_op_fail(node, "the ONNX type %lld is not supported", (long long)to);
}

const struct pld_op_desc pld_opdesc_CAST = {infer, NULL, pld_ch_elementwise, PLD_LAYOUT_ANY};
