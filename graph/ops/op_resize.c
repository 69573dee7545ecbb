/* Resize and its predecessor Upsample. */
#include <math.h>
#include <string.h>

#include "graph/ops/ops.h"

struct choice {
    const char *name;
    int value;
};

static pld_status choose(int *out, const struct pld_node *node, const char *attr,
                         const char *fallback, const struct choice *choices, int n)
{
    const char *text = pld_node_string(node, attr, fallback);
    *out = 0;
    for (int i = 0; i < n; i++)
        if (strcmp(text, choices[i].name) == 0) {
            *out = choices[i].value;
            return PLD_OK;
        }
    return pld_op_fail(node, "%s %s is not supported", attr, text);
}

#define CHOOSE(out, node, attr, fallback, list) \
    choose(out, node, attr, fallback, list, (int)(sizeof(list) / sizeof(list)[0]))

static const struct choice modes[] = {
    {"nearest", PLD_RESIZE_NEAREST},
    {"linear", PLD_RESIZE_LINEAR},
    {"bilinear", PLD_RESIZE_LINEAR}, /* Upsample before opset 7 */
    {"cubic", PLD_RESIZE_CUBIC},
};
static const struct choice coords[] = {
    {"half_pixel", PLD_COORD_HALF_PIXEL},
    {"pytorch_half_pixel", PLD_COORD_PYTORCH_HALF_PIXEL},
    {"asymmetric", PLD_COORD_ASYMMETRIC},
    {"align_corners", PLD_COORD_ALIGN_CORNERS},
    {"tf_half_pixel_for_nn", PLD_COORD_TF_HALF_PIXEL},
    {"half_pixel_symmetric", PLD_COORD_HALF_PIXEL_SYMMETRIC},
    {"tf_crop_and_resize", PLD_COORD_TF_CROP},
};
static const struct choice nearests[] = {
    {"round_prefer_floor", PLD_NEAREST_ROUND_PREFER_FLOOR},
    {"round_prefer_ceil", PLD_NEAREST_ROUND_PREFER_CEIL},
    {"floor", PLD_NEAREST_FLOOR},
    {"ceil", PLD_NEAREST_CEIL},
};

static pld_status read_modes(struct pld_resize_params *r, const struct pld_node *node)
{
    int mode, coord, nearest;
    PLD_TRY(CHOOSE(&mode, node, "mode", "nearest", modes));
    PLD_TRY(CHOOSE(&coord, node, "coordinate_transformation_mode", "half_pixel", coords));
    PLD_TRY(CHOOSE(&nearest, node, "nearest_mode", "round_prefer_floor", nearests));
    r->mode = (enum pld_resize_mode)mode;
    r->coord = (enum pld_resize_coord)coord;
    r->nearest = (enum pld_resize_nearest)nearest;
    r->cubic_a = pld_node_float(node, "cubic_coeff_a", -0.75f);
    r->exclude_outside = pld_node_int(node, "exclude_outside", 0) != 0;
    r->antialias = pld_node_int(node, "antialias", 0) != 0 && r->mode != PLD_RESIZE_NEAREST;
    r->outside = pld_node_float(node, "extrapolation_value", 0);
    return PLD_OK;
}

/* Opset 10 and Upsample have no coordinate attributes: positions scale from the corner, and nearest
 * rounds towards it, except that a reduction takes the pixel behind. */
static pld_status read_old_modes(struct pld_resize_params *r, const struct pld_node *node)
{
    int mode;
    PLD_TRY(CHOOSE(&mode, node, "mode", "nearest", modes));
    r->mode = (enum pld_resize_mode)mode;
    r->coord = PLD_COORD_ASYMMETRIC;
    r->nearest = PLD_NEAREST_FLOOR;
    r->cubic_a = -0.75f;
    bool smaller = false, larger = false;
    for (int i = 0; i < PLD_MAX_RANK; i++) {
        smaller |= r->scale[i] > 0 && r->scale[i] < 1;
        larger |= r->scale[i] > 1;
    }
    if (r->mode == PLD_RESIZE_NEAREST && smaller) {
        if (larger) return pld_op_fail(node, "enlarges one axis and reduces another");
        r->nearest = PLD_NEAREST_CEIL;
    }
    return PLD_OK;
}

