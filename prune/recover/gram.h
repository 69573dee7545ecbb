/* Second moments of patches: centred Gram matrices and means.
 *
 * Products are float32 over the rows of one image, centred on that image's own means; sums over
 * images are double. Images are added in a fixed order, so a result does not depend on threads. */
#ifndef PLD_PRUNE_RECOVER_GRAM_H
#define PLD_PRUNE_RECOVER_GRAM_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

struct pld_gram {
    int64_t n;     /* columns */
    double rows;   /* patches added */
    double *mean;  /* [n] */
    double *cov;   /* [n][n]: sum over rows of (x - mean)(x - mean)^T / rows, once finished */
    double *pilot; /* [n] means of the first image */
};

/* Zero columns of memory are a valid, empty Gram matrix. Release also after a failure. */
pld_status pld_gram_init(struct pld_gram *gram, int64_t n);
void pld_gram_release(struct pld_gram *gram);

/* Bytes of scratch that pld_gram_add() needs for these many columns. */
size_t pld_gram_scratch(int64_t n);

/* Adds the patches of one image, rows[count][n], which are overwritten (centred). */
void pld_gram_add(struct pld_gram *gram, float *rows, int64_t count, void *scratch);

/* Turns the sums into mean and covariance. PLD_EFAIL, naming `where`, when they are not finite. */
pld_status pld_gram_finish(struct pld_gram *gram, const char *where);

/* Finished `a` becomes the moments of the rows of `a` and `b` together (Chan, Golub and LeVeque,
 * "Updating formulae and a pairwise algorithm for computing sample variances", 1979). */
void pld_gram_merge(struct pld_gram *a, const struct pld_gram *b);

#endif
