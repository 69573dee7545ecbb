/* Elementwise functions of one float input, over any two layouts. */
#include "cpu/fast/fast_unary.h"

#include <stdlib.h>
#include <math.h>

#include "cpu/cpu_plan.h"
#include "backend/loop.h"
#include "cpu/fast/vecmath.h"

/* `out` and `in` may be the same memory. */
#define UNARY(name, expression)                                                                \
    PLD_SIMD static void name(float *out, const float *in, int64_t n, float alpha, float beta) \
    {                                                                                          \
        (void)alpha, (void)beta;                                                               \
        for (int64_t i = 0; i < n; i++) {                                                      \
            float x = in[i];                                                                   \
            out[i] = (expression);                                                             \
        }                                                                                      \
    }

PLD_INLINE float clamp(float x, float low, float high)
{
    x = x < low ? low : x;
    return x > high ? high : x;
}

UNARY(relu, x < 0 ? 0 : x)
UNARY(leaky_relu, x < 0 ? alpha * x : x)
UNARY(elu, x < 0 ? alpha * pld_expm1f(x) : x)
UNARY(sigmoid, pld_sigmoidf(x))
UNARY(hyperbolic_tangent, pld_tanhf(x))
UNARY(softplus, pld_softplusf(x))
UNARY(hard_sigmoid, clamp(alpha *x + beta, 0, 1))
UNARY(hard_swish, x *clamp(x *(1.0f / 6) + 0.5f, 0, 1))
UNARY(clip, clamp(x, alpha, beta))
UNARY(exponential, pld_expf(x))
UNARY(square_root, sqrtf(x))
UNARY(negate, -x)
UNARY(absolute, pld_absf(x))
UNARY(round_down, floorf(x))
UNARY(round_up, ceilf(x))
UNARY(reciprocal, 1 / x)
UNARY(error_function, pld_erff(x))
UNARY(silu, pld_siluf(x))
UNARY(mish, pld_mishf(x))

static const pld_unary_fn functions[PLD_OP_COUNT] = {
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
    [PLD_OP_SQRT] = square_root,
    [PLD_OP_NEG] = negate,
    [PLD_OP_ABS] = absolute,
    [PLD_OP_FLOOR] = round_down,
    [PLD_OP_CEIL] = round_up,
    [PLD_OP_RECIPROCAL] = reciprocal,
    [PLD_OP_ERF] = error_function,
    [PLD_OP_SILU] = silu,
    [PLD_OP_MISH] = mish,
};

pld_unary_fn pld_fast_unary_of(int op)
{
    return op < 0 ? NULL : functions[op];
}

struct plan {
    struct pld_loop loop;
    pld_unary_fn function;
    float alpha, beta;
};

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_is(sig, PLD_F32) && functions[sig->op];
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    struct pld_cpu_tensor x, z;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    pld_loop_init(&plan->loop, &z.desc.shape, 2, (const int64_t *const[]){z.stride, x.stride});
    plan->function = functions[sig->op];
    plan->alpha = sig->params->act.alpha;
    plan->beta = sig->params->act.beta;
    *workspace = 0;
    *out = plan;
    return PLD_OK;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct plan *plan = plan_;
    const struct pld_loop *l = &plan->loop;
    int y = l->rank - 2, x = l->rank - 1;
    bool dense = l->stride[0][x] == 1 && l->stride[1][x] == 1;
    struct pld_loop_at at;
    for (bool more = pld_loop_first(&at, l); more; more = pld_loop_next(&at, l))
        for (int64_t i = 0; i < l->dim[y]; i++) {
            float *o = (float *)out[0] + at.offset[0] + i * l->stride[0][y];
            const float *a = (const float *)in[0] + at.offset[1] + i * l->stride[1][y];
            if (dense) {
                plan->function(o, a, l->dim[x], plan->alpha, plan->beta);
                continue;
            }
            for (int64_t j = 0; j < l->dim[x]; j++)
                plan->function(o + j * l->stride[0][x], a + j * l->stride[1][x], 1, plan->alpha,
                               plan->beta);
        }
    return PLD_OK;
}

extern const struct pld_kernel pld_fast_unary;
const struct pld_kernel pld_fast_unary = {.name = "fast.unary",
                                          .supports = supports,
                                          .plan_new = plan_new,
                                          .plan_free = free,
                                          .run = run};
