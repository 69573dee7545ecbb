/* Fits to measured targets, from the joint moments of targets and inputs. */
#include <stdlib.h>
#include <string.h>

#include "prune/recover/dense.h"
#include "prune/recover/fit.h"

/* Element (row r, column c) of cov(y, x), and of cov(x, x). */
static double cross_at(const struct pld_layer *layer, const struct pld_gram *g, int64_t r,
                       int64_t c)
{
    return g->cov[r * g->n + layer->rows + c];
}

static double input_at(const struct pld_layer *layer, const struct pld_gram *g, int64_t i,
                       int64_t j)
{
    return g->cov[(layer->rows + i) * g->n + layer->rows + j];
}

/* gram[k][k] of the kept inputs; returns k and lists them. */
static int64_t kept_gram(double *gram, int64_t *kept, const struct pld_layer *layer,
                         const struct pld_gram *g)
{
    int64_t k = 0;
    for (int64_t c = 0; c < layer->cols; c++)
        if (!layer->gone[c]) kept[k++] = c;
    for (int64_t i = 0; i < k; i++)
        for (int64_t j = 0; j < k; j++)
            gram[i * k + j] = input_at(layer, g, kept[i], kept[j]);
    return k;
}

/* One array for all that a fit needs. */
struct work {
    int64_t *kept, k;
    double *gram, *prior, *product; /* [k][k], [rows][k], [rows][k] = prior gram */
};

static pld_status open_work(struct work *work, const double *w, const struct pld_layer *layer,
                            const struct pld_gram *g)
{
    size_t cols = (size_t)layer->cols, rows = (size_t)layer->rows;
    work->kept = malloc((cols + 1) * sizeof *work->kept);
    work->gram = malloc((cols * cols + 2 * rows * cols + 1) * sizeof(double));
    if (!work->kept || !work->gram) return pld_fail_memory(layer->name);
    work->prior = work->gram + cols * cols;
    work->product = work->prior + rows * cols;
    work->k = kept_gram(work->gram, work->kept, layer, g);
    for (int64_t r = 0; r < layer->rows; r++)
        for (int64_t i = 0; i < work->k; i++)
            work->prior[r * work->k + i] = w[r * layer->cols + work->kept[i]];
    pld_dense_multiply(work->product, work->prior, work->gram, layer->rows, work->k, work->k,
                       false);
    return PLD_OK;
}

static void close_work(struct work *work)
{
    free(work->kept);
    free(work->gram);
}

static void scale_rows(double *w, const struct work *work, const struct pld_layer *layer,
                       const struct pld_gram *g)
{
    for (int64_t r = 0; r < layer->rows; r++) {
        double own = 0, cross = 0;
        for (int64_t i = 0; i < work->k; i++) {
            double p = work->prior[r * work->k + i];
            own += p * work->product[r * work->k + i];
            cross += p * cross_at(layer, g, r, work->kept[i]);
        }
        double s = own > 0 ? cross / own : 1;
        s = s < 0 ? 0 : s > 4 ? 4 : s;
        for (int64_t c = 0; c < layer->cols; c++)
            w[r * layer->cols + c] *= s;
    }
}

static pld_status solve(double *w, struct work *work, const struct pld_layer *layer,
                        const struct pld_gram *g, double ridge)
{
    double trace = 0, *b = work->product;
    int64_t k = work->k;
    for (int64_t i = 0; i < k; i++)
        trace += work->gram[i * k + i];
    for (int64_t i = 0; i < k; i++)
        work->gram[i * k + i] += trace > 0 ? ridge * trace / (double)k : 1;
    for (int64_t r = 0; r < layer->rows; r++)
        for (int64_t i = 0; i < k; i++)
            b[r * k + i] = cross_at(layer, g, r, work->kept[i]) - b[r * k + i];
    PLD_TRY(pld_dense_solve(work->gram, b, k, layer->rows, layer->name));
    for (int64_t r = 0; r < layer->rows; r++)
        for (int64_t i = 0; i < k; i++)
            w[r * layer->cols + work->kept[i]] += b[r * k + i];
    return PLD_OK;
}

pld_status pld_fit_targets(double *w, double *shift, const struct pld_layer *layer,
                           const struct pld_gram *joint, enum pld_rung rung, double ridge)
{
    struct work work = {0};
    for (int64_t i = 0; i < layer->rows * layer->cols; i++)
        w[i] = layer->gone[i % layer->cols] ? 0 : layer->w[i];
    pld_status status = open_work(&work, w, layer, joint);
    if (status == PLD_OK && rung == PLD_RUNG_AFFINE) scale_rows(w, &work, layer, joint);
    if (status == PLD_OK && rung >= PLD_RUNG_LS) status = solve(w, &work, layer, joint, ridge);
    close_work(&work);
    for (int64_t r = 0; r < layer->rows; r++) {
        shift[r] = joint->mean[r];
        for (int64_t c = 0; c < layer->cols; c++)
            shift[r] -= w[r * layer->cols + c] * joint->mean[layer->rows + c];
    }
    return status;
}

pld_status pld_fit_targets_error(double *error, const double *w, const double *shift,
                                 const struct pld_layer *layer, const struct pld_gram *g)
{
    struct work work = {0};
    double lost = 0, all = 0;
    pld_status status = open_work(&work, w, layer, g);
    for (int64_t r = 0; r < layer->rows && status == PLD_OK; r++) {
        double variance = g->cov[r * g->n + r], mean = g->mean[r] - shift[r], explained = 0;
        for (int64_t i = 0; i < work.k; i++) {
            double p = work.prior[r * work.k + i];
            explained +=
                p * (2 * cross_at(layer, g, r, work.kept[i]) - work.product[r * work.k + i]);
            mean -= p * g->mean[layer->rows + work.kept[i]];
        }
        lost += variance - explained + mean * mean;
        all += variance;
    }
    close_work(&work);
    *error = all > 0 ? lost / all : 0;
    return status;
}
