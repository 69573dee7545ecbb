/* Pad with a constant, by reflection, with the edge or with the other end; negative amounts crop.
 */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_same(sig);
}

/* The input position for position `i` (which may lie outside), or -1 for the constant. */
static int64_t source(int mode, int64_t i, int64_t size)
{
    if (i >= 0 && i < size) return i;
    if (mode == 0 || size == 0) return -1;
    if (mode == 3) return (i % size + size) % size;
    if (mode == 2 || size == 1) return i < 0 ? 0 : size - 1;
    int64_t period = 2 * (size - 1);
    i = (i % period + period) % period;
    return i < size ? i : period - i;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    const struct pld_pad_params *pad = &plan->params.pad;
    size_t size = pld_dtype_size(z->desc.dtype);
    int rank = z->desc.shape.rank;
    int64_t at[PLD_MAX_RANK], from[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape)) {
        bool inside = true;
        for (int i = 0; i < rank; i++) {
            from[i] = source(pad->mode, at[i] - pad->begin[i], x->desc.shape.dim[i]);
            inside = inside && from[i] >= 0;
        }
        int64_t o = pld_index_offset(at, z->stride, rank);
        if (inside)
            pld_element_copy(out[0], o, in[0], pld_index_offset(from, x->stride, rank), size);
        else
            pld_store(z->desc.dtype, out[0], o, pad->value);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(pad);
