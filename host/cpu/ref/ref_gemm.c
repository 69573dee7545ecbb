/* Gemm: y = alpha op(a) op(b) + beta c, c broadcast to y. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in >= 2 && pld_sig_single(sig) && pld_sig_float(sig) &&
           sig->in[0].shape.rank == 2 && sig->in[1].shape.rank == 2;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_gemm_params *params = &plan->params.gemm;
    const struct pld_cpu_tensor *a = &plan->in[0], *b = &plan->in[1], *z = &plan->out[0];
    enum pld_dtype dtype = z->desc.dtype;
    int ta = params->trans_a != 0, tb = params->trans_b != 0;
    int64_t k = a->desc.shape.dim[1 - ta], c_stride[PLD_MAX_RANK] = {0}, at[PLD_MAX_RANK];
    const void *c = plan->n_in > 2 ? in[2] : NULL;
    if (c) pld_cpu_broadcast(c_stride, &plan->in[2], &z->desc.shape);
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape)) {
        double sum = 0;
        for (int64_t i = 0; i < k; i++)
            sum += pld_load(dtype, in[0], at[0] * a->stride[ta] + i * a->stride[1 - ta]) *
                   pld_load(dtype, in[1], i * b->stride[tb] + at[1] * b->stride[1 - tb]);
        double v = (double)params->alpha * sum;
        if (c) v += (double)params->beta * pld_load(dtype, c, pld_index_offset(at, c_stride, 2));
        pld_store(dtype, out[0], pld_index_offset(at, z->stride, 2), v);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(gemm);
