/* Where: out = condition ? x : y, with numpy broadcasting, for any type. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 3 && pld_sig_single(sig) && sig->in[0].dtype == PLD_BOOL &&
           sig->in[1].dtype == sig->out[0].dtype && sig->in[2].dtype == sig->out[0].dtype;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *z = &plan->out[0];
    const struct pld_shape *shape = &z->desc.shape;
    size_t size = pld_dtype_size(z->desc.dtype);
    int64_t stride[3][PLD_MAX_RANK], at[PLD_MAX_RANK];
    for (int i = 0; i < 3; i++)
        pld_cpu_broadcast(stride[i], &plan->in[i], shape);
    for (bool more = pld_index_first(at, shape); more; more = pld_index_next(at, shape)) {
        int64_t c = pld_index_offset(at, stride[0], shape->rank);
        int pick = ((const uint8_t *)in[0])[c] ? 1 : 2;
        pld_element_copy(out[0], pld_index_offset(at, z->stride, shape->rank), in[pick],
                         pld_index_offset(at, stride[pick], shape->rank), size);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(where);
