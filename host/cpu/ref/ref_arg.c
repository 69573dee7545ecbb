/* ArgMax and ArgMin: where along the axis the extreme is. NaN counts as one, as in numpy. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && sig->out[0].dtype == PLD_I64 &&
           sig->in[0].dtype != PLD_BOOL && pld_shape_count(&sig->in[0].shape) > 0;
}

static bool better(const struct pld_reduce_params *params, double new, double best)
{
    if (isnan(best)) return isnan(new) && params->last;
    return isnan(new) || new > best || (new == best && params->last);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0];
    const double direction = plan->op == PLD_OP_ARG_MAX ? 1 : -1;
    struct pld_shape rest, span;
    int64_t z_stride[PLD_MAX_RANK], at[PLD_MAX_RANK], step = 0;
    pld_ref_reduction(&rest, &span, z_stride, plan);
    int64_t length = pld_shape_count(&span);
    for (int i = 0; i < span.rank; i++)
        if (plan->params.reduce.axes >> i & 1) step = x->stride[i];
    for (bool more = pld_index_first(at, &rest); more; more = pld_index_next(at, &rest)) {
        int64_t start = pld_index_offset(at, x->stride, rest.rank), winner = 0;
        double best = direction * pld_load(x->desc.dtype, in[0], start);
        for (int64_t k = 1; k < length; k++) {
            double v = direction * pld_load(x->desc.dtype, in[0], start + k * step);
            if (!better(&plan->params.reduce, v, best)) continue;
            best = v;
            winner = k;
        }
        pld_store_int(PLD_I64, out[0], pld_index_offset(at, z_stride, rest.rank), winner);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(arg);
