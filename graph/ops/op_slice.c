/* Slice: bounds from attributes (opset < 10) or inputs. */
#include "graph/ops/ops.h"

static int64_t clamp(int64_t v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* start:end:step along an axis of `size`, as Python reads it. */
static int64_t resolve(int64_t *start, int64_t end, int64_t *step, int64_t size)
{
    if (*start < 0) *start += size;
    if (end < 0) end += size;
    /* A step beyond the axis takes one element, whatever its value. */
    *step = clamp(*step, -size - 1, size + 1);
    int64_t count;
    if (*step > 0) {
        *start = clamp(*start, 0, size);
        end = clamp(end, 0, size);
        count = (end - *start + *step - 1) / *step;
    } else {
        *start = clamp(*start, 0, size - 1);
        end = clamp(end, -1, size - 1);
        count = (*start - end - *step - 1) / -*step;
    }
    return count > 0 ? count : 0;
}

static pld_status read_axes(int64_t *axes, int n, int rank, const struct pld_graph *graph,
                            const struct pld_node *node)
{
    int n_axes;
    uint32_t seen = 0;
    PLD_TRY(pld_op_ints(axes, &n_axes, PLD_MAX_RANK, graph, node, 3, "axes"));
    if (n_axes >= 0 && n_axes != n) return pld_op_fail(node, "%d starts for %d axes", n, n_axes);
    for (int i = 0; i < n; i++) {
        if (n_axes < 0) axes[i] = i;
        PLD_TRY(pld_infer_axis(&axes[i], rank, false, node));
        if (seen >> axes[i] & 1)
            return pld_op_fail(node, "axis %lld is given twice", (long long)axes[i]);
        seen |= 1u << axes[i];
    }
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    int64_t starts[PLD_MAX_RANK], ends[PLD_MAX_RANK], axes[PLD_MAX_RANK], steps[PLD_MAX_RANK];
    int n, n_ends, n_steps;
    struct pld_slice_params *slice = &node->params.slice;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_op_ints(starts, &n, PLD_MAX_RANK, graph, node, 1, "starts"));
    PLD_TRY(pld_op_ints(ends, &n_ends, PLD_MAX_RANK, graph, node, 2, "ends"));
    PLD_TRY(pld_op_ints(steps, &n_steps, PLD_MAX_RANK, graph, node, 4, NULL));
    if (n < 0 || n != n_ends || (n_steps >= 0 && n_steps != n))
        return pld_op_fail(node, "starts, ends and steps differ in length");
    PLD_TRY(read_axes(axes, n, x->shape.rank, graph, node));

    struct pld_shape out = x->shape;
    for (int a = 0; a < out.rank; a++)
        slice->step[a] = 1;
    for (int i = 0; i < n; i++) {
        int64_t step = n_steps < 0 ? 1 : steps[i];
        if (step == 0) return pld_op_fail(node, "a step of 0");
        out.dim[axes[i]] = resolve(&starts[i], ends[i], &step, out.dim[axes[i]]);
        slice->start[axes[i]] = starts[i];
        slice->step[axes[i]] = step;
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_slice_params *slice = &node->params.slice;
    int x = node->in[0], y = node->out[0];
    const struct pld_shape *shape = pld_op_shape(graph, y);
    for (int a = 0; a < shape->rank; a++)
        PLD_TRY(
            pld_ch_tie_range(c, x, a, slice->start[a], slice->step[a], y, a, 0, 1, shape->dim[a]));
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_SLICE = {infer, NULL, channels, PLD_LAYOUT_BOTH};
