/* Concat along an axis. */
#include "graph/ops/ops.h"

static pld_status add(struct pld_shape *out, const struct pld_node *node, int i,
                      const struct pld_shape *x, int axis)
{
    bool fits = x->rank == out->rank;
    for (int a = 0; fits && a < x->rank; a++)
        fits = a == axis || x->dim[a] == out->dim[a];
    if (!fits) {
        char text[128];
        return pld_op_fail(node, "input %d of shape %s does not fit the others along axis %d", i,
                           pld_shape_text(text, sizeof text, x), axis);
    }
    out->dim[axis] += x->dim[axis];
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *first, *x;
    pld_op_begin(node, node->n_in);
    PLD_TRY(pld_infer_input(&first, graph, node, 0));
    int64_t axis = pld_node_int(node, "axis", 1);
    PLD_TRY(pld_infer_axis(&axis, first->shape.rank, false, node));
    node->params.axis.axis = axis;
    struct pld_shape out = first->shape;
    for (int i = 1; i < node->n_in; i++) {
        PLD_TRY(pld_infer_input(&x, graph, node, i));
        if (x->dtype != first->dtype)
            return pld_op_fail(node, "inputs of types %s and %s", pld_dtype_name(first->dtype),
                               pld_dtype_name(x->dtype));
        PLD_TRY(add(&out, node, i, &x->shape, (int)axis));
        PLD_TRY(pld_shape_check(&out, node->name)); /* keeps the next sum from overflowing */
    }
    return pld_infer_output(graph, node, 0, first->dtype, &out);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int y = node->out[0], axis = (int)node->params.axis.axis;
    int64_t offset = 0;
    for (int i = 0; i < node->n_in; i++) {
        int x = node->in[i];
        const struct pld_shape *shape = pld_op_shape(graph, x);
        for (int a = 0; a < shape->rank; a++)
            if (a != axis) PLD_TRY(pld_op_tie_axis(c, graph, x, y, a));
        PLD_TRY(pld_ch_tie_range(c, x, axis, 0, 1, y, axis, offset, 1, shape->dim[axis]));
        offset += shape->dim[axis];
    }
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_CONCAT = {infer, NULL, channels, PLD_LAYOUT_BOTH};
