/* The table of operator descriptors, made from backend/op.def, and what infer() functions share. */
#include "graph/op_desc.h"

#include <stdio.h>
#include <string.h>

#include "backend/element.h"
#include "graph/ops/ops.h"

static const struct pld_op_desc *const table[PLD_OP_COUNT] = {
#define PLD_OP(id, onnx, file) [PLD_OP_##id] = &pld_opdesc_##id,
#include "backend/op.def"
#undef PLD_OP
};

const struct pld_op_desc *pld_op_describe(enum pld_op op)
{
    return table[op];
}

pld_status pld_op_fail(const struct pld_node *node, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return pld_fail(PLD_EMODEL, node->name, "%s: %s", pld_op_name((enum pld_op)node->op), text);
}

void pld_op_begin(struct pld_node *node, int data)
{
    memset(&node->params, 0, sizeof node->params);
    node->n_data = data < node->n_in ? data : node->n_in;
    while (node->n_data > 0 && node->in[node->n_data - 1] == PLD_NONE)
        node->n_data--;
}

int pld_op_in(const struct pld_node *node, int i)
{
    return i < node->n_in ? node->in[i] : PLD_NONE;
}

int pld_op_out(const struct pld_node *node, int i)
{
    return i < node->n_out ? node->out[i] : PLD_NONE;
}

const struct pld_value *pld_op_in_value(const struct pld_graph *graph, const struct pld_node *node,
                                        int i)
{
    int v = pld_op_in(node, i);
    return v == PLD_NONE ? NULL : &graph->values[v];
}

bool pld_op_is_constant(const struct pld_value *value)
{
    if (value->data) return true;
    /* Nothing is stored for no elements. */
    return (value->initializer || value->inferred) && pld_shape_count(&value->desc.shape) == 0;
}

pld_status pld_op_wait_for(const struct pld_graph *graph, const struct pld_node *node, int i)
{
    const struct pld_value *value = pld_op_in_value(graph, node, i);
    if (!value || pld_op_is_constant(value)) return PLD_OK;
    return pld_fail(PLD_EINCOMPLETE, node->name, "%s: input %d, %s, must be a constant",
                    pld_op_name((enum pld_op)node->op), i, value->name);
}

pld_status pld_op_output_unused(const struct pld_graph *graph, const struct pld_node *node, int i,
                                const char *what)
{
    int v = pld_op_out(node, i);
    if (v == PLD_NONE) return PLD_OK;
    bool used = pld_graph_is_output(graph, v);
    for (int k = 0; k < graph->n_nodes && !used; k++)
        for (int j = 0; j < graph->nodes[k].n_in; j++)
            used |= graph->nodes[k].in[j] == v;
    if (used) return pld_op_fail(node, "the optional output %s is not supported", what);
    return PLD_OK;
}

pld_status pld_infer_input(const struct pld_desc **out, const struct pld_graph *graph,
                           const struct pld_node *node, int i)
{
    const struct pld_value *v = pld_op_in_value(graph, node, i);
    if (!v) return pld_op_fail(node, "input %d is missing", i);
    if (!v->inferred && !v->initializer && !v->data)
        return pld_op_fail(node, "the shape of input %d, %s, is not known", i, v->name);
    *out = &v->desc;
    return PLD_OK;
}

/* Finds the elements of constant input i; *v = NULL when the input is absent. */
static pld_status constant_input(const struct pld_value **v, const struct pld_graph *graph,
                                 const struct pld_node *node, int i, int max)
{
    *v = pld_op_in_value(graph, node, i);
    if (!*v) return PLD_OK;
    PLD_TRY(pld_op_wait_for(graph, node, i));
    if ((*v)->desc.shape.rank > 1 || pld_shape_count(&(*v)->desc.shape) > max)
        return pld_op_fail(node, "input %d, %s, must be a list of at most %d", i, (*v)->name, max);
    return PLD_OK;
}

