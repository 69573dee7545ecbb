/* Split along an axis: sizes from an attribute, an input, or equal. */
#include "graph/ops/ops.h"

enum { MAX_PARTS = 64 };

/* Equal parts; since opset 18 the last one may be smaller. */
static pld_status equal_sizes(int64_t *size, int n, int64_t whole, const struct pld_graph *graph,
                              const struct pld_node *node)
{
    int64_t parts = pld_node_int(node, "num_outputs", n);
    if (parts != n)
        return pld_op_fail(node, "num_outputs is %lld for %d outputs", (long long)parts, n);
    int64_t each = (whole + n - 1) / n;
    if (whole % n != 0 && (graph->opset < 18 || each * (n - 1) > whole))
        return pld_op_fail(node, "%d outputs do not divide an axis of %lld", n, (long long)whole);
    for (int i = 0; i < n; i++)
        size[i] = i < n - 1 ? each : whole - each * (n - 1);
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_split_params *split = &node->params.split;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (node->n_out < 1 || node->n_out > MAX_PARTS)
        return pld_op_fail(node, "%d outputs; at most %d are supported", node->n_out, MAX_PARTS);
    split->axis = pld_node_int(node, "axis", 0);
    PLD_TRY(pld_infer_axis(&split->axis, x->shape.rank, false, node));
    int64_t whole = x->shape.dim[split->axis], begin = 0;
    int n;
    PLD_TRY(pld_op_ints(split->size, &n, MAX_PARTS, graph, node, 1, "split"));
    if (n <= 0) {
        n = node->n_out;
        PLD_TRY(equal_sizes(split->size, n, whole, graph, node));
    }
    if (n != node->n_out) return pld_op_fail(node, "%d sizes for %d outputs", n, node->n_out);

    struct pld_shape out = x->shape;
    enum pld_dtype dtype = x->dtype;
    for (int i = 0; i < n; i++) {
        if (split->size[i] < 0 || split->size[i] > whole - begin)
            return pld_op_fail(node, "the sizes do not add up to the axis of %lld",
                               (long long)whole);
        split->begin[i] = begin;
        out.dim[split->axis] = split->size[i];
        begin += split->size[i];
        PLD_TRY(pld_infer_output(graph, node, i, dtype, &out));
    }
    if (begin != whole)
        return pld_op_fail(node, "the sizes do not add up to the axis of %lld", (long long)whole);
    return PLD_OK;
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_split_params *split = &node->params.split;
    int x = node->in[0], axis = (int)split->axis;
    for (int i = 0; i < node->n_out; i++) {
        int y = node->out[i];
        if (y == PLD_NONE) continue;
        for (int a = 0; a < pld_op_shape(graph, x)->rank; a++)
            if (a != axis) PLD_TRY(pld_op_tie_axis(c, graph, x, y, a));
        PLD_TRY(pld_ch_tie_range(c, x, axis, split->begin[i], 1, y, axis, 0, 1, split->size[i]));
    }
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_SPLIT = {infer, NULL, channels, PLD_LAYOUT_BOTH};
