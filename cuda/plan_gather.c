/* Gather. */
#include <stdlib.h>
#include <string.h>

#include "backend/signature.h"
#include "cuda/launch.h"
#include "cuda/nest_plan.h"

static bool make(struct pld_gather_args *a, const struct pld_signature *sig)
{
    const struct pld_desc *data = &sig->in[0], *index = &sig->in[1], *out = &sig->out[0];
    int axis = (int)sig->params->axis.axis, turn = index->shape.rank - 1;
    int64_t d[PLD_MAX_RANK], x[PLD_MAX_RANK], z[PLD_MAX_RANK];
    int64_t from[PLD_MAX_RANK] = {0}, which[PLD_MAX_RANK] = {0};
    pld_desc_strides(d, data);
    pld_desc_strides(x, index);
    pld_desc_strides(z, out);
    /* Output axes: those of the data before `axis`, those of the indices, the data's others. */
    for (int i = 0; i < out->shape.rank; i++) {
        if (i < axis)
            from[i] = d[i];
        else if (i <= axis + turn)
            which[i] = x[i - axis];
        else
            from[i] = d[i - turn];
    }
    memset(a, 0, sizeof *a);
    a->size = (int)pld_dtype_size(data->dtype);
    a->index_dtype = index->dtype;
    a->axis_size = data->shape.dim[axis];
    a->axis_stride = d[axis];
    return pld_nest_init(&a->nest, &out->shape, 3, (const int64_t *const[]){z, from, which});
}

static bool supports(const struct pld_signature *sig)
{
    struct pld_gather_args a;
    return sig->n_in == 2 && pld_sig_single(sig) && pld_sig_has(sig, 1) &&
           sig->in[0].dtype == sig->out[0].dtype &&
           (sig->in[1].dtype == PLD_I32 || sig->in[1].dtype == PLD_I64) && make(&a, sig) &&
           a.axis_size > 0;
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct pld_gather_args *a = malloc(sizeof *a);
    if (!a) return pld_fail_memory("kernel plan");
    make(a, sig);
    *workspace = 0;
    *out = a;
    return PLD_OK;
}

static pld_status run(const void *plan, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    struct pld_gather_args a = *(const struct pld_gather_args *)plan;
    a.data = in[0];
    a.indices = in[1];
    a.out = out[0];
    return pld_launch_gather(&a, a.nest.count);
}

extern const struct pld_kernel pld_cuda_gather;
const struct pld_kernel pld_cuda_gather = {.name = "cuda.gather",
                                           .supports = supports,
                                           .plan_new = plan_new,
                                           .plan_free = free,
                                           .run = run};
