/* What the remaining columns of a layer should be, from the moments of its inputs.
 *
 * A layer computes y = W x + b; the columns R of x are removed, K stay. With the covariance G and
 * the mean m of x:
 *
 *   plain   W'_K = W_K
 *   affine  W'_K = diag(s) W_K,   s = cov(y, W_K x_K) / var(W_K x_K)   for each row
 *   ls      W'_K = W_K + W_R G_RK (G_KK + lambda I)^-1                 ridge towards W_K, so that
 *                                                                      nothing removed is W itself
 *
 * and in each case b' = b + W m - W'_K m_K, which keeps the mean of y. Weights that can have no
 * bias are fitted to the second moments G + m m^T instead. */
#ifndef PLD_PRUNE_RECOVER_FIT_H
#define PLD_PRUNE_RECOVER_FIT_H

#include <stdbool.h>

#include "prune/recover/gram.h"

enum pld_rung { PLD_RUNG_PLAIN, PLD_RUNG_AFFINE, PLD_RUNG_LS, PLD_RUNG_SEQUENTIAL, PLD_RUNGS };
extern const char *const pld_rung_names[PLD_RUNGS]; /* "plain", "affine", "ls", "sequential" */

/* A layer to be fitted. */
struct pld_layer {
    const char *name; /* for messages */
    int64_t rows, cols;
    const double *w;  /* [rows][cols] unpruned weights */
    const bool *gone; /* [cols] removed */
    bool biased;
};

/* Fills w[rows][cols], 0 in removed columns, and shift[rows], which is added to the bias. `ridge`:
 * lambda as a part of the mean diagonal of G. PLD_EFAIL when the system cannot be solved. */
pld_status pld_fit(double *w, double *shift, const struct pld_layer *layer,
                   const struct pld_gram *gram, enum pld_rung rung, double ridge);

/* Mean squared error of (w, shift) against the unpruned layer on inputs with these moments, summed
 * over rows, as a part of the variance of y. */
pld_status pld_fit_error(double *error, const double *w, const double *shift,
                         const struct pld_layer *layer, const struct pld_gram *gram);

/* Fits to targets that were measured rather than computed: `joint` holds the moments of [y, x],
 * rows + cols columns, x the inputs that the layer has now and y what it should give. layer->w is
 * where the ridge pulls to; w = P + (C - P G)(G + lambda I)^-1 on the kept columns, P = layer->w,
 * C = cov(y, x), and shift = mean y - w mean x. PLD_RUNG_PLAIN: w = P; PLD_RUNG_AFFINE: rows of P
 * scaled. */
pld_status pld_fit_targets(double *w, double *shift, const struct pld_layer *layer,
                           const struct pld_gram *joint, enum pld_rung rung, double ridge);

/* Mean squared error of y - w x - shift, summed over rows, as a part of the variance of y. */
pld_status pld_fit_targets_error(double *error, const double *w, const double *shift,
                                 const struct pld_layer *layer, const struct pld_gram *joint);

#endif
