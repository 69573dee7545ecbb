/* MatMul as in numpy: leading axes broadcast; a rank 1 operand is a row (left) or a column (right)
 * whose axis does not appear in the result. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 2 && pld_sig_single(sig) && pld_sig_same(sig) &&
           sig->in[0].shape.rank >= 1 && sig->in[1].shape.rank >= 1 && sig->in[0].dtype != PLD_BOOL;
}

struct matmul {
    const struct pld_cpu_plan *plan;
    int64_t k, a_step, b_step; /* along the contracted axis */
};

static void dot(const struct matmul *mm, const void *a, int64_t ia, const void *b, int64_t ib,
                void *out, int64_t o)
{
    enum pld_dtype dtype = mm->plan->out[0].desc.dtype;
    double sum = 0;
    uint64_t whole = 0;
    for (int64_t k = 0; k < mm->k; k++, ia += mm->a_step, ib += mm->b_step) {
        if (pld_dtype_is_float(dtype))
            sum += pld_load(dtype, a, ia) * pld_load(dtype, b, ib);
        else
            whole += (uint64_t)pld_load_int(dtype, a, ia) * (uint64_t)pld_load_int(dtype, b, ib);
    }
    if (pld_dtype_is_float(dtype))
        pld_store(dtype, out, o, sum);
    else
        pld_store_int(dtype, out, o, (int64_t)whole);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *a = &plan->in[0], *b = &plan->in[1], *z = &plan->out[0];
    int ra = a->desc.shape.rank, rb = b->desc.shape.rank, rz = z->desc.shape.rank;
    struct matmul mm = {plan, a->desc.shape.dim[ra - 1], a->stride[ra - 1],
                        b->stride[rb > 1 ? rb - 2 : 0]};
    /* The batch axes of the result, then rows unless a is a vector, columns unless b is. */
    int columns = rb > 1, rows = ra > 1, batch = rz - rows - columns;
    int64_t sa[PLD_MAX_RANK] = {0}, sb[PLD_MAX_RANK] = {0}, at[PLD_MAX_RANK];
    for (int i = 0; i < batch; i++) {
        int ja = i - batch + ra - 2, jb = i - batch + rb - 2;
        if (ja >= 0 && a->desc.shape.dim[ja] > 1) sa[i] = a->stride[ja];
        if (jb >= 0 && b->desc.shape.dim[jb] > 1) sb[i] = b->stride[jb];
    }
    if (rows) sa[batch] = a->stride[ra - 2];
    if (columns) sb[batch + rows] = b->stride[rb - 1];
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape))
        dot(&mm, in[0], pld_index_offset(at, sa, rz), in[1], pld_index_offset(at, sb, rz), out[0],
            pld_index_offset(at, z->stride, rz));
    return PLD_OK;
}

PLD_REF_KERNEL(matmul);
