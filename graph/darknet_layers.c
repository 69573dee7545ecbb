/* Darknet's layers as ONNX operators: one function a kind, one table of kinds. */
#include <limits.h>
#include <string.h>

#include "graph/darknet.h"

enum { MOST_CHANNELS = 65536, MOST_SIDE = 1 << 14, MOST_PARTS = 32 };

typedef struct pld_darknet_reader reader;
typedef struct pld_darknet_layer layer;
typedef struct pld_darknet_section section;

/* ---- nodes ---- */

/* Number of the layer at hand; [0] of the list is the input, the last one this layer. */
static int here(const reader *r)
{
    return r->n_layers - 2;
}

static const char *name_of(reader *r, const char *what)
{
    return pld_arena_printf(&r->graph->arena, "%s_%d", what, here(r));
}

/* A node with one output; *value receives it. */
static pld_status add_node(int *value, int *node, reader *r, enum pld_op op, const char *what,
                           const int *in, int n_in)
{
    const char *name = name_of(r, what);
    if (!name) return PLD_EDEVICE;
    *value = pld_graph_add_value(r->graph, name);
    if (*value == PLD_NONE) return PLD_EDEVICE;
    *node = pld_graph_add_node(r->graph, op, name, in, n_in, value, 1);
    return *node == PLD_NONE ? PLD_EDEVICE : PLD_OK;
}

static pld_status add_plain(int *value, reader *r, enum pld_op op, const char *what, const int *in,
                            int n_in)
{
    int node;
    return add_node(value, &node, r, op, what, in, n_in);
}

/* ---- weights ---- */

/* The next rank-many-dimensional constant of the .weights file. */
static pld_status read_constant(int *value, reader *r, const section *s, const char *what, int rank,
                                const int64_t *dims)
{
    struct pld_desc desc = {.dtype = PLD_F32, .shape = pld_shape_of(rank, dims)};
    PLD_TRY(pld_shape_check(&desc.shape, r->cfg.path));
    size_t bytes = (size_t)pld_shape_count(&desc.shape) * sizeof(float);
    if (bytes > r->weights.size - r->weights.at)
        return pld_darknet_fail(&r->cfg, s, "the .weights file ends here: %zu of %zu bytes left",
                                r->weights.size - r->weights.at, bytes);
    const char *name = name_of(r, what);
    if (!name) return PLD_EDEVICE;
    *value = pld_graph_add_constant(r->graph, name, &desc, r->weights.data + r->weights.at);
    r->weights.at += bytes;
    return *value == PLD_NONE ? PLD_EDEVICE : PLD_OK;
}

/* Size of an output axis; what is not at least one pixel is an error. */
static pld_status out_size(int *size, reader *r, const section *s, int in, int pads, int kernel,
                           int stride)
{
    *size = (in + pads - kernel) / stride + 1;
    if (in + pads >= kernel && *size <= MOST_SIDE) return PLD_OK;
    return pld_darknet_fail(&r->cfg, s, "a window of %d on %d + %d pixels", kernel, in, pads);
}

/* ---- activations ---- */

static const struct activation {
    const char *name;
    enum pld_op op; /* IDENTITY: nothing to do */
} activations[] = {
    {"linear", PLD_OP_IDENTITY},  {"leaky", PLD_OP_LEAKY_RELU}, {"relu", PLD_OP_RELU},
    {"logistic", PLD_OP_SIGMOID}, {"mish", PLD_OP_MISH},        {"tanh", PLD_OP_TANH},
    {"elu", PLD_OP_ELU},          {"relu6", PLD_OP_CLIP},       {"swish", PLD_OP_SILU},
};

/* Mish as ONNX below opset 18 spells it: x tanh(softplus(x)). */
static pld_status add_mish(int *value, reader *r)
{
    int soft, gate;
    PLD_TRY(add_plain(&soft, r, PLD_OP_SOFTPLUS, "softplus", value, 1));
    PLD_TRY(add_plain(&gate, r, PLD_OP_TANH, "tanh", &soft, 1));
    return add_plain(value, r, PLD_OP_MUL, "mish", (int[]){*value, gate}, 2);
}

