/* Products of matrices that cuBLAS is not asked for: one thread an element. */
#ifndef PLD_CUDA_BODY_MATMUL_H
#define PLD_CUDA_BODY_MATMUL_H

#include "cuda/nest.h"

/* out[i, j] = alpha * sum over k of a[i, k] b[k, j] + beta * c[i, j]. */
struct pld_matmul_args {
    struct pld_nest nest; /* operand 0: out, 1: a at k = 0, 2: b at k = 0, 3: c */
    int depth;
    int64_t a_k, b_k; /* strides along the depth */
    float alpha, beta;
    int a_dtype, b_dtype, c_dtype, out_dtype;
    void *out;
    const void *a, *b, *c; /* c NULL: none */
};

static PLD_HD void pld_matmul_body(const struct pld_matmul_args *m, uint32_t index)
{
    int64_t at[PLD_NEST_OPERANDS];
    pld_nest_at(at, &m->nest, index);
    float sum = 0;
    for (int k = 0; k < m->depth; k++)
        sum += pld_get(m->a, m->a_dtype, at[1] + k * m->a_k) *
               pld_get(m->b, m->b_dtype, at[2] + k * m->b_k);
    sum *= m->alpha;
    if (m->c) sum += m->beta * pld_get(m->c, m->c_dtype, at[3]);
    pld_set(m->out, m->out_dtype, at[0], sum);
}

#endif
