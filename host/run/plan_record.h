/* A plan as a text of its own, for the metadata of a pruned model. */
#ifndef PLD_RUN_PLAN_RECORD_H
#define PLD_RUN_PLAN_RECORD_H

#include "prune/planfile.h"

/* The plan in the form of plan.json (ratios as they came out, every removed unit), on one line.
 * Caller frees. */
pld_status pld_plan_record(char **text, const struct pld_groups *groups,
                           const struct pld_plan *plan);

#endif
