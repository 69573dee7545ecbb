/* ScatterElements: out[index[i][j]][j] = update[i][j]. ScatterND: out[index[i...]] = update[i...].
 * The rest is the input. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 3 && pld_sig_single(sig) && sig->in[0].dtype == sig->out[0].dtype &&
           sig->in[2].dtype == sig->out[0].dtype &&
           (sig->in[1].dtype == PLD_I64 || sig->in[1].dtype == PLD_I32);
}

/* to: the index into the output that the update at `at` changes. */
static pld_status find(int64_t *to, const struct pld_cpu_plan *plan, const void *indices,
                       const int64_t *at)
{
    const struct pld_cpu_tensor *index = &plan->in[1];
    int rank = plan->in[0].desc.shape.rank, lead = index->desc.shape.rank - 1;
    if (plan->op != PLD_OP_SCATTER_ND) {
        memcpy(to, at, (size_t)rank * sizeof *to);
        return pld_ref_index(&to[plan->params.index.axis], plan, indices,
                             pld_index_offset(at, index->stride, rank),
                             (int)plan->params.index.axis);
    }
    int tuple = (int)index->desc.shape.dim[lead];
    for (int i = 0; i < tuple; i++)
        PLD_TRY(pld_ref_index(&to[i], plan, indices,
                              pld_index_offset(at, index->stride, lead) + i * index->stride[lead],
                              i));
    for (int i = tuple; i < rank; i++)
        to[i] = at[i - tuple + lead];
    return PLD_OK;
}

static double combined(int reduction, double a, double b)
{
    switch (reduction) {
    case PLD_SCATTER_ADD:
        return a + b;
    case PLD_SCATTER_MUL:
        return a * b;
    case PLD_SCATTER_MAX:
        return isnan(a) || a > b ? a : b;
    default:
        return isnan(a) || a < b ? a : b;
    }
}

static int64_t combined_integer(int reduction, int64_t a, int64_t b)
{
    switch (reduction) {
    case PLD_SCATTER_ADD:
        return (int64_t)((uint64_t)a + (uint64_t)b);
    case PLD_SCATTER_MUL:
        return (int64_t)((uint64_t)a * (uint64_t)b);
    case PLD_SCATTER_MAX:
        return a > b ? a : b;
    default:
        return a < b ? a : b;
    }
}

static void write(const struct pld_cpu_plan *plan, void *out, int64_t o, const void *updates,
                  int64_t i)
{
    enum pld_dtype dtype = plan->out[0].desc.dtype;
    int reduction = plan->params.index.reduction;
    if (reduction == PLD_SCATTER_SET)
        pld_element_copy(out, o, updates, i, pld_dtype_size(dtype));
    else if (pld_dtype_is_float(dtype))
        pld_store(dtype, out, o,
                  combined(reduction, pld_load(dtype, out, o), pld_load(dtype, updates, i)));
    else
        pld_store_int(dtype, out, o,
                      combined_integer(reduction, pld_load_int(dtype, out, o),
                                       pld_load_int(dtype, updates, i)));
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *z = &plan->out[0], *updates = &plan->in[2];
    int64_t at[PLD_MAX_RANK], to[PLD_MAX_RANK];
    memcpy(out[0], in[0], (size_t)z->count * pld_dtype_size(z->desc.dtype));
    for (bool more = pld_index_first(at, &updates->desc.shape); more;
         more = pld_index_next(at, &updates->desc.shape)) {
        PLD_TRY(find(to, plan, in[1], at));
        write(plan, out[0], pld_index_offset(to, z->stride, z->desc.shape.rank), in[2],
              pld_index_offset(at, updates->stride, updates->desc.shape.rank));
    }
    return PLD_OK;
}

PLD_REF_KERNEL(scatter);