static pld_status add_swish(int *value, reader *r)
{
    int gate;
    PLD_TRY(add_plain(&gate, r, PLD_OP_SIGMOID, "sigmoid", value, 1));
    return add_plain(value, r, PLD_OP_MUL, "swish", (int[]){*value, gate}, 2);
}

static pld_status add_relu6(int *value, reader *r)
{
    const float limits[2] = {0.0f, 6.0f};
    struct pld_desc scalar = {.dtype = PLD_F32};
    int in[3] = {*value, pld_graph_add_constant(r->graph, name_of(r, "low"), &scalar, &limits[0]),
                 pld_graph_add_constant(r->graph, name_of(r, "high"), &scalar, &limits[1])};
    if (in[1] == PLD_NONE || in[2] == PLD_NONE) return PLD_EDEVICE;
    return add_plain(value, r, PLD_OP_CLIP, "relu6", in, 3);
}

static pld_status add_activation(int *value, reader *r, const section *s, const char *fallback)
{
    const char *name = pld_darknet_text(s, "activation", fallback);
    const struct activation *found = NULL;
    for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
        if (strcmp(activations[i].name, name) == 0) found = &activations[i];
    if (!found) return pld_darknet_fail(&r->cfg, s, "activation '%.40s' is not supported", name);
    switch (found->op) {
    case PLD_OP_IDENTITY:
        return PLD_OK;
    case PLD_OP_MISH:
        return add_mish(value, r);
    case PLD_OP_SILU:
        return add_swish(value, r);
    case PLD_OP_CLIP:
        return add_relu6(value, r);
    default:
        break;
    }
    int node;
    PLD_TRY(add_node(value, &node, r, found->op, found->name, (int[]){*value}, 1));
    return found->op == PLD_OP_LEAKY_RELU ? pld_node_set_float(r->graph, node, "alpha", 0.1f)
                                          : PLD_OK;
}

/* ---- convolutional ---- */

struct conv {
    int filters, size, stride_x, stride_y, pad, dilation, groups, normalised;
};

static pld_status read_conv(struct conv *c, reader *r, const section *s, const layer *in)
{
    const struct pld_darknet_cfg *cfg = &r->cfg;
    int same, stride;
    PLD_TRY(pld_darknet_int(&c->filters, cfg, s, "filters", 1, 1, MOST_CHANNELS));
    PLD_TRY(pld_darknet_int(&c->size, cfg, s, "size", 1, 1, 255));
    PLD_TRY(pld_darknet_int(&stride, cfg, s, "stride", 1, 1, 255));
    PLD_TRY(pld_darknet_int(&c->stride_x, cfg, s, "stride_x", stride, 1, 255));
    PLD_TRY(pld_darknet_int(&c->stride_y, cfg, s, "stride_y", stride, 1, 255));
    PLD_TRY(pld_darknet_int(&same, cfg, s, "pad", 0, 0, 1));
    PLD_TRY(pld_darknet_int(&c->pad, cfg, s, "padding", 0, 0, 255));
    PLD_TRY(pld_darknet_int(&c->dilation, cfg, s, "dilation", 1, 1, 255));
    PLD_TRY(pld_darknet_int(&c->groups, cfg, s, "groups", 1, 1, MOST_CHANNELS));
    PLD_TRY(pld_darknet_int(&c->normalised, cfg, s, "batch_normalize", 0, 0, 1));
    if (same) c->pad = c->size / 2;
    if (in->channels % c->groups || c->filters % c->groups)
        return pld_darknet_fail(cfg, s, "%d groups of %d channels and %d filters", c->groups,
                                in->channels, c->filters);
    return PLD_OK;
}

