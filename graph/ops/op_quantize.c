/* QuantizeLinear and DequantizeLinear: one scale for all, one for each index of an axis, or one for
 * each block of an axis. */
#include "graph/onnx.h"
#include "graph/ops/ops.h"

/* Which scale is for which index (struct pld_quantize_params). */
static pld_status place_scale(const struct pld_graph *graph, struct pld_node *node,
                              const struct pld_desc *x, const struct pld_desc *scale)
{
    struct pld_quantize_params *q = &node->params.quantize;
    const struct pld_desc *zero;
    q->axis = pld_node_int(node, "axis", 1);
    if (pld_op_in(node, 2) != PLD_NONE) {
        PLD_TRY(pld_infer_input(&zero, graph, node, 2));
        if (pld_shape_count(&zero->shape) != pld_shape_count(&scale->shape))
            return pld_op_fail(node, "the zero point does not have the shape of the scale");
    }
    if (pld_shape_count(&scale->shape) == 1 && scale->shape.rank < 2) return PLD_OK;
    PLD_TRY(pld_infer_axis(&q->axis, x->shape.rank, false, node));
    int64_t size = x->shape.dim[q->axis];
    if (scale->shape.rank == 1) {
        if (scale->shape.dim[0] == size) return PLD_OK;
        return pld_op_fail(node, "%lld scales for an axis of %lld", (long long)scale->shape.dim[0],
                           (long long)size);
    }
    q->block = pld_node_int(node, "block_size", 0);
    bool fits = q->block > 0 && scale->shape.rank == x->shape.rank;
    for (int a = 0; fits && a < x->shape.rank; a++) {
        int64_t dim = x->shape.dim[a];
        fits = scale->shape.dim[a] == (a == q->axis ? (dim + q->block - 1) / q->block : dim);
    }
    return fits ? PLD_OK : pld_op_fail(node, "the blocks of the scale do not fit the input");
}

static pld_status infer_dequantize(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *scale;
    pld_op_begin(node, 3);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&scale, graph, node, 1));
    PLD_TRY(place_scale(graph, node, x, scale));
    struct pld_shape shape = x->shape;
    return pld_infer_output(graph, node, 0, scale->dtype, &shape);
}

static pld_status infer_quantize(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *scale, *zero;
    int64_t type = pld_node_int(node, "output_dtype", 0);
    pld_op_begin(node, 3);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&scale, graph, node, 1));
    PLD_TRY(place_scale(graph, node, x, scale));
    enum pld_dtype dtype = PLD_U8;
    if (type > 0 && type < INT32_MAX) dtype = pld_onnx_dtype((int32_t)type);
    if (pld_op_in(node, 2) != PLD_NONE) {
        PLD_TRY(pld_infer_input(&zero, graph, node, 2));
        dtype = zero->dtype;
    }
    if (dtype == PLD_DTYPE_COUNT || pld_dtype_is_float(dtype))
        return pld_op_fail(node, "the type of the result is not supported");
    struct pld_shape shape = x->shape;
    return pld_infer_output(graph, node, 0, dtype, &shape);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    static const char why[] = "the axis is quantized in blocks";
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_quantize_params *q = &node->params.quantize;
    int x = node->in[0], axis = (int)q->axis;
    PLD_TRY(pld_op_tie_all(c, graph, x, node->out[0]));
    for (int i = 1; i < node->n_data; i++) {
        const struct pld_shape *shape = pld_op_shape(graph, node->in[i]);
        if (q->block > 0)
            PLD_TRY(pld_ch_lock(c, node->in[i], axis, why));
        else if (shape->rank == 1 && shape->dim[0] > 1)
            PLD_TRY(pld_ch_tie(c, node->in[i], 0, x, axis, shape->dim[0]));
        for (int a = 0; q->block > 0 && a < shape->rank; a++)
            if (a != axis) PLD_TRY(pld_op_tie_axis(c, graph, node->in[i], x, a));
    }
    return q->block > 0 ? pld_ch_lock(c, x, axis, why) : PLD_OK;
}

const struct pld_op_desc pld_opdesc_QUANTIZE_LINEAR = {infer_quantize, NULL, channels,
                                                       PLD_LAYOUT_ANY};
const struct pld_op_desc pld_opdesc_DEQUANTIZE_LINEAR = {infer_dequantize, NULL, channels,
                                                         PLD_LAYOUT_ANY};
