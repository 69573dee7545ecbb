/* Softmax and LogSoftmax of floats: along dense rows, or along an axis with dense neighbours (many
 * distributions side by side, as in the DFL of detection heads). */
#include <math.h>
#include <stdlib.h>

#include "cpu/cpu_plan.h"
#include "cpu/fast/copy.h"
#include "backend/loop.h"
#include "cpu/fast/vecmath.h"
#include "cpu/fast/sum.h"

enum {
    BLOCK = 256, /* distributions side by side */
    SHORT = 32,  /* rows up to this length are turned, to lie side by side */
    TURNED = 64, /* so many at a time */
};

struct plan {
    struct pld_loop loop; /* over everything but the normalised axis: out, in */
    int64_t n;            /* its length */
    int64_t step[2];      /* its strides: out, in */
    bool rows, log;
};

/* The normalised axis, with all behind it when they are one (opset < 13, row-major). */
static bool find_axis(struct plan *plan, struct pld_shape *rest, const struct pld_signature *sig)
{
    const struct pld_softmax_params *params = &sig->params->softmax;
    struct pld_cpu_tensor x, z;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    int last = params->flatten ? x.desc.shape.rank - 1 : (int)params->axis;
    *rest = x.desc.shape;
    plan->n = 1;
    for (int i = (int)params->axis; i <= last; i++) {
        bool joined = i == last || (x.stride[i] == x.stride[i + 1] * rest->dim[i + 1] &&
                                    z.stride[i] == z.stride[i + 1] * rest->dim[i + 1]);
        if (!joined) return false;
        plan->n *= rest->dim[i];
    }
    for (int i = (int)params->axis; i <= last; i++)
        rest->dim[i] = 1;
    plan->step[0] = z.stride[last];
    plan->step[1] = x.stride[last];
    pld_loop_init(&plan->loop, rest, 2, (const int64_t *const[]){z.stride, x.stride});
    const struct pld_loop *l = &plan->loop;
    plan->rows = plan->step[0] == 1 && plan->step[1] == 1;
    return plan->rows || (l->stride[0][l->rank - 1] == 1 && l->stride[1][l->rank - 1] == 1);
}

static bool supports(const struct pld_signature *sig)
{
    struct plan plan;
    struct pld_shape rest;
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_is(sig, PLD_F32) &&
           sig->in[0].shape.rank >= 1 && find_axis(&plan, &rest, sig);
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    struct pld_shape rest;
    find_axis(plan, &rest, sig);
    plan->log = sig->params->softmax.log != 0;
    if (plan->n == 0) plan->loop.empty = true;
    *workspace = 0;
    *out = plan;
    return PLD_OK;
}

PLD_SIMD static void one_row(float *restrict out, const float *in, int64_t n, bool log)
{
    float top = pld_largest(in, n);
    for (int64_t i = 0; i < n; i++)
        out[i] = pld_expf(in[i] - top);
    float sum = pld_sum(out, n);
    if (log) {
        float shift = logf(sum);
        for (int64_t i = 0; i < n; i++)
            out[i] = (in[i] - top) - shift;
        return;
    }
    float scale = 1.0f / sum;
    for (int64_t i = 0; i < n; i++)
        out[i] *= scale;
}

/* `width` <= BLOCK distributions, neighbours in memory. */
PLD_SIMD static void side_by_side(float *restrict out, const float *in, const struct plan *plan,
                                  const int64_t step[2], int64_t width)
{
    float top[BLOCK], sum[BLOCK];
    for (int64_t j = 0; j < width; j++) {
        top[j] = in[j];
        sum[j] = 0;
    }
    for (int64_t k = 1; k < plan->n; k++)
        for (int64_t j = 0; j < width; j++) {
            float v = in[k * step[1] + j];
            top[j] = ((v > top[j]) | (v != v)) ? v : top[j];
        }
    for (int64_t k = 0; k < plan->n; k++)
        for (int64_t j = 0; j < width; j++) {
            float e = pld_expf(in[k * step[1] + j] - top[j]);
            out[k * step[0] + j] = e;
            sum[j] += e;
        }
    for (int64_t j = 0; j < width; j++)
        sum[j] = plan->log ? logf(sum[j]) : 1.0f / sum[j];
    for (int64_t k = 0; k < plan->n; k++)
        for (int64_t j = 0; j < width; j++) {
            float *o = &out[k * step[0] + j];
            float v = in[k * step[1] + j] - top[j];
            *o = plan->log ? v - sum[j] : *o * sum[j];
        }
}

/* Short rows have too little for the vector units each. */
static void short_rows(float *out, int64_t out_step, const float *in, int64_t in_step,
                       const struct plan *plan, int64_t rows)
{
    float from[SHORT * TURNED], to[SHORT * TURNED];
    const int64_t step[2] = {TURNED, TURNED};
    for (int64_t r = 0; r < rows; r += TURNED) {
        int64_t n = rows - r < TURNED ? rows - r : TURNED;
        pld_copy_turn(from, TURNED, in + r * in_step, in_step, plan->n, n);
        side_by_side(to, from, plan, step, n);
        pld_copy_turn(out + r * out_step, out_step, to, TURNED, n, plan->n);
    }
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct plan *plan = plan_;
    const struct pld_loop *l = &plan->loop;
    int y = l->rank - 2, x = l->rank - 1;
    struct pld_loop_at at;
    for (bool more = pld_loop_first(&at, l); more; more = pld_loop_next(&at, l))
        for (int64_t i = 0; i < l->dim[y]; i++) {
            float *o = (float *)out[0] + at.offset[0] + i * l->stride[0][y];
            const float *a = (const float *)in[0] + at.offset[1] + i * l->stride[1][y];
            if (plan->rows && plan->n <= SHORT) {
                short_rows(o, l->stride[0][x], a, l->stride[1][x], plan, l->dim[x]);
                continue;
            }
            for (int64_t j = 0; plan->rows && j < l->dim[x]; j++)
                one_row(o + j * l->stride[0][x], a + j * l->stride[1][x], plan->n, plan->log);
            for (int64_t j = 0; !plan->rows && j < l->dim[x]; j += BLOCK)
                side_by_side(o + j, a + j, plan, plan->step,
                             l->dim[x] - j < BLOCK ? l->dim[x] - j : BLOCK);
        }
    return PLD_OK;
}

extern const struct pld_kernel pld_fast_softmax;
const struct pld_kernel pld_fast_softmax = {.name = "fast.softmax",
                                            .supports = supports,
                                            .plan_new = plan_new,
                                            .plan_free = free,
                                            .run = run};
