/* ScatterElements (Scatter before opset 11) and ScatterND: the input with some elements changed. */
#include <string.h>

#include "graph/ops/ops.h"

static const char written[] = "indices choose what is written along the axis";

static pld_status read_reduction(struct pld_index_params *params, const struct pld_node *node)
{
    static const char *const names[] = {"none", "add", "mul", "max", "min"};
    const char *name = pld_node_string(node, "reduction", "none");
    for (int i = 0; i < 5; i++)
        if (strcmp(name, names[i]) == 0) {
            params->reduction = i;
            return PLD_OK;
        }
    return pld_op_fail(node, "reduction %s is not supported", name);
}

static pld_status inputs(const struct pld_desc *d[3], struct pld_graph *graph,
                         struct pld_node *node)
{
    pld_op_begin(node, 3);
    for (int i = 0; i < 3; i++)
        PLD_TRY(pld_infer_input(&d[i], graph, node, i));
    if (d[2]->dtype != d[0]->dtype)
        return pld_op_fail(node, "updates of type %s for %s", pld_dtype_name(d[2]->dtype),
                           pld_dtype_name(d[0]->dtype));
    return read_reduction(&node->params.index, node);
}

static pld_status infer_elements(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *d[3];
    int64_t axis = pld_node_int(node, "axis", 0);
    PLD_TRY(inputs(d, graph, node));
    const struct pld_shape *x = &d[0]->shape, *indices = &d[1]->shape;
    PLD_TRY(pld_infer_axis(&axis, x->rank, false, node));
    node->params.index.axis = axis;
    bool fits = pld_shape_equal(indices, &d[2]->shape) && indices->rank == x->rank;
    for (int a = 0; fits && a < x->rank; a++)
        fits = a == axis || indices->dim[a] <= x->dim[a];
    if (!fits) return pld_op_fail(node, "indices and updates do not fit the input");
    return pld_op_infer_same(graph, node);
}

static pld_status infer_nd(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *d[3];
    PLD_TRY(inputs(d, graph, node));
    const struct pld_shape *x = &d[0]->shape, *indices = &d[1]->shape, *updates = &d[2]->shape;
    int lead = indices->rank - 1;
    int64_t tuple = lead >= 0 ? indices->dim[lead] : 0;
    bool fits = tuple >= 1 && tuple <= x->rank && updates->rank == lead + x->rank - (int)tuple;
    for (int a = 0; fits && a < updates->rank; a++)
        fits = updates->dim[a] == (a < lead ? indices->dim[a] : x->dim[a - lead + (int)tuple]);
    if (!fits) return pld_op_fail(node, "indices and updates do not fit the input");
    return pld_op_infer_same(graph, node);
}

static pld_status channels_elements(struct pld_channels *c, const struct pld_graph *graph,
                                    int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0];
    PLD_TRY(pld_op_tie_all(c, graph, x, node->out[0]));
    PLD_TRY(pld_op_tie_all(c, graph, node->in[1], node->in[2]));
    for (int a = 0; a < pld_op_shape(graph, x)->rank; a++) {
        bool whole = pld_op_shape(graph, x)->dim[a] == pld_op_shape(graph, node->in[1])->dim[a];
        if (a != node->params.index.axis && whole) {
            PLD_TRY(pld_op_tie_axis(c, graph, x, node->in[1], a));
        } else {
            PLD_TRY(pld_ch_lock(c, x, a, written));
            PLD_TRY(pld_ch_lock(c, node->in[1], a, written));
        }
    }
    return PLD_OK;
}

static pld_status channels_nd(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], indices = node->in[1], updates = node->in[2];
    const struct pld_shape *shape = pld_op_shape(graph, x);
    int lead = pld_op_shape(graph, indices)->rank - 1;
    int tuple = (int)pld_op_shape(graph, indices)->dim[lead];
    PLD_TRY(pld_op_tie_all(c, graph, x, node->out[0]));
    for (int a = 0; a < shape->rank; a++) {
        if (a < tuple)
            PLD_TRY(pld_ch_lock(c, x, a, written));
        else
            PLD_TRY(pld_ch_tie(c, x, a, updates, a - tuple + lead, shape->dim[a]));
    }
    PLD_TRY(pld_ch_lock(c, indices, lead, written));
    for (int a = 0; a < lead; a++)
        PLD_TRY(pld_op_tie_axis(c, graph, indices, updates, a));
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_SCATTER = {infer_elements, NULL, channels_elements,
                                               PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_SCATTER_ELEMENTS = {infer_elements, NULL, channels_elements,
                                                        PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_SCATTER_ND = {infer_nd, NULL, channels_nd, PLD_LAYOUT_ROWS};
