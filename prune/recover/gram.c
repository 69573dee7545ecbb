#include "prune/recover/gram.h"

#include <math.h>
#include <stdlib.h>

#include "prune/recover/dense.h"

pld_status pld_gram_init(struct pld_gram *g, int64_t n)
{
    size_t count = (size_t)n + 1;
    *g = (struct pld_gram){.n = n};
    g->mean = calloc(count, sizeof *g->mean);
    g->pilot = calloc(count, sizeof *g->pilot);
    g->cov = calloc(count, (size_t)n * sizeof *g->cov);
    return g->mean && g->pilot && (g->cov || !n) ? PLD_OK : pld_fail_memory("covariances");
}

void pld_gram_release(struct pld_gram *g)
{
    free(g->mean);
    free(g->pilot);
    free(g->cov);
    *g = (struct pld_gram){0};
}

size_t pld_gram_scratch(int64_t n)
{
    return (size_t)n * (size_t)n * sizeof(float) + (size_t)n * sizeof(double);
}

/* Until it is finished, `mean` holds the sum of (x - pilot), and the lower triangle of `cov` that
 * of (x - pilot)(x - pilot)^T. */
void pld_gram_add(struct pld_gram *g, float *rows, int64_t count, void *scratch)
{
    int64_t n = g->n;
    double *shift = scratch;
    float *product = (float *)(shift + n);
    if (count < 1) return;
    for (int64_t c = 0; c < n; c++)
        shift[c] = 0;
    for (int64_t r = 0; r < count; r++)
        for (int64_t c = 0; c < n; c++)
            shift[c] += (double)rows[r * n + c];
    for (int64_t c = 0; c < n; c++) {
        shift[c] = (double)(float)(shift[c] / (double)count); /* what is taken off below */
        if (g->rows == 0) g->pilot[c] = shift[c];
    }
    for (int64_t r = 0; r < count; r++)
        for (int64_t c = 0; c < n; c++)
            rows[r * n + c] -= (float)shift[c];
    pld_dense_gram_f32(product, rows, count, n);
    for (int64_t c = 0; c < n; c++) {
        shift[c] -= g->pilot[c];
        g->mean[c] += (double)count * shift[c];
    }
    for (int64_t i = 0; i < n; i++) {
        double weight = (double)count * shift[i];
        for (int64_t j = 0; j <= i; j++)
            g->cov[i * n + j] += (double)product[i * n + j] + weight * shift[j];
    }
    g->rows += (double)count;
}

pld_status pld_gram_finish(struct pld_gram *g, const char *where)
{
    int64_t n = g->n;
    double scale = g->rows > 0 ? 1 / g->rows : 0, trace = 0;
    for (int64_t c = 0; c < n; c++)
        g->mean[c] *= scale;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j <= i; j++)
            g->cov[i * n + j] = g->cov[j * n + i] =
                g->cov[i * n + j] * scale - g->mean[i] * g->mean[j];
        trace += g->cov[i * n + i];
    }
    for (int64_t c = 0; c < n; c++)
        g->mean[c] += g->pilot[c];
    if (isfinite(trace)) return PLD_OK;
    return pld_fail(PLD_EFAIL, where, "its activations are not finite numbers");
}

void pld_gram_merge(struct pld_gram *a, const struct pld_gram *b)
{
    double rows = a->rows + b->rows;
    if (b->rows == 0) return;
    double wa = a->rows / rows, wb = b->rows / rows;
    for (int64_t i = 0; i < a->n; i++)
        for (int64_t j = 0; j < a->n; j++)
            a->cov[i * a->n + j] = wa * a->cov[i * a->n + j] + wb * b->cov[i * a->n + j] +
                                   wa * wb * (b->mean[i] - a->mean[i]) * (b->mean[j] - a->mean[j]);
    for (int64_t i = 0; i < a->n; i++)
        a->mean[i] = wa * a->mean[i] + wb * b->mean[i];
    a->rows = rows;
}
