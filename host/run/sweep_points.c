#include "run/sweep_points.h"

#include <stdlib.h>

void pld_sweep_points_release(struct pld_sweep_points *points)
{
    pld_arena_release(&points->arena);
    *points = (struct pld_sweep_points){0};
}

static pld_status select_filtered(bool *wanted, const struct pld_groups *groups,
                                  const struct pld_words *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        int g = pld_groups_find(groups, filter->items[i]);
        if (g < 0)
            return pld_fail(PLD_EUSAGE, "--groups", "the model has no group '%s'",
                            filter->items[i]);
        if (!groups->groups[g].prunable)
            return pld_fail(PLD_EUSAGE, "--groups", "%s cannot be pruned: %s", filter->items[i],
                            groups->groups[g].reason);
        wanted[g] = true;
    }
    return PLD_OK;
}

pld_status pld_sweep_points_init(struct pld_sweep_points *out, const struct pld_groups *groups,
                                 const struct pld_words *filter, const struct pld_scorer *scorer)
{
    *out = (struct pld_sweep_points){0};
    size_t n = (size_t)groups->n_groups + 1;
    bool *wanted = pld_arena_array(&out->arena, n, sizeof *wanted);
    out->groups = pld_arena_array(&out->arena, n, sizeof *out->groups);
    out->order = pld_arena_array(&out->arena, n, sizeof *out->order);
    if (!wanted || !out->groups || !out->order) return PLD_EDEVICE;
    if (filter->count) PLD_TRY(select_filtered(wanted, groups, filter));
    for (int g = 0; g < groups->n_groups; g++) {
        if (filter->count ? !wanted[g] : !groups->groups[g].prunable) continue;
        int *order = out->order[out->n_groups] =
            pld_arena_array(&out->arena, (size_t)groups->groups[g].units, sizeof *order);
        if (!order) return PLD_EDEVICE;
        PLD_TRY(pld_score_order(order, scorer, g));
        out->groups[out->n_groups++] = g;
    }
    if (!out->n_groups)
        return pld_fail(PLD_EMODEL, groups->graph->path,
                        "no group can be pruned (pollard groups "
                        "says why)");
    return PLD_OK;
}

void pld_sweep_points_shard(struct pld_sweep_points *points, const int64_t *cost, int shard,
                            int shards)
{
    double total = 0, before = 0;
    for (int i = 0; i < points->n_groups; i++)
        total += (double)cost[i] + 1;
    int kept = 0;
    for (int i = 0; i < points->n_groups; i++) {
        /* A group belongs to the shard in which its middle falls. */
        double middle = before + ((double)cost[i] + 1) / 2;
        before += (double)cost[i] + 1;
        int owner = (int)(middle / total * shards) + 1;
        if (owner != shard) continue;
        points->groups[kept] = points->groups[i];
        points->order[kept++] = points->order[i];
    }
    points->n_groups = kept;
}

static int ascending(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Distinct non-zero removal counts of the ratios without a result. */
static int missing_counts(int *removed, const struct pld_group *group,
                          const struct pld_reals *ratios, const struct pld_points *journal)
{
    int n = 0, distinct = 0;
    for (size_t r = 0; r < ratios->count; r++) {
        if (pld_points_find(journal, group->id, ratios->items[r])) continue;
        int count = pld_ratio_count(ratios->items[r], group->units);
        if (count) removed[n++] = count;
    }
    qsort(removed, (size_t)n, sizeof *removed, ascending);
    for (int i = 0; i < n; i++)
        if (i == 0 || removed[i] != removed[i - 1]) removed[distinct++] = removed[i];
    return distinct;
}

pld_status pld_sweep_points_missing(struct pld_sweep_points *points,
                                    const struct pld_groups *groups, const struct pld_reals *ratios,
                                    const struct pld_points *journal)
{
    size_t n = (size_t)points->n_groups + 1;
    points->n_items = 0;
    points->items = pld_arena_array(&points->arena, n, sizeof *points->items);
    points->item_group = pld_arena_array(&points->arena, n, sizeof *points->item_group);
    if (!points->items || !points->item_group) return PLD_EDEVICE;
    for (int i = 0; i < points->n_groups; i++) {
        struct pld_suffix *item = &points->items[points->n_items];
        item->removed = pld_arena_array(&points->arena, ratios->count + 1, sizeof(int));
        if (!item->removed) return PLD_EDEVICE;
        item->group = points->groups[i];
        item->order = points->order[i];
        item->n_candidates =
            missing_counts(item->removed, &groups->groups[item->group], ratios, journal);
        if (item->n_candidates) points->item_group[points->n_items++] = i;
    }
    return PLD_OK;
}
