/* plan.json: which units of which groups go. */
#ifndef PLD_PRUNE_PLANFILE_H
#define PLD_PRUNE_PLANFILE_H

#include "prune/group.h"

struct pld_plan {
    struct pld_arena arena;
    int **units;  /* [n_groups] ascending unit numbers of group g, NULL when it stays whole */
    int *removed; /* [n_groups] how many */
    int n_groups;
};

/* Reads a plan for these groups. An entry has `remove` (unit numbers) or, in a hand-written plan,
 * only `ratio` with `criterion` deciding (`order` of pld_criterion_order by `criterion_name`,
 * default l1). PLD_EUSAGE names what does not fit: another model's sha256, an unknown or locked
 * group, a unit out of range or twice, every unit of a group. PLD_EUSAGE for broken JSON too.
 * Release with pld_plan_release(), also after a failure. */
pld_status pld_plan_read(struct pld_plan *out, const char *path, const struct pld_groups *groups,
                         uint64_t seed);
void pld_plan_release(struct pld_plan *plan);

#endif
