/* Early layers are narrow and everything leans on them: the ratio grows with the depth of the first
 * producer, from a quarter of the last group's ratio at the input. */
#include "prune/plan.h"

static const double AT_INPUT = 0.25;

static pld_status wish(double *wished, const struct pld_plan_problem *p, double t)
{
    int nodes = p->groups->graph->n_nodes;
    for (int g = 0; g < p->groups->n_groups; g++) {
        const struct pld_group *group = &p->groups->groups[g];
        double depth = nodes > 1 ? (double)group->producers[0] / (nodes - 1) : 1;
        wished[g] = t * p->weight[g] * (AT_INPUT + (1 - AT_INPUT) * depth) * group->units;
    }
    return PLD_OK;
}

const struct pld_plan_method pld_plan_method_depth = {
    .name = "depth",
    .help = "ratios that grow with depth",
    .wish = wish,
};
