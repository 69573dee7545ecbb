/* Sum of absolute weights of the filters that make a channel (Li et al., "Pruning Filters for
 * Efficient ConvNets", ICLR 2017, section 3.1), over all producers of the unit. */
#include <math.h>
#include <string.h>

#include "prune/criterion.h"

static pld_status score(double *scores, const struct pld_groups *groups, int g, uint64_t seed)
{
    (void)seed;
    const struct pld_group *group = &groups->groups[g];
    memset(scores, 0, (size_t)group->units * sizeof *scores);
    for (int m = 0; m < group->n_members; m++)
        if (group->members[m].role == PLD_ROLE_OUT)
            PLD_TRY(pld_member_sum(scores, groups->graph, &group->members[m], group->units, fabs));
    return PLD_OK;
}

const struct pld_criterion pld_criterion_l1 = {
    .name = "l1",
    .help = "sum of |w| of the filters that make the channel",
    .score = score,
};
