#include "prune/recover/obs_layer.h"

#include <math.h>
#include <string.h>

#include "prune/recover/dense.h"

/* ---- blocks ---- */

static int block_of(struct pld_obs_layer *layer, int unit)
{
    for (int b = layer->n_blocks - 1; b >= 0; b--)
        if (layer->blocks[b].unit == unit) return b;
    layer->blocks[layer->n_blocks] = (struct pld_obs_block){.unit = unit};
    return layer->n_blocks++;
}

pld_status pld_obs_layer_init(struct pld_obs_layer *layer, const struct pld_site *site,
                              const char *name, struct pld_arena *arena)
{
    size_t cols = (size_t)site->cols + 1;
    *layer = (struct pld_obs_layer){.site = site, .name = name};
    layer->blocks = pld_arena_array(arena, cols, sizeof *layer->blocks);
    int64_t *all = pld_arena_array(arena, cols, sizeof *all);
    int *of_col = pld_arena_array(arena, cols, sizeof *of_col);
    layer->w = pld_arena_array(arena, (size_t)site->rows * cols, sizeof *layer->w);
    if (!layer->blocks || !all || !of_col || !layer->w) return PLD_EDEVICE;
    for (int64_t c = 0; c < site->cols; c++) {
        if (site->col_unit[c] == PLD_NONE) continue;
        of_col[c] = block_of(layer, site->col_unit[c]);
        layer->blocks[of_col[c]].n++;
    }
    for (int b = 0; b < layer->n_blocks; b++) {
        struct pld_obs_block *block = &layer->blocks[b];
        if (block->n > layer->widest) layer->widest = block->n;
        block->cols = all;
        all += block->n;
        block->n = 0;
    }
    for (int64_t c = 0; c < site->cols; c++) {
        if (site->col_unit[c] == PLD_NONE) continue;
        struct pld_obs_block *block = &layer->blocks[of_col[c]];
        block->cols[block->n++] = c;
    }
    return PLD_OK;
}

size_t pld_obs_scratch(const struct pld_obs_layer *layer)
{
    size_t m = (size_t)layer->widest, rows = (size_t)layer->site->rows;
    size_t tall = rows > (size_t)layer->site->cols ? rows : (size_t)layer->site->cols;
    return m * m + 2 * tall * m + 8;
}

/* ---- small dense steps ---- */

static double inverse_at(const struct pld_obs_inverse *inverse, int64_t i, int64_t j)
{
    return i >= j ? inverse->h[i * inverse->n + j] : inverse->h[j * inverse->n + i];
}

/* l[n][n]: Cholesky factor of the block of the inverse. */
static pld_status factor_block(double *l, const struct pld_obs_inverse *inverse,
                               const int64_t *cols, int64_t n, const char *where)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++) {
            double sum = inverse_at(inverse, cols[i], cols[j]);
            for (int64_t k = 0; k < j; k++)
                sum -= l[i * n + k] * l[j * n + k];
            if (i == j && !(sum > 0))
                return pld_fail(PLD_EFAIL, where,
                                "its inverse covariance is no longer positive: a larger ridge is "
                                "needed");
            l[i * n + j] = i == j ? sqrt(sum) : sum / l[j * n + j];
        }
    return PLD_OK;
}

/* row becomes row L^-T: then its square norm is row (L L^T)^-1 row^T. */
static void divide_row(double *row, const double *l, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < i; k++)
            row[i] -= l[i * n + k] * row[k];
        row[i] /= l[i * n + i];
    }
}

static void take_columns(double *row, const double *from, const int64_t *cols, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        row[i] = from[cols[i]];
}

pld_status pld_obs_score(struct pld_obs_layer *layer, const struct pld_obs_inverse *inverse,
                         double *scratch)
{
    double *l = scratch, *row = scratch + layer->widest * layer->widest;
    for (int b = 0; b < layer->n_blocks; b++) {
        struct pld_obs_block *block = &layer->blocks[b];
        if (block->gone) continue;
        PLD_TRY(factor_block(l, inverse, block->cols, block->n, layer->name));
        block->score = 0;
        for (int64_t r = 0; r < layer->site->rows; r++) {
            take_columns(row, layer->w + r * layer->site->cols, block->cols, block->n);
            divide_row(row, l, block->n);
            for (int64_t i = 0; i < block->n; i++)
                block->score += row[i] * row[i];
        }
    }
    return PLD_OK;
}

/* v[n_total][n] = (H^-1)_:c L^-T, so that the downdate is H^-1 -= v v^T. */
static void half_columns(double *v, const struct pld_obs_inverse *inverse, const double *l,
                         const int64_t *cols, int64_t n)
{
    for (int64_t i = 0; i < inverse->n; i++) {
        for (int64_t k = 0; k < n; k++)
            v[i * n + k] = inverse_at(inverse, i, cols[k]);
        divide_row(v + i * n, l, n);
    }
}

pld_status pld_obs_update(struct pld_obs_layer *layer, const struct pld_obs_inverse *inverse,
                          struct pld_obs_block *block, double *scratch)
{
    int64_t n = block->n, rows = layer->site->rows, cols = layer->site->cols;
    double *l = scratch, *v = l + n * n, *u = v + cols * n;
    PLD_TRY(factor_block(l, inverse, block->cols, n, layer->name));
    half_columns(v, inverse, l, block->cols, n);
    for (int64_t r = 0; r < rows; r++) {
        take_columns(u + r * n, layer->w + r * cols, block->cols, n);
        divide_row(u + r * n, l, n);
    }
    pld_dense_subtract(layer->w, u, v, rows, cols, n);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < n; i++)
            layer->w[r * cols + block->cols[i]] = 0;
    block->gone = true;
    return PLD_OK;
}

pld_status pld_obs_downdate(struct pld_obs_inverse *inverse, const int64_t *cols, int64_t n,
                            double *scratch, const char *where)
{
    double *l = scratch, *v = l + n * n;
    PLD_TRY(factor_block(l, inverse, cols, n, where));
    half_columns(v, inverse, l, cols, n);
    pld_dense_downdate(inverse->h, v, inverse->n, n);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < inverse->n; j++) /* exactly 0, whatever the rounding left */
            inverse->h[cols[i] > j ? cols[i] * inverse->n + j : j * inverse->n + cols[i]] = 0;
    return PLD_OK;
}
