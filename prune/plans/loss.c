/* PaddleSlim's get_ratios_by_loss: every group on its own loses as much as costs a loss of t, by
 * its measured curve. Costs and interactions play no part. */
#include "prune/plan.h"

static pld_status wish(double *wished, const struct pld_plan_problem *p, double t)
{
    for (int g = 0; g < p->groups->n_groups; g++) {
        int units = p->groups->groups[g].units;
        wished[g] =
            p->curves[g].n ? p->weight[g] * units * pld_curve_ratio_by_loss(&p->curves[g], t) : 0;
    }
    return PLD_OK;
}

const struct pld_plan_method pld_plan_method_loss = {
    .name = "loss",
    .help = "the same measured loss for every group (as PaddleSlim's get_ratios_by_loss)",
    .needs_curves = true,
    .wish = wish,
};
