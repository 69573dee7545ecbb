/* Squared weights over the squared weights of all filters of the layer that are not smaller: scores
 * that compare between layers (Lee et al., "Layer-adaptive Sparsity for the Magnitude-based
 * Pruning", ICLR 2021, equation 4, for filters instead of single weights). */
#include "prune/criterion.h"

const struct pld_criterion pld_criterion_lamp = {
    .name = "lamp",
    .help = "squared weights, relative to those of the channels above",
    .votes = PLD_VOTE_OUT,
    .normalizer = PLD_NORMALIZE_LAMP,
    .weights = pld_criterion_squares,
};
