/* Importance criteria: which units of a group matter least. */
#ifndef PLD_PRUNE_CRITERION_H
#define PLD_PRUNE_CRITERION_H

#include <stdint.h>

#include "prune/group.h"

struct pld_criterion {
    const char *name, *help;
    /* Fills scores[units] of group g; a smaller score is removed earlier. Repeatable for equal
     * `seed`. */
    pld_status (*score)(double *scores, const struct pld_groups *groups, int g, uint64_t seed);
};

/* All rows of criterion.def; *count is their number. */
const struct pld_criterion *const *pld_criterion_list(int *count);
/* PLD_EUSAGE with the nearest name when there is no such criterion. */
pld_status pld_criterion_find(const struct pld_criterion **out, const char *name);

/* order[units]: units by ascending score, equal scores by ascending number. PLD_EFAIL when a score
 * is NaN. */
pld_status pld_criterion_order(int *order, const double *scores, int units);

/* For criteria over weights: adds, for every unit, the sum of f(w) over the elements of a member.
 * Kernels' float32, float16 and float64 weights are read as doubles. */
pld_status pld_member_sum(double *sums, const struct pld_graph *graph,
                          const struct pld_member *member, int units, double (*f)(double));

#endif
