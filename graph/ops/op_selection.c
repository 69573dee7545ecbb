/* NonZero, Compress and Unique: how much they find depends on the data, so they are computed here
 * once their inputs are known (graph/tail.h), and their outputs are constants. */
#include <stdlib.h>
#include <string.h>

#include "backend/element.h"
#include "graph/ops/ops.h"

/* Strides of a row-major tensor. */
static void strides_of(int64_t *stride, const struct pld_shape *shape)
{
    const struct pld_desc desc = {.shape = *shape};
    pld_desc_strides(stride, &desc);
}

static pld_status infer_non_zero(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    void *data;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_op_wait_for(graph, node, 0));
    const void *from = graph->values[node->in[0]].data;
    const struct pld_shape shape = x->shape;
    const enum pld_dtype dtype = x->dtype;
    int64_t stride[PLD_MAX_RANK], found = 0, total = pld_shape_count(&shape);
    strides_of(stride, &shape);
    for (int64_t i = 0; i < total; i++)
        found += pld_load(dtype, from, i) != 0;
    struct pld_shape out = {2, {shape.rank, found}};
    PLD_TRY(pld_op_constant_output(&data, graph, node, 0, PLD_I64, &out));
    for (int64_t i = 0, n = 0; i < total; i++) {
        if (pld_load(dtype, from, i) == 0) continue;
        for (int a = 0; a < shape.rank; a++)
            ((int64_t *)data)[a * found + n] = i / stride[a] % shape.dim[a];
        n++;
    }
    return PLD_OK;
}

/* Copies slices of `x`, a row-major constant cut along `axis`: out[k] = x[pick[k]]. */
static void copy_slices(void *out, const struct pld_value *x, int axis, const int64_t *pick,
                        int64_t n)
{
    const struct pld_shape *shape = &x->desc.shape;
    int64_t outer = 1, size = shape->dim[axis];
    size_t inner = pld_dtype_size(x->desc.dtype);
    for (int a = 0; a < axis; a++)
        outer *= shape->dim[a];
    for (int a = axis + 1; a < shape->rank; a++)
        inner *= (size_t)shape->dim[a];
    for (int64_t o = 0; o < outer; o++)
        for (int64_t k = 0; k < n; k++)
            memcpy((char *)out + (size_t)(o * n + k) * inner,
                   (const char *)x->data + (size_t)(o * size + pick[k]) * inner, inner);
}

/* The input of node as it is cut along `axis`; without the attribute as a flat list. */
static pld_status sliced_input(struct pld_value *x, int64_t *axis, const struct pld_graph *graph,
                               const struct pld_node *node)
{
    *x = graph->values[node->in[0]];
    *axis = pld_node_int(node, "axis", 0);
    if (!pld_node_attr(node, "axis"))
        x->desc.shape = (struct pld_shape){1, {pld_shape_count(&x->desc.shape)}};
    return pld_infer_axis(axis, x->desc.shape.rank, false, node);
}

static pld_status infer_compress(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *given, *condition;
    struct pld_value x;
    int64_t axis, n = 0;
    void *data;
    pld_op_begin(node, 2);
    PLD_TRY(pld_infer_input(&given, graph, node, 0));
    PLD_TRY(pld_infer_input(&condition, graph, node, 1));
    if (condition->dtype != PLD_BOOL || condition->shape.rank != 1)
        return pld_op_fail(node, "the condition must be a list of bool");
    for (int i = 0; i < 2; i++)
        PLD_TRY(pld_op_wait_for(graph, node, i));
    PLD_TRY(sliced_input(&x, &axis, graph, node));
    int64_t size = x.desc.shape.dim[axis], asked = condition->shape.dim[0];
    if (asked > size)
        return pld_op_fail(node, "%lld conditions for %lld elements", (long long)asked,
                           (long long)size);
    const uint8_t *keep = graph->values[node->in[1]].data;
    int64_t *pick = pld_arena_array(&graph->arena, (size_t)asked + 1, sizeof *pick);
    if (!pick) return PLD_EDEVICE;
    for (int64_t i = 0; i < asked; i++)
        if (keep[i]) pick[n++] = i;
    struct pld_shape out = x.desc.shape;
    out.dim[axis] = n;
    PLD_TRY(pld_op_constant_output(&data, graph, node, 0, x.desc.dtype, &out));
    copy_slices(data, &x, (int)axis, pick, n);
    return PLD_OK;
}

/* ---- Unique ---- */

struct slices {
    struct pld_value x;
    int axis;
    int64_t n, *order; /* slices, sorted */
    int64_t *group;    /* [n] of slice i: which distinct one it is */
    int64_t *first;    /* [distinct] slice that shows it first */
    int64_t *rank;     /* [distinct] its place in the output */
    int64_t *count;
    int64_t distinct;
};

