#include "prune/recover/dense.h"

#include <cblas.h>
#include <lapacke.h>
#include <pthread.h>
#include <string.h>

/* Parallel work is divided by the caller; a library with threads of its own would only get in the
 * way, and would round differently on another machine size. */
static void one_thread(void)
{
#ifdef OPENBLAS_VERSION
    openblas_set_num_threads(1);
#endif
}

static void start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, one_thread);
}

void pld_dense_gram_f32(float *c, const float *x, int64_t rows, int64_t n)
{
    start();
    cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, (int)n, (int)rows, 1, x, (int)n, 0, c,
                (int)n);
}

void pld_dense_apply_f32(float *y, const float *x, const float *w, int64_t rows, int64_t m,
                         int64_t n)
{
    start();
    if (rows && m)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)m, (int)n, 1, x,
                    (int)n, w, (int)n, 0, y, (int)m);
}

void pld_dense_multiply(double *c, const double *a, const double *b, int64_t m, int64_t n,
                        int64_t k, bool bt)
{
    start();
    if (m == 0 || n == 0) return;
    if (k == 0) {
        memset(c, 0, (size_t)(m * n) * sizeof *c);
        return;
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, bt ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k,
                1, a, (int)k, b, (int)(bt ? k : n), 0, c, (int)n);
}

void pld_dense_subtract(double *c, const double *a, const double *b, int64_t m, int64_t n,
                        int64_t k)
{
    start();
    if (m == 0 || n == 0 || k == 0) return;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, -1, a, (int)k, b,
                (int)k, 1, c, (int)n);
}

void pld_dense_downdate(double *c, const double *a, int64_t n, int64_t k)
{
    start();
    if (n && k)
        cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n, (int)k, -1, a, (int)k, 1, c,
                    (int)n);
}

static pld_status not_definite(const char *where)
{
    return pld_fail(PLD_EFAIL, where,
                    "the covariance of its inputs cannot be factored: more images, or a larger "
                    "ridge, are needed");
}

pld_status pld_dense_factor(double *a, int64_t n, const char *where)
{
    start();
    if (n && LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (int)n, a, (int)n) != 0)
        return not_definite(where);
    for (int64_t i = 0; i < n; i++)
        memset(a + i * n + i + 1, 0, (size_t)(n - i - 1) * sizeof *a);
    return PLD_OK;
}

void pld_dense_divide(double *b, const double *l, int64_t m, int64_t n, bool transposed)
{
    start();
    if (m && n)
        cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, transposed ? CblasTrans : CblasNoTrans,
                    CblasNonUnit, (int)m, (int)n, 1, l, (int)n, b, (int)n);
}

pld_status pld_dense_solve(double *a, double *b, int64_t n, int64_t m, const char *where)
{
    PLD_TRY(pld_dense_factor(a, n, where));
    pld_dense_divide(b, a, m, n, true);
    pld_dense_divide(b, a, m, n, false);
    return PLD_OK;
}

pld_status pld_dense_invert(double *a, int64_t n, const char *where)
{
    PLD_TRY(pld_dense_factor(a, n, where));
    if (n && LAPACKE_dpotri(LAPACK_ROW_MAJOR, 'L', (int)n, a, (int)n) != 0)
        return not_definite(where);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n; j++)
            a[i * n + j] = a[j * n + i];
    return PLD_OK;
}
