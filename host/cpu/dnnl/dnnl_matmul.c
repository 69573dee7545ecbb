/* MatMul and Gemm of floats through oneDNN, on row-major matrices as they are. */
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu_plan.h"
#include "cpu/dnnl/dnnl_prim.h"

/* What does not fit oneDNN's bias: y = alpha y + beta c, with c broadcast. */
struct epilogue {
    bool needed;
    float alpha, beta;
    int64_t rows, columns;
    int64_t step[2]; /* strides of c */
};

struct plan {
    struct pld_prim prim;
    bool bias; /* input 2 goes to oneDNN */
    struct epilogue after;
};

/* Shapes and strides of the operands, all of one rank. */
struct matrices {
    int rank;
    int64_t a[PLD_MAX_RANK], b[PLD_MAX_RANK], z[PLD_MAX_RANK];
    int64_t sa[PLD_MAX_RANK], sb[PLD_MAX_RANK], sz[PLD_MAX_RANK];
};

/* Widens a tensor to `rank` axes with leading ones. */
static void widen(int64_t *dim, int64_t *stride, const struct pld_shape *shape, int rank)
{
    int64_t step = 1;
    for (int i = rank - 1, j = shape->rank - 1; i >= 0; i--, j--) {
        dim[i] = j >= 0 ? shape->dim[j] : 1;
        stride[i] = step;
        step *= dim[i];
    }
}

/* A constant-like right side (one matrix): all batches of the left are rows of one product. */
static void merge_batches(struct matrices *m)
{
    for (int i = 0; i + 2 < m->rank; i++)
        if (m->b[i] != 1) return;
    int last = m->rank - 1;
    for (int i = 0; i + 1 < last; i++) {
        m->a[last - 1] *= m->a[i];
        m->z[last - 1] *= m->z[i];
    }
    memmove(m->a, m->a + last - 1, 2 * sizeof m->a[0]);
    memmove(m->b, m->b + last - 1, 2 * sizeof m->b[0]);
    memmove(m->z, m->z + last - 1, 2 * sizeof m->z[0]);
    memmove(m->sa, m->sa + last - 1, 2 * sizeof m->a[0]);
    memmove(m->sb, m->sb + last - 1, 2 * sizeof m->b[0]);
    memmove(m->sz, m->sz + last - 1, 2 * sizeof m->z[0]);
    m->rank = 2;
}

static void matmul_matrices(struct matrices *m, const struct pld_signature *sig)
{
    struct pld_shape a = sig->in[0].shape, b = sig->in[1].shape, z = sig->out[0].shape;
    if (a.rank == 1) { /* a row */
        a = pld_shape_of(2, (int64_t[]){1, a.dim[0]});
        int at = sig->in[1].shape.rank > 1 ? z.rank - 1 : z.rank;
        memmove(z.dim + at + 1, z.dim + at, (size_t)(z.rank - at) * sizeof z.dim[0]);
        z.dim[at] = 1;
        z.rank++;
    }
    if (b.rank == 1) { /* a column */
        b = pld_shape_of(2, (int64_t[]){b.dim[0], 1});
        z.dim[z.rank++] = 1;
    }
    m->rank = z.rank;
    widen(m->a, m->sa, &a, m->rank);
    widen(m->b, m->sb, &b, m->rank);
    widen(m->z, m->sz, &z, m->rank);
    merge_batches(m);
}

static void gemm_matrices(struct matrices *m, const struct pld_signature *sig)
{
    const struct pld_gemm_params *p = &sig->params->gemm;
    m->rank = 2;
    widen(m->a, m->sa, &sig->in[0].shape, 2);
    widen(m->b, m->sb, &sig->in[1].shape, 2);
    widen(m->z, m->sz, &sig->out[0].shape, 2);
    for (int side = 0; side < 2; side++) {
        int64_t *dim = side ? m->b : m->a, *stride = side ? m->sb : m->sa, t;
        if (!(side ? p->trans_b : p->trans_a)) continue;
        t = dim[0], dim[0] = dim[1], dim[1] = t;
        t = stride[0], stride[0] = stride[1], stride[1] = t;
    }
}

static bool row_bias(const struct pld_signature *sig)
{
    const struct pld_gemm_params *p = &sig->params->gemm;
    if (sig->op != PLD_OP_GEMM || !pld_sig_has(sig, 2)) return false;
    const struct pld_shape *c = &sig->in[2].shape;
    int64_t n = sig->out[0].shape.dim[1];
    bool row = (c->rank == 1 || (c->rank == 2 && c->dim[0] == 1)) && pld_shape_count(c) == n;
    return row && p->alpha == 1 && p->beta == 1;
}

