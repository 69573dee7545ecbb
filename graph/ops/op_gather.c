/* Gather: the axis of the data is replaced by the axes of the indices. */
#include "graph/ops/ops.h"

static int64_t index_at(const struct pld_value *v, int64_t i, int64_t size)
{
    int64_t k =
        v->desc.dtype == PLD_I64 ? ((const int64_t *)v->data)[i] : ((const int32_t *)v->data)[i];
    return k < 0 ? k + size : k;
}

static pld_status check_indices(const struct pld_node *node, const struct pld_value *indices,
                                int64_t size)
{
    if (indices->desc.dtype != PLD_I64 && indices->desc.dtype != PLD_I32)
        return pld_op_fail(node, "indices of type %s", pld_dtype_name(indices->desc.dtype));
    int64_t n = indices->data ? pld_shape_count(&indices->desc.shape) : 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t k = index_at(indices, i, size);
        if (k < 0 || k >= size)
            return pld_op_fail(node, "index %lld is outside an axis of %lld",
                               (long long)(k < 0 ? k - size : k), (long long)size);
    }
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *indices;
    pld_op_begin(node, 2);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&indices, graph, node, 1));
    int64_t axis = pld_node_int(node, "axis", 0);
    PLD_TRY(pld_infer_axis(&axis, x->shape.rank, false, node));
    node->params.axis.axis = axis;
    PLD_TRY(check_indices(node, &graph->values[node->in[1]], x->shape.dim[axis]));
    int added = indices->shape.rank;
    if (x->shape.rank - 1 + added > PLD_MAX_RANK)
        return pld_op_fail(node, "the result has rank %d", x->shape.rank - 1 + added);
    struct pld_shape out = {.rank = x->shape.rank - 1 + added};
    for (int i = 0; i < out.rank; i++)
        out.dim[i] = i < axis           ? x->shape.dim[i]
                     : i < axis + added ? indices->shape.dim[i - axis]
                                        : x->shape.dim[i - added + 1];
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

/* Ties x[indices[i]] with y[i], runs of equal steps in one call each. */
static pld_status selected(struct pld_channels *c, const struct pld_graph *graph,
                           const struct pld_node *node, int axis)
{
    const struct pld_value *indices = &graph->values[node->in[1]];
    int64_t size = pld_op_shape(graph, node->in[0])->dim[axis];
    int64_t n = indices->desc.shape.dim[0], i = 0;
    while (i < n) {
        int64_t first = index_at(indices, i, size), step = 1, count = 1;
        if (i + 1 < n) step = index_at(indices, i + 1, size) - first;
        while (i + count < n && index_at(indices, i + count, size) == first + count * step)
            count++;
        PLD_TRY(
            pld_ch_tie_range(c, node->in[0], axis, first, step, node->out[0], axis, i, 1, count));
        i += count;
    }
    return PLD_OK;
}

/* The gathered axis: a list of constant indices selects; anything else needs every index to stay.
 */
static pld_status gathered_axis(struct pld_channels *c, const struct pld_graph *graph,
                                const struct pld_node *node, int axis)
{
    int x = node->in[0], index = node->in[1], y = node->out[0];
    const struct pld_shape *shape = pld_op_shape(graph, index);
    bool constant = graph->values[index].data != NULL;
    if (constant && shape->rank == 1) return selected(c, graph, node, axis);
    PLD_TRY(pld_ch_lock(c, x, axis, "a fixed index is picked from the axis"));
    for (int a = 0; a < shape->rank; a++) {
        if (constant)
            PLD_TRY(pld_ch_lock(c, y, axis + a, "a fixed index is picked from the axis"));
        else
            PLD_TRY(pld_ch_tie(c, index, a, y, axis + a, shape->dim[a]));
    }
    return PLD_OK;
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int axis = (int)node->params.axis.axis;
    const struct pld_shape *x = pld_op_shape(graph, node->in[0]);
    int added = pld_op_shape(graph, node->in[1])->rank;
    for (int a = 0; a < x->rank; a++)
        if (a != axis)
            PLD_TRY(pld_ch_tie(c, node->in[0], a, node->out[0], a < axis ? a : a + added - 1,
                               x->dim[a]));
    return gathered_axis(c, graph, node, axis);
}

const struct pld_op_desc pld_opdesc_GATHER = {infer, NULL, channels, PLD_LAYOUT_ROWS};