static pld_status set_conv(reader *r, int node, const struct conv *c)
{
    const int64_t kernel[2] = {c->size, c->size}, stride[2] = {c->stride_y, c->stride_x},
                  dilation[2] = {c->dilation, c->dilation},
                  pads[4] = {c->pad, c->pad, c->pad, c->pad};
    PLD_TRY(pld_node_set_ints(r->graph, node, "kernel_shape", kernel, 2));
    PLD_TRY(pld_node_set_ints(r->graph, node, "strides", stride, 2));
    PLD_TRY(pld_node_set_ints(r->graph, node, "dilations", dilation, 2));
    PLD_TRY(pld_node_set_ints(r->graph, node, "pads", pads, 4));
    return pld_node_set_int(r->graph, node, "group", c->groups);
}

/* File order: biases, then (normalised) scales, means, variances, then the kernels. A normalised
 * layer's bias is the beta of its batch normalisation. */
static pld_status add_convolutional(layer *out, reader *r, const section *s)
{
    struct conv c;
    PLD_TRY(read_conv(&c, r, s, out));
    const int64_t n[1] = {c.filters};
    const int64_t kernel[4] = {c.filters, out->channels / c.groups, c.size, c.size};
    int bias, scale = PLD_NONE, mean = PLD_NONE, variance = PLD_NONE, weight, node;
    PLD_TRY(read_constant(&bias, r, s, "bias", 1, n));
    if (c.normalised) {
        PLD_TRY(read_constant(&scale, r, s, "scale", 1, n));
        PLD_TRY(read_constant(&mean, r, s, "mean", 1, n));
        PLD_TRY(read_constant(&variance, r, s, "variance", 1, n));
    }
    PLD_TRY(read_constant(&weight, r, s, "weight", 4, kernel));
    int window = (c.size - 1) * c.dilation + 1;
    PLD_TRY(out_size(&out->height, r, s, out->height, 2 * c.pad, window, c.stride_y));
    PLD_TRY(out_size(&out->width, r, s, out->width, 2 * c.pad, window, c.stride_x));
    out->channels = c.filters;
    int in[3] = {out->value, weight, bias};
    PLD_TRY(add_node(&out->value, &node, r, PLD_OP_CONV, "conv", in, c.normalised ? 2 : 3));
    PLD_TRY(set_conv(r, node, &c));
    if (c.normalised) {
        int norm[5] = {out->value, scale, bias, mean, variance};
        PLD_TRY(add_node(&out->value, &node, r, PLD_OP_BATCH_NORM, "norm", norm, 5));
        PLD_TRY(pld_node_set_float(r->graph, node, "epsilon", 1e-5f));
    }
    return add_activation(&out->value, r, s, "logistic");
}

/* ---- the others ---- */

/* Darknet pads size - 1 in all unless told, the smaller half in front. */
static pld_status add_maxpool(layer *out, reader *r, const section *s)
{
    int size, stride, pad, node;
    PLD_TRY(pld_darknet_int(&stride, &r->cfg, s, "stride", 1, 1, 255));
    PLD_TRY(pld_darknet_int(&size, &r->cfg, s, "size", stride, 1, 255));
    PLD_TRY(pld_darknet_int(&pad, &r->cfg, s, "padding", size - 1, 0, 255));
    if (pad - pad / 2 >= size) return pld_darknet_fail(&r->cfg, s, "padding=%d is too wide", pad);
    PLD_TRY(out_size(&out->height, r, s, out->height, pad, size, stride));
    PLD_TRY(out_size(&out->width, r, s, out->width, pad, size, stride));
    PLD_TRY(add_node(&out->value, &node, r, PLD_OP_MAX_POOL, "maxpool", (int[]){out->value}, 1));
    const int64_t kernel[2] = {size, size}, step[2] = {stride, stride},
                  pads[4] = {pad / 2, pad / 2, pad - pad / 2, pad - pad / 2};
    PLD_TRY(pld_node_set_ints(r->graph, node, "kernel_shape", kernel, 2));
    PLD_TRY(pld_node_set_ints(r->graph, node, "strides", step, 2));
    return pld_node_set_ints(r->graph, node, "pads", pads, 4);
}

