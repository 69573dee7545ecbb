/* ReduceMean, ReduceSum, ReduceMax, ReduceMin, ReduceProd over any set of axes. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_same(sig) &&
           sig->in[0].dtype != PLD_BOOL;
}

static double real(enum pld_op op, double a, double b)
{
    switch (op) {
    case PLD_OP_REDUCE_PROD:
        return a * b;
    case PLD_OP_REDUCE_MAX:
        return isnan(b) || b > a ? b : a;
    case PLD_OP_REDUCE_MIN:
        return isnan(b) || b < a ? b : a;
    default:
        return a + b;
    }
}

static int64_t integer(enum pld_op op, int64_t a, int64_t b)
{
    switch (op) {
    case PLD_OP_REDUCE_PROD:
        return (int64_t)((uint64_t)a * (uint64_t)b);
    case PLD_OP_REDUCE_MAX:
        return b > a ? b : a;
    case PLD_OP_REDUCE_MIN:
        return b < a ? b : a;
    default:
        return (int64_t)((uint64_t)a + (uint64_t)b);
    }
}

/* One output: the elements of `span` from offset i0 on. */
static void reduce(const struct pld_cpu_plan *plan, const struct pld_shape *span, const void *in,
                   int64_t i0, void *out, int64_t o)
{
    const struct pld_cpu_tensor *x = &plan->in[0];
    enum pld_dtype dtype = x->desc.dtype;
    bool floats = pld_dtype_is_float(dtype);
    int64_t n = pld_shape_count(span), at[PLD_MAX_RANK];
    double r = plan->op == PLD_OP_REDUCE_PROD  ? 1
               : plan->op == PLD_OP_REDUCE_MAX ? -INFINITY
               : plan->op == PLD_OP_REDUCE_MIN ? INFINITY
                                               : 0;
    int64_t k = 0;
    pld_store(PLD_I64, &k, 0, r);
    for (bool more = pld_index_first(at, span); more; more = pld_index_next(at, span)) {
        int64_t i = i0 + pld_index_offset(at, x->stride, span->rank);
        if (floats)
            r = real(plan->op, r, pld_load(dtype, in, i));
        else
            k = integer(plan->op, k, pld_load_int(dtype, in, i));
    }
    bool mean = plan->op == PLD_OP_REDUCE_MEAN;
    if (floats)
        pld_store(dtype, out, o, mean ? r / (double)n : r);
    else
        pld_store_int(dtype, out, o, mean && n ? k / n : k);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    struct pld_shape rest = x->desc.shape, span = x->desc.shape;
    int64_t z_stride[PLD_MAX_RANK] = {0}, at[PLD_MAX_RANK];
    int j = 0; /* the output axis that belongs to input axis i */
    for (int i = 0; i < span.rank; i++) {
        bool reduced = plan->params.reduce.axes >> i & 1;
        if (reduced)
            rest.dim[i] = 1;
        else
            span.dim[i] = 1;
        if (!reduced || plan->params.reduce.keep_dims) z_stride[i] = z->stride[j++];
    }
    for (bool more = pld_index_first(at, &rest); more; more = pld_index_next(at, &rest))
        reduce(plan, &span, in[0], pld_index_offset(at, x->stride, rest.rank), out[0],
               pld_index_offset(at, z_stride, rest.rank));
    return PLD_OK;
}

PLD_REF_KERNEL(reduce);
