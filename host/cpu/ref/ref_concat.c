/* Concat along an axis, for any type. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in >= 1 && pld_sig_single(sig) && pld_sig_same(sig);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *z = &plan->out[0];
    size_t size = pld_dtype_size(z->desc.dtype);
    int axis = (int)plan->params.axis.axis, rank = z->desc.shape.rank;
    int64_t begin = 0, at[PLD_MAX_RANK];
    for (int i = 0; i < plan->n_in; i++) {
        const struct pld_cpu_tensor *x = &plan->in[i];
        for (bool more = pld_index_first(at, &x->desc.shape); more;
             more = pld_index_next(at, &x->desc.shape))
            pld_element_copy(out[0],
                             begin * z->stride[axis] + pld_index_offset(at, z->stride, rank), in[i],
                             pld_index_offset(at, x->stride, rank), size);
        begin += x->desc.shape.dim[axis];
    }
    return PLD_OK;
}

PLD_REF_KERNEL(concat);
