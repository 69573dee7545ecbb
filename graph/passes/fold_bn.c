/* y = scale (x - mean) / sqrt(var + eps) + b after a linear node is the same linear node with
 * scaled weights. The arithmetic is double, so that the fold costs one rounding a weight. */
#include <math.h>
#include <string.h>

#include "graph/passes.h"
#include "graph/passes/pass.h"

struct affine {
    int64_t n;
    double *scale, *shift; /* per channel */
};

static const float *f32_constant(const struct pld_graph *graph, const struct pld_node *node, int i)
{
    if (i >= node->n_in || node->in[i] == PLD_NONE) return NULL;
    const struct pld_value *value = &graph->values[node->in[i]];
    return value->desc.dtype == PLD_F32 ? value->data : NULL;
}

static bool read_norm(struct affine *a, const struct pld_graph *graph, const struct pld_node *bn)
{
    const float *p[5];
    for (int i = 1; i < 5; i++)
        if (!(p[i] = f32_constant(graph, bn, i))) return false;
    for (int64_t c = 0; c < a->n; c++) {
        a->scale[c] = p[1][c] / sqrt((double)p[4][c] + bn->params.norm.epsilon);
        a->shift[c] = p[2][c] - p[3][c] * a->scale[c];
    }
    return true;
}

/* Elements from one channel to the next (0: one number for all) of a constant operand that varies
 * along the channels at most; -1 for any other. */
static int64_t channel_step(const struct pld_shape *constant, const struct pld_shape *out)
{
    int64_t step = 0;
    if (constant->rank > out->rank) return -1;
    for (int k = 0; k < constant->rank; k++) {
        int axis = k + out->rank - constant->rank;
        if (constant->dim[k] == 1) continue;
        if (axis != 1 || constant->dim[k] != out->dim[1]) return -1;
        step = 1;
    }
    return step;
}

/* x op c, or c op x, with a constant c. */
static bool read_binary(struct affine *a, const struct pld_graph *graph,
                        const struct pld_node *node, int x)
{
    const float *c = f32_constant(graph, node, 1 - x);
    if (!c || (node->op == PLD_OP_DIV && x != 0)) return false;
    int64_t step = channel_step(&graph->values[node->in[1 - x]].desc.shape,
                                &graph->values[node->out[0]].desc.shape);
    if (step < 0) return false;
    for (int64_t i = 0; i < a->n; i++) {
        double k = c[i * step];
        bool plus = node->op == PLD_OP_ADD, minus = node->op == PLD_OP_SUB;
        a->scale[i] = plus ? 1 : minus ? (x == 0 ? 1 : -1) : node->op == PLD_OP_MUL ? k : 1 / k;
        a->shift[i] = plus ? k : minus ? (x == 0 ? -k : k) : 0;
    }
    return true;
}

/* A node that follows a linear one as a scale and a shift of each channel; false when it is not
 * one, or not with finite numbers. */
static bool read_affine(struct affine *a, const struct pld_graph *graph,
                        const struct pld_node *node, int x)
{
    bool good =
        node->op == PLD_OP_BATCH_NORM ? read_norm(a, graph, node) : read_binary(a, graph, node, x);
    for (int64_t c = 0; c < a->n && good; c++)
        good = isfinite(a->scale[c]) && isfinite(a->shift[c]);
    return good;
}

/* Output channel of each weight: the tensor is outer x channels x inner, for each group. */
struct weight_order {
    int64_t groups, outer, channels, inner;
};

static bool order_of(struct weight_order *o, const struct pld_graph *graph,
                     const struct pld_node *node, int64_t n)
{
    const struct pld_shape *w = &graph->values[node->in[1]].desc.shape;
    int64_t count = pld_shape_count(w), group;
    switch (node->op) {
    case PLD_OP_CONV: /* M first */
        *o = (struct weight_order){1, 1, n, n ? count / n : 0};
        break;
    case PLD_OP_CONV_TRANSPOSE: /* C, M/group, ...: the rows of a group make its channels */
        group = node->params.conv.group;
        *o = (struct weight_order){group, w->dim[0] / group, w->dim[1], 1};
        for (int i = 2; i < w->rank; i++)
            o->inner *= w->dim[i];
        break;
    case PLD_OP_GEMM:
        if (w->rank != 2) return false;
        *o = node->params.gemm.trans_b ? (struct weight_order){1, 1, w->dim[0], w->dim[1]}
                                       : (struct weight_order){1, w->dim[0], w->dim[1], 1};
        break;
    default:
        return false;
    }
    return o->groups * o->channels == n && o->groups * o->outer * o->channels * o->inner == count;
}

static void scale_weights(float *out, const float *in, const struct weight_order *o,
                          const struct affine *a)
{
    for (int64_t g = 0; g < o->groups; g++)
        for (int64_t r = 0; r < o->outer; r++)
            for (int64_t c = 0; c < o->channels; c++)
                for (int64_t i = 0; i < o->inner; i++, in++, out++)
                    *out = (float)(*in * a->scale[g * o->channels + c]);
}

/* A constant derived from `old` (PLD_NONE: from nothing that was stored). */
static int derive(struct pld_graph *graph, int old, const char *name, const struct pld_desc *desc)
{
    int v = pld_graph_add_constant(graph, name, desc, NULL);
    if (v == PLD_NONE) return PLD_NONE;
    graph->values[v].initializer = false;
    if (old != PLD_NONE)
        graph->values[v].origin =
            graph->values[old].origin != PLD_NONE ? graph->values[old].origin : old;
    return v;
}

