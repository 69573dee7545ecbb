/* BatchNormalization of floats that could not be folded into a convolution: x * scale + shift. */
#include <math.h>
#include <stdlib.h>

#include "cpu/cpu_plan.h"
#include "backend/loop.h"
#include "cpu/fast/simd.h"

struct plan {
    struct pld_loop loop; /* out, x, scale, shift */
    int64_t channels;
    float epsilon;
};

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 5 && pld_sig_single(sig) && pld_sig_is(sig, PLD_F32) &&
           sig->in[0].shape.rank >= 2;
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    struct pld_cpu_tensor x, z;
    pld_cpu_tensor_init(&x, &sig->in[0]);
    pld_cpu_tensor_init(&z, &sig->out[0]);
    static const int64_t channel[PLD_MAX_RANK] = {0, 1};
    pld_loop_init(&plan->loop, &z.desc.shape, 4,
                  (const int64_t *const[]){z.stride, x.stride, channel, channel});
    plan->channels = x.desc.shape.dim[1];
    plan->epsilon = sig->params->norm.epsilon;
    *workspace = 2 * (size_t)plan->channels * sizeof(float);
    *out = plan;
    return PLD_OK;
}

/* One row; `step` are the strides along it. */
PLD_SIMD static void affine(float *restrict out, const float *x, const float *scale,
                            const float *shift, int64_t n, const int64_t step[4])
{
    if (step[0] == 1 && step[1] == 1 && step[2] == 1)
        for (int64_t i = 0; i < n; i++)
            out[i] = x[i] * scale[i] + shift[i];
    else if (step[0] == 1 && step[1] == 1)
        for (int64_t i = 0; i < n; i++)
            out[i] = x[i] * *scale + *shift;
    else
        for (int64_t i = 0; i < n; i++)
            out[i * step[0]] = x[i * step[1]] * scale[i * step[2]] + shift[i * step[3]];
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane;
    const struct plan *plan = plan_;
    const struct pld_loop *l = &plan->loop;
    const float *gamma = in[1], *beta = in[2], *mean = in[3], *variance = in[4];
    float *scale = workspace, *shift = scale + plan->channels;
    for (int64_t c = 0; c < plan->channels; c++) {
        double s = (double)gamma[c] / sqrt((double)variance[c] + (double)plan->epsilon);
        scale[c] = (float)s;
        shift[c] = (float)((double)beta[c] - (double)mean[c] * s);
    }
    int y = l->rank - 2, x = l->rank - 1;
    const int64_t step[] = {l->stride[0][x], l->stride[1][x], l->stride[2][x], l->stride[3][x]};
    struct pld_loop_at at;
    for (bool more = pld_loop_first(&at, l); more; more = pld_loop_next(&at, l))
        for (int64_t i = 0; i < l->dim[y]; i++)
            affine((float *)out[0] + at.offset[0] + i * l->stride[0][y],
                   (const float *)in[0] + at.offset[1] + i * l->stride[1][y],
                   scale + at.offset[2] + i * l->stride[2][y],
                   shift + at.offset[3] + i * l->stride[3][y], l->dim[x], step);
    return PLD_OK;
}

extern const struct pld_kernel pld_fast_batch_norm;
const struct pld_kernel pld_fast_batch_norm = {.name = "fast.batch_norm",
                                               .supports = supports,
                                               .plan_new = plan_new,
                                               .plan_free = free,
                                               .run = run};
