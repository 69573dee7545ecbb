#include "cpu/cpu_plan.h"

#include <stdlib.h>
#include <string.h>

void pld_cpu_tensor_init(struct pld_cpu_tensor *tensor, const struct pld_desc *desc)
{
    *tensor = (struct pld_cpu_tensor){.desc = *desc};
    if (desc->dtype >= PLD_DTYPE_COUNT) return; /* an absent input */
    pld_desc_strides(tensor->stride, desc);
    tensor->count = pld_shape_count(&desc->shape);
    tensor->dense = pld_desc_bytes(desc) == (size_t)tensor->count * pld_dtype_size(desc->dtype);
}

pld_status pld_cpu_plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    size_t n = (size_t)(sig->n_in + sig->n_out);
    struct pld_cpu_plan *plan = calloc(1, sizeof *plan + n * sizeof plan->tensors[0]);
    if (!plan) return pld_fail_memory("kernel plan");
    plan->op = sig->op;
    plan->params = *sig->params;
    plan->n_in = sig->n_in;
    plan->n_out = sig->n_out;
    plan->in = plan->tensors;
    plan->out = plan->tensors + sig->n_in;
    for (int i = 0; i < sig->n_in; i++)
        pld_cpu_tensor_init(&plan->in[i], &sig->in[i]);
    for (int i = 0; i < sig->n_out; i++)
        pld_cpu_tensor_init(&plan->out[i], &sig->out[i]);
    *out = plan;
    *workspace = 0;
    return PLD_OK;
}

void pld_cpu_plan_free(void *plan)
{
    free(plan);
}

void pld_cpu_broadcast(int64_t stride[PLD_MAX_RANK], const struct pld_cpu_tensor *tensor,
                       const struct pld_shape *target)
{
    const struct pld_shape *own = &tensor->desc.shape;
    int shift = target->rank - own->rank;
    for (int i = 0; i < target->rank; i++) {
        int j = i - shift;
        stride[i] = j < 0 || own->dim[j] == 1 ? 0 : tensor->stride[j];
    }
}

struct pld_cpu_image pld_cpu_image_of(const struct pld_cpu_tensor *tensor)
{
    const int64_t *d = tensor->desc.shape.dim, *s = tensor->stride;
    if (tensor->desc.shape.rank == 3)
        return (struct pld_cpu_image){d[0], d[1], 1, d[2], s[0], s[1], 0, s[2], 1, 0};
    if (tensor->desc.shape.rank == 4)
        return (struct pld_cpu_image){d[0], d[1], d[2], d[3], s[0], s[1], s[2], s[3], 1, 0};
    return (struct pld_cpu_image){d[0], d[1], d[3], d[4], s[0], s[1], s[3], s[4], d[2], s[2]};
}
