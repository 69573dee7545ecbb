/* Reductions, global pooling and Softmax. */
#include <stdlib.h>
#include <string.h>

#include "backend/signature.h"
#include "cuda/launch.h"
#include "cuda/nest_plan.h"

struct plan {
    struct pld_rows_args args;
    bool block; /* a block of threads a row, else one thread */
};

/* Bit i: axis i is summed over. */
static uint32_t span_axes(const struct pld_signature *sig)
{
    int rank = sig->in[0].shape.rank;
    const struct pld_softmax_params *softmax = &sig->params->softmax;
    uint32_t all = (1u << rank) - 1;
    switch (sig->op) {
    case PLD_OP_GLOBAL_AVERAGE_POOL:
    case PLD_OP_GLOBAL_MAX_POOL:
        return all & ~3u;
    case PLD_OP_SOFTMAX:
        return softmax->flatten ? all & ~((1u << softmax->axis) - 1) : 1u << softmax->axis;
    default:
        return sig->params->reduce.axes;
    }
}

static int reduction(enum pld_op op)
{
    if (op == PLD_OP_GLOBAL_AVERAGE_POOL) return PLD_OP_REDUCE_MEAN;
    return op == PLD_OP_GLOBAL_MAX_POOL ? PLD_OP_REDUCE_MAX : (int)op;
}

static bool make(struct plan *plan, const struct pld_signature *sig)
{
    const struct pld_shape *shape = &sig->in[0].shape;
    struct pld_shape rest = *shape, span = *shape;
    int64_t in[PLD_MAX_RANK], own[PLD_MAX_RANK], out[PLD_MAX_RANK] = {0};
    uint32_t axes = span_axes(sig);
    bool reduces = sig->op != PLD_OP_SOFTMAX;
    bool keeps = !reduces || sig->op == PLD_OP_GLOBAL_AVERAGE_POOL ||
                 sig->op == PLD_OP_GLOBAL_MAX_POOL || sig->params->reduce.keep_dims;
    pld_desc_strides(in, &sig->in[0]);
    pld_desc_strides(own, &sig->out[0]);
    int k = 0; /* the output axis that belongs to input axis i */
    for (int i = 0; i < shape->rank; i++) {
        bool spanned = axes >> i & 1;
        if (spanned)
            rest.dim[i] = 1;
        else
            span.dim[i] = 1;
        if (!spanned || keeps) out[i] = own[k++];
    }
    memset(plan, 0, sizeof *plan);
    plan->args.op = reduction(sig->op);
    plan->args.log = !reduces && sig->params->softmax.log;
    plan->args.dtype = sig->in[0].dtype;
    const int64_t *const strides[] = {out, in};
    if (!pld_nest_init(&plan->args.rest, &rest, 2, strides)) return false;
    if (!pld_nest_init(&plan->args.span, &span, 2, strides)) return false;
    /* Few long rows need a block each to fill the device. */
    plan->block = plan->args.span.count > 64 && plan->args.rest.count < 16384;
    return true;
}

static bool supports(const struct pld_signature *sig)
{
    struct plan plan;
    return sig->n_in == 1 && pld_sig_single(sig) && pld_sig_same(sig) &&
           (sig->in[0].dtype == PLD_F32 || sig->in[0].dtype == PLD_F16) &&
           sig->in[0].shape.rank >= 1 && make(&plan, sig);
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = malloc(sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    make(plan, sig);
    *workspace = 0;
    *out = plan;
    return PLD_OK;
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct plan *plan = plan_;
    struct pld_rows_args args = plan->args;
    args.in = in[0];
    args.out = out[0];
    return args.op == PLD_OP_SOFTMAX ? pld_launch_softmax(&args, plan->block)
                                     : pld_launch_reduce(&args, plan->block);
}

extern const struct pld_kernel pld_cuda_rows;
const struct pld_kernel pld_cuda_rows = {
    .name = "cuda.rows", .supports = supports, .plan_new = plan_new, .plan_free = free, .run = run};