static pld_status add_upsample(layer *out, reader *r, const section *s)
{
    int stride, node;
    float scale;
    PLD_TRY(pld_darknet_int(&stride, &r->cfg, s, "stride", 2, 1, 16));
    PLD_TRY(pld_darknet_float(&scale, &r->cfg, s, "scale", 1.0f));
    if (scale != 1.0f) return pld_darknet_fail(&r->cfg, s, "scale other than 1 is not supported");
    const float scales[4] = {1.0f, 1.0f, (float)stride, (float)stride};
    struct pld_desc desc = {.dtype = PLD_F32, .shape = pld_shape_of(1, (const int64_t[]){4})};
    int constant = pld_graph_add_constant(r->graph, name_of(r, "scales"), &desc, scales);
    if (constant == PLD_NONE) return PLD_EDEVICE;
    if (out->height > MOST_SIDE / stride || out->width > MOST_SIDE / stride)
        return pld_darknet_fail(&r->cfg, s, "more than %d pixels a side", MOST_SIDE);
    out->height *= stride;
    out->width *= stride;
    int in[3] = {out->value, PLD_NONE, constant};
    PLD_TRY(add_node(&out->value, &node, r, PLD_OP_RESIZE, "upsample", in, 3));
    PLD_TRY(pld_node_set_string(r->graph, node, "mode", "nearest"));
    PLD_TRY(pld_node_set_string(r->graph, node, "nearest_mode", "floor"));
    return pld_node_set_string(r->graph, node, "coordinate_transformation_mode", "asymmetric");
}

/* The layers that `key` names; negative numbers count back from here. */
static pld_status find_layers(const layer *from[MOST_PARTS], int *n, reader *r, const section *s,
                              const char *key)
{
    float numbers[MOST_PARTS];
    PLD_TRY(pld_darknet_floats(numbers, n, MOST_PARTS, &r->cfg, s, key));
    if (*n == 0) return pld_darknet_fail(&r->cfg, s, "%s= is missing", key);
    for (int i = 0; i < *n; i++) {
        float at = numbers[i] < 0 ? (float)here(r) + numbers[i] : numbers[i];
        bool there = at >= 0 && at < (float)here(r) && at == (float)(int)at;
        if (!there || r->layers[(int)at + 1].value == PLD_NONE)
            return pld_darknet_fail(&r->cfg, s, "there is no layer %g", (double)numbers[i]);
        from[i] = &r->layers[(int)at + 1];
    }
    return PLD_OK;
}

/* One of `groups` equal parts of the channels (AlexeyAB's groups= and group_id=). */
static pld_status take_group(layer *out, reader *r, const section *s)
{
    int groups, id, node;
    PLD_TRY(pld_darknet_int(&groups, &r->cfg, s, "groups", 1, 1, MOST_CHANNELS));
    PLD_TRY(pld_darknet_int(&id, &r->cfg, s, "group_id", 0, 0, groups - 1));
    if (groups == 1) return PLD_OK;
    if (out->channels % groups)
        return pld_darknet_fail(&r->cfg, s, "%d channels in %d groups", out->channels, groups);
    int64_t width = out->channels / groups, bounds[3] = {id * width, (id + 1) * width, 1};
    static const char *const names[3] = {"begin", "end", "axis"};
    struct pld_desc desc = {.dtype = PLD_I64, .shape = pld_shape_of(1, (const int64_t[]){1})};
    int in[4] = {out->value};
    for (int i = 0; i < 3; i++) {
        in[i + 1] = pld_graph_add_constant(r->graph, name_of(r, names[i]), &desc, &bounds[i]);
        if (in[i + 1] == PLD_NONE) return PLD_EDEVICE;
    }
    out->channels = (int)width;
    return add_node(&out->value, &node, r, PLD_OP_SLICE, "slice", in, 4);
}

static pld_status add_route(layer *out, reader *r, const section *s)
{
    const layer *from[MOST_PARTS];
    int n, in[MOST_PARTS], node;
    PLD_TRY(find_layers(from, &n, r, s, "layers"));
    *out = *from[0];
    out->channels = 0;
    for (int i = 0; i < n; i++) {
        if (from[i]->height != out->height || from[i]->width != out->width)
            return pld_darknet_fail(&r->cfg, s, "maps of %d x %d and %d x %d", out->width,
                                    out->height, from[i]->width, from[i]->height);
        out->channels += from[i]->channels;
        in[i] = from[i]->value;
    }
    if (out->channels > MOST_CHANNELS * 4)
        return pld_darknet_fail(&r->cfg, s, "%d channels", out->channels);
    if (n > 1) {
        PLD_TRY(add_node(&out->value, &node, r, PLD_OP_CONCAT, "route", in, n));
        PLD_TRY(pld_node_set_int(r->graph, node, "axis", 1));
    }
    return take_group(out, r, s);
}

