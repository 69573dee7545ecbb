/* Elementwise operators. */
#include <stdlib.h>
#include <string.h>

#include "backend/signature.h"
#include "cuda/launch.h"
#include "cuda/nest_plan.h"

struct plan {
    struct pld_map_args args, wide; /* pointers are filled in at each run */
    bool has_wide;
};

static bool is_real(enum pld_dtype dtype)
{
    return dtype == PLD_F32 || dtype == PLD_F16;
}

static bool is_comparison(enum pld_op op)
{
    return op == PLD_OP_EQUAL || op == PLD_OP_GREATER || op == PLD_OP_LESS;
}

static bool is_logical(enum pld_op op)
{
    return op == PLD_OP_AND || op == PLD_OP_OR || op == PLD_OP_NOT;
}

/* Integers only pass through Cast: arithmetic is in float, which does not hold them exactly. */
static bool types_fit(const struct pld_signature *sig)
{
    enum pld_dtype in = sig->in[0].dtype, out = sig->out[0].dtype;
    if (sig->op == PLD_OP_CAST) {
        bool known = is_real(in) || in == PLD_BOOL || in == PLD_U8;
        bool whole = in == PLD_I32 || in == PLD_I64;
        return (known && (is_real(out) || out == PLD_BOOL || out == PLD_I32 || out == PLD_I64)) ||
               (whole && is_real(out));
    }
    if (sig->op == PLD_OP_WHERE)
        return in == PLD_BOOL && is_real(sig->in[1].dtype) && is_real(sig->in[2].dtype) &&
               is_real(out);
    for (int i = 0; i < sig->n_in; i++)
        if (is_logical(sig->op) ? sig->in[i].dtype != PLD_BOOL : !is_real(sig->in[i].dtype))
            return false;
    return is_logical(sig->op) || is_comparison(sig->op) ? out == PLD_BOOL : is_real(out);
}

static bool make(struct plan *plan, const struct pld_signature *sig)
{
    int64_t stride[PLD_NEST_OPERANDS][PLD_MAX_RANK];
    const int64_t *strides[PLD_NEST_OPERANDS];
    struct pld_map_args *args = &plan->args;
    memset(plan, 0, sizeof *plan);
    args->op = sig->op;
    args->n_in = sig->n_in;
    args->dtype[0] = sig->out[0].dtype;
    pld_desc_strides(stride[0], &sig->out[0]);
    strides[0] = stride[0];
    bool real = is_real(sig->out[0].dtype);
    for (int i = 0; i < sig->n_in; i++) {
        args->dtype[i + 1] = sig->in[i].dtype;
        real = real && is_real(sig->in[i].dtype);
        pld_cuda_broadcast(stride[i + 1], &sig->in[i], &sig->out[0].shape);
        strides[i + 1] = stride[i + 1];
    }
    if (sig->n_in == 1 && sig->op != PLD_OP_CAST) {
        args->alpha = sig->params->act.alpha;
        args->beta = sig->params->act.beta;
    }
    if (!pld_nest_init(&args->nest, &sig->out[0].shape, sig->n_in + 1, strides)) return false;
    plan->wide = *args;
    plan->has_wide = real && pld_nest_widen(&plan->wide.nest, &args->nest);
    return true;
}

static bool supports(const struct pld_signature *sig)
{
    struct plan plan;
    int inputs = sig->op == PLD_OP_WHERE ? 3 : sig->n_in;
    if (sig->n_in != inputs || inputs < 1 || inputs > 3 || !pld_sig_single(sig)) return false;
    for (int i = 0; i < sig->n_in; i++)
        if (!pld_sig_has(sig, i)) return false;
    bool variadic = sig->op == PLD_OP_MIN || sig->op == PLD_OP_MAX;
    if (variadic && sig->n_in != 2) return false;
    return types_fit(sig) && make(&plan, sig);
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
    const void *pointers[PLD_NEST_OPERANDS] = {out[0]};
    for (int i = 0; i < plan->args.n_in; i++)
        pointers[i + 1] = in[i];
    bool wide = plan->has_wide && pld_nest_aligned(&plan->wide.nest, pointers);
    struct pld_map_args args = wide ? plan->wide : plan->args;
    args.out = out[0];
    for (int i = 0; i < args.n_in; i++)
        args.in[i] = in[i];
    return pld_launch_map(&args, args.nest.count);
}

extern const struct pld_kernel pld_cuda_map;
const struct pld_kernel pld_cuda_map = {
    .name = "cuda.map", .supports = supports, .plan_new = plan_new, .plan_free = free, .run = run};
