/* Cast between any two types (rules of conversion: backend/element.h). */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *y = &plan->out[0];
    enum pld_dtype from = x->desc.dtype, to = y->desc.dtype;
    int rank = y->desc.shape.rank;
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &y->desc.shape); more;
         more = pld_index_next(at, &y->desc.shape)) {
        int64_t i = pld_index_offset(at, x->stride, rank);
        int64_t o = pld_index_offset(at, y->stride, rank);
        if (pld_dtype_is_float(from) || pld_dtype_is_float(to))
            pld_store(to, out[0], o, pld_load(from, in[0], i));
        else
            pld_store_int(to, out[0], o, pld_load_int(from, in[0], i));
    }
    return PLD_OK;
}

PLD_REF_KERNEL(cast);