/* axes[i] is the axis that entry i of scales or sizes is for; *n is their number. */
static pld_status read_axes(int64_t *axes, int *n, int rank, const struct pld_graph *graph,
                            const struct pld_node *node)
{
    uint32_t seen = 0;
    PLD_TRY(pld_op_ints(axes, n, PLD_MAX_RANK, graph, node, -1, "axes"));
    if (*n < 0) {
        *n = rank;
        for (int i = 0; i < rank; i++)
            axes[i] = i;
    }
    for (int i = 0; i < *n; i++) {
        PLD_TRY(pld_infer_axis(&axes[i], rank, false, node));
        if (seen >> axes[i] & 1) return pld_op_fail(node, "axis %d is given twice", (int)axes[i]);
        seen |= 1u << axes[i];
    }
    return PLD_OK;
}

/* The region of interest: a begin and an end for each of the axes. */
static pld_status read_crop(struct pld_resize_params *r, const int64_t *axes, int n_axes,
                            const struct pld_graph *graph, const struct pld_node *node)
{
    float roi[2 * PLD_MAX_RANK];
    int n;
    for (int a = 0; a < PLD_MAX_RANK; a++)
        r->crop_end[a] = 1;
    if (r->coord != PLD_COORD_TF_CROP) return PLD_OK;
    PLD_TRY(pld_infer_floats(roi, &n, 2 * PLD_MAX_RANK, graph, node, 1));
    if (n != 2 * n_axes) return pld_op_fail(node, "roi must have %d entries", 2 * n_axes);
    for (int i = 0; i < n_axes; i++) {
        r->crop_begin[axes[i]] = roi[i];
        r->crop_end[axes[i]] = roi[n_axes + i];
    }
    return PLD_OK;
}

/* keep_aspect_ratio_policy: one scale for all axes, that of the tightest or of the loosest fit. */
static pld_status keep_aspect(int64_t *sizes, const struct pld_shape *in, const int64_t *axes,
                              int n, const struct pld_node *node)
{
    const char *policy = pld_node_string(node, "keep_aspect_ratio_policy", "stretch");
    bool larger = strcmp(policy, "not_larger") == 0;
    if (strcmp(policy, "stretch") == 0) return PLD_OK;
    if (!larger && strcmp(policy, "not_smaller") != 0)
        return pld_op_fail(node, "keep_aspect_ratio_policy %s is not supported", policy);
    double scale = 0;
    for (int i = 0; i < n; i++) {
        double s = (double)sizes[i] / (double)in->dim[axes[i]];
        if (i == 0 || (larger ? s < scale : s > scale)) scale = s;
    }
    for (int i = 0; i < n; i++) {
        double size = floor(scale * (double)in->dim[axes[i]] + 0.5);
        if (!(size < 0x1p40)) return pld_op_fail(node, "sizes are too large");
        sizes[i] = (int64_t)size;
    }
    return PLD_OK;
}

/* Output sizes from scales; rounded as a float product, as the ONNX shape inference does. */
static pld_status apply_scales(struct pld_shape *out, struct pld_resize_params *r,
                               const float *scales, const int64_t *axes, int n,
                               const struct pld_node *node)
{
    for (int i = 0; i < n; i++) {
        float kept =
            r->coord == PLD_COORD_TF_CROP ? r->crop_end[axes[i]] - r->crop_begin[axes[i]] : 1;
        float size = floorf(scales[i] * kept * (float)out->dim[axes[i]]);
        if (!(scales[i] > 0) || !(size >= 0 && size < 0x1p40f))
            return pld_op_fail(node, "a scale of %g for axis %d", (double)scales[i], (int)axes[i]);
        out->dim[axes[i]] = (int64_t)size;
        r->scale[axes[i]] = scales[i];
    }
    return PLD_OK;
}

static pld_status apply_sizes(struct pld_shape *out, struct pld_resize_params *r,
                              const int64_t *sizes, const int64_t *axes, int n, int64_t batch,
                              const struct pld_node *node)
{
    for (int i = 0; i < n; i++) {
        int64_t in = out->dim[axes[i]], size = sizes[i];
        if (size < 0 || in < 1)
            return pld_op_fail(node, "axis %d of %lld resized to %lld", (int)axes[i], (long long)in,
                               (long long)size);
        /* The 1 of a model exported for one image that now runs on several. */
        if (axes[i] == 0 && size == 1 && in == batch) size = in;
        out->dim[axes[i]] = size;
        r->scale[axes[i]] = (float)size / (float)in;
    }
    return PLD_OK;
}

