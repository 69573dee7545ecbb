/* Euclidean norm of the filters that make a channel (He et al., "Soft Filter Pruning", IJCAI 2018,
 * equation 2 with p = 2), over all producers of the unit. */
#include <math.h>
#include <string.h>

#include "prune/criterion.h"

static double square(double w)
{
    return w * w;
}

static pld_status score(double *scores, const struct pld_groups *groups, int g, uint64_t seed)
{
    (void)seed;
    const struct pld_group *group = &groups->groups[g];
    memset(scores, 0, (size_t)group->units * sizeof *scores);
    for (int m = 0; m < group->n_members; m++)
        if (group->members[m].role == PLD_ROLE_OUT)
            PLD_TRY(
                pld_member_sum(scores, groups->graph, &group->members[m], group->units, square));
    for (int u = 0; u < group->units; u++)
        scores[u] = sqrt(scores[u]);
    return PLD_OK;
}

const struct pld_criterion pld_criterion_l2 = {
    .name = "l2",
    .help = "Euclidean norm of the filters that make the channel",
    .score = score,
};
