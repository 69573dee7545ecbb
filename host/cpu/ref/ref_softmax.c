/* Softmax, LogSoftmax and Hardmax (1 at the first maximum, else 0) over one axis, or (opset < 13)
 * over all axes from `axis` on. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_float(sig) &&
           sig->in[0].shape.rank >= 1;
}

/* One distribution: the elements of `span` from the given offsets on. */
static void normalise(const struct pld_cpu_plan *plan, const struct pld_shape *span, const void *in,
                      int64_t i0, void *out, int64_t o0)
{
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    enum pld_dtype dtype = x->desc.dtype;
    int64_t at[PLD_MAX_RANK];
    double top = -INFINITY, sum = 0;
    for (bool more = pld_index_first(at, span); more; more = pld_index_next(at, span)) {
        double v = pld_load(dtype, in, i0 + pld_index_offset(at, x->stride, span->rank));
        top = v > top ? v : top;
    }
    for (bool more = pld_index_first(at, span); more; more = pld_index_next(at, span))
        sum += exp(pld_load(dtype, in, i0 + pld_index_offset(at, x->stride, span->rank)) - top);
    bool found = false;
    for (bool more = pld_index_first(at, span); more; more = pld_index_next(at, span)) {
        double v = pld_load(dtype, in, i0 + pld_index_offset(at, x->stride, span->rank)) - top;
        double y = plan->params.softmax.log ? v - log(sum) : exp(v) / sum;
        if (plan->op == PLD_OP_HARDMAX) y = v == 0 && !found;
        found = found || v == 0;
        pld_store(dtype, out, o0 + pld_index_offset(at, z->stride, span->rank), y);
    }
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    const struct pld_softmax_params *params = &plan->params.softmax;
    struct pld_shape rest = x->desc.shape, span = x->desc.shape;
    for (int i = 0; i < span.rank; i++) {
        bool normalised = i == params->axis || (params->flatten && i > params->axis);
        if (normalised)
            rest.dim[i] = 1;
        else
            span.dim[i] = 1;
    }
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &rest); more; more = pld_index_next(at, &rest))
        normalise(plan, &span, in[0], pld_index_offset(at, x->stride, rest.rank), out[0],
                  pld_index_offset(at, z->stride, rest.rank));
    return PLD_OK;
}

PLD_REF_KERNEL(softmax);
