/* Distance to all other filters of the layer: what is near the geometric median can be replaced by
 * the others (He et al., "Filter Pruning via Geometric Median", CVPR 2019, equation 6). Exact, and
 * on the weights as they are, with their signs. */
#include <math.h>

#include "prune/criterion.h"

static double distance(const double *a, const double *b, int64_t length)
{
    double sum = 0;
    for (int64_t i = 0; i < length; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

static pld_status weights(double *scores, const double *rows, int units, int64_t length)
{
    pld_criterion_pairs(scores, rows, units, length, distance);
    return PLD_OK;
}

const struct pld_criterion pld_criterion_fpgm = {
    .name = "fpgm",
    .help = "sum of the distances to the layer's other filters",
    .votes = PLD_VOTE_OUT,
    .weights = weights,
};