/* Adds (shortcut) or multiplies (sam, scale_channels) with another layer of the same channels. */
static pld_status join(layer *out, reader *r, const section *s, enum pld_op op, const char *what)
{
    const layer *from[MOST_PARTS];
    int n;
    PLD_TRY(find_layers(from, &n, r, s, "from"));
    for (int i = 0; i < n; i++) {
        bool gate = op == PLD_OP_MUL && out->height == 1 && out->width == 1;
        bool same = from[i]->height == out->height && from[i]->width == out->width;
        if (from[i]->channels != out->channels || (!same && !gate))
            return pld_darknet_fail(&r->cfg, s, "maps of %d x %d x %d and %d x %d x %d",
                                    out->channels, out->height, out->width, from[i]->channels,
                                    from[i]->height, from[i]->width);
        out->height = from[i]->height;
        out->width = from[i]->width;
        /* Later ones get a name of their own through their position. */
        const char *name = i ? pld_arena_printf(&r->graph->arena, "%s_%d", what, i) : what;
        if (!name) return PLD_EDEVICE;
        PLD_TRY(add_plain(&out->value, r, op, name, (int[]){from[i]->value, out->value}, 2));
    }
    return add_activation(&out->value, r, s, "linear");
}

static pld_status add_shortcut(layer *out, reader *r, const section *s)
{
    return join(out, r, s, PLD_OP_ADD, "shortcut");
}

static pld_status add_product(layer *out, reader *r, const section *s)
{
    return join(out, r, s, PLD_OP_MUL, "scale");
}

static pld_status add_avgpool(layer *out, reader *r, const section *s)
{
    (void)s;
    out->height = out->width = 1;
    return add_plain(&out->value, r, PLD_OP_GLOBAL_AVERAGE_POOL, "avgpool", (int[]){out->value}, 1);
}

/* Dropout does nothing at inference. */
static pld_status add_nothing(layer *out, reader *r, const section *s)
{
    (void)out;
    (void)r;
    (void)s;
    return PLD_OK;
}

/* The map that is decoded outside becomes an output of the graph. */
static pld_status add_yolo(layer *out, reader *r, const section *s)
{
    int new_coords;
    PLD_TRY(pld_darknet_int(&new_coords, &r->cfg, s, "new_coords", 0, 0, 1));
    if (new_coords) return pld_darknet_fail(&r->cfg, s, "new_coords=1 is not supported");
    if (pld_graph_is_output(r->graph, out->value))
        return pld_darknet_fail(&r->cfg, s, "the same map a second time");
    return pld_graph_add_output(r->graph, out->value);
}

pld_status pld_darknet_add_layer(layer *out, reader *r, const section *s)
{
    static const struct {
        const char *kind;
        pld_status (*add)(layer *out, reader *r, const section *s);
    } kinds[] = {
        {"convolutional", add_convolutional},
        {"conv", add_convolutional},
        {"maxpool", add_maxpool},
        {"max", add_maxpool},
        {"upsample", add_upsample},
        {"route", add_route},
        {"shortcut", add_shortcut},
        {"sam", add_product},
        {"scale_channels", add_product},
        {"avgpool", add_avgpool},
        {"avg", add_avgpool},
        {"dropout", add_nothing},
        {"yolo", add_yolo},
    };
    if (out->value == PLD_NONE && strcmp(s->kind, "route") != 0)
        return pld_darknet_fail(&r->cfg, s, "nothing comes before this layer");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].kind, s->kind) == 0) return kinds[i].add(out, r, s);
    return pld_darknet_fail(&r->cfg, s, "this kind of layer is not supported");
}
