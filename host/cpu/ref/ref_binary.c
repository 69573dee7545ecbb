/* Elementwise functions of two inputs (Min and Max: of any number), with numpy broadcasting.
 * Integers follow C; reals are computed in double and rounded once. */
#include "cpu/ref/ref.h"

typedef double (*real_fn)(double a, double b);
typedef int64_t (*integer_fn)(int64_t a, int64_t b);

#define REAL(name, expression)                 \
    static double name##_r(double a, double b) \
    {                                          \
        return expression;                     \
    }
/* Arithmetic through uint64_t: overflow wraps instead of being undefined. */
#define INTEGER(name, expression)                 \
    static int64_t name##_i(int64_t a, int64_t b) \
    {                                             \
        return (int64_t)(expression);             \
    }

static int64_t integer_power(int64_t base, int64_t exponent)
{
    if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
    uint64_t result = 1, square = (uint64_t)base;
    for (; exponent; exponent >>= 1, square *= square)
        if (exponent & 1) result *= square;
    return (int64_t)result;
}

REAL(add, a + b)
REAL(sub, a - b)
REAL(mul, a *b)
REAL(div, a / b)
REAL(power, pow(a, b))
/* NaN in either operand is the result, as in numpy. */
REAL(min, isnan(a) || a < b ? a : b)
REAL(max, isnan(a) || a > b ? a : b)
REAL(prelu, a < 0 ? a * b : a)
REAL(equal, a == b)
REAL(greater, a > b)
REAL(less, a < b)
INTEGER(add, (uint64_t)a + (uint64_t)b)
INTEGER(sub, (uint64_t)a - (uint64_t)b)
INTEGER(mul, (uint64_t)a *(uint64_t)b)
/* The caller has refused b == 0; b == -1 would trap for the smallest integer. */
INTEGER(div, b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b)
INTEGER(power, integer_power(a, b))
INTEGER(min, a < b ? a : b)
INTEGER(max, a > b ? a : b)
INTEGER(prelu, a < 0 ? (uint64_t)a * (uint64_t)b : (uint64_t)a)
INTEGER(equal, a == b)
INTEGER(greater, a > b)
INTEGER(less, a < b)
INTEGER(and, a &&b)
INTEGER(or, a || b)

static const struct {
    real_fn real;
    integer_fn integer;
    bool logical; /* the result is bool */
} functions[PLD_OP_COUNT] = {
    [PLD_OP_ADD] = {add_r, add_i, false},      [PLD_OP_SUB] = {sub_r, sub_i, false},
    [PLD_OP_MUL] = {mul_r, mul_i, false},      [PLD_OP_DIV] = {div_r, div_i, false},
    [PLD_OP_POW] = {power_r, power_i, false},  [PLD_OP_MIN] = {min_r, min_i, false},
    [PLD_OP_MAX] = {max_r, max_i, false},      [PLD_OP_PRELU] = {prelu_r, prelu_i, false},
    [PLD_OP_EQUAL] = {equal_r, equal_i, true}, [PLD_OP_GREATER] = {greater_r, greater_i, true},
    [PLD_OP_LESS] = {less_r, less_i, true},    [PLD_OP_AND] = {NULL, and_i, true},
    [PLD_OP_OR] = {NULL, or_i, true},
};

static bool supports(const struct pld_signature *sig)
{
    if (sig->n_in < 1 || !pld_sig_single(sig)) return false;
    enum pld_dtype type = sig->in[0].dtype, result = sig->out[0].dtype;
    for (int i = 0; i < sig->n_in; i++) {
        if (!pld_sig_has(sig, i)) return false;
        /* Pow alone may mix types: the result has the type of the base. */
        if (sig->in[i].dtype != type && sig->op != PLD_OP_POW) return false;
    }
    bool variadic = sig->op == PLD_OP_MIN || sig->op == PLD_OP_MAX;
    if (!variadic && sig->n_in != 2) return false;
    if (pld_dtype_is_float(type) && !functions[sig->op].real) return false;
    return result == (functions[sig->op].logical ? PLD_BOOL : type);
}

/* out = f(a, in[i]) with `a` a tensor shaped like out. */
static pld_status apply(const struct pld_cpu_plan *plan, int second, const void *a,
                        const int64_t *a_stride, const void *b, void *out)
{
    const struct pld_cpu_tensor *x = &plan->in[0], *y = &plan->in[second], *z = &plan->out[0];
    const struct pld_shape *shape = &z->desc.shape;
    enum pld_dtype ta = x->desc.dtype, tb = y->desc.dtype, tz = z->desc.dtype;
    bool real = pld_dtype_is_float(ta) || pld_dtype_is_float(tb);
    int64_t b_stride[PLD_MAX_RANK], at[PLD_MAX_RANK];
    pld_cpu_broadcast(b_stride, y, shape);
    for (bool more = pld_index_first(at, shape); more; more = pld_index_next(at, shape)) {
        int64_t i = pld_index_offset(at, a_stride, shape->rank);
        int64_t j = pld_index_offset(at, b_stride, shape->rank);
        int64_t o = pld_index_offset(at, z->stride, shape->rank);
        if (real) {
            double v = functions[plan->op].real(pld_load(ta, a, i), pld_load(tb, b, j));
            pld_store(tz, out, o, v);
            continue;
        }
        int64_t divisor = pld_load_int(tb, b, j);
        if (plan->op == PLD_OP_DIV && divisor == 0)
            return pld_fail(PLD_EMODEL, "Div", "integer division by zero");
        pld_store_int(tz, out, o, functions[plan->op].integer(pld_load_int(ta, a, i), divisor));
    }
    return PLD_OK;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    int64_t stride[PLD_MAX_RANK];
    pld_cpu_broadcast(stride, &plan->in[0], &plan->out[0].desc.shape);
    /* A single input is its own minimum. */
    if (plan->n_in == 1) return apply(plan, 0, in[0], stride, in[0], out[0]);
    PLD_TRY(apply(plan, 1, in[0], stride, in[1], out[0]));
    for (int i = 2; i < plan->n_in; i++)
        PLD_TRY(apply(plan, i, out[0], plan->out[0].stride, in[i], out[0]));
    return PLD_OK;
}

PLD_REF_KERNEL(binary);
