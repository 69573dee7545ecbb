/* OneHot: on where the index names the position, else off. CumSum: sums of all elements up to each.
 * Trilu: one side of a diagonal, else 0. EyeLike: 1 on a diagonal, else 0. */
#include "cpu/ref/ref.h"

static bool supports(const struct pld_signature *sig)
{
    if (!pld_sig_single(sig)) return false;
    if (sig->op == PLD_OP_ONE_HOT)
        return sig->n_in == 3 && sig->in[0].dtype != PLD_BOOL &&
               sig->in[2].dtype == sig->out[0].dtype;
    if (sig->op == PLD_OP_CUM_SUM && sig->in[0].dtype == PLD_BOOL) return false;
    return sig->n_in == 1 && (sig->op == PLD_OP_EYE_LIKE || pld_sig_same(sig));
}

static void one_hot(const struct pld_cpu_plan *plan, const int64_t *at, int64_t o,
                    const void *const *in, void *out)
{
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    int axis = (int)plan->params.axis.axis;
    int64_t depth = z->desc.shape.dim[axis], from = 0;
    for (int a = 0; a < x->desc.shape.rank; a++)
        from += at[a < axis ? a : a + 1] * x->stride[a];
    double index = pld_load(x->desc.dtype, in[0], from);
    if (index < 0) index += (double)depth;
    pld_element_copy(out, o, in[2], index == (double)at[axis], pld_dtype_size(z->desc.dtype));
}

/* All lines along the axis, each with its running sum. */
static void cum_sum(const struct pld_cpu_plan *plan, const void *in, void *out)
{
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    const struct pld_cum_sum_params *p = &plan->params.cum_sum;
    enum pld_dtype dtype = x->desc.dtype;
    struct pld_shape lines = x->desc.shape;
    int64_t n = lines.dim[p->axis], at[PLD_MAX_RANK];
    lines.dim[p->axis] = 1;
    for (bool more = pld_index_first(at, &lines); more; more = pld_index_next(at, &lines)) {
        int64_t i = pld_index_offset(at, x->stride, lines.rank);
        int64_t o = pld_index_offset(at, z->stride, lines.rank);
        double sum = 0;
        uint64_t whole = 0;
        for (int64_t k = 0; k < n; k++) {
            int64_t step = p->reverse ? n - 1 - k : k, from = i + step * x->stride[p->axis];
            double v = pld_load(dtype, in, from);
            uint64_t w = (uint64_t)pld_load_int(dtype, in, from);
            sum += p->exclusive ? 0 : v;
            whole += p->exclusive ? 0 : w;
            if (pld_dtype_is_float(dtype))
                pld_store(dtype, out, o + step * z->stride[p->axis], sum);
            else
                pld_store_int(dtype, out, o + step * z->stride[p->axis], (int64_t)whole);
            sum += p->exclusive ? v : 0;
            whole += p->exclusive ? w : 0;
        }
    }
}

static void diagonal(const struct pld_cpu_plan *plan, const int64_t *at, int64_t o, const void *in,
                     void *out)
{
    const struct pld_cpu_tensor *x = &plan->in[0], *z = &plan->out[0];
    const struct pld_diagonal_params *p = &plan->params.diagonal;
    int rank = z->desc.shape.rank;
    int64_t distance = at[rank - 1] - at[rank - 2];
    bool stays = p->upper ? distance >= p->shift : distance <= p->shift;
    if (plan->op == PLD_OP_EYE_LIKE)
        pld_store(z->desc.dtype, out, o, distance == p->shift);
    else if (stays)
        pld_element_copy(out, o, in, pld_index_offset(at, x->stride, rank),
                         pld_dtype_size(z->desc.dtype));
    else
        pld_store(z->desc.dtype, out, o, 0);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    PLD_REF_UNUSED();
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *z = &plan->out[0];
    int64_t at[PLD_MAX_RANK];
    if (plan->op == PLD_OP_CUM_SUM) {
        cum_sum(plan, in[0], out[0]);
        return PLD_OK;
    }
    for (bool more = pld_index_first(at, &z->desc.shape); more;
         more = pld_index_next(at, &z->desc.shape)) {
        int64_t o = pld_index_offset(at, z->stride, z->desc.shape.rank);
        if (plan->op == PLD_OP_ONE_HOT)
            one_hot(plan, at, o, in, out[0]);
        else
            diagonal(plan, at, o, in[0], out[0]);
    }
    return PLD_OK;
}

PLD_REF_KERNEL(matrix);
