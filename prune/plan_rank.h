/* Private to plans: ranking of units across groups. */
#ifndef PLD_PRUNE_PLAN_RANK_H
#define PLD_PRUNE_PLAN_RANK_H

#include "prune/plan.h"

/* Of all units in groups of class `scope` (scope[n_groups], -1: in none), wishes the share t with
 * the smallest scores gone. */
pld_status pld_plan_rank(double *wished, const struct pld_plan_problem *problem, const int *scope,
                         int which, double t);

#endif
