/* Shape and Size: known as soon as the input's shape is, so always constants. */
#include <string.h>

#include "graph/ops/ops.h"

static int64_t clamp(int64_t v, int64_t rank)
{
    if (v < 0) v += rank;
    return v < 0 ? 0 : v > rank ? rank : v;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    void *data;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    int64_t rank = x->shape.rank;
    int64_t start = clamp(pld_node_int(node, "start", 0), rank);
    int64_t end = clamp(pld_node_int(node, "end", rank), rank);
    struct pld_shape out = {1, {end > start ? end - start : 0}};
    PLD_TRY(pld_op_constant_output(&data, graph, node, 0, PLD_I64, &out));
    memcpy(data, x->shape.dim + start, (size_t)out.dim[0] * sizeof x->shape.dim[0]);
    return PLD_OK;
}

static pld_status infer_size(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    const struct pld_shape scalar = {0};
    void *data;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    int64_t count = pld_shape_count(&x->shape);
    PLD_TRY(pld_op_constant_output(&data, graph, node, 0, PLD_I64, &scalar));
    memcpy(data, &count, sizeof count);
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_SIZE = {infer_size, NULL, pld_op_channels_none,
                                            PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_SHAPE = {infer, NULL, pld_op_channels_none, PLD_LAYOUT_ROWS};
