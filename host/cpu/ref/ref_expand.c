/* Expand and Tile: the input repeats along every axis (an axis of 1 repeats its one element). */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_same(sig) &&
           sig->in[0].shape.rank <= sig->out[0].shape.rank &&
           (pld_shape_count(&sig->in[0].shape) > 0 || pld_shape_count(&sig->out[0].shape) == 0);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    size_t size = pld_dtype_size(z->desc.dtype);
    int rank = x->desc.shape.rank, shift = z->desc.shape.rank - rank;
    int64_t at[PLD_MAX_RANK], from[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape)) {
        for (int i = 0; i < rank; i++)
            from[i] = at[i + shift] % x->desc.shape.dim[i];
        pld_element_copy(out[0], pld_index_offset(at, z->stride, z->desc.shape.rank), in[0],
                         pld_index_offset(from, x->stride, rank), size);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(expand);
