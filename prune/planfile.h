/* plan.json: which units of which groups go. */
#ifndef PLD_PRUNE_PLANFILE_H
#define PLD_PRUNE_PLANFILE_H

#include "prune/group.h"

struct pld_plan {
    struct pld_arena arena;
    int **units;  /* [n_groups] ascending unit numbers of group g, NULL when it stays whole */
    int *removed; /* [n_groups] how many */
    int n_groups;
    double latency_ms; /* that the file predicts for the pruned model, or NaN */
};

/* Reads a plan for these groups. An entry has `remove` (unit numbers) or, in a hand-written plan,
 * only `ratio` with `criterion` deciding (`order` of pld_criterion_order by `criterion_name`,
 * default l1). PLD_EUSAGE names what does not fit: another model's sha256, an unknown or locked
 * group, a unit out of range or twice, every unit of a group. PLD_EUSAGE for broken JSON too.
 * Release with pld_plan_release(), also after a failure. */
pld_status pld_plan_read(struct pld_plan *out, const char *path, const struct pld_groups *groups,
                         uint64_t seed);
void pld_plan_release(struct pld_plan *plan);

/* The first removed[g] units of order[g] of every group. Release with pld_plan_release(), also
 * after a failure. */
pld_status pld_plan_from_order(struct pld_plan *out, const struct pld_groups *groups,
                               int *const *order, const int *removed);

/* What plan.json says beside the units. */
struct pld_plan_notes {
    const char *method, *criterion;
    const char *target; /* "macs", "params", "map_drop", "latency_ms" */
    double target_value;
    bool reached;
    int64_t macs, params; /* of the pruned model */
    double latency_ms;    /* predicted, or NaN */
    double drop, ci[2];   /* predicted; drop NaN: no prediction */
    const char *metric;   /* what was measured, or NULL */
    double measured, measured_drop, measured_ci[2];
};

/* Writes plan.json, atomically. */
pld_status pld_plan_write(const char *path, const struct pld_groups *groups,
                          const struct pld_plan *plan, const struct pld_plan_notes *notes);

#endif
