/* QuantizeLinear: saturate(round(x / scale) + zero), ties to even. DequantizeLinear:
 * (x - zero) scale. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    if (sig->n_in < 2 || !pld_sig_single(sig) || !pld_sig_has(sig, 1)) return false;
    bool real = pld_dtype_is_float(sig->op == PLD_OP_QUANTIZE_LINEAR ? sig->out[0].dtype
                                                                     : sig->in[0].dtype);
    return !real && pld_dtype_is_float(sig->in[1].dtype);
}

/* Where the scale of an index of the input is (struct pld_quantize_params). */
static int64_t scale_at(const struct pld_cpu_plan *plan, const int64_t *at)
{
    const struct pld_quantize_params *q = &plan->params.quantize;
    const struct pld_cpu_tensor *scale = &plan->in[1];
    if (q->block == 0) return scale->count == 1 ? 0 : at[q->axis];
    int64_t offset = 0;
    for (int i = 0; i < scale->desc.shape.rank; i++)
        offset += (i == q->axis ? at[i] / q->block : at[i]) * scale->stride[i];
    return offset;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *y = &plan->out[0];
    bool shifted = plan->n_in > 2 && in[2];
    int rank = x->desc.shape.rank;
    int64_t at[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &x->desc.shape); more;
         more = pld_index_next(at, &x->desc.shape)) {
        int64_t k = scale_at(plan, at);
        double scale = pld_load(plan->in[1].desc.dtype, in[1], k);
        double zero = shifted ? pld_load(plan->in[2].desc.dtype, in[2], k) : 0;
        double v = pld_load(x->desc.dtype, in[0], pld_index_offset(at, x->stride, rank));
        /* Divided in single precision, as everybody does: a tie is a tie only there. */
        if (plan->op == PLD_OP_QUANTIZE_LINEAR)
            v = nearbyint((double)((float)v / (float)scale)) + zero;
        else
            v = (v - zero) * scale;
        pld_store(y->desc.dtype, out[0], pld_index_offset(at, y->stride, rank), v);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(quantize);
