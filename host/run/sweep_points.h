/* Which points a sweep consists of, and which of them a run still has to compute. */
#ifndef PLD_RUN_SWEEP_POINTS_H
#define PLD_RUN_SWEEP_POINTS_H

#include "core/option.h"
#include "prune/score.h"
#include "run/journal.h"
#include "run/suffix.h"

struct pld_sweep_points {
    struct pld_arena arena;
    int *groups, n_groups;    /* of this sweep (or shard), in network order */
    int **order;              /* [n_groups] units, least important first */
    struct pld_suffix *items; /* groups with candidates to run */
    int *item_group;          /* [n_items] index into groups[] */
    int n_items;
};

/* The prunable groups, or those of `filter` (ids or names; PLD_EUSAGE for an unknown or locked
 * one), and the removal order of each. Release with pld_sweep_points_release(), also after a
 * failure. */
pld_status pld_sweep_points_init(struct pld_sweep_points *out, const struct pld_groups *groups,
                                 const struct pld_words *filter, const struct pld_scorer *scorer);
void pld_sweep_points_release(struct pld_sweep_points *points);

/* Keeps part `shard` (1..shards): contiguous groups of about equal cost (`cost`[n_groups]). */
void pld_sweep_points_shard(struct pld_sweep_points *points, const int64_t *cost, int shard,
                            int shards);

/* Fills items: for each group the distinct removal counts of the ratios whose points the journal
 * lacks. Counts of 0 need no run: they are the baseline. */
pld_status pld_sweep_points_missing(struct pld_sweep_points *points,
                                    const struct pld_groups *groups, const struct pld_reals *ratios,
                                    const struct pld_points *journal);

#endif
