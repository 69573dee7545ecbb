/* LayerNormalization, InstanceNormalization, GroupNormalization, MeanVarianceNormalization:
 * scale (x - mean) / sqrt(variance + epsilon) + bias; LpNormalization: x / norm. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    const struct pld_desc *x = &sig->in[0];
    if (!pld_dtype_is_float(x->dtype) || sig->out[0].dtype != x->dtype) return false;
    return sig->params->norm.groups == 0 || x->shape.rank < PLD_MAX_RANK;
}

/* Axes of the input with, where there are groups, axis 1 as two: group, channel in the group. */
struct view {
    struct pld_shape rest, span; /* what stays, and what is normalised */
    int64_t x[PLD_MAX_RANK], y[PLD_MAX_RANK], scale[PLD_MAX_RANK], bias[PLD_MAX_RANK]; /* strides */
    int64_t statistics[PLD_MAX_RANK];
};

/* Cuts axis 1 of `stride` in two. */
static void split_channels(int64_t *stride, int rank, int64_t in_group)
{
    for (int i = rank; i > 1; i--)
        stride[i] = stride[i - 1];
    stride[1] *= in_group;
}

/* A list has an entry for each channel, or one for each group. */
static void list_strides(int64_t *stride, const struct pld_cpu_tensor *list, int64_t groups,
                         int64_t in_group)
{
    memset(stride, 0, PLD_MAX_RANK * sizeof *stride);
    bool by_channel = list->count == groups * in_group;
    stride[1] = by_channel ? in_group : 1;
    stride[2] = by_channel;
}

static void grouped_view(struct view *v, const struct pld_cpu_plan *plan)
{
    const struct pld_cpu_tensor *x = &plan->in[0];
    int64_t groups = plan->params.norm.groups, in_group = x->desc.shape.dim[1] / groups;
    int rank = x->desc.shape.rank;
    v->rest = v->span = (struct pld_shape){rank + 1, {1, 1, in_group}};
    v->rest.dim[0] = x->desc.shape.dim[0];
    v->rest.dim[1] = groups;
    v->rest.dim[2] = 1;
    for (int i = 2; i < rank; i++) {
        v->rest.dim[i + 1] = 1;
        v->span.dim[i + 1] = x->desc.shape.dim[i];
    }
    split_channels(v->x, rank, in_group);
    split_channels(v->y, rank, in_group);
    if (plan->n_in > 1) list_strides(v->scale, &plan->in[1], groups, in_group);
    if (plan->n_in > 2) list_strides(v->bias, &plan->in[2], groups, in_group);
}

static void make_view(struct view *v, const struct pld_cpu_plan *plan)
{
    const struct pld_cpu_tensor *x = &plan->in[0];
    const struct pld_shape *shape = &x->desc.shape;
    *v = (struct view){.rest = *shape, .span = *shape};
    memcpy(v->x, x->stride, sizeof v->x);
    memcpy(v->y, plan->out[0].stride, sizeof v->y);
    if (plan->params.norm.groups > 0) {
        grouped_view(v, plan);
        return;
    }
    int64_t step = 1;
    for (int i = shape->rank - 1; i >= 0; i--) {
        bool over = plan->params.norm.axes >> i & 1;
        *(over ? &v->rest.dim[i] : &v->span.dim[i]) = 1;
        v->statistics[i] = over ? 0 : step;
        step *= over ? 1 : shape->dim[i];
    }
    if (plan->n_in > 1) pld_cpu_broadcast(v->scale, &plan->in[1], shape);
    if (plan->n_in > 2) pld_cpu_broadcast(v->bias, &plan->in[2], shape);
}

struct statistics {
    double mean, factor; /* y = (x - mean) * factor */
};

static struct statistics measure(const struct pld_cpu_plan *plan, const struct view *v,
                                 const void *in, int64_t start)
{
    const struct pld_norm_params *norm = &plan->params.norm;
    enum pld_dtype dtype = plan->in[0].desc.dtype;
    const struct pld_shape *span = &v->span;
    double n = (double)pld_shape_count(span), sum = 0, squares = 0;
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, span); more; more = pld_index_next(at, span)) {
        double x = pld_load(dtype, in, start + pld_index_offset(at, v->x, span->rank));
        sum += norm->p == 1 ? fabs(x) : x;
        squares += x * x;
    }
    if (norm->p > 0) { /* of nothing but zeroes the result is zero */
        double size = norm->p == 1 ? sum : sqrt(squares);
        return (struct statistics){0, size > 0 ? 1 / size : 0};
    }
    double mean = sum / n, variance = 0;
    for (bool more = pld_index_first(at, span); more; more = pld_index_next(at, span)) {
        double d = pld_load(dtype, in, start + pld_index_offset(at, v->x, span->rank)) - mean;
        variance += d * d / n;
    }
    if (plan->op == PLD_OP_MEAN_VARIANCE_NORM)
        return (struct statistics){mean, 1 / (sqrt(variance) + 1e-9)};
    return (struct statistics){mean, 1 / sqrt(variance + (double)norm->epsilon)};
}

static double load_or(const struct pld_cpu_plan *plan, const void *const *in, int i, int64_t at,
                      double absent)
{
    bool there = i < plan->n_in && in[i];
    return there ? pld_load(plan->in[i].desc.dtype, in[i], at) : absent;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    enum pld_dtype dtype = plan->in[0].desc.dtype;
    struct view v;
    int64_t outer[PLD_MAX_RANK], at[PLD_MAX_RANK];
    make_view(&v, plan);
    int rank = v.rest.rank;
    for (bool go = pld_index_first(outer, &v.rest); go; go = pld_index_next(outer, &v.rest)) {
        int64_t x0 = pld_index_offset(outer, v.x, rank), y0 = pld_index_offset(outer, v.y, rank);
        int64_t s0 = pld_index_offset(outer, v.scale, rank);
        int64_t b0 = pld_index_offset(outer, v.bias, rank);
        int64_t t0 = pld_index_offset(outer, v.statistics, rank);
        struct statistics s = measure(plan, &v, in[0], x0);
        for (bool more = pld_index_first(at, &v.span); more; more = pld_index_next(at, &v.span)) {
            double y = pld_load(dtype, in[0], x0 + pld_index_offset(at, v.x, rank));
            y = (y - s.mean) * s.factor;
            y *= load_or(plan, in, 1, s0 + pld_index_offset(at, v.scale, rank), 1);
            y += load_or(plan, in, 2, b0 + pld_index_offset(at, v.bias, rank), 0);
            pld_store(dtype, out[0], y0 + pld_index_offset(at, v.y, rank), y);
        }
        if (plan->n_out > 1 && out[1]) pld_store(plan->out[1].desc.dtype, out[1], t0, s.mean);
        if (plan->n_out > 2 && out[2]) pld_store(plan->out[2].desc.dtype, out[2], t0, s.factor);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(norm);
