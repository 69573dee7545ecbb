/* BatchNormalization (inference): scale (x - mean) / sqrt(var + epsilon) + bias, per channel. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 5 && pld_sig_single(sig) && sig->in[0].shape.rank >= 2 &&
           pld_dtype_is_float(sig->in[0].dtype) && sig->out[0].dtype == sig->in[0].dtype;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *y = &plan->out[0];
    int rank = y->desc.shape.rank;
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &y->desc.shape); more;
         more = pld_index_next(at, &y->desc.shape)) {
        double p[5]; /* x, scale, bias, mean, var */
        p[0] = pld_load(x->desc.dtype, in[0], pld_index_offset(at, x->stride, rank));
        for (int i = 1; i < 5; i++)
            p[i] = pld_load(plan->in[i].desc.dtype, in[i], at[1]);
        double v = (p[0] - p[3]) / sqrt(p[4] + (double)plan->params.norm.epsilon) * p[1] + p[2];
        pld_store(y->desc.dtype, out[0], pld_index_offset(at, y->stride, rank), v);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(batch_norm);
