/* Sum of squared weights (He et al., "Soft Filter Pruning", IJCAI 2018, equation 2 with p = 2).
 * Without the root, so that sums over the members of a group are again squared norms (Fang et al.,
 * "DepGraph", CVPR 2023, equation 4); the order in a group is the same. */
#include "prune/criterion.h"

const struct pld_criterion pld_criterion_l2 = {
    .name = "l2",
    .help = "sum of squared weights of the filters that make the channel",
    .votes = PLD_VOTE_OUT,
    .weights = pld_criterion_squares,
};
