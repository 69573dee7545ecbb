/* Conv: shapes, cost, and which channels its weight ties. */
#include "graph/ops/ops.h"

static pld_status check_operands(int64_t *group, const struct pld_node *node,
                                 const struct pld_desc *x, const struct pld_desc *w)
{
    if (x->shape.rank < 3 || x->shape.rank > 5)
        return pld_op_fail(node, "input of rank %d; 1-d to 3-d images are supported",
                           x->shape.rank);
    if (w->shape.rank != x->shape.rank)
        return pld_op_fail(node, "weight of rank %d for an input of rank %d", w->shape.rank,
                           x->shape.rank);
    if (w->dtype != x->dtype)
        return pld_op_fail(node, "weight of type %s for an input of type %s",
                           pld_dtype_name(w->dtype), pld_dtype_name(x->dtype));
    int64_t channels = x->shape.dim[1], outputs = w->shape.dim[0];
    *group = pld_node_int(node, "group", 1);
    if (*group < 1 || *group > channels || outputs < 1 || outputs % *group != 0)
        return pld_op_fail(node, "%lld groups do not divide %lld to %lld channels",
                           (long long)*group, (long long)channels, (long long)outputs);
    if (channels % *group != 0 || channels / *group != w->shape.dim[1])
        return pld_op_fail(node,
                           "weight wants %lld channels in each of %lld groups, input has %lld",
                           (long long)w->shape.dim[1], (long long)*group, (long long)channels);
    return PLD_OK;
}

static pld_status check_bias(const struct pld_graph *graph, const struct pld_node *node,
                             int64_t outputs)
{
    const struct pld_desc *b;
    if (pld_op_in(node, 2) == PLD_NONE) return PLD_OK;
    PLD_TRY(pld_infer_input(&b, graph, node, 2));
    if (b->shape.rank != 1 || b->shape.dim[0] != outputs)
        return pld_op_fail(node, "the bias must be a list of %lld", (long long)outputs);
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *w;
    struct pld_conv_params *conv = &node->params.conv;
    pld_op_begin(node, 3);
    conv->act.op = -1;
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&w, graph, node, 1));
    PLD_TRY(check_operands(&conv->group, node, x, w));
    PLD_TRY(check_bias(graph, node, w->shape.dim[0]));

    int spatial = x->shape.rank - 2;
    struct pld_window *win = &conv->window;
    for (int k = 0; k < spatial; k++)
        win->kernel[pld_window_axis(spatial, k)] = w->shape.dim[2 + k];
    PLD_TRY(pld_infer_window(win, node, spatial, x->shape.dim + 2));
    struct pld_shape out = x->shape;
    out.dim[1] = w->shape.dim[0];
    for (int k = 0; k < spatial; k++) {
        int i = pld_window_axis(spatial, k);
        if (win->kernel[i] != w->shape.dim[2 + k])
            return pld_op_fail(node, "kernel_shape does not match the weight");
        int64_t room = x->shape.dim[2 + k] + win->pad_begin[i] + win->pad_end[i] -
                       (win->dilation[i] * (win->kernel[i] - 1) + 1);
        if (room < 0) return pld_op_fail(node, "the kernel is larger than the padded input");
        out.dim[2 + k] = room / win->stride[i] + 1;
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static int64_t macs(const struct pld_graph *graph, const struct pld_node *node)
{
    const struct pld_shape *w = pld_op_shape(graph, node->in[1]);
    const struct pld_shape *y = pld_op_shape(graph, node->out[0]);
    int64_t taps = pld_shape_count(w) / w->dim[0]; /* inputs of one output element */
    return pld_op_macs(pld_shape_count(y), taps);
}

/* Spatial axes: where the window is one cell wide the convolution is pointwise along the axis, so
 * equal positions belong together; elsewhere every output mixes several. */
static pld_status spatial_axes(struct pld_channels *c, const struct pld_graph *graph,
                               const struct pld_node *node)
{
    const struct pld_window *win = &node->params.conv.window;
    int x = node->in[0], w = node->in[1], y = node->out[0];
    int rank = pld_op_shape(graph, x)->rank;
    for (int a = 2; a < rank; a++) {
        int i = pld_window_axis(rank - 2, a - 2);
        bool pointwise = win->kernel[i] == 1 && win->stride[i] == 1 && win->pad_begin[i] == 0 &&
                         win->pad_end[i] == 0;
        if (pointwise) {
            PLD_TRY(pld_op_tie_axis(c, graph, x, y, a));
        } else {
            PLD_TRY(pld_ch_lock(c, x, a, "spatial axis of a convolution"));
            PLD_TRY(pld_ch_lock(c, y, a, "spatial axis of a convolution"));
        }
        PLD_TRY(pld_ch_lock(c, w, a, "spatial axis of a convolution"));
    }
    PLD_TRY(pld_ch_lock(c, x, 0, "batch axis"));
    return pld_ch_lock(c, y, 0, "batch axis");
}

/* One input channel a group: channel c makes the outputs c*m .. c*m+m-1 alone. */
static pld_status depthwise(struct pld_channels *c, const struct pld_graph *graph, int x, int w,
                            int y, int64_t ins, int64_t m)
{
    for (int64_t j = 0; j < m; j++)
        PLD_TRY(pld_ch_tie_range(c, x, 1, 0, 1, y, 1, j, m, ins));
    return graph->values[w].data ? pld_ch_produce(c, w, 0) : PLD_OK;
}

/* x index g*Cg + j is read by weight column j of group g. Columns are shared by the groups, so
 * equal positions of all groups go together; the outputs too, since all groups must keep equally
 * many. */
static pld_status grouped(struct pld_channels *c, const struct pld_graph *graph, int x, int w,
                          int64_t group, int64_t in_group, int64_t out_group)
{
    for (int64_t g = 0; g < group; g++)
        PLD_TRY(pld_ch_tie_range(c, x, 1, g * in_group, 1, w, 1, 0, 1, in_group));
    for (int64_t g = 1; g < group; g++)
        PLD_TRY(pld_ch_tie_range(c, w, 0, 0, 1, w, 0, g * out_group, 1, out_group));
    return pld_op_weight(c, graph, x, 1, w, 1, 0);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], w = node->in[1], y = node->out[0], b = pld_op_in(node, 2);
    int64_t group = node->params.conv.group;
    int64_t ins = pld_op_shape(graph, x)->dim[1], outs = pld_op_shape(graph, y)->dim[1];
    int64_t in_group = ins / group, out_group = outs / group;

    PLD_TRY(pld_ch_tie(c, y, 1, w, 0, outs));
    if (b != PLD_NONE) PLD_TRY(pld_ch_tie(c, b, 0, w, 0, outs));
    if (group > 1 && in_group == 1)
        PLD_TRY(depthwise(c, graph, x, w, y, ins, out_group));
    else
        PLD_TRY(grouped(c, graph, x, w, group, in_group, out_group));
    return spatial_axes(c, graph, node);
}

const struct pld_op_desc pld_opdesc_CONV = {infer, macs, channels, PLD_LAYOUT_BOTH};
