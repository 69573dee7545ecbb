/* Elementwise functions of one input. */
#include "cpu/ref/ref.h"

typedef double (*unary_fn)(double x, double alpha, double beta);

#define UNARY(name, expression)                             \
    static double name(double x, double alpha, double beta) \
    {                                                       \
        (void)alpha, (void)beta;                            \
        return expression;                                  \
    }

/* Comparisons are written so that NaN falls through to the result. */
static double clamp(double x, double low, double high)
{
    x = x < low ? low : x;
    return x > high ? high : x;
}

static double log_one_plus_exp(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

UNARY(relu, x < 0 ? 0 : x)
UNARY(leaky_relu, x < 0 ? alpha * x : x)
UNARY(elu, x < 0 ? alpha * expm1(x) : x)
UNARY(sigmoid, 1 / (1 + exp(-x)))
UNARY(hyperbolic_tangent, tanh(x))
UNARY(softplus, log_one_plus_exp(x))
UNARY(hard_sigmoid, clamp(alpha *x + beta, 0, 1))
UNARY(hard_swish, x *clamp(x / 6 + 0.5, 0, 1))
UNARY(clip, clamp(x, alpha, beta))
UNARY(exponential, exp(x))
UNARY(logarithm, log(x))
UNARY(square_root, sqrt(x))
UNARY(negate, -x)
UNARY(absolute, fabs(x))
UNARY(round_down, floor(x))
UNARY(round_up, ceil(x))
UNARY(reciprocal, 1 / x)
UNARY(error_function, erf(x))
/* x / (1 + exp(-x)) is -inf / inf for x = -inf; the limit is 0. */
UNARY(silu, isinf(x) && x < 0 ? 0 : x / (1 + exp(-x)))
UNARY(mish, isinf(x) && x < 0 ? 0 : x * tanh(log_one_plus_exp(x)))
UNARY(logical_not, x == 0)
UNARY(selu, beta *(x > 0 ? x : alpha * expm1(x)))
UNARY(celu, x > 0 ? x : alpha * expm1(x / alpha))
UNARY(thresholded_relu, x > alpha ? x : 0)
UNARY(shrink, x<-alpha ? x + beta : x> alpha ? x - beta : isnan(x) ? x : 0)
UNARY(softsign, isinf(x) ? copysign(1, x) : x / (1 + fabs(x)))
UNARY(round_even, nearbyint(x))
UNARY(sign, isnan(x) ? x : (x > 0) - (x < 0))
UNARY(sine, sin(x))
UNARY(cosine, cos(x))
UNARY(tangent, tan(x))
UNARY(arc_sine, asin(x))
UNARY(arc_cosine, acos(x))
UNARY(arc_tangent, atan(x))
UNARY(hyperbolic_sine, sinh(x))
UNARY(hyperbolic_cosine, cosh(x))
UNARY(area_sine, asinh(x))
UNARY(area_cosine, acosh(x))
UNARY(area_tangent, atanh(x))
UNARY(is_nan, isnan(x))
UNARY(is_inf, isinf(x) && (x < 0 ? alpha != 0 : beta != 0))

/* Hendrycks and Gimpel, "Gaussian Error Linear Units": x P(X <= x), or its approximation. */
static double gelu(double x, double alpha, double beta)
{
    const double root_two = 1.4142135623730951, root_two_over_pi = 0.7978845608028654;
    (void)beta;
    if (isinf(x)) return x < 0 ? 0 : x;
    if (alpha == 0) return 0.5 * x * (1 + erf(x / root_two));
    return 0.5 * x * (1 + tanh(root_two_over_pi * (x + 0.044715 * x * x * x)));
}

static const unary_fn functions[PLD_OP_COUNT] = {
    [PLD_OP_RELU] = relu,
    [PLD_OP_LEAKY_RELU] = leaky_relu,
    [PLD_OP_ELU] = elu,
    [PLD_OP_SIGMOID] = sigmoid,
    [PLD_OP_TANH] = hyperbolic_tangent,
    [PLD_OP_SOFTPLUS] = softplus,
    [PLD_OP_HARD_SIGMOID] = hard_sigmoid,
    [PLD_OP_HARD_SWISH] = hard_swish,
    [PLD_OP_CLIP] = clip,
    [PLD_OP_EXP] = exponential,
    [PLD_OP_LOG] = logarithm,
    [PLD_OP_SQRT] = square_root,
    [PLD_OP_NEG] = negate,
    [PLD_OP_ABS] = absolute,
    [PLD_OP_FLOOR] = round_down,
    [PLD_OP_CEIL] = round_up,
    [PLD_OP_RECIPROCAL] = reciprocal,
    [PLD_OP_ERF] = error_function,
    [PLD_OP_SILU] = silu,
    [PLD_OP_MISH] = mish,
    [PLD_OP_NOT] = logical_not,
    [PLD_OP_SELU] = selu,
    [PLD_OP_CELU] = celu,
    [PLD_OP_GELU] = gelu,
    [PLD_OP_THRESHOLDED_RELU] = thresholded_relu,
    [PLD_OP_SHRINK] = shrink,
    [PLD_OP_SOFTSIGN] = softsign,
    [PLD_OP_ROUND] = round_even,
    [PLD_OP_SIGN] = sign,
    [PLD_OP_SIN] = sine,
    [PLD_OP_COS] = cosine,
    [PLD_OP_TAN] = tangent,
    [PLD_OP_ASIN] = arc_sine,
    [PLD_OP_ACOS] = arc_cosine,
    [PLD_OP_ATAN] = arc_tangent,
    [PLD_OP_SINH] = hyperbolic_sine,
    [PLD_OP_COSH] = hyperbolic_cosine,
    [PLD_OP_ASINH] = area_sine,
    [PLD_OP_ACOSH] = area_cosine,
    [PLD_OP_ATANH] = area_tangent,
    [PLD_OP_IS_NAN] = is_nan,
    [PLD_OP_IS_INF] = is_inf,
};

double pld_ref_act(const struct pld_act *act, double x)
{
    return act->op < 0 ? x : functions[act->op](x, act->alpha, act->beta);
}

/* The few that ONNX also has for integers, exactly. Identity and Dropout come here for any type. */
static int64_t integer(const struct pld_cpu_plan *plan, int64_t x)
{
    const struct pld_act *act = &plan->params.act;
    bool is_signed = plan->in[0].desc.dtype != PLD_U64;
    switch (plan->op) {
    case PLD_OP_RELU:
        return x < 0 && is_signed ? 0 : x;
    case PLD_OP_NEG:
        return (int64_t)(0 - (uint64_t)x);
    case PLD_OP_ABS:
        return x < 0 && is_signed ? (int64_t)(0 - (uint64_t)x) : x;
    case PLD_OP_SIGN:
        return is_signed ? (x > 0) - (x < 0) : x != 0;
    case PLD_OP_NOT:
        return x == 0;
    case PLD_OP_BITWISE_NOT:
        return ~x;
    case PLD_OP_CLIP: {
        enum pld_dtype wide = is_signed ? PLD_I64 : PLD_U64;
        double value = pld_load(wide, &x, 0);
        if (value < (double)act->alpha) pld_store(wide, &x, 0, act->alpha);
        if (value > (double)act->beta) pld_store(wide, &x, 0, act->beta);
        return x;
    }
    default:
        return x;
    }
}

static bool copies(enum pld_op op)
{
    return op == PLD_OP_IDENTITY || op == PLD_OP_DROPOUT;
}

static bool on_integers(enum pld_op op)
{
    return op == PLD_OP_RELU || op == PLD_OP_NEG || op == PLD_OP_ABS || op == PLD_OP_SIGN ||
           op == PLD_OP_CLIP || op == PLD_OP_BITWISE_NOT;
}

static bool supports(const struct pld_signature *sig)
{
    enum pld_dtype dtype = sig->in[0].dtype, result = sig->out[0].dtype;
    if (sig->op == PLD_OP_IS_NAN || sig->op == PLD_OP_IS_INF)
        return pld_dtype_is_float(dtype) && result == PLD_BOOL;
    if (result != dtype) return false;
    if (copies(sig->op)) return pld_sig_single(sig) || sig->out[1].dtype == PLD_BOOL;
    if (sig->op == PLD_OP_NOT) return dtype == PLD_BOOL;
    if (pld_dtype_is_float(dtype)) return functions[sig->op] != NULL;
    return on_integers(sig->op) && dtype != PLD_BOOL;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *y = &plan->out[0];
    enum pld_dtype dtype = x->desc.dtype, result = y->desc.dtype;
    const struct pld_act act = {plan->op, plan->params.act.alpha, plan->params.act.beta};
    int rank = y->desc.shape.rank;
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &y->desc.shape); more;
         more = pld_index_next(at, &y->desc.shape)) {
        int64_t i = pld_index_offset(at, x->stride, rank);
        int64_t o = pld_index_offset(at, y->stride, rank);
        if (copies(plan->op))
            pld_element_copy(out[0], o, in[0], i, pld_dtype_size(dtype));
        else if (pld_dtype_is_float(dtype))
            pld_store(result, out[0], o, pld_ref_act(&act, pld_load(dtype, in[0], i)));
        else
            pld_store_int(result, out[0], o, integer(plan, pld_load_int(dtype, in[0], i)));
    }
    /* Dropout's mask: nothing is dropped at inference. */
    if (plan->n_out > 1 && out[1]) memset(out[1], 1, (size_t)plan->out[1].count);
    return PLD_OK;
}

PLD_REF_KERNEL(unary);
