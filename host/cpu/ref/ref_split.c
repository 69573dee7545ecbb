/* Split along an axis, for any type. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && sig->n_out >= 1 && sig->n_out <= 64 && pld_sig_same(sig);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0];
    size_t size = pld_dtype_size(x->desc.dtype);
    int axis = (int)plan->params.split.axis, rank = x->desc.shape.rank;
    int64_t at[PLD_MAX_RANK];
    for (int i = 0; i < plan->n_out; i++) {
        const struct pld_cpu_tensor *z = &plan->out[i];
        if (!out[i]) continue;
        int64_t begin = plan->params.split.begin[i] * x->stride[axis];
        for (bool more = pld_index_first(at, &z->desc.shape); more;
             more = pld_index_next(at, &z->desc.shape))
            pld_element_copy(out[i], pld_index_offset(at, z->stride, rank), in[0],
                             begin + pld_index_offset(at, x->stride, rank), size);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(split);
