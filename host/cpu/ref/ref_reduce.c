/* The Reduce family over any set of axes. */
#include "cpu/ref/ref.h"

/* `shift` is the largest element, where the function has a use for it. */
typedef double (*real_fn)(double a, double b, double shift);
typedef int64_t (*integer_fn)(int64_t a, int64_t b);

#define REAL(name, expression)                               \
    static double name##_r(double a, double b, double shift) \
    {                                                        \
        (void)shift;                                         \
        return expression;                                   \
    }
/* Through uint64_t: overflow wraps instead of being undefined. */
#define INTEGER(name, expression)                 \
    static int64_t name##_i(int64_t a, int64_t b) \
    {                                             \
        return (int64_t)(expression);             \
    }

REAL(sum, a + b)
REAL(product, a *b)
REAL(max, isnan(b) || b > a ? b : a)
REAL(min, isnan(b) || b < a ? b : a)
REAL(sum_abs, a + fabs(b))
REAL(sum_square, a + b * b)
REAL(sum_exp, a + exp(b - shift))
INTEGER(sum, (uint64_t)a + (uint64_t)b)
INTEGER(product, (uint64_t)a *(uint64_t)b)
INTEGER(max, b > a ? b : a)
INTEGER(min, b < a ? b : a)
INTEGER(sum_abs, (uint64_t)a + (b < 0 ? 0 - (uint64_t)b : (uint64_t)b))
INTEGER(sum_square, (uint64_t)a + (uint64_t)b * (uint64_t)b)

static const struct {
    double start; /* the result over nothing, as far as the type has it */
    real_fn real;
    integer_fn integer;
} folds[PLD_OP_COUNT] = {
    [PLD_OP_REDUCE_MEAN] = {0, sum_r, sum_i},
    [PLD_OP_REDUCE_SUM] = {0, sum_r, sum_i},
    [PLD_OP_REDUCE_MAX] = {-INFINITY, max_r, max_i},
    [PLD_OP_REDUCE_MIN] = {INFINITY, min_r, min_i},
    [PLD_OP_REDUCE_PROD] = {1, product_r, product_i},
    [PLD_OP_REDUCE_L1] = {0, sum_abs_r, sum_abs_i},
    [PLD_OP_REDUCE_L2] = {0, sum_square_r, sum_square_i},
    [PLD_OP_REDUCE_LOG_SUM] = {0, sum_r, sum_i},
    [PLD_OP_REDUCE_LOG_SUM_EXP] = {0, sum_exp_r, NULL},
    [PLD_OP_REDUCE_SUM_SQUARE] = {0, sum_square_r, sum_square_i},
};

static bool supports(const struct pld_signature *sig)
{
    if (sig->n_in != 1 || !pld_sig_single(sig) || !pld_sig_same(sig)) return false;
    enum pld_dtype dtype = sig->in[0].dtype;
    bool extreme = sig->op == PLD_OP_REDUCE_MAX || sig->op == PLD_OP_REDUCE_MIN;
    if (pld_dtype_is_float(dtype)) return true;
    if (dtype == PLD_BOOL) return extreme;
    return folds[sig->op].integer && dtype != PLD_U64;
}

/* The elements that make one output. */
struct span {
    const struct pld_cpu_tensor *x;
    struct pld_shape shape;
    const void *in;
    int64_t start;
};

static double fold_real(const struct span *s, enum pld_op op, double shift)
{
    double r = folds[op].start;
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &s->shape); more; more = pld_index_next(at, &s->shape)) {
        int64_t i = s->start + pld_index_offset(at, s->x->stride, s->shape.rank);
        r = folds[op].real(r, pld_load(s->x->desc.dtype, s->in, i), shift);
    }
    return r;
}

static int64_t fold_integer(const struct span *s, enum pld_op op)
{
    enum pld_dtype dtype = s->x->desc.dtype;
    int64_t k = 0, at[PLD_MAX_RANK];
    pld_store(dtype, &k, 0, dtype == PLD_BOOL ? folds[op].start > 0 : folds[op].start);
    k = pld_load_int(dtype, &k, 0);
    for (bool more = pld_index_first(at, &s->shape); more; more = pld_index_next(at, &s->shape)) {
        int64_t i = s->start + pld_index_offset(at, s->x->stride, s->shape.rank);
        k = folds[op].integer(k, pld_load_int(dtype, s->in, i));
    }
    return k;
}

/* What is made of the sum. */
static double finish(enum pld_op op, double sum, int64_t n, double shift)
{
    switch (op) {
    case PLD_OP_REDUCE_MEAN:
        return sum / (double)n;
    case PLD_OP_REDUCE_L2:
        return sqrt(sum);
    case PLD_OP_REDUCE_LOG_SUM:
    case PLD_OP_REDUCE_LOG_SUM_EXP:
        return log(sum) + shift;
    default:
        return sum;
    }
}

static void reduce(const struct pld_cpu_plan *plan, const struct span *s, void *out, int64_t o)
{
    enum pld_dtype dtype = s->x->desc.dtype;
    int64_t n = pld_shape_count(&s->shape);
    if (pld_dtype_is_float(dtype)) {
        double top = 0;
        if (plan->op == PLD_OP_REDUCE_LOG_SUM_EXP) top = fold_real(s, PLD_OP_REDUCE_MAX, 0);
        if (!isfinite(top)) top = 0;
        pld_store(dtype, out, o, finish(plan->op, fold_real(s, plan->op, top), n, top));
        return;
    }
    int64_t k = fold_integer(s, plan->op);
    if (plan->op == PLD_OP_REDUCE_MEAN) k = n ? k / n : k;
    if (plan->op == PLD_OP_REDUCE_L2 || plan->op == PLD_OP_REDUCE_LOG_SUM)
        pld_store(dtype, out, o, finish(plan->op, (double)k, n, 0));
    else
        pld_store_int(dtype, out, o, k);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    struct pld_shape rest;
    int64_t z_stride[PLD_MAX_RANK], at[PLD_MAX_RANK];
    struct span s = {.x = &plan->in[0], .in = in[0]};
    pld_ref_reduction(&rest, &s.shape, z_stride, plan);
    for (bool more = pld_index_first(at, &rest); more; more = pld_index_next(at, &rest)) {
        s.start = pld_index_offset(at, s.x->stride, rest.rank);
        reduce(plan, &s, out[0], pld_index_offset(at, z_stride, rest.rank));
    }
    return PLD_OK;
}

PLD_REF_KERNEL(reduce);
