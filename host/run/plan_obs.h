/* plan --criterion obs: block OBS over all groups, from a model and unlabelled images. */
#ifndef PLD_RUN_PLAN_OBS_H
#define PLD_RUN_PLAN_OBS_H

#include "run/plan.h"

/* Plans for every macs target of the options, in one descent, on the CPU, and writes options->out;
 * with several targets one file each, OUT-0.9.json for OUT.json and macs=0.9. `out` tells of the
 * last one. PLD_EUSAGE for targets and rules that this planner has no use for, PLD_EGATE when
 * floors and caps stop it before a target. */
pld_status pld_plan_by_obs(struct pld_plan_result *out, const struct pld_plan_options *options);

#endif
