/* MatMul by cuBLAS: row-major matrices, stacked or one on the right for all. */
#include <stdlib.h>
#include <string.h>

#include "backend/element.h"
#include "backend/signature.h"
#include "cuda/device.h"
#include "cuda/launch.h"

/* out = a b for `batch` pairs of matrices [m, k] and [k, n]. */
struct plan {
    int m, n, k, batch;
    long long a_step, b_step, out_step; /* elements from one pair to the next */
    cudaDataType_t type;
    bool pack_b; /* a float constant beside half activations */
};

static bool dense_rows(const struct pld_desc *desc)
{
    return desc->layout == PLD_ROW_MAJOR && desc->shape.rank >= 2;
}

static bool make(struct plan *plan, const struct pld_signature *sig)
{
    const struct pld_shape *a = &sig->in[0].shape, *b = &sig->in[1].shape;
    int rank = a->rank;
    if (!dense_rows(&sig->in[0]) || !dense_rows(&sig->in[1]) || !dense_rows(&sig->out[0]))
        return false;
    int64_t m = a->dim[rank - 2], batch = 1;
    bool shared = b->rank == 2;
    if (!shared && b->rank != rank) return false;
    for (int i = 0; i < rank - 2; i++) {
        if (!shared && a->dim[i] != b->dim[i]) return false;
        batch *= a->dim[i];
    }
    if (shared) { /* one tall matrix on the left */
        m *= batch;
        batch = 1;
    }
    memset(plan, 0, sizeof *plan);
    plan->m = (int)m;
    plan->k = (int)a->dim[rank - 1];
    plan->n = (int)b->dim[b->rank - 1];
    plan->batch = (int)batch;
    plan->a_step = (long long)plan->m * plan->k;
    plan->b_step = (long long)plan->k * plan->n;
    plan->out_step = (long long)plan->m * plan->n;
    plan->type = sig->in[0].dtype == PLD_F16 ? CUDA_R_16F : CUDA_R_32F;
    plan->pack_b = sig->in[1].dtype != sig->in[0].dtype;
    return m < INT32_MAX && batch < 65536 && plan->m > 0 && plan->n > 0 && plan->k > 0;
}

static bool supports(const struct pld_signature *sig)
{
    struct plan plan;
    if (sig->n_in != 2 || !pld_sig_single(sig)) return false;
    enum pld_dtype dtype = sig->in[0].dtype;
    bool same = sig->in[1].dtype == dtype;
    bool packed = dtype == PLD_F16 && sig->in[1].dtype == PLD_F32 && !(sig->varies & 2u);
    return (dtype == PLD_F32 || dtype == PLD_F16) && sig->out[0].dtype == dtype &&
           (same || packed) && make(&plan, sig);
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

static size_t pack_size(const void *plan_, int input)
{
    const struct plan *plan = plan_;
    return input == 1 && plan->pack_b ? (size_t)(plan->b_step * plan->batch) * 2 : 0;
}

static pld_status pack(const void *plan_, int input, void *packed, const void *plain)
{
    size_t size = pack_size(plan_, input);
    void *half = malloc(size);
    if (!half) return pld_fail_memory("weights");
    for (size_t i = 0; i < size / 2; i++)
        pld_store(PLD_F16, half, (int64_t)i, ((const float *)plain)[i]);
    pld_status status = pld_cuda_upload(packed, half, size);
    free(half);
    return status;
}

/* cuBLAS counts columns first, so the product is asked for transposed: out' = b' a'. */
static pld_status run(const void *plan_, void *lane, const void *const *in, void *const *out,
                      void *workspace)
{
    (void)lane, (void)workspace;
    const struct plan *p = plan_;
    const float one = 1, zero = 0;
    cublasHandle_t handle = pld_cuda_cublas();
    if (!handle) return PLD_EDEVICE;
    return pld_cublas_check(cublasGemmStridedBatchedEx(handle, CUBLAS_OP_N, CUBLAS_OP_N, p->n, p->m,
                                                       p->k, &one, in[1], p->type, p->n, p->b_step,
                                                       in[0], p->type, p->k, p->a_step, &zero,
                                                       out[0], p->type, p->n, p->out_step, p->batch,
                                                       CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
                            "matrix product");
}

extern const struct pld_kernel pld_cublas_matmul;
const struct pld_kernel pld_cublas_matmul = {.name = "cublas.matmul",
                                             .supports = supports,
                                             .plan_new = plan_new,
                                             .plan_free = free,
                                             .pack_size = pack_size,
                                             .pack = pack,
                                             .run = run};