pld_status pld_infer_ints(int64_t *out, int *n, int max, const struct pld_graph *graph,
                          const struct pld_node *node, int i)
{
    const struct pld_value *v;
    *n = -1;
    PLD_TRY(constant_input(&v, graph, node, i, max));
    if (!v) return PLD_OK;
    if (pld_dtype_is_float(v->desc.dtype) || v->desc.dtype == PLD_BOOL)
        return pld_op_fail(node, "input %d, %s, is %s instead of an integer", i, v->name,
                           pld_dtype_name(v->desc.dtype));
    *n = (int)pld_shape_count(&v->desc.shape);
    for (int k = 0; k < *n; k++)
        out[k] = pld_load_int(v->desc.dtype, v->data, k);
    return PLD_OK;
}

pld_status pld_infer_floats(float *out, int *n, int max, const struct pld_graph *graph,
                            const struct pld_node *node, int i)
{
    const struct pld_value *v;
    *n = -1;
    PLD_TRY(constant_input(&v, graph, node, i, max));
    if (!v) return PLD_OK;
    *n = (int)pld_shape_count(&v->desc.shape);
    for (int k = 0; k < *n; k++)
        out[k] = (float)pld_load(v->desc.dtype, v->data, k);
    return PLD_OK;
}

pld_status pld_infer_output(struct pld_graph *graph, const struct pld_node *node, int i,
                            enum pld_dtype dtype, const struct pld_shape *shape)
{
    int v = pld_op_out(node, i);
    if (v == PLD_NONE) return PLD_OK;
    PLD_TRY(pld_shape_check(shape, node->name));
    struct pld_value *value = &graph->values[v];
    value->desc = (struct pld_desc){.dtype = dtype, .layout = PLD_ROW_MAJOR, .shape = *shape};
    value->inferred = true;
    return PLD_OK;
}

pld_status pld_infer_axis(int64_t *axis, int rank, bool inclusive, const struct pld_node *node)
{
    int64_t a = *axis < 0 ? *axis + rank : *axis;
    if (a < 0 || a > rank || (a == rank && !inclusive))
        return pld_op_fail(node, "axis %lld is out of range for rank %d", (long long)*axis, rank);
    *axis = a;
    return PLD_OK;
}

/* Reads `n` integers within lo..limit from an attribute; absent: the values stay. */
static pld_status window_ints(int64_t *out, int n, const struct pld_node *node, const char *name,
                              int64_t lo)
{
    const int64_t limit = 1 << 20; /* products with an axis stay far from overflow */
    const struct pld_attr *attr = pld_node_attr(node, name);
    if (!attr) return PLD_OK;
    if (attr->type != PLD_ATTR_INTS || attr->n != n)
        return pld_op_fail(node, "attribute %s must be a list of %d integers", name, n);
    for (int i = 0; i < n; i++) {
        if (attr->ints[i] < lo || attr->ints[i] > limit)
            return pld_op_fail(node, "attribute %s has the value %lld", name,
                               (long long)attr->ints[i]);
        out[i] = attr->ints[i];
    }
    return PLD_OK;
}

/* Pads that make the output ceil(in / stride); the odd cell goes to the end, or the begin. */
static void pad_same(struct pld_window *w, int axis, int64_t in, bool lower)
{
    int64_t out = (in + w->stride[axis] - 1) / w->stride[axis];
    int64_t extent = w->dilation[axis] * (w->kernel[axis] - 1) + 1;
    int64_t total = (out - 1) * w->stride[axis] + extent - in;
    if (total < 0) total = 0;
    w->pad_begin[axis] = lower ? total - total / 2 : total / 2;
    w->pad_end[axis] = total - w->pad_begin[axis];
}

/* Puts a list in the order of the tensor's axes into the order of a window's. */
static void scatter(int64_t *out, const int64_t *list, int spatial)
{
    for (int k = 0; k < spatial; k++)
        out[pld_window_axis(spatial, k)] = list[k];
}

static pld_status window_list(int64_t *out, int spatial, const struct pld_node *node,
                              const char *name)
{
    int64_t list[PLD_MAX_SPATIAL];
    for (int k = 0; k < spatial; k++)
        list[k] = out[pld_window_axis(spatial, k)];
    PLD_TRY(window_ints(list, spatial, node, name, 1));
    scatter(out, list, spatial);
    return PLD_OK;
}