static int compare_slices(const struct slices *s, int64_t a, int64_t b)
{
    const struct pld_shape *shape = &s->x.desc.shape;
    enum pld_dtype dtype = s->x.desc.dtype;
    int64_t inner = 1, outer = 1, size = shape->dim[s->axis];
    for (int i = 0; i < shape->rank; i++)
        *(i < s->axis ? &outer : &inner) *= i == s->axis ? 1 : shape->dim[i];
    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < inner; i++) {
            double u = pld_load(dtype, s->x.data, (o * size + a) * inner + i);
            double v = pld_load(dtype, s->x.data, (o * size + b) * inner + i);
            if (u != v) return u < v ? -1 : 1;
        }
    return 0;
}

static int by_value(const void *a, const void *b, void *context)
{
    int64_t i = *(const int64_t *)a, k = *(const int64_t *)b;
    int order = compare_slices(context, i, k);
    return order ? order : (i > k) - (i < k);
}

static int by_first(const void *a, const void *b, void *context)
{
    const struct slices *s = context;
    int64_t i = s->first[*(const int64_t *)a], k = s->first[*(const int64_t *)b];
    return (i > k) - (i < k);
}

/* Equal slices stand side by side in the sorted order, the earliest first. */
static void find_groups(struct slices *s, bool sorted)
{
    for (int64_t i = 0; i < s->n; i++)
        s->order[i] = i;
    qsort_r(s->order, (size_t)s->n, sizeof *s->order, by_value, s);
    for (int64_t i = 0; i < s->n; i++) {
        if (i == 0 || compare_slices(s, s->order[i - 1], s->order[i]) != 0)
            s->first[s->distinct++] = s->order[i];
        s->group[s->order[i]] = s->distinct - 1;
        s->count[s->distinct - 1]++;
    }
    for (int64_t g = 0; g < s->distinct; g++)
        s->order[g] = g;
    if (!sorted) qsort_r(s->order, (size_t)s->distinct, sizeof *s->order, by_first, s);
    for (int64_t k = 0; k < s->distinct; k++)
        s->rank[s->order[k]] = k;
}

/* Outputs: the distinct slices, where each came first, which one each slice is, how many there are
 * of each. */
static pld_status write_unique(struct pld_graph *graph, struct pld_node *node,
                               const struct slices *s)
{
    struct pld_shape out = s->x.desc.shape, distinct = {1, {s->distinct}}, all = {1, {s->n}};
    void *y, *first, *inverse, *count;
    out.dim[s->axis] = s->distinct;
    PLD_TRY(pld_op_constant_output(&y, graph, node, 0, s->x.desc.dtype, &out));
    PLD_TRY(pld_op_constant_output(&first, graph, node, 1, PLD_I64, &distinct));
    PLD_TRY(pld_op_constant_output(&inverse, graph, node, 2, PLD_I64, &all));
    PLD_TRY(pld_op_constant_output(&count, graph, node, 3, PLD_I64, &distinct));
    for (int64_t k = 0; k < s->distinct; k++) {
        ((int64_t *)first)[k] = s->first[s->order[k]];
        ((int64_t *)count)[k] = s->count[s->order[k]];
    }
    for (int64_t i = 0; i < s->n; i++)
        ((int64_t *)inverse)[i] = s->rank[s->group[i]];
    copy_slices(y, &s->x, s->axis, first, s->distinct);
    return PLD_OK;
}

static pld_status infer_unique(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *given;
    struct slices s = {.n = 0};
    int64_t axis;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&given, graph, node, 0));
    PLD_TRY(pld_op_wait_for(graph, node, 0));
    PLD_TRY(sliced_input(&s.x, &axis, graph, node));
    s.axis = (int)axis;
    s.n = s.x.desc.shape.dim[axis];
    if (s.n > 1 << 24) return pld_op_fail(node, "more than %d elements", 1 << 24);
    int64_t *room = pld_arena_array(&graph->arena, (size_t)s.n + 1, 5 * sizeof *room);
    if (!room) return PLD_EDEVICE;
    s.order = room;
    s.group = room + s.n;
    s.first = room + 2 * s.n;
    s.rank = room + 3 * s.n;
    s.count = room + 4 * s.n;
    find_groups(&s, pld_node_int(node, "sorted", 1) != 0);
    return write_unique(graph, node, &s);
}

const struct pld_op_desc pld_opdesc_NON_ZERO = {infer_non_zero, NULL, pld_op_channels_none,
                                                PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_COMPRESS = {infer_compress, NULL, pld_op_channels_none,
                                                PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_UNIQUE = {infer_unique, NULL, pld_op_channels_none,
                                              PLD_LAYOUT_ROWS};
