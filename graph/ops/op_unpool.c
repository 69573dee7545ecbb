/* MaxUnpool, the partial inverse of MaxPool. */
#include "graph/ops/ops.h"

/* The size that MaxPool came from when its windows fit: (size - 1) stride + kernel - pads. */
static pld_status natural(struct pld_shape *out, const struct pld_node *node)
{
    struct pld_window win = {.kernel = {0}};
    int spatial = out->rank - 2;
    PLD_TRY(pld_infer_window(&win, node, spatial, out->dim + 2));
    for (int k = 0; k < spatial; k++) {
        int i = pld_window_axis(spatial, k);
        int64_t *size = &out->dim[2 + k];
        *size = (*size - 1) * win.stride[i] + win.kernel[i] - win.pad_begin[i] - win.pad_end[i];
        if (*size < 1) return pld_op_fail(node, "the pads leave no output");
    }
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *indices;
    struct pld_shape given;
    pld_op_begin(node, 2);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&indices, graph, node, 1));
    if (x->shape.rank < 3 || x->shape.rank > 2 + PLD_MAX_SPATIAL ||
        !pld_shape_equal(&x->shape, &indices->shape) || indices->dtype != PLD_I64)
        return pld_op_fail(node, "the indices do not fit the input");
    struct pld_shape out = x->shape;
    PLD_TRY(natural(&out, node));
    PLD_TRY(pld_shape_check(&out, node->name));
    node->params.unpool.counted = out;
    PLD_TRY(pld_infer_ints(given.dim, &given.rank, PLD_MAX_RANK, graph, node, 2));
    if (given.rank >= 0 && given.rank != out.rank)
        return pld_op_fail(node, "output_shape has %d entries", given.rank);
    if (given.rank >= 0) out = given;
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    return pld_op_lock_all(c, graph, node, "indices count positions along the axis");
}

const struct pld_op_desc pld_opdesc_MAX_UNPOOL = {infer, NULL, channels, PLD_LAYOUT_ROWS};
