/* Range. The values of Constant and ConstantOfShape are attributes, which kernels do not see, and
 * how much NonMaxSuppression or NonZero find is not known beforehand: the graph computes those
 * itself. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->op == PLD_OP_RANGE && sig->n_in == 3 && pld_sig_single(sig) && pld_sig_same(sig);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    enum pld_dtype dtype = plan->out[0].desc.dtype;
    for (int64_t i = 0; i < plan->out[0].count; i++) {
        if (pld_dtype_is_float(dtype))
            pld_store(dtype, out[0], i,
                      pld_load(dtype, in[0], 0) + (double)i * pld_load(dtype, in[2], 0));
        else
            pld_store_int(dtype, out[0], i,
                          (int64_t)((uint64_t)pld_load_int(dtype, in[0], 0) +
                                    (uint64_t)i * (uint64_t)pld_load_int(dtype, in[2], 0)));
    }
    return PLD_OK;
}

PLD_REF_KERNEL(constant);