/* Input `i` holds scales; `sizes`, when it is given, is the input of sizes. */
static pld_status read_target(struct pld_shape *out, struct pld_node *node,
                              const struct pld_graph *graph, int i, int sizes)
{
    struct pld_resize_params *r = &node->params.resize;
    int64_t axes[PLD_MAX_RANK], size[PLD_MAX_RANK];
    float scale[PLD_MAX_RANK];
    int n_axes, n_scales, n_sizes = -1;
    for (int a = 0; a < out->rank; a++)
        r->scale[a] = 1;
    PLD_TRY(read_axes(axes, &n_axes, out->rank, graph, node));
    PLD_TRY(read_crop(r, axes, n_axes, graph, node));
    PLD_TRY(pld_infer_floats(scale, &n_scales, PLD_MAX_RANK, graph, node, i));
    if (sizes >= 0) PLD_TRY(pld_infer_ints(size, &n_sizes, PLD_MAX_RANK, graph, node, sizes));
    if (n_scales > 0 && n_sizes > 0) return pld_op_fail(node, "both scales and sizes are given");
    if ((n_scales > 0 ? n_scales : n_sizes) != n_axes)
        return pld_op_fail(node, "neither scales nor sizes for the %d axes", n_axes);
    if (n_scales > 0) return apply_scales(out, r, scale, axes, n_axes, node);
    for (int k = 0; k < n_axes; k++)
        if (out->dim[axes[k]] < 1) return pld_op_fail(node, "the input is empty");
    PLD_TRY(keep_aspect(size, out, axes, n_axes, node));
    return apply_sizes(out, r, size, axes, n_axes, graph->batch, node);
}

static pld_status check_source(const struct pld_desc *x, const struct pld_shape *out,
                               const struct pld_node *node)
{
    const struct pld_resize_params *r = &node->params.resize;
    int reach = r->mode == PLD_RESIZE_CUBIC ? 2 : 1; /* pixels to each side, at full size */
    for (int a = 0; r->antialias && a < out->rank; a++)
        if (2 * (ceilf((float)reach / r->scale[a]) + 1) > PLD_RESIZE_MAX_TAPS)
            return pld_op_fail(node, "antialias with a scale of %g is not supported",
                               (double)r->scale[a]);
    if (pld_shape_count(&x->shape) == 0 && pld_shape_count(out) != 0)
        return pld_op_fail(node, "the input is empty");
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    struct pld_shape out = x->shape;
    if (graph->opset < 11) {
        PLD_TRY(read_target(&out, node, graph, 1, -1));
        PLD_TRY(read_old_modes(&node->params.resize, node));
    } else {
        PLD_TRY(read_modes(&node->params.resize, node));
        PLD_TRY(read_target(&out, node, graph, 2, 3));
    }
    PLD_TRY(check_source(x, &out, node));
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

/* Scales are an attribute before opset 9. */
static pld_status infer_upsample(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    const struct pld_attr *attr = pld_node_attr(node, "scales");
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    struct pld_shape out = x->shape;
    if (attr && pld_op_in(node, 1) == PLD_NONE) {
        const int64_t axes[PLD_MAX_RANK] = {0, 1, 2, 3, 4, 5, 6, 7};
        if (attr->type != PLD_ATTR_FLOATS || attr->n != out.rank)
            return pld_op_fail(node, "scales must have %d entries", out.rank);
        PLD_TRY(apply_scales(&out, &node->params.resize, attr->floats, axes, out.rank, node));
    } else {
        PLD_TRY(read_target(&out, node, graph, 1, -1));
    }
    PLD_TRY(read_old_modes(&node->params.resize, node));
    PLD_TRY(check_source(x, &out, node));
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_resize_params *r = &node->params.resize;
    int x = node->in[0], y = node->out[0];
    const struct pld_shape *sx = pld_op_shape(graph, x), *sy = pld_op_shape(graph, y);
    for (int a = 0; a < sx->rank; a++) {
        bool whole = r->crop_begin[a] == 0 && r->crop_end[a] == 1;
        if (r->scale[a] == 1 && sx->dim[a] == sy->dim[a] &&
            (whole || r->coord != PLD_COORD_TF_CROP)) {
            PLD_TRY(pld_op_tie_axis(c, graph, x, y, a));
        } else {
            PLD_TRY(pld_ch_lock(c, x, a, "the axis is resized"));
            PLD_TRY(pld_ch_lock(c, y, a, "the axis is resized"));
        }
    }
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_RESIZE = {infer, NULL, channels, PLD_LAYOUT_BOTH};
const struct pld_op_desc pld_opdesc_UPSAMPLE = {infer_upsample, NULL, channels, PLD_LAYOUT_BOTH};
