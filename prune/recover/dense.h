/* Dense linear algebra in the few forms that recovery needs; BLAS and LAPACK underneath.
 *
 * Matrices are row-major. Symmetric ones are stored whole. Calls run on the calling thread, so that
 * results do not depend on how work is spread over threads. */
#ifndef PLD_PRUNE_RECOVER_DENSE_H
#define PLD_PRUNE_RECOVER_DENSE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"

/* c[n][n] = x^T x, lower triangle only, of x[rows][n]. */
void pld_dense_gram_f32(float *c, const float *x, int64_t rows, int64_t n);

/* y[rows][m] = x[rows][n] w^T of w[m][n]. */
void pld_dense_apply_f32(float *y, const float *x, const float *w, int64_t rows, int64_t m,
                         int64_t n);

/* c[m][n] = a[m][k] b[k][n], or with b[n][k] transposed (`bt`). */
void pld_dense_multiply(double *c, const double *a, const double *b, int64_t m, int64_t n,
                        int64_t k, bool bt);

/* c[m][n] -= a[m][k] b[n][k]^T. */
void pld_dense_subtract(double *c, const double *a, const double *b, int64_t m, int64_t n,
                        int64_t k);

/* The symmetric c[n][n] -= a[n][k] a^T, lower triangle only. */
void pld_dense_downdate(double *c, const double *a, int64_t n, int64_t k);

/* Solves X A = B for symmetric positive definite A[n][n] (overwritten) and B[m][n], which becomes
 * X. PLD_EFAIL when A is not positive definite; `where` names the layer. */
pld_status pld_dense_solve(double *a, double *b, int64_t n, int64_t m, const char *where);

/* A[n][n] becomes its inverse (both triangles). PLD_EFAIL as above. */
pld_status pld_dense_invert(double *a, int64_t n, const char *where);

/* A[n][n] becomes its Cholesky factor L, lower triangle, zeros above. PLD_EFAIL as above. */
pld_status pld_dense_factor(double *a, int64_t n, const char *where);

/* B[m][n] becomes B L^-T (`transposed`) or B L^-1 for lower triangular L[n][n]. */
void pld_dense_divide(double *b, const double *l, int64_t m, int64_t n, bool transposed);

#endif
