/* Functions of corresponding elements: unary, binary, Where, Cast. Reals are computed in float. */
#ifndef PLD_CUDA_BODY_MAP_H
#define PLD_CUDA_BODY_MAP_H

#include "backend/op.h"
#include "cuda/nest.h"

struct pld_map_args {
    struct pld_nest nest; /* operand 0: out, 1..: in */
    int op;               /* enum pld_op */
    float alpha, beta;    /* of unary functions, see struct pld_act */
    int n_in;
    int dtype[PLD_NEST_OPERANDS]; /* of out, then in */
    void *out;
    const void *in[3];
};

static PLD_HD float pld_log_one_plus_exp(float x)
{
    return x > 0 ? x + log1pf(expf(-x)) : log1pf(expf(x));
}

static PLD_HD float pld_between(float x, float low, float high)
{
    x = x < low ? low : x; /* NaN falls through */
    return x > high ? high : x;
}

static PLD_HD float pld_unary(int op, float x, float alpha, float beta)
{
    switch (op) {
    case PLD_OP_RELU:
        return x < 0 ? 0 : x;
    case PLD_OP_LEAKY_RELU:
        return x < 0 ? alpha * x : x;
    case PLD_OP_ELU:
        return x < 0 ? alpha * expm1f(x) : x;
    case PLD_OP_SIGMOID:
        return 1 / (1 + expf(-x));
    case PLD_OP_TANH:
        return tanhf(x);
    case PLD_OP_SOFTPLUS:
        return pld_log_one_plus_exp(x);
    case PLD_OP_HARD_SIGMOID:
        return pld_between(alpha * x + beta, 0, 1);
    case PLD_OP_HARD_SWISH:
        return x * pld_between(x / 6 + 0.5f, 0, 1);
    case PLD_OP_CLIP:
        return pld_between(x, alpha, beta);
    case PLD_OP_EXP:
        return expf(x);
    case PLD_OP_LOG:
        return logf(x);
    case PLD_OP_SQRT:
        return sqrtf(x);
    case PLD_OP_NEG:
        return -x;
    case PLD_OP_ABS:
        return fabsf(x);
    case PLD_OP_FLOOR:
        return floorf(x);
    case PLD_OP_CEIL:
        return ceilf(x);
    case PLD_OP_RECIPROCAL:
        return 1 / x;
    case PLD_OP_ERF:
        return erff(x);
    case PLD_OP_SILU: /* the limit at -inf, where the formula has no value, is 0 */
        return x < -100 ? 0 : x / (1 + expf(-x));
    case PLD_OP_MISH:
        return x < -100 ? 0 : x * tanhf(pld_log_one_plus_exp(x));
    case PLD_OP_NOT:
        return x == 0;
    default: /* Identity, Cast */
        return x;
    }
}

static PLD_HD float pld_binary(int op, float a, float b)
{
    switch (op) {
    case PLD_OP_ADD:
        return a + b;
    case PLD_OP_SUB:
        return a - b;
    case PLD_OP_MUL:
        return a * b;
    case PLD_OP_DIV:
        return a / b;
    case PLD_OP_POW:
        return powf(a, b);
    case PLD_OP_MIN: /* NaN wins, as in the reference */
        return a != a || a < b ? a : b;
    case PLD_OP_MAX:
        return a != a || a > b ? a : b;
    case PLD_OP_PRELU:
        return a < 0 ? a * b : a;
    case PLD_OP_EQUAL:
        return a == b;
    case PLD_OP_GREATER:
        return a > b;
    case PLD_OP_LESS:
        return a < b;
    case PLD_OP_AND:
        return a != 0 && b != 0;
    default: /* Or */
        return a != 0 || b != 0;
    }
}

static PLD_HD float pld_map(const struct pld_map_args *args, float a, float b, float c)
{
    if (args->n_in == 1) return pld_unary(args->op, a, args->alpha, args->beta);
    return args->n_in == 2 ? pld_binary(args->op, a, b) : a != 0 ? b : c;
}

static PLD_HD float pld_map_load(const struct pld_map_args *args, int k, int64_t at)
{
    switch (args->dtype[k]) {
    case PLD_BOOL:
    case PLD_U8:
        return ((const uint8_t *)args->in[k - 1])[at];
    case PLD_I32:
        return (float)((const int32_t *)args->in[k - 1])[at];
    case PLD_I64:
        return (float)((const int64_t *)args->in[k - 1])[at];
    default:
        return pld_get(args->in[k - 1], args->dtype[k], at);
    }
}

static PLD_HD void pld_map_run(const struct pld_map_args *args, const int64_t at[])
{
    float v[3][PLD_RUN] = {{0}}, out[PLD_RUN];
    for (int k = 1; k <= args->n_in; k++) {
        if (args->nest.inner[k] == 1) {
            pld_get_run(v[k - 1], args->in[k - 1], args->dtype[k], at[k]);
            continue;
        }
        float same = pld_get(args->in[k - 1], args->dtype[k], at[k]);
        for (int i = 0; i < PLD_RUN; i++)
            v[k - 1][i] = same;
    }
    for (int i = 0; i < PLD_RUN; i++)
        out[i] = pld_map(args, v[0][i], v[1][i], v[2][i]);
    pld_set_run(args->out, args->dtype[0], at[0], out);
}

static PLD_HD void pld_map_body(const struct pld_map_args *args, uint32_t index)
{
    int64_t at[PLD_NEST_OPERANDS];
    pld_nest_at(at, &args->nest, index);
    if (args->nest.wide) {
        pld_map_run(args, at);
        return;
    }
    float v[3] = {0, 0, 0};
    for (int k = 1; k <= args->n_in; k++)
        v[k - 1] = pld_map_load(args, k, at[k]);
    float out = pld_map(args, v[0], v[1], v[2]);
    switch (args->dtype[0]) {
    case PLD_BOOL:
        ((uint8_t *)args->out)[at[0]] = out != 0;
        break;
    case PLD_I32:
        ((int32_t *)args->out)[at[0]] = (int32_t)out;
        break;
    case PLD_I64:
        ((int64_t *)args->out)[at[0]] = (int64_t)out;
        break;
    default:
        pld_set(args->out, args->dtype[0], at[0], out);
    }
}

#endif
