/* Sum of absolute weights (Li et al., "Pruning Filters for Efficient ConvNets", ICLR 2017, section
 * 3.1). */
#include <math.h>

#include "prune/criterion.h"

static pld_status weights(double *scores, const double *rows, int units, int64_t length)
{
    for (int u = 0; u < units; u++) {
        scores[u] = 0;
        for (int64_t i = 0; i < length; i++)
            scores[u] += fabs(rows[u * length + i]);
    }
    return PLD_OK;
}

const struct pld_criterion pld_criterion_l1 = {
    .name = "l1",
    .help = "sum of |w| of the filters that make the channel",
    .votes = PLD_VOTE_OUT,
    .weights = weights,
};
