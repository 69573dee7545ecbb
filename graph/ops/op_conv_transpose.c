/* ConvTranspose: shapes, cost, channels. Its weight is [C, M/group, kh, kw]. */
#include <string.h>

#include "graph/ops/ops.h"

static pld_status check_operands(int64_t *group, const struct pld_graph *graph,
                                 const struct pld_node *node, const struct pld_desc *x,
                                 const struct pld_desc *w)
{
    const struct pld_desc *b;
    if (x->shape.rank < 3 || x->shape.rank > 5 || w->shape.rank != x->shape.rank)
        return pld_op_fail(node, "input of rank %d with weight of rank %d", x->shape.rank,
                           w->shape.rank);
    if (w->dtype != x->dtype)
        return pld_op_fail(node, "weight of type %s for an input of type %s",
                           pld_dtype_name(w->dtype), pld_dtype_name(x->dtype));
    *group = pld_node_int(node, "group", 1);
    int64_t channels = x->shape.dim[1];
    if (*group < 1 || channels < 1 || channels % *group != 0 || w->shape.dim[0] != channels)
        return pld_op_fail(node, "weight for %lld channels in %lld groups, input has %lld",
                           (long long)w->shape.dim[0], (long long)*group, (long long)channels);
    if (w->shape.dim[1] < 1) return pld_op_fail(node, "no output channels");
    if (pld_op_in(node, 2) == PLD_NONE) return PLD_OK;
    PLD_TRY(pld_infer_input(&b, graph, node, 2));
    if (b->shape.rank != 1 || b->shape.dim[0] != w->shape.dim[1] * *group)
        return pld_op_fail(node, "the bias must be a list of %lld",
                           (long long)(w->shape.dim[1] * *group));
    return PLD_OK;
}

/* Reads a list of one non-negative entry for each spatial axis; *n = -1 when there is none. */
static pld_status spatial_list(int64_t *out, int *n, int spatial, const struct pld_graph *graph,
                               const struct pld_node *node, const char *name)
{
    PLD_TRY(pld_op_ints(out, n, PLD_MAX_RANK, graph, node, -1, name));
    if (*n >= 0 && *n != spatial)
        return pld_op_fail(node, "attribute %s must have %d entries", name, spatial);
    for (int i = 0; i < *n; i++)
        if (out[i] < 0 || out[i] > 1 << 30)
            return pld_op_fail(node, "attribute %s has the value %lld", name, (long long)out[i]);
    return PLD_OK;
}

/* Pads that make one axis come out `wanted` cells long. What the pads would have to be negative
 * for becomes output padding. SAME_UPPER puts the odd cell at the end, everything else at the
 * begin. */
