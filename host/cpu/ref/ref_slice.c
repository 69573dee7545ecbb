/* Slice: out[i, ...] = in[start + i * step, ...], for any type. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_same(sig);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    const struct pld_slice_params *slice = &plan->params.slice;
    size_t size = pld_dtype_size(z->desc.dtype);
    int rank = z->desc.shape.rank;
    int64_t at[PLD_MAX_RANK], from[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape)) {
        for (int i = 0; i < rank; i++)
            from[i] = slice->start[i] + at[i] * slice->step[i];
        pld_element_copy(out[0], pld_index_offset(at, z->stride, rank), in[0],
                         pld_index_offset(from, x->stride, rank), size);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(slice);