static pld_status new_weights(int *out, struct pld_graph *graph, const struct pld_node *node,
                              const struct weight_order *order, const struct affine *a)
{
    int old = node->in[1];
    struct pld_desc desc = graph->values[old].desc;
    *out = derive(graph, old, graph->values[old].name, &desc);
    if (*out == PLD_NONE) return PLD_EDEVICE;
    scale_weights((float *)(uintptr_t)graph->values[*out].data, graph->values[old].data, order, a);
    return PLD_OK;
}

/* `factor` is Gemm's beta, which the new bias contains. */
static pld_status new_bias(int *out, struct pld_graph *graph, const struct pld_node *node,
                           const struct affine *a, double factor)
{
    int old = node->n_in > 2 ? node->in[2] : PLD_NONE;
    struct pld_desc desc = {.dtype = PLD_F32, .shape = pld_shape_of(1, &a->n)};
    const char *name = old == PLD_NONE ? pld_arena_printf(&graph->arena, "%s.bias", node->name)
                                       : graph->values[old].name;
    if (!name) return PLD_EDEVICE;
    *out = derive(graph, old, name, &desc);
    if (*out == PLD_NONE) return PLD_EDEVICE;
    float *to = (float *)(uintptr_t)graph->values[*out].data;
    const float *from = old == PLD_NONE ? NULL : graph->values[old].data;
    bool one = from && pld_shape_count(&graph->values[old].desc.shape) == 1;
    for (int64_t c = 0; c < a->n; c++)
        to[c] = (float)((from ? factor * from[one ? 0 : c] : 0) * a->scale[c] + a->shift[c]);
    return PLD_OK;
}

/* Is the bias absent, or a constant of one number for each channel (or for all)? */
static bool plain_bias(const struct pld_graph *graph, const struct pld_node *node, int64_t n)
{
    if (node->n_in < 3 || node->in[2] == PLD_NONE) return true;
    if (!f32_constant(graph, node, 2)) return false;
    const struct pld_shape *shape = &graph->values[node->in[2]].desc.shape;
    int64_t count = pld_shape_count(shape);
    return count == 1 || (count == n && shape->rank > 0 && shape->dim[shape->rank - 1] == n);
}

static pld_status attach(struct pld_graph *graph, struct pld_node *node, int weights, int bias)
{
    int *in = pld_arena_array(&graph->arena, 3, sizeof *in);
    if (!in) return PLD_EDEVICE;
    in[0] = node->in[0];
    in[1] = weights;
    in[2] = bias;
    node->in = in;
    node->n_in = node->n_data = 3;
    if (node->op == PLD_OP_GEMM) node->params.gemm.beta = 1;
    return PLD_OK;
}

static bool linear(const struct pld_node *node)
{
    switch (node->op) {
    case PLD_OP_CONV:
    case PLD_OP_CONV_TRANSPOSE:
        return node->params.conv.act.op == -1;
    case PLD_OP_GEMM:
        return true;
    default:
        return false;
    }
}

static pld_status fold(struct pld_graph *graph, int producer, int next, int x)
{
    const struct pld_shape *shape = &graph->values[graph->nodes[producer].out[0]].desc.shape;
    struct pld_node *node = &graph->nodes[producer];
    struct pld_arena arena = {0};
    struct affine a = {.n = shape->dim[1]};
    struct weight_order order;
    pld_status status = PLD_OK;
    int weights, bias;
    a.scale = pld_arena_array(&arena, (size_t)a.n, sizeof *a.scale);
    a.shift = pld_arena_array(&arena, (size_t)a.n, sizeof *a.shift);
    if (!a.scale || !a.shift)
        status = PLD_EDEVICE;
    else if (f32_constant(graph, node, 1) && plain_bias(graph, node, a.n) &&
             order_of(&order, graph, node, a.n) && read_affine(&a, graph, &graph->nodes[next], x)) {
        double factor = node->op == PLD_OP_GEMM ? (double)node->params.gemm.beta : 1;
        status = new_weights(&weights, graph, node, &order, &a);
        if (status == PLD_OK) status = new_bias(&bias, graph, node, &a, factor);
        if (status == PLD_OK) status = attach(graph, node, weights, bias);
        if (status == PLD_OK) pld_absorb(graph, producer, next);
    }
    pld_arena_release(&arena);
    return status;
}

/* Which input of a node is scaled and shifted; -1 when it does no such thing. */
static int scaled_input(const struct pld_graph *graph, const struct pld_node *node)
{
    if (!pld_node_live(node)) return -1;
    switch (node->op) {
    case PLD_OP_BATCH_NORM:
        return 0;
    case PLD_OP_MUL:
    case PLD_OP_ADD:
    case PLD_OP_SUB:
    case PLD_OP_DIV:
        if (node->n_in != 2) return -1;
        return graph->values[node->in[0]].data ? 1 : 0;
    default:
        return -1;
    }
}

pld_status pld_pass_fold_bn(struct pld_graph *graph)
{
    struct pld_readers readers;
    PLD_TRY(pld_readers_init(&readers, graph));
    pld_status status = PLD_OK;
    for (int i = 0; i < graph->n_nodes && status == PLD_OK; i++) {
        const struct pld_node *next = &graph->nodes[i];
        int x = scaled_input(graph, next);
        if (x < 0 || next->in[x] == PLD_NONE) continue;
        const struct pld_value *value = &graph->values[next->in[x]];
        if (value->producer == PLD_NONE || pld_sole_reader(&readers, next->in[x]) != i) continue;
        if (!pld_shape_equal(&value->desc.shape, &graph->values[next->out[0]].desc.shape)) continue;
        const struct pld_node *node = &graph->nodes[value->producer];
        if (pld_node_live(node) && linear(node)) status = fold(graph, value->producer, i, x);
    }
    pld_readers_release(&readers);
    return status;
}
