#include "cpu/ref/ref.h"

void pld_ref_reduction(struct pld_shape *rest, struct pld_shape *span, int64_t stride[PLD_MAX_RANK],
                       const struct pld_cpu_plan *plan)
{
    const struct pld_cpu_tensor *z = &plan->out[0];
    int j = 0; /* the output axis that belongs to input axis i */
    *rest = *span = plan->in[0].desc.shape;
    for (int i = 0; i < span->rank; i++) {
        bool reduced = plan->params.reduce.axes >> i & 1;
        stride[i] = 0;
        if (reduced)
            rest->dim[i] = 1;
        else
            span->dim[i] = 1;
        if (!reduced || plan->params.reduce.keep_dims) stride[i] = z->stride[j++];
    }
}

pld_status pld_ref_index(int64_t *out, const struct pld_cpu_plan *plan, const void *indices,
                         int64_t at, int axis)
{
    int64_t k = pld_load_int(plan->in[1].desc.dtype, indices, at);
    int64_t size = plan->in[0].desc.shape.dim[axis];
    if (k < -size || k >= size)
        return pld_fail(PLD_EMODEL, pld_op_name(plan->op), "index %lld is outside an axis of %lld",
                        (long long)k, (long long)size);
    *out = k < 0 ? k + size : k;
    return PLD_OK;
}
