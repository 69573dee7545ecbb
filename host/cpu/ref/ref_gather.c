/* Gather: the axis of the data is replaced by the axes of the indices. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 2 && pld_sig_single(sig) && sig->in[0].dtype == sig->out[0].dtype &&
           (sig->in[1].dtype == PLD_I64 || sig->in[1].dtype == PLD_I32);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *index = &plan->in[1], *z = &plan->out[0];
    int axis = (int)plan->params.axis.axis, rank = x->desc.shape.rank;
    int added = index->desc.shape.rank;
    int64_t at[PLD_MAX_RANK], from[PLD_MAX_RANK], k;
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape)) {
        PLD_TRY(pld_ref_index(&k, plan, in[1], pld_index_offset(at + axis, index->stride, added),
                              axis));
        for (int i = 0; i < rank; i++)
            from[i] = i < axis ? at[i] : i > axis ? at[i + added - 1] : k;
        pld_element_copy(out[0], pld_index_offset(at, z->stride, z->desc.shape.rank), in[0],
                         pld_index_offset(from, x->stride, rank), pld_dtype_size(z->desc.dtype));
    }
    return PLD_OK;
}

PLD_REF_KERNEL(gather);
