/* DepthToSpace and SpaceToDepth: with block b, pixel (h*b + i, w*b + j) of channel c on the wide
 * side is pixel (h, w) on the deep side, of channel (i*b + j)*C + c (DCR) or c*b*b + i*b + j (CRD).
 */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_same(sig) &&
           sig->in[0].shape.rank == 4 && sig->params->depth_space.block > 0;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    bool widen = plan->op == PLD_OP_DEPTH_TO_SPACE;
    const struct pld_cpu_tensor *wide = widen ? &plan->out[0] : &plan->in[0];
    const struct pld_cpu_tensor *deep = widen ? &plan->in[0] : &plan->out[0];
    size_t size = pld_dtype_size(wide->desc.dtype);
    int64_t b = plan->params.depth_space.block, channels = wide->desc.shape.dim[1];
    bool crd = widen && plan->params.depth_space.crd;
    int64_t at[PLD_MAX_RANK], to[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &wide->desc.shape); more;
         more = pld_index_next(at, &wide->desc.shape)) {
        int64_t cell = at[2] % b * b + at[3] % b;
        to[0] = at[0];
        to[1] = crd ? at[1] * b * b + cell : cell * channels + at[1];
        to[2] = at[2] / b;
        to[3] = at[3] / b;
        int64_t w = pld_index_offset(at, wide->stride, 4),
                d = pld_index_offset(to, deep->stride, 4);
        pld_element_copy(out[0], widen ? w : d, in[0], widen ? d : w, size);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(depth_space);
