/* Resize (and Upsample). Each output position reads some input positions along each axis, its taps;
 * the result is the sum over all combinations of taps. */
#include "cpu/ref/ref.h"
#include "cpu/resize_taps.h"

static bool supports(const struct pld_signature *sig)
{
    if (sig->n_in != 1 || !pld_sig_single(sig) || !pld_sig_same(sig)) return false;
    return sig->params->resize.mode == PLD_RESIZE_NEAREST || pld_sig_float(sig);
}

static double blend(const struct pld_cpu_tensor *x, const void *in, const struct pld_taps *taps)
{
    int rank = x->desc.shape.rank;
    struct pld_shape combinations = {.rank = rank};
    for (int i = 0; i < rank; i++)
        combinations.dim[i] = taps[i].n;
    int64_t at[PLD_MAX_RANK], from[PLD_MAX_RANK];
    double sum = 0;
    for (bool more = pld_index_first(at, &combinations); more;
         more = pld_index_next(at, &combinations)) {
        double weight = 1;
        for (int i = 0; i < rank; i++) {
            weight *= taps[i].weight[at[i]];
            from[i] = taps[i].index[at[i]];
        }
        sum += weight * pld_load(x->desc.dtype, in, pld_index_offset(from, x->stride, rank));
    }
    return sum;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    const struct pld_resize_params *params = &plan->params.resize;
    int rank = z->desc.shape.rank;
    int64_t at[PLD_MAX_RANK], from[PLD_MAX_RANK];
    struct pld_taps taps[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape)) {
        bool inside = true;
        for (int i = 0; i < rank; i++) {
            pld_resize_taps(&taps[i], params, i, at[i], x->desc.shape.dim[i], z->desc.shape.dim[i]);
            inside = inside && taps[i].n > 0;
            from[i] = inside ? taps[i].index[0] : 0;
        }
        int64_t o = pld_index_offset(at, z->stride, rank);
        if (!inside)
            pld_store(z->desc.dtype, out[0], o, params->outside);
        else if (params->mode == PLD_RESIZE_NEAREST)
            pld_element_copy(out[0], o, in[0], pld_index_offset(from, x->stride, rank),
                             pld_dtype_size(z->desc.dtype));
        else
            pld_store(z->desc.dtype, out[0], o, blend(x, in[0], taps));
    }
    return PLD_OK;
}

PLD_REF_KERNEL(resize);