static void pad_to(struct pld_conv_params *conv, int i, int64_t natural, int64_t wanted, bool upper)
{
    int64_t total = natural - wanted;
    if (total < 0) {
        conv->output_padding[i] -= total;
        total = 0;
    }
    conv->window.pad_begin[i] = upper ? total / 2 : total - total / 2;
    conv->window.pad_end[i] = total - conv->window.pad_begin[i];
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *w;
    struct pld_conv_params *conv = &node->params.conv;
    struct pld_window *win = &conv->window;
    pld_op_begin(node, 3);
    conv->act.op = -1;
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&w, graph, node, 1));
    PLD_TRY(check_operands(&conv->group, graph, node, x, w));

    int spatial = x->shape.rank - 2, n_extra, n_shape;
    const int64_t *in = x->shape.dim + 2;
    int64_t extra[PLD_MAX_RANK], wanted[PLD_MAX_RANK];
    for (int k = 0; k < spatial; k++)
        win->kernel[pld_window_axis(spatial, k)] = w->shape.dim[2 + k];
    PLD_TRY(pld_infer_window(win, node, spatial, in));
    PLD_TRY(spatial_list(extra, &n_extra, spatial, graph, node, "output_padding"));
    PLD_TRY(spatial_list(wanted, &n_shape, spatial, graph, node, "output_shape"));
    const char *mode = pld_node_string(node, "auto_pad", "NOTSET");
    bool same = strncmp(mode, "SAME_", 5) == 0, upper = strcmp(mode, "SAME_UPPER") == 0;

    struct pld_shape out = x->shape;
    out.dim[1] = w->shape.dim[1] * conv->group;
    for (int k = 0; k < spatial; k++) {
        int i = pld_window_axis(spatial, k);
        if (win->kernel[i] != w->shape.dim[2 + k])
            return pld_op_fail(node, "kernel_shape does not match the weight");
        conv->output_padding[i] = n_extra > 0 ? extra[k] : 0;
        int64_t natural = win->stride[i] * (in[k] - 1) + conv->output_padding[i] +
                          win->dilation[i] * (win->kernel[i] - 1) + 1;
        if (n_shape > 0)
            pad_to(conv, i, natural, wanted[k], upper);
        else if (same)
            pad_to(conv, i, natural, in[k] * win->stride[i], upper);
        out.dim[2 + k] = n_shape > 0 ? wanted[k]
                         : same      ? in[k] * win->stride[i]
                                     : natural - win->pad_begin[i] - win->pad_end[i];
        if (out.dim[2 + k] < 1) return pld_op_fail(node, "the pads leave no output");
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static int64_t macs(const struct pld_graph *graph, const struct pld_node *node)
{
    /* Every input element is multiplied with its row of the weight. */
    const struct pld_shape *x = pld_op_shape(graph, node->in[0]);
    const struct pld_shape *w = pld_op_shape(graph, node->in[1]);
    return pld_op_macs(pld_shape_count(x), pld_shape_count(w) / w->dim[0]);
}

static pld_status spatial_axes(struct pld_channels *c, const struct pld_graph *graph,
                               const struct pld_node *node)
{
    for (int a = 2; a < pld_op_shape(graph, node->in[0])->rank; a++) {
        PLD_TRY(pld_ch_lock(c, node->in[0], a, "spatial axis of a convolution"));
        PLD_TRY(pld_ch_lock(c, node->out[0], a, "spatial axis of a convolution"));
        PLD_TRY(pld_ch_lock(c, node->in[1], a, "spatial axis of a convolution"));
    }
    PLD_TRY(pld_ch_lock(c, node->in[0], 0, "batch axis"));
    return pld_ch_lock(c, node->out[0], 0, "batch axis");
}

/* One input channel a group: channel c makes the outputs c*m .. c*m+m-1 alone. */
static pld_status depthwise(struct pld_channels *c, const struct pld_graph *graph, int x, int w,
                            int y, int64_t ins, int64_t m)
{
    for (int64_t j = 0; j < m; j++)
        PLD_TRY(pld_ch_tie_range(c, x, 1, 0, 1, y, 1, j, m, ins));
    PLD_TRY(pld_ch_lock(c, w, 1, "multiplier of a depthwise convolution"));
    return graph->values[w].data ? pld_ch_produce(c, w, 0) : PLD_OK;
}

/* Weight columns are shared by the groups, so equal positions of all groups go together; the inputs
 * too, since all groups must keep equally many. */
static pld_status grouped(struct pld_channels *c, const struct pld_graph *graph, int x, int w,
                          int y, int64_t group, int64_t in_group, int64_t out_group)
{
    for (int64_t g = 0; g < group; g++)
        PLD_TRY(pld_ch_tie_range(c, y, 1, g * out_group, 1, w, 1, 0, 1, out_group));
    for (int64_t g = 1; g < group; g++)
        PLD_TRY(pld_ch_tie_range(c, w, 0, 0, 1, w, 0, g * in_group, 1, in_group));
    return pld_op_weight(c, graph, x, 1, w, 0, 1);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], w = node->in[1], y = node->out[0], b = pld_op_in(node, 2);
    int64_t group = node->params.conv.group;
    int64_t ins = pld_op_shape(graph, x)->dim[1], outs = pld_op_shape(graph, y)->dim[1];
    int64_t in_group = ins / group, out_group = outs / group;

    PLD_TRY(pld_ch_tie(c, x, 1, w, 0, ins));
    if (b != PLD_NONE) PLD_TRY(pld_ch_tie(c, y, 1, b, 0, outs));
    if (group > 1 && in_group == 1)
        PLD_TRY(depthwise(c, graph, x, w, y, ins, out_group));
    else
        PLD_TRY(grouped(c, graph, x, w, y, group, in_group, out_group));
    return spatial_axes(c, graph, node);
}

const struct pld_op_desc pld_opdesc_CONV_TRANSPOSE = {infer, macs, channels, PLD_LAYOUT_BOTH};
