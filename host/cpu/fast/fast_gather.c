/* Gather of row-major data, for any type: whole runs of the axes behind the gathered one. */
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu_plan.h"
#include "backend/element.h"

static bool dense_rows(const struct pld_desc *desc)
{
    return desc->layout == PLD_ROW_MAJOR || desc->shape.rank < 3;
}

static bool supports(const struct pld_signature *sig)
{
    return sig->n_in == 2 && pld_sig_single(sig) && sig->in[0].dtype == sig->out[0].dtype &&
           (sig->in[1].dtype == PLD_I64 || sig->in[1].dtype == PLD_I32) &&
           dense_rows(&sig->in[0]) && dense_rows(&sig->in[1]) && dense_rows(&sig->out[0]);
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct pld_cpu_plan *plan = plan_;
    const struct pld_cpu_tensor *x = &plan->in[0], *index = &plan->in[1];
    int axis = (int)plan->params.axis.axis;
    int64_t outer = 1, limit = x->desc.shape.dim[axis];
    for (int i = 0; i < axis; i++)
        outer *= x->desc.shape.dim[i];
    size_t run_bytes = (size_t)x->stride[axis] * pld_dtype_size(x->desc.dtype);
    const char *from = in[0];
    char *to = out[0];
    for (int64_t o = 0; o < outer; o++, from += (size_t)limit * run_bytes)
        for (int64_t i = 0; i < index->count; i++, to += run_bytes) {
            int64_t k = pld_load_int(index->desc.dtype, in[1], i);
            if (k < -limit || k >= limit)
                return pld_fail(PLD_EMODEL, "Gather", "index %lld is outside an axis of %lld",
                                (long long)k, (long long)limit);
            memcpy(to, from + (size_t)(k < 0 ? k + limit : k) * run_bytes, run_bytes);
        }
    return PLD_OK;
}

extern const struct pld_kernel pld_fast_gather;
const struct pld_kernel pld_fast_gather = {.name = "fast.gather",
                                           .supports = supports,
                                           .plan_new = pld_cpu_plan_new,
                                           .plan_free = pld_cpu_plan_free,
                                           .run = run};
