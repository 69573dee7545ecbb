/* Elementwise functions of two inputs (Min, Max, Sum and Mean: of any number), with numpy
 * broadcasting. Integers follow C; reals are computed in double and rounded once. */
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
/* The same bits as unsigned numbers, where that makes a difference: for uint64. */
#define UNSIGNED(name, expression)                         \
    static int64_t name##_u(int64_t a_, int64_t b_)        \
    {                                                      \
        const uint64_t a = (uint64_t)a_, b = (uint64_t)b_; \
        return (int64_t)(expression);                      \
    }

static int64_t integer_power(int64_t base, int64_t exponent)
{
    if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
    uint64_t result = 1, square = (uint64_t)base;
    for (; exponent; exponent >>= 1, square *= square)
        if (exponent & 1) result *= square;
    return (int64_t)result;
}

/* The remainder with the sign of the divisor, as in Python. */
static double floor_mod(double a, double b)
{
    double r = fmod(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

/* The caller has refused b == 0; b == -1 would trap for the smallest integer. */
static int64_t remainder_of(int64_t a, int64_t b)
{
    return b == -1 ? 0 : a % b;
}

static int64_t floor_remainder(int64_t a, int64_t b)
{
    int64_t r = remainder_of(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static uint64_t shifted(uint64_t a, uint64_t b, bool right)
{
    return b > 63 ? 0 : right ? a >> b : a << b;
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
REAL(greater_equal, a >= b)
REAL(less_equal, a <= b)
REAL(mod, floor_mod(a, b))
INTEGER(add, (uint64_t)a + (uint64_t)b)
INTEGER(sub, (uint64_t)a - (uint64_t)b)
INTEGER(mul, (uint64_t)a *(uint64_t)b)
INTEGER(div, b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b)
INTEGER(power, integer_power(a, b))
INTEGER(min, a < b ? a : b)
INTEGER(max, a > b ? a : b)
INTEGER(prelu, a < 0 ? (uint64_t)a * (uint64_t)b : (uint64_t)a)
INTEGER(equal, a == b)
INTEGER(greater, a > b)
INTEGER(less, a < b)
INTEGER(greater_equal, a >= b)
INTEGER(less_equal, a <= b)
INTEGER(mod, floor_remainder(a, b))
INTEGER(and, a &&b)
INTEGER(or, a || b)
INTEGER(xor, !a != !b)
INTEGER(bit_and, a &b)
INTEGER(bit_or, a | b)
INTEGER(bit_xor, a ^ b)
INTEGER(shift_left, shifted((uint64_t)a, (uint64_t)b, false))
UNSIGNED(div, a / b)
UNSIGNED(mod, a % b)
UNSIGNED(min, a < b ? a : b)
UNSIGNED(max, a > b ? a : b)
UNSIGNED(greater, a > b)
UNSIGNED(less, a < b)
UNSIGNED(greater_equal, a >= b)
UNSIGNED(less_equal, a <= b)

/* Unsigned types only, and those up to uint32 are positive in 64 bits. */
INTEGER(shift_right, shifted((uint64_t)a, (uint64_t)b, true))

struct function {
    real_fn real;
    integer_fn integer, whole; /* whole: for uint64, where it is not `integer` */
    bool logical;              /* the result is bool */
    bool any_number;           /* of inputs */
};

static const struct function functions[PLD_OP_COUNT] = {
    [PLD_OP_ADD] = {add_r, add_i, NULL, false, false},
    [PLD_OP_SUB] = {sub_r, sub_i, NULL, false, false},
    [PLD_OP_MUL] = {mul_r, mul_i, NULL, false, false},
    [PLD_OP_DIV] = {div_r, div_i, div_u, false, false},
    [PLD_OP_POW] = {power_r, power_i, NULL, false, false},
    [PLD_OP_MOD] = {mod_r, mod_i, mod_u, false, false},
    [PLD_OP_MIN] = {min_r, min_i, min_u, false, true},
    [PLD_OP_MAX] = {max_r, max_i, max_u, false, true},
    [PLD_OP_SUM] = {add_r, NULL, NULL, false, true},
    [PLD_OP_MEAN] = {add_r, NULL, NULL, false, true},
    [PLD_OP_PRELU] = {prelu_r, prelu_i, NULL, false, false},
    [PLD_OP_EQUAL] = {equal_r, equal_i, NULL, true, false},
    [PLD_OP_GREATER] = {greater_r, greater_i, greater_u, true, false},
    [PLD_OP_LESS] = {less_r, less_i, less_u, true, false},
    [PLD_OP_GREATER_OR_EQUAL] = {greater_equal_r, greater_equal_i, greater_equal_u, true, false},
    [PLD_OP_LESS_OR_EQUAL] = {less_equal_r, less_equal_i, less_equal_u, true, false},
    [PLD_OP_AND] = {NULL, and_i, NULL, true, false},
    [PLD_OP_OR] = {NULL, or_i, NULL, true, false},
    [PLD_OP_XOR] = {NULL, xor_i, NULL, true, false},
    [PLD_OP_BITWISE_AND] = {NULL, bit_and_i, NULL, false, false},
    [PLD_OP_BITWISE_OR] = {NULL, bit_or_i, NULL, false, false},
    [PLD_OP_BITWISE_XOR] = {NULL, bit_xor_i, NULL, false, false},
    [PLD_OP_BIT_SHIFT] = {NULL, shift_left_i, NULL, false, false},
};

static bool supports(const struct pld_signature *sig)
{
    const struct function *f = &functions[sig->op];
    if (sig->n_in < 1 || !pld_sig_single(sig)) return false;
    enum pld_dtype type = sig->in[0].dtype, result = sig->out[0].dtype;
    bool real = pld_dtype_is_float(type);
    for (int i = 0; i < sig->n_in; i++) {
        if (!pld_sig_has(sig, i)) return false;
        /* Pow alone may mix types: the result has the type of the base. */
        if (sig->in[i].dtype != type && sig->op != PLD_OP_POW) return false;
    }
    if (!f->any_number && sig->n_in != 2) return false;
    if (real ? !f->real : !f->integer) return false;
    return result == (f->logical ? PLD_BOOL : type);
}

/* The functions for a plan: as in the table, but for the operators with a choice. */
static struct function choose(const struct pld_cpu_plan *plan)
{
    struct function f = functions[plan->op];
    if (plan->in[0].desc.dtype == PLD_U64 && f.whole) f.integer = f.whole;
    if (plan->op == PLD_OP_BIT_SHIFT && plan->params.binary.right) f.integer = shift_right_i;
    if (plan->op == PLD_OP_MOD && plan->params.binary.fmod) {
        f.real = fmod;
        if (f.integer == mod_i) f.integer = remainder_of;
    }
    return f;
}

/* out = f(a, in[i]) with `a` a tensor shaped like out. */
static pld_status apply(const struct pld_cpu_plan *plan, int second, const void *a,
                        const int64_t *a_stride, const void *b, void *out)
{
    const struct pld_cpu_tensor *x = &plan->in[0], *y = &plan->in[second], *z = &plan->out[0];
    const struct pld_shape *shape = &z->desc.shape;
    const struct function f = choose(plan);
    enum pld_dtype ta = x->desc.dtype, tb = y->desc.dtype, tz = z->desc.dtype;
    bool real = pld_dtype_is_float(ta) || pld_dtype_is_float(tb);
    bool divides = plan->op == PLD_OP_DIV || plan->op == PLD_OP_MOD;
    int64_t b_stride[PLD_MAX_RANK], at[PLD_MAX_RANK];
    pld_cpu_broadcast(b_stride, y, shape);
    for (bool more = pld_index_first(at, shape); more; more = pld_index_next(at, shape)) {
        int64_t i = pld_index_offset(at, a_stride, shape->rank);
        int64_t j = pld_index_offset(at, b_stride, shape->rank);
        int64_t o = pld_index_offset(at, z->stride, shape->rank);
        if (real) {
            pld_store(tz, out, o, f.real(pld_load(ta, a, i), pld_load(tb, b, j)));
            continue;
        }
        int64_t divisor = pld_load_int(tb, b, j);
        if (divides && divisor == 0)
            return pld_fail(PLD_EMODEL, pld_op_name(plan->op), "integer division by zero");
        pld_store_int(tz, out, o, f.integer(pld_load_int(ta, a, i), divisor));
    }
    return PLD_OK;
}

/* out = in / n, between any two layouts; with n = 1 a copy. */
static void divide(const struct pld_cpu_tensor *z, void *out, const void *in, const int64_t *stride,
                   int n)
{
    enum pld_dtype dtype = z->desc.dtype;
    int rank = z->desc.shape.rank;
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape)) {
        int64_t i = pld_index_offset(at, stride, rank), o = pld_index_offset(at, z->stride, rank);
        if (n == 1)
            pld_element_copy(out, o, in, i, pld_dtype_size(dtype));
        else
            pld_store(dtype, out, o, pld_load(dtype, in, i) / n);
    }
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *z = &plan->out[0];
    int64_t stride[PLD_MAX_RANK];
    pld_cpu_broadcast(stride, &plan->in[0], &z->desc.shape);
    if (plan->n_in == 1) { /* a single input is its own minimum, sum and mean */
        divide(z, out[0], in[0], stride, 1);
        return PLD_OK;
    }
    PLD_TRY(apply(plan, 1, in[0], stride, in[1], out[0]));
    for (int i = 2; i < plan->n_in; i++)
        PLD_TRY(apply(plan, i, out[0], z->stride, in[i], out[0]));
    if (plan->op == PLD_OP_MEAN) divide(z, out[0], out[0], z->stride, plan->n_in);
    return PLD_OK;
}

PLD_REF_KERNEL(binary);
