#include "prune/planfile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "prune/score.h"

static int ascending(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static pld_status units_from_list(struct pld_plan *plan, const char *path,
                                  const struct pld_group *group, int g, yyjson_val *list)
{
    size_t i, n;
    yyjson_val *item;
    plan->units[g] = pld_arena_array(&plan->arena, yyjson_arr_size(list) + 1, sizeof(int));
    if (!plan->units[g]) return PLD_EDEVICE;
    yyjson_arr_foreach(list, i, n, item)
    {
        if (!yyjson_is_int(item) || yyjson_get_sint(item) < 0 ||
            yyjson_get_sint(item) >= group->units)
            return pld_fail(PLD_EUSAGE, path, "%s: unit %zu of 'remove' is not in 0..%d", group->id,
                            i, group->units - 1);
        plan->units[g][plan->removed[g]++] = (int)yyjson_get_sint(item);
    }
    qsort(plan->units[g], n, sizeof(int), ascending);
    for (i = 1; i < n; i++)
        if (plan->units[g][i] == plan->units[g][i - 1])
            return pld_fail(PLD_EUSAGE, path, "%s: unit %d is listed twice", group->id,
                            plan->units[g][i]);
    return PLD_OK;
}

static pld_status units_from_ratio(struct pld_plan *plan, const char *path,
                                   const struct pld_groups *groups, int g, yyjson_val *entry,
                                   const char *criterion_name, uint64_t seed)
{
    const struct pld_group *group = &groups->groups[g];
    yyjson_val *ratio = yyjson_obj_get(entry, "ratio");
    if (!yyjson_is_num(ratio) || !(yyjson_get_num(ratio) >= 0 && yyjson_get_num(ratio) <= 1))
        return pld_fail(PLD_EUSAGE, path, "%s: needs 'remove' or a 'ratio' in 0..1", group->id);
    struct pld_score_options options = {.criterion = criterion_name, .seed = seed};
    struct pld_scorer scorer;
    plan->units[g] = pld_arena_array(&plan->arena, (size_t)group->units, sizeof(int));
    if (!plan->units[g]) return PLD_EDEVICE;
    pld_status status = pld_scorer_init(&scorer, groups, &options);
    if (status == PLD_OK) status = pld_score_order(plan->units[g], &scorer, g);
    pld_scorer_release(&scorer);
    PLD_TRY(status);
    plan->removed[g] = pld_ratio_count(yyjson_get_num(ratio), group->units);
    qsort(plan->units[g], (size_t)plan->removed[g], sizeof(int), ascending);
    return PLD_OK;
}

static pld_status read_group(struct pld_plan *plan, const char *path,
                             const struct pld_groups *groups, const char *id, yyjson_val *entry,
                             const char *criterion, uint64_t seed)
{
    int g = -1;
    for (int i = 0; i < groups->n_groups && g < 0; i++)
        if (strcmp(groups->groups[i].id, id) == 0) g = i;
    if (g < 0) return pld_fail(PLD_EUSAGE, path, "the model has no group '%s'", id);
    const struct pld_group *group = &groups->groups[g];
    if (plan->units[g]) return pld_fail(PLD_EUSAGE, path, "group %s is listed twice", id);
    yyjson_val *list = yyjson_obj_get(entry, "remove");
    if (list && !yyjson_is_arr(list))
        return pld_fail(PLD_EUSAGE, path, "%s: 'remove' is not a list", id);
    if (list)
        PLD_TRY(units_from_list(plan, path, group, g, list));
    else
        PLD_TRY(units_from_ratio(plan, path, groups, g, entry, criterion, seed));
    if (plan->removed[g] && !group->prunable)
        return pld_fail(PLD_EUSAGE, path, "group %s cannot be pruned: %s", id, group->reason);
    if (plan->removed[g] > group->most)
        return pld_fail(PLD_EUSAGE, path, "group %s would lose all of its %d units", id,
                        group->units);
    return PLD_OK;
}

static pld_status read_document(struct pld_plan *plan, const char *path,
                                const struct pld_groups *groups, yyjson_val *root, uint64_t seed)
{
    yyjson_val *entries = yyjson_obj_get(root, "groups"), *key, *entry;
    if (!yyjson_is_obj(entries)) return pld_fail(PLD_EUSAGE, path, "not a plan: no 'groups'");
    yyjson_val *version = yyjson_obj_get(root, "version");
    if (version && yyjson_get_sint(version) != 1)
        return pld_fail(PLD_EUSAGE, path, "plan version %lld is not known",
                        (long long)yyjson_get_sint(version));
    const char *sha256 = yyjson_get_str(yyjson_obj_get(root, "model_sha256"));
    if (sha256 && strcmp(sha256, groups->graph->sha256) != 0)
        return pld_fail(PLD_EUSAGE, path,
                        "made for another model (sha256 %.12s..., this is %.12s...)", sha256,
                        groups->graph->sha256);
    const char *criterion = yyjson_get_str(yyjson_obj_get(root, "criterion"));
    yyjson_val *latency = yyjson_obj_get(yyjson_obj_get(root, "predicted"), "latency_ms");
    if (yyjson_is_num(latency)) plan->latency_ms = yyjson_get_num(latency);
    size_t i, n;
    yyjson_obj_foreach(entries, i, n, key, entry)
    {
        PLD_TRY(read_group(plan, path, groups, yyjson_get_str(key), entry,
                           criterion ? criterion : "l1", seed));
    }
    return PLD_OK;
}

pld_status pld_plan_read(struct pld_plan *out, const char *path, const struct pld_groups *groups,
                         uint64_t seed)
{
    *out = (struct pld_plan){.n_groups = groups->n_groups, .latency_ms = NAN};
    size_t n = (size_t)groups->n_groups + 1;
    out->units = pld_arena_array(&out->arena, n, sizeof *out->units);
    out->removed = pld_arena_array(&out->arena, n, sizeof *out->removed);
    if (!out->units || !out->removed) return PLD_EDEVICE;
    yyjson_doc *doc;
    PLD_TRY(pld_json_read(&doc, path, PLD_EUSAGE));
    pld_status status = read_document(out, path, groups, yyjson_doc_get_root(doc), seed);
    yyjson_doc_free(doc);
    return status;
}

void pld_plan_release(struct pld_plan *plan)
{
    pld_arena_release(&plan->arena);
    *plan = (struct pld_plan){0};
}
