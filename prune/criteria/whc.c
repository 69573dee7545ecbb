/* Norm and dissimilarity together (Chen et al., "WHC: Weighted Hybrid Criterion for Filter Pruning
 * on Convolutional Neural Networks", ICASSP 2023, equation 4):
 * |w_i| * sum over j of |w_j| * (1 - |cos(w_i, w_j)|). */
#include <math.h>

#include "prune/criterion.h"

/* |a| |b| - |a.b|: the product above, without a division. */
static double dissimilarity(const double *a, const double *b, int64_t length)
{
    double aa = 0, bb = 0, ab = 0;
    for (int64_t i = 0; i < length; i++) {
        aa += a[i] * a[i];
        bb += b[i] * b[i];
        ab += a[i] * b[i];
    }
    return sqrt(aa) * sqrt(bb) - fabs(ab);
}

static pld_status weights(double *scores, const double *rows, int units, int64_t length)
{
    pld_criterion_pairs(scores, rows, units, length, dissimilarity);
    return PLD_OK;
}

const struct pld_criterion pld_criterion_whc = {
    .name = "whc",
    .help = "norm of the filter times its dissimilarity to the others",
    .votes = PLD_VOTE_OUT,
    .weights = weights,
};
