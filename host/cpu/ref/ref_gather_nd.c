/* GatherElements: out[i][j] = x[index[i][j]][j]. GatherND: out[i...] = x[index[i...]]. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 2 && pld_sig_single(sig) && sig->in[0].dtype == sig->out[0].dtype &&
           (sig->in[1].dtype == PLD_I64 || sig->in[1].dtype == PLD_I32);
}

/* from: the index into x that makes the output at `at`. */
static pld_status find(int64_t *from, const struct pld_cpu_plan *plan, const void *indices,
                       const int64_t *at)
{
    const struct pld_cpu_tensor *x = &plan->in[0], *index = &plan->in[1];
    int rank = x->desc.shape.rank, lead = index->desc.shape.rank - 1;
    if (plan->op == PLD_OP_GATHER_ELEMENTS) {
        memcpy(from, at, (size_t)rank * sizeof *from);
        return pld_ref_index(&from[plan->params.index.axis], plan, indices,
                             pld_index_offset(at, index->stride, rank),
                             (int)plan->params.index.axis);
    }
    int batch = plan->params.index.batch, tuple = (int)index->desc.shape.dim[lead];
    memcpy(from, at, (size_t)batch * sizeof *from);
    for (int i = 0; i < tuple; i++)
        PLD_TRY(pld_ref_index(&from[batch + i], plan, indices,
                              pld_index_offset(at, index->stride, lead) + i * index->stride[lead],
                              batch + i));
    for (int i = batch + tuple; i < rank; i++)
        from[i] = at[i - batch - tuple + lead];
    return PLD_OK;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    int64_t at[PLD_MAX_RANK], from[PLD_MAX_RANK];
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape)) {
        PLD_TRY(find(from, plan, in[1], at));
        pld_element_copy(out[0], pld_index_offset(at, z->stride, z->desc.shape.rank), in[0],
                         pld_index_offset(from, x->stride, x->desc.shape.rank),
                         pld_dtype_size(z->desc.dtype));
    }
    return PLD_OK;
}

PLD_REF_KERNEL(gather_nd);