pld_status pld_infer_window(struct pld_window *window, const struct pld_node *node, int spatial,
                            const int64_t *in)
{
    if (spatial < 1 || spatial > PLD_MAX_SPATIAL)
        return pld_op_fail(node, "%d spatial axes; 1 to %d are supported", spatial,
                           PLD_MAX_SPATIAL);
    for (int i = 0; i < PLD_MAX_SPATIAL; i++) {
        window->stride[i] = window->dilation[i] = 1;
        window->pad_begin[i] = window->pad_end[i] = 0;
        if (!window->kernel[i]) window->kernel[i] = 1;
    }
    PLD_TRY(window_list(window->kernel, spatial, node, "kernel_shape"));
    PLD_TRY(window_list(window->stride, spatial, node, "strides"));
    PLD_TRY(window_list(window->dilation, spatial, node, "dilations"));

    const char *mode = pld_node_string(node, "auto_pad", "NOTSET");
    if (strcmp(mode, "VALID") == 0) return PLD_OK;
    if (strcmp(mode, "SAME_UPPER") == 0 || strcmp(mode, "SAME_LOWER") == 0) {
        for (int k = 0; k < spatial; k++)
            pad_same(window, pld_window_axis(spatial, k), in[k], mode[5] == 'L');
        return PLD_OK;
    }
    if (strcmp(mode, "NOTSET") != 0 && mode[0])
        return pld_op_fail(node, "unknown auto_pad %s", mode);
    int64_t pads[2 * PLD_MAX_SPATIAL] = {0};
    PLD_TRY(window_ints(pads, 2 * spatial, node, "pads", 0));
    scatter(window->pad_begin, pads, spatial);
    scatter(window->pad_end, pads + spatial, spatial);
    return PLD_OK;
}

pld_status pld_op_ints(int64_t *out, int *n, int max, const struct pld_graph *graph,
                       const struct pld_node *node, int i, const char *attr)
{
    if (i >= 0 && pld_op_in(node, i) != PLD_NONE)
        return pld_infer_ints(out, n, max, graph, node, i);
    const struct pld_attr *a = attr ? pld_node_attr(node, attr) : NULL;
    *n = -1;
    if (!a) return PLD_OK;
    if (a->type != PLD_ATTR_INTS || a->n > max)
        return pld_op_fail(node, "attribute %s must be a list of at most %d integers", attr, max);
    *n = a->n;
    for (int k = 0; k < a->n; k++)
        out[k] = a->ints[k];
    return PLD_OK;
}

pld_status pld_op_axes(uint32_t *mask, bool *given, int rank, const struct pld_graph *graph,
                       const struct pld_node *node, int i)
{
    int64_t axes[PLD_MAX_RANK];
    int n;
    *mask = 0;
    PLD_TRY(pld_op_ints(axes, &n, PLD_MAX_RANK, graph, node, i, "axes"));
    *given = n > 0;
    for (int k = 0; k < n; k++) {
        PLD_TRY(pld_infer_axis(&axes[k], rank, false, node));
        if (*mask >> axes[k] & 1)
            return pld_op_fail(node, "axis %lld is given twice", (long long)axes[k]);
        *mask |= 1u << axes[k];
    }
    return PLD_OK;
}

pld_status pld_op_infer_same(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x = NULL;
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    struct pld_shape shape = x->shape;
    return pld_infer_output(graph, node, 0, x->dtype, &shape);
}

pld_status pld_op_constant_output(void **data, struct pld_graph *graph, const struct pld_node *node,
                                  int i, enum pld_dtype dtype, const struct pld_shape *shape)
{
    const int64_t limit = INT64_C(1) << 28; /* a shape list of a broken file must not fill memory */
    PLD_TRY(pld_shape_check(shape, node->name));
    int64_t n = pld_shape_count(shape);
    if (n > limit)
        return pld_op_fail(node, "a constant of %lld elements is too large", (long long)n);
    *data = pld_arena_array(&graph->arena, (size_t)(n ? n : 1), pld_dtype_size(dtype));
    if (!*data) return PLD_EDEVICE;
    PLD_TRY(pld_infer_output(graph, node, i, dtype, shape));
    int v = pld_op_out(node, i);
    if (v != PLD_NONE) graph->values[v].data = *data;
    return PLD_OK;
}

int64_t pld_op_macs(int64_t a, int64_t b)
{
    const int64_t cap = INT64_C(1) << 50;
    int64_t n;
    return __builtin_mul_overflow(a, b, &n) || n > cap ? cap : n;
}
