/* MaxUnpool: every element goes to the position of the output that its index names; the rest is 0.
 */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 2 && pld_sig_single(sig) && sig->out[0].dtype == sig->in[0].dtype &&
           sig->in[1].dtype == PLD_I64 && pld_shape_equal(&sig->in[0].shape, &sig->in[1].shape);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *index = &plan->in[1], *z = &plan->out[0];
    size_t size = pld_dtype_size(z->desc.dtype);
    const struct pld_shape *counted = &plan->params.unpool.counted;
    int64_t limit = pld_shape_count(counted);
    memset(out[0], 0, (size_t)z->count * size);
    for (int64_t i = 0; i < x->count; i++) {
        int64_t k = pld_load_int(index->desc.dtype, in[1], i), o = 0;
        bool inside = k >= 0 && k < limit;
        for (int a = counted->rank - 1; inside && a >= 0; k /= counted->dim[a--]) {
            o += k % counted->dim[a] * z->stride[a];
            inside = k % counted->dim[a] < z->desc.shape.dim[a];
        }
        if (!inside)
            return pld_fail(PLD_EMODEL, "MaxUnpool", "index %lld is outside the output",
                            (long long)pld_load_int(index->desc.dtype, in[1], i));
        pld_element_copy(out[0], o, in[0], i, size);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(unpool);
