#include "prune/recover/fit.h"

#include <stdlib.h>
#include <string.h>

#include "prune/recover/dense.h"

const char *const pld_rung_names[PLD_RUNGS] = {"plain", "affine", "ls", "sequential"};

/* An element of the moments that a layer is fitted to. */
static double moment(const struct pld_layer *layer, const struct pld_gram *g, int64_t i, int64_t j)
{
    double cov = g->cov[i * g->n + j];
    return layer->biased ? cov : cov + g->mean[i] * g->mean[j];
}

static void fit_shift(double *shift, const double *w, const struct pld_layer *layer,
                      const struct pld_gram *g)
{
    for (int64_t r = 0; r < layer->rows; r++) {
        shift[r] = 0;
        for (int64_t c = 0; layer->biased && c < layer->cols; c++)
            shift[r] += (layer->w[r * layer->cols + c] - w[r * layer->cols + c]) * g->mean[c];
    }
}

/* ---- affine ---- */

/* A row that the kept columns do not explain at all is left as it is; a factor far from 1 is noise.
 */
static double row_scale(double cross, double own)
{
    if (!(own > 0)) return 1;
    double s = cross / own;
    return s < 0 ? 0 : s > 4 ? 4 : s;
}

static pld_status fit_affine(double *w, const struct pld_layer *layer, const struct pld_gram *g)
{
    int64_t rows = layer->rows, cols = layer->cols;
    double *product = malloc(((size_t)(rows * cols) + 1) * sizeof *product);
    if (!product) return pld_fail_memory(layer->name);
    pld_dense_multiply(product, w, g->cov, rows, cols, cols, false);
    for (int64_t r = 0; r < rows; r++) {
        const double *full = layer->w + r * cols, *p = product + r * cols;
        double *kept = w + r * cols, cross = 0, own = 0, mean_full = 0, mean_kept = 0;
        for (int64_t c = 0; c < cols; c++) {
            cross += p[c] * full[c];
            own += p[c] * kept[c];
            mean_full += full[c] * g->mean[c];
            mean_kept += kept[c] * g->mean[c];
        }
        double m = layer->biased ? 0 : mean_kept;
        double s = row_scale(cross + m * mean_full, own + m * mean_kept);
        for (int64_t c = 0; c < cols; c++)
            kept[c] *= s;
    }
    free(product);
    return PLD_OK;
}

/* ---- least squares ---- */

struct split {
    int64_t *kept, *gone;
    int64_t n_kept, n_gone;
};

static struct split split_columns(int64_t *columns, const struct pld_layer *layer)
{
    struct split s = {.kept = columns, .gone = columns + layer->cols};
    for (int64_t c = 0; c < layer->cols; c++) {
        if (layer->gone[c])
            s.gone[s.n_gone++] = c;
        else
            s.kept[s.n_kept++] = c;
    }
    return s;
}

/* The system (G_KK + lambda I), and W_R G_RK for its right side. */
static void fill_system(double *a, double *b, double *scratch, const struct pld_layer *layer,
                        const struct pld_gram *g, const struct split *s, double ridge)
{
    double trace = 0, *w_gone = scratch, *cross = scratch + layer->rows * s->n_gone;
    for (int64_t c = 0; c < layer->cols; c++)
        trace += moment(layer, g, c, c);
    double lambda = ridge * trace / (double)layer->cols;
    for (int64_t i = 0; i < s->n_kept; i++) {
        for (int64_t j = 0; j < s->n_kept; j++)
            a[i * s->n_kept + j] = moment(layer, g, s->kept[i], s->kept[j]);
        a[i * s->n_kept + i] += lambda > 0 ? lambda : 1; /* no input at all: keep the weights */
    }
    for (int64_t r = 0; r < layer->rows; r++)
        for (int64_t i = 0; i < s->n_gone; i++)
            w_gone[r * s->n_gone + i] = layer->w[r * layer->cols + s->gone[i]];
    for (int64_t i = 0; i < s->n_gone; i++)
        for (int64_t j = 0; j < s->n_kept; j++)
            cross[i * s->n_kept + j] = moment(layer, g, s->gone[i], s->kept[j]);
    pld_dense_multiply(b, w_gone, cross, layer->rows, s->n_kept, s->n_gone, false);
}

static pld_status fit_ls(double *w, const struct pld_layer *layer, const struct pld_gram *g,
                         double ridge)
{
    int64_t *columns = malloc((2 * (size_t)layer->cols + 1) * sizeof *columns);
    if (!columns) return pld_fail_memory(layer->name);
    struct split s = split_columns(columns, layer);
    size_t kept = (size_t)s.n_kept, gone = (size_t)s.n_gone, rows = (size_t)layer->rows;
    double *a = malloc((kept * kept + 1) * sizeof *a), *b = malloc((rows * kept + 1) * sizeof *b);
    double *scratch = malloc((gone * (rows + kept) + 1) * sizeof *scratch);
    pld_status status = a && b && scratch ? PLD_OK : pld_fail_memory(layer->name);
    if (status == PLD_OK) {
        fill_system(a, b, scratch, layer, g, &s, ridge);
        status = pld_dense_solve(a, b, s.n_kept, layer->rows, layer->name);
    }
    for (int64_t r = 0; r < layer->rows && status == PLD_OK; r++)
        for (int64_t i = 0; i < s.n_kept; i++)
            w[r * layer->cols + s.kept[i]] += b[r * s.n_kept + i];
    free(columns);
    free(a);
    free(b);
    free(scratch);
    return status;
}

pld_status pld_fit(double *w, double *shift, const struct pld_layer *layer,
                   const struct pld_gram *gram, enum pld_rung rung, double ridge)
{
    bool any = false;
    for (int64_t c = 0; c < layer->cols; c++)
        any |= layer->gone[c];
    for (int64_t r = 0; r < layer->rows; r++)
        for (int64_t c = 0; c < layer->cols; c++)
            w[r * layer->cols + c] = layer->gone[c] ? 0 : layer->w[r * layer->cols + c];
    if (any && rung == PLD_RUNG_AFFINE) PLD_TRY(fit_affine(w, layer, gram));
    if (any && rung >= PLD_RUNG_LS) PLD_TRY(fit_ls(w, layer, gram, ridge));
    fit_shift(shift, w, layer, gram);
    return PLD_OK;
}

pld_status pld_fit_error(double *error, const double *w, const double *shift,
                         const struct pld_layer *layer, const struct pld_gram *g)
{
    int64_t rows = layer->rows, cols = layer->cols;
    double *d = malloc((2 * (size_t)(rows * cols) + 1) * sizeof *d), lost = 0, all = 0;
    if (!d) return pld_fail_memory(layer->name);
    double *product = d + rows * cols;
    pld_dense_multiply(product, layer->w, g->cov, rows, cols, cols, false);
    for (int64_t i = 0; i < rows * cols; i++) {
        all += product[i] * layer->w[i];
        d[i] = w[i] - layer->w[i];
    }
    pld_dense_multiply(product, d, g->cov, rows, cols, cols, false);
    for (int64_t r = 0; r < rows; r++) {
        double mean = shift[r];
        for (int64_t c = 0; c < cols; c++) {
            mean += d[r * cols + c] * g->mean[c];
            lost += product[r * cols + c] * d[r * cols + c];
        }
        lost += mean * mean;
    }
    free(d);
    *error = all > 0 ? lost / all : 0;
    return PLD_OK;
}
