/* MatMul and Gemm, one thread an element: what cuBLAS is not asked for. */
#include <stdlib.h>
#include <string.h>

#include "backend/signature.h"
#include "cuda/launch.h"
#include "cuda/nest_plan.h"

static bool is_real(enum pld_dtype dtype)
{
    return dtype == PLD_F32 || dtype == PLD_F16;
}

/* MatMul on operands of any rank: a vector is a row on the left and a column on the right, and its
 * axis is missing from the output. */
static bool make_matmul(struct pld_matmul_args *m, const struct pld_signature *sig)
{
    const struct pld_desc *a = &sig->in[0], *b = &sig->in[1], *out = &sig->out[0];
    int ra = a->shape.rank, rb = b->shape.rank, rank = out->shape.rank;
    int64_t sa[PLD_MAX_RANK], sb[PLD_MAX_RANK], so[PLD_MAX_RANK];
    int64_t on_a[PLD_MAX_RANK] = {0}, on_b[PLD_MAX_RANK] = {0};
    pld_desc_strides(sa, a);
    pld_desc_strides(sb, b);
    pld_desc_strides(so, out);
    bool row = ra > 1, column = rb > 1;
    int batch = rank - row - column;
    for (int i = 0; i < batch; i++) {
        int ia = i - batch + (ra - 2), ib = i - batch + (rb - 2);
        if (ra > 2 && ia >= 0 && a->shape.dim[ia] != 1) on_a[i] = sa[ia];
        if (rb > 2 && ib >= 0 && b->shape.dim[ib] != 1) on_b[i] = sb[ib];
    }
    if (row) on_a[batch] = sa[ra - 2];
    if (column) on_b[batch + row] = sb[rb - 1];
    m->depth = (int)a->shape.dim[ra - 1];
    m->a_k = sa[ra - 1];
    m->b_k = sb[rb > 1 ? rb - 2 : 0];
    m->alpha = 1;
    return pld_nest_init(&m->nest, &out->shape, 3, (const int64_t *const[]){so, on_a, on_b});
}

static bool make_gemm(struct pld_matmul_args *m, const struct pld_signature *sig)
{
    const struct pld_gemm_params *gemm = &sig->params->gemm;
    int64_t sa[PLD_MAX_RANK], sb[PLD_MAX_RANK], so[PLD_MAX_RANK], on_c[PLD_MAX_RANK] = {0};
    int ta = gemm->trans_a != 0, tb = gemm->trans_b != 0;
    pld_desc_strides(sa, &sig->in[0]);
    pld_desc_strides(sb, &sig->in[1]);
    pld_desc_strides(so, &sig->out[0]);
    int64_t on_a[] = {sa[ta], 0}, on_b[] = {0, sb[!tb]};
    bool c = pld_sig_has(sig, 2);
    if (c) pld_cuda_broadcast(on_c, &sig->in[2], &sig->out[0].shape);
    m->depth = (int)sig->in[0].shape.dim[!ta];
    m->a_k = sa[!ta];
    m->b_k = sb[tb];
    m->alpha = gemm->alpha;
    m->beta = gemm->beta;
    m->c_dtype = c ? (int)sig->in[2].dtype : PLD_F32;
    return pld_nest_init(&m->nest, &sig->out[0].shape, c ? 4 : 3,
                         (const int64_t *const[]){so, on_a, on_b, on_c});
}

static bool make(struct pld_matmul_args *m, const struct pld_signature *sig)
{
    memset(m, 0, sizeof *m);
    m->a_dtype = sig->in[0].dtype;
    m->b_dtype = sig->in[1].dtype;
    m->out_dtype = sig->out[0].dtype;
    return sig->op == PLD_OP_GEMM ? make_gemm(m, sig) : make_matmul(m, sig);
}

static bool supports(const struct pld_signature *sig)
{
    struct pld_matmul_args m;
    if (sig->n_in < 2 || !pld_sig_single(sig)) return false;
    for (int i = 0; i < sig->n_in; i++)
        if (pld_sig_has(sig, i) && !is_real(sig->in[i].dtype)) return false;
    return is_real(sig->out[0].dtype) && sig->in[0].shape.rank >= 1 && sig->in[1].shape.rank >= 1 &&
           make(&m, sig);
}

static pld_status plan_new(void **out, size_t *workspace, const struct pld_signature *sig)
{
    struct pld_matmul_args *m = malloc(sizeof *m);
    if (!m) return pld_fail_memory("kernel plan");
    make(m, sig);
    *workspace = 0;
    *out = m;
    return PLD_OK;
}

static pld_status run(const void *plan, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    struct pld_matmul_args m = *(const struct pld_matmul_args *)plan;
    m.a = in[0];
    m.b = in[1];
    m.c = m.nest.operands > 3 ? in[2] : NULL;
    m.out = out[0];
    return pld_launch_matmul(&m, m.nest.count);
}

extern const struct pld_kernel pld_cuda_matmul;
const struct pld_kernel pld_cuda_matmul = {.name = "cuda.matmul",
                                           .supports = supports,
                                           .plan_new = plan_new,
                                           .plan_free = free,
                                           .run = run};
