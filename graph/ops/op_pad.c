/* Pad: amounts from attributes (opset < 11) or inputs; negative amounts crop. */
#include <string.h>

#include "graph/ops/ops.h"

static pld_status read_mode(struct pld_pad_params *pad, const struct pld_node *node)
{
    static const char *const modes[] = {"constant", "reflect", "edge", "wrap"};
    const char *mode = pld_node_string(node, "mode", "constant");
    for (int i = 0; i < 4; i++)
        if (strcmp(mode, modes[i]) == 0) {
            pad->mode = i;
            return PLD_OK;
        }
    return pld_op_fail(node, "mode %s is not supported", mode);
}

static pld_status read_value(struct pld_pad_params *pad, const struct pld_graph *graph,
                             const struct pld_node *node)
{
    int n;
    float value;
    pad->value = pld_node_float(node, "value", 0);
    PLD_TRY(pld_infer_floats(&value, &n, 1, graph, node, 2));
    if (n == 1) pad->value = value;
    return PLD_OK;
}

/* begin and end of every axis; the list covers all axes, or those of input 3. */
static pld_status read_amounts(struct pld_pad_params *pad, int rank, const struct pld_graph *graph,
                               const struct pld_node *node)
{
    int64_t amounts[2 * PLD_MAX_RANK], axes[PLD_MAX_RANK];
    int n, n_axes;
    uint32_t seen = 0;
    PLD_TRY(pld_op_ints(amounts, &n, 2 * PLD_MAX_RANK, graph, node, 1, "pads"));
    PLD_TRY(pld_infer_ints(axes, &n_axes, PLD_MAX_RANK, graph, node, 3));
    int covered = n_axes < 0 ? rank : n_axes;
    if (n != 2 * covered) return pld_op_fail(node, "%d pads for %d axes", n, covered);
    for (int i = 0; i < covered; i++) {
        int64_t axis = n_axes < 0 ? i : axes[i];
        PLD_TRY(pld_infer_axis(&axis, rank, false, node));
        if (seen >> axis & 1) return pld_op_fail(node, "axis %d is given twice", (int)axis);
        seen |= 1u << axis;
        pad->begin[axis] = amounts[i];
        pad->end[axis] = amounts[covered + i];
    }
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const int64_t limit = INT64_C(1) << 40;
    const struct pld_desc *x;
    struct pld_pad_params *pad = &node->params.pad;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(read_mode(pad, node));
    PLD_TRY(read_amounts(pad, x->shape.rank, graph, node));
    PLD_TRY(read_value(pad, graph, node));
    struct pld_shape out = x->shape;
    for (int a = 0; a < out.rank; a++) {
        int64_t begin = pad->begin[a], end = pad->end[a], size = x->shape.dim[a];
        if (begin < -limit || begin > limit || end < -limit || end > limit ||
            size + begin + end < 0)
            return pld_op_fail(node, "pads %lld and %lld do not fit axis %d of %lld",
                               (long long)begin, (long long)end, a, (long long)size);
        if ((begin > 0 || end > 0) && pad->mode != 0 && size == 0)
            return pld_op_fail(node, "axis %d is empty", a);
        if (pad->mode == 1 && (begin >= size || end >= size) && (begin > 0 || end > 0))
            return pld_op_fail(node, "axis %d of %lld is too short to reflect", a, (long long)size);
        out.dim[a] = size + begin + end;
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

/* Padding with a constant leaves every input index alone; so do the channels of a zero-padded
 * shortcut. Image axes, and cells made from other cells, stay as they are. */
static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_pad_params *pad = &node->params.pad;
    int x = node->in[0], y = node->out[0];
    const struct pld_shape *shape = pld_op_shape(graph, x);
    for (int a = 0; a < shape->rank; a++) {
        int64_t begin = pad->begin[a], end = pad->end[a];
        if (begin == 0 && end == 0) {
            PLD_TRY(pld_op_tie_axis(c, graph, x, y, a));
        } else if (a >= 2 || pad->mode != 0) {
            PLD_TRY(pld_ch_lock(c, x, a, "the axis is padded"));
            PLD_TRY(pld_ch_lock(c, y, a, "the axis is padded"));
        } else {
            int64_t first = begin < 0 ? -begin : 0, last = shape->dim[a] + (end < 0 ? end : 0);
            PLD_TRY(pld_ch_tie_range(c, x, a, first, 1, y, a, first + begin, 1, last - first));
        }
    }
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_PAD = {infer, NULL, channels, PLD_LAYOUT_BOTH};
