/* |gamma| of the BatchNormalization behind the layer (Liu et al., "Learning Efficient Convolutional
 * Networks through Network Slimming", ICCV 2017, section 3). Meaningful after training with a
 * penalty on gamma; files with folded BatchNormalization have none. */
#include <math.h>

#include "prune/criterion.h"

static pld_status weights(double *scores, const double *rows, int units, int64_t length)
{
    for (int u = 0; u < units; u++)
        scores[u] = fabs(rows[u * length]);
    return PLD_OK;
}

const struct pld_criterion pld_criterion_bn_scale = {
    .name = "bn_scale",
    .help = "|scale| of the BatchNormalization behind the layer",
    .votes = PLD_VOTE_NORM,
    .weights = weights,
};
