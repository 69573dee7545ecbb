/* The least important units of the whole network, by scores that the normalizer makes comparable.
 * Groups that may lose nothing take no part in the ranking. */
#include <stdlib.h>

#include "prune/plan_rank.h"

static pld_status wish(double *wished, const struct pld_plan_problem *p, double t)
{
    int *scope = calloc((size_t)p->groups->n_groups + 1, sizeof *scope);
    if (!scope) return pld_fail_memory("plan");
    for (int g = 0; g < p->groups->n_groups; g++) {
        scope[g] = pld_plan_free_to_choose(p, g) ? 0 : -1;
        wished[g] = 0;
    }
    pld_status status = pld_plan_rank(wished, p, scope, 0, t);
    free(scope);
    return status;
}

const struct pld_plan_method pld_plan_method_global = {
    .name = "global",
    .help = "the least important units of the whole network",
    .wish = wish,
};
