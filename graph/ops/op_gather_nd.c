/* GatherElements and GatherND: indices that are computed pick single elements, or slices. */
#include "graph/ops/ops.h"

static const char picked[] = "indices pick from the axis";

static pld_status infer_elements(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *indices;
    int64_t axis = pld_node_int(node, "axis", 0);
    pld_op_begin(node, 2);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&indices, graph, node, 1));
    PLD_TRY(pld_infer_axis(&axis, x->shape.rank, false, node));
    node->params.index.axis = axis;
    bool fits = indices->shape.rank == x->shape.rank;
    for (int a = 0; fits && a < x->shape.rank; a++)
        fits = a == axis || indices->shape.dim[a] <= x->shape.dim[a];
    if (!fits) return pld_op_fail(node, "the indices do not fit the input");
    struct pld_shape out = indices->shape;
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status channels_elements(struct pld_channels *c, const struct pld_graph *graph,
                                    int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], indices = node->in[1], y = node->out[0];
    PLD_TRY(pld_op_tie_all(c, graph, indices, y));
    for (int a = 0; a < pld_op_shape(graph, x)->rank; a++) {
        bool whole = pld_op_shape(graph, x)->dim[a] == pld_op_shape(graph, y)->dim[a];
        if (a != node->params.index.axis && whole)
            PLD_TRY(pld_op_tie_axis(c, graph, x, y, a));
        else
            PLD_TRY(pld_ch_lock(c, x, a, picked));
    }
    return PLD_OK;
}

/* Axes of the data that an entry of the indices names. */
static int64_t tuple_size(const struct pld_shape *indices)
{
    return indices->rank > 0 ? indices->dim[indices->rank - 1] : 0;
}

static pld_status infer_nd(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *indices;
    int64_t batch = pld_node_int(node, "batch_dims", 0);
    pld_op_begin(node, 2);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&indices, graph, node, 1));
    const struct pld_shape *sx = &x->shape, *si = &indices->shape;
    int64_t tuple = tuple_size(si);
    bool fits = tuple >= 1 && batch >= 0 && batch < si->rank && batch + tuple <= sx->rank;
    for (int a = 0; fits && a < batch; a++)
        fits = sx->dim[a] == si->dim[a];
    int rank = fits ? si->rank - 1 + sx->rank - (int)(batch + tuple) : 0;
    if (!fits || rank > PLD_MAX_RANK) return pld_op_fail(node, "the indices do not fit the input");
    node->params.index.batch = (int)batch;
    struct pld_shape out = {.rank = rank};
    for (int i = 0; i < rank; i++)
        out.dim[i] =
            i < si->rank - 1 ? si->dim[i] : sx->dim[i - (si->rank - 1) + (int)(batch + tuple)];
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status channels_nd(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], indices = node->in[1], y = node->out[0];
    const struct pld_shape *sx = pld_op_shape(graph, x), *si = pld_op_shape(graph, indices);
    int batch = node->params.index.batch, named = batch + (int)tuple_size(si), lead = si->rank - 1;
    for (int a = 0; a < lead; a++)
        PLD_TRY(pld_op_tie_axis(c, graph, indices, y, a));
    PLD_TRY(pld_ch_lock(c, indices, lead, picked));
    for (int a = 0; a < sx->rank; a++) {
        if (a < batch)
            PLD_TRY(pld_op_tie_axis(c, graph, x, y, a));
        else if (a < named)
            PLD_TRY(pld_ch_lock(c, x, a, picked));
        else
            PLD_TRY(pld_ch_tie(c, x, a, y, a - named + lead, sx->dim[a]));
    }
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_GATHER_ELEMENTS = {infer_elements, NULL, channels_elements,
                                                       PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_GATHER_ND = {infer_nd, NULL, channels_nd, PLD_LAYOUT_ROWS};