static dnnl_primitive_desc_t describe(const struct pld_signature *sig)
{
    struct matrices m = {0};
    struct pld_md a = {0}, b = {0}, c = {0}, z = {0};
    if (sig->op == PLD_OP_GEMM)
        gemm_matrices(&m, sig);
    else
        matmul_matrices(&m, sig);
    bool bias = row_bias(sig);
    bool good = pld_md_init(&a, m.rank, m.a, m.sa) && pld_md_init(&b, m.rank, m.b, m.sb) &&
                pld_md_init(&z, m.rank, m.z, m.sz);
    if (good && bias) good = pld_md_init(&c, 2, (int64_t[]){1, m.z[1]}, (int64_t[]){m.z[1], 1});
    dnnl_primitive_desc_t pd = good ? pld_dnnl_matmul_desc(&a, &b, bias ? &c : NULL, &z) : NULL;
    pld_md_release(&a);
    pld_md_release(&b);
    pld_md_release(&c);
    pld_md_release(&z);
    return pd;
}

static bool row_major(const struct pld_desc *desc)
{
    return desc->layout == PLD_ROW_MAJOR || desc->shape.rank < 3;
}

static bool supports(const struct pld_signature *sig)
{
    if (sig->n_in < 2 || !pld_sig_single(sig) || !pld_sig_is(sig, PLD_F32)) return false;
    for (int i = 0; i < 2; i++)
        if (!row_major(&sig->in[i]) || sig->in[i].shape.rank < 1 ||
            pld_shape_count(&sig->in[i].shape) == 0)
            return false;
    if (!row_major(&sig->out[0]) || sig->out[0].shape.rank > PLD_MAX_RANK - 2) return false;
    dnnl_primitive_desc_t pd = describe(sig);
    bool fast = pld_prim_fast(pd);
    if (pd) dnnl_primitive_desc_destroy(pd);
    return fast;
}

static void plan_epilogue(struct epilogue *after, const struct pld_signature *sig, bool bias)
{
    if (sig->op != PLD_OP_GEMM) return;
    const struct pld_gemm_params *p = &sig->params->gemm;
    bool c = pld_sig_has(sig, 2) && !bias;
    after->needed = c || p->alpha != 1;
    after->alpha = p->alpha;
    after->beta = c ? p->beta : 0;
    after->rows = sig->out[0].shape.dim[0];
    after->columns = sig->out[0].shape.dim[1];
    if (!c) return;
    struct pld_cpu_tensor tensor;
    int64_t stride[PLD_MAX_RANK];
    pld_cpu_tensor_init(&tensor, &sig->in[2]);
    pld_cpu_broadcast(stride, &tensor, &sig->out[0].shape);
    after->step[0] = stride[0];
    after->step[1] = stride[1];
}

static void plan_free(void *plan)
{
    if (plan) pld_prim_release(&((struct plan *)plan)->prim);
    free(plan);
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pld_fail_memory("kernel plan");
    int args[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_BIAS};
    plan->bias = row_bias(sig);
    plan_epilogue(&plan->after, sig, plan->bias);
    pld_status status =
        pld_prim_init(&plan->prim, describe(sig), args, plan->bias ? 4 : 3, sig->node);
    if (status != PLD_OK) {
        plan_free(plan);
        return status;
    }
    *workspace = plan->prim.scratchpad;
    *out = plan;
    return PLD_OK;
}

static pld_status lane_new(void **lane, const void *plan)
{
    return pld_prim_lane_new((struct pld_prim_lane **)lane, &((const struct plan *)plan)->prim);
}

static void lane_free(void *lane)
{
    pld_prim_lane_free(lane);
}

static void finish(float *y, const float *c, const struct epilogue *after)
{
    for (int64_t i = 0; i < after->rows; i++)
        for (int64_t j = 0; j < after->columns; j++) {
            float *to = &y[i * after->columns + j];
            float extra = c ? after->beta * c[i * after->step[0] + j * after->step[1]] : 0;
            *to = after->alpha * *to + extra;
        }
}

static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    const struct plan *plan = plan_;
    const void *data[PLD_PRIM_ARGS] = {in[0], in[1], out[0]};
    int n = 3;
    if (plan->bias) data[n++] = in[2];
    data[n] = workspace;
    PLD_TRY(pld_prim_run(&plan->prim, lane, data));
    const struct epilogue *after = &plan->after;
    if (after->needed) finish(out[0], after->beta != 0 ? in[2] : NULL, after);
    return PLD_OK;
}

extern const struct pld_kernel pld_dnnl_matmul_kernel;
const struct pld_kernel pld_dnnl_matmul_kernel = {
    .name = "dnnl.matmul",
    .supports = supports,
    .plan_new = plan_new,
    .plan_free = plan_free,
    .lane_new = lane_new,
    .lane_free = lane_free,
    .run = run,
};
