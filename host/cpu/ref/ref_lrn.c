/* LRN: x / (bias + alpha / size * sum of squares over `size` neighbouring channels)^beta. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_float(sig) &&
           sig->in[0].shape.rank >= 2;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    const struct pld_lrn_params *lrn = &plan->params.lrn;
    enum pld_dtype dtype = x->desc.dtype;
    int rank = x->desc.shape.rank;
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape)) {
        int64_t i = pld_index_offset(at, x->stride, rank), c = at[1];
        int64_t first = c - (lrn->size - 1) / 2, last = c + lrn->size / 2;
        double sum = 0;
        for (int64_t k = first < 0 ? 0 : first; k <= last && k < x->desc.shape.dim[1]; k++) {
            double v = pld_load(dtype, in[0], i + (k - c) * x->stride[1]);
            sum += v * v;
        }
        double base = (double)lrn->bias + (double)lrn->alpha / (double)lrn->size * sum;
        pld_store(dtype, out[0], pld_index_offset(at, z->stride, rank),
                  pld_load(dtype, in[0], i) / pow(base, lrn->beta));
    }
    return PLD_OK;
}

PLD_REF_KERNEL(lrn);
