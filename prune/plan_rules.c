/* Which groups may lose what: protection, floors, caps, rounding, and what the user decided. */
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prune/plan.h"

/* "/head/box/Conv" as "head.box.Conv". */
static void dotted(char *out, size_t size, const char *name)
{
    if (*name == '/') name++;
    size_t n = 0;
    for (; *name && n + 1 < size; name++)
        out[n++] = *name == '/' ? '.' : *name;
    out[n] = 0;
}

bool pld_group_matches(const struct pld_groups *groups, int g, const char *glob)
{
    const struct pld_group *group = &groups->groups[g];
    if (fnmatch(glob, group->id, 0) == 0) return true;
    for (int i = 0; i < group->n_producers; i++) {
        char name[1024];
        const char *raw = groups->graph->nodes[group->producers[i]].name;
        dotted(name, sizeof name, raw);
        if (fnmatch(glob, raw, 0) == 0 || fnmatch(glob, name, 0) == 0) return true;
    }
    return false;
}

/* Marks the groups that a glob matches; PLD_EUSAGE when there is none. */
static pld_status match(bool *hit, const struct pld_groups *groups, const char *glob,
                        const char *option)
{
    bool any = false;
    for (int g = 0; g < groups->n_groups; g++) {
        hit[g] = pld_group_matches(groups, g, glob);
        any |= hit[g];
    }
    if (any) return PLD_OK;
    return pld_fail(PLD_EUSAGE, option, "'%s' matches no group (pollard groups lists them)", glob);
}

/* "GLOB=NUMBER" for every group that GLOB matches. */
static pld_status apply(double *out, bool *hit, const struct pld_plan_problem *p,
                        const struct pld_words *words, const char *option, double most)
{
    for (size_t i = 0; i < words->count; i++) {
        char glob[512];
        const char *equals = strrchr(words->items[i], '=');
        double value;
        if (!equals || (size_t)(equals - words->items[i]) >= sizeof glob ||
            !pld_parse_f64(equals + 1, &value) || !(value >= 0 && value <= most))
            return pld_fail(PLD_EUSAGE, option, "'%s' is not GLOB=NUMBER with a number in 0..%g",
                            words->items[i], most);
        memcpy(glob, words->items[i], (size_t)(equals - words->items[i]));
        glob[equals - words->items[i]] = 0;
        PLD_TRY(match(hit, p->groups, glob, option));
        for (int g = 0; g < p->groups->n_groups; g++)
            if (hit[g]) out[g] = value;
    }
    return PLD_OK;
}

/* Removal counts that leave an aligned number of channels. */
static pld_status list_levels(struct pld_plan_problem *p, int g, const struct pld_plan_rules *rules)
{
    int units = p->groups->groups[g].units, align = rules->align > 1 ? rules->align : 1;
    int least = rules->min_units > 1 ? rules->min_units : 1, n = 0;
    int most = rules->max_ratio > 0 ? (int)floor(rules->max_ratio * units + 1e-9) : units - 1;
    struct pld_levels *levels = &p->levels[g];
    levels->removed = pld_arena_array(&p->arena, (size_t)units + 1, sizeof(int));
    if (!levels->removed) return PLD_EDEVICE;
    levels->removed[n++] = 0;
    for (int removed = 1; removed <= most && units - removed >= least; removed++)
        if ((units - removed) % align == 0) levels->removed[n++] = removed;
    levels->n = n;
    return PLD_OK;
}

/* A ratio decided by hand: exactly that, or the nearest width that rounding allows. */
static void decide(struct pld_plan_problem *p, int g, double ratio)
{
    struct pld_levels *levels = &p->levels[g];
    levels->removed[0] = pld_plan_snap(p, g, pld_ratio_count(ratio, p->groups->groups[g].units));
    levels->n = 1;
}

static pld_status set_levels(struct pld_plan_problem *p, const struct pld_plan_rules *rules,
                             bool *hit, bool *protected, double *ratios)
{
    const struct pld_groups *groups = p->groups;
    for (size_t i = 0; i < rules->protect.count; i++) {
        PLD_TRY(match(hit, groups, rules->protect.items[i], "--protect"));
        for (int g = 0; g < groups->n_groups; g++)
        protected[g] |= hit[g];
    }
    for (int g = 0; g < groups->n_groups; g++) {
        ratios[g] = -1;
        p->weight[g] = 1;
    }
    PLD_TRY(apply(ratios, hit, p, &rules->ratios, "--ratio", 1));
    PLD_TRY(apply(p->weight, hit, p, &rules->weights, "--weight", 1e6));
    for (int g = 0; g < groups->n_groups; g++) {
        PLD_TRY(list_levels(p, g, rules));
        if (!groups->groups[g].prunable || protected[g])
            p->levels[g].n = 1;
        else if (ratios[g] >= 0)
            decide(p, g, ratios[g]);
    }
    return PLD_OK;
}

pld_status pld_plan_problem_init(struct pld_plan_problem *out, const struct pld_groups *groups,
                                 const struct pld_plan_rules *rules)
{
    *out = (struct pld_plan_problem){.groups = groups};
    PLD_TRY(pld_plan_costs_new(&out->cost, groups));
    size_t n = (size_t)groups->n_groups + 1;
    bool *hit = pld_arena_array(&out->arena, n, sizeof *hit);
    bool *protected = pld_arena_array(&out->arena, n, sizeof *protected);
    double *ratios = pld_arena_array(&out->arena, n, sizeof *ratios);
    out->levels = pld_arena_array(&out->arena, n, sizeof *out->levels);
    out->weight = pld_arena_array(&out->arena, n, sizeof *out->weight);
    out->scores = pld_arena_array(&out->arena, n, sizeof *out->scores);
    out->order = pld_arena_array(&out->arena, n, sizeof *out->order);
    if (!hit || !protected || !ratios || !out->levels || !out->weight || !out->scores ||
        !out->order)
        return PLD_EDEVICE;
    return set_levels(out, rules, hit, protected, ratios);
}

void pld_plan_problem_release(struct pld_plan_problem *problem)
{
    pld_plan_costs_free(problem->cost);
    pld_arena_release(&problem->arena);
    *problem = (struct pld_plan_problem){0};
}

pld_status pld_plan_problem_score(struct pld_plan_problem *p, const struct pld_scorer *scorer)
{
    p->scorer = scorer;
    for (int g = 0; g < p->groups->n_groups; g++) {
        const struct pld_levels *levels = &p->levels[g];
        size_t units = (size_t)p->groups->groups[g].units;
        if (levels->removed[levels->n - 1] == 0) continue;
        p->scores[g] = pld_arena_array(&p->arena, units, sizeof **p->scores);
        p->order[g] = pld_arena_array(&p->arena, units, sizeof **p->order);
        if (!p->scores[g] || !p->order[g]) return PLD_EDEVICE;
        PLD_TRY(pld_score_group(p->scores[g], scorer, g));
        PLD_TRY(pld_criterion_order(p->order[g], p->scores[g], (int)units));
    }
    return PLD_OK;
}
