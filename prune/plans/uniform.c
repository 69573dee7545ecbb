/* The same share of every group. */
#include "prune/plan.h"

static pld_status wish(double *wished, const struct pld_plan_problem *p, double t)
{
    for (int g = 0; g < p->groups->n_groups; g++)
        wished[g] = t * p->weight[g] * p->groups->groups[g].units;
    return PLD_OK;
}

const struct pld_plan_method pld_plan_method_uniform = {
    .name = "uniform",
    .help = "the same ratio everywhere",
    .wish = wish,
};
