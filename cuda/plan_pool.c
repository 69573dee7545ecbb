/* MaxPool and AveragePool. */
#include <stdlib.h>
#include <string.h>

#include "backend/signature.h"
#include "cuda/launch.h"

static bool supports(const struct pld_signature *sig)
{
    int rank = sig->in[0].shape.rank;
    return sig->n_in == 1 && pld_sig_single(sig) && (rank == 3 || rank == 4) &&
           sig->out[0].shape.rank == rank && pld_sig_same(sig) &&
           (sig->in[0].dtype == PLD_F32 || sig->in[0].dtype == PLD_F16) &&
           pld_shape_count(&sig->in[0].shape) < (int64_t)1 << 31 &&
           pld_shape_count(&sig->out[0].shape) < (int64_t)1 << 31;
}

/* Strides and sizes as N C H W; in rank 3 H is 1. */
static void image(int64_t size[4], int64_t stride[4], const struct pld_desc *desc)
{
    int64_t s[PLD_MAX_RANK];
    bool flat = desc->shape.rank == 3;
    pld_desc_strides(s, desc);
    for (int i = 0; i < 4; i++) {
        int from = flat && i == 3 ? 2 : i;
        bool absent = flat && i == 2;
        size[i] = absent ? 1 : desc->shape.dim[from];
        stride[i] = absent ? 0 : s[from];
    }
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    const struct pld_pool_params *params = &sig->params->pool;
    const struct pld_window *w = &params->window;
    int64_t in[4], out_size[4], si[4], so[4];
    image(in, si, &sig->in[0]);
    image(out_size, so, &sig->out[0]);
    struct pld_pool_args *a = calloc(1, sizeof *a);
    if (!a) return pld_fail_memory("kernel plan");
    *workspace = 0;
    *out = a;
    a->dtype = sig->in[0].dtype;
    a->average = sig->op == PLD_OP_AVERAGE_POOL;
    a->count_pad = params->count_include_pad;
    a->in_h = (int)in[2];
    a->in_w = (int)in[3];
    for (int i = 0; i < 2; i++) {
        a->kernel[i] = (int)w->kernel[i];
        a->stride[i] = (int)w->stride[i];
        a->dilation[i] = (int)w->dilation[i];
        a->begin[i] = (int)w->pad_begin[i];
        a->end[i] = (int)(in[2 + i] + w->pad_end[i] - params->ceil_extra[i]);
    }
    a->in_n = si[0], a->in_c = si[1], a->in_y = si[2], a->in_x = si[3];
    a->out_n = so[0], a->out_c = so[1], a->out_y = so[2], a->out_x = so[3];
    a->wide = si[1] == 1 && so[1] == 1 && in[1] % PLD_RUN == 0 && si[3] % PLD_RUN == 0 &&
              so[3] % PLD_RUN == 0;
    a->count = (uint32_t)pld_shape_count(&sig->out[0].shape);
    a->channels = pld_divisor_of((uint32_t)out_size[1]);
    a->height = pld_divisor_of((uint32_t)out_size[2]);
    a->width = pld_divisor_of((uint32_t)out_size[3]);
    return PLD_OK;
}

static pld_status run(const void *plan, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    struct pld_pool_args a = *(const struct pld_pool_args *)plan;
    a.in = in[0];
    a.out = out[0];
    a.wide = a.wide && ((uintptr_t)a.in | (uintptr_t)a.out) % 16 == 0;
    if (a.wide) {
        a.count /= PLD_RUN;
        a.channels = pld_divisor_of(a.channels.value / PLD_RUN);
    }
    return pld_launch_pool(&a, a.count);
}

extern const struct pld_kernel pld_cuda_pool;
const struct pld_kernel pld_cuda_pool = {
    .name = "cuda.pool", .supports = supports, .plan_new = plan_new, .plan_free = free, .run = run};
