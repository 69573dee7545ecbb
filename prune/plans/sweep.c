/* The planner: least damage for the budget, with exact costs.
 *
 *   minimise  sum over g of damage_g(k_g)   so that  cost(k) <= target
 *
 * damage_g is the measured curve of the group as -log of what it leaves of the metric
 * (prune/plan_curve.h), so that several groups multiply. The cost is the exact one, bilinear in
 * neighbouring widths. For a multiplier lambda, coordinate descent over groups finds a minimum of
 * damage + lambda * cost; bisection finds the lambda that meets the target; an exchange search then
 * uses up the rest and leaves the hull of the curves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "prune/plan.h"
#include "prune/plan_latency.h"

struct search {
    const struct pld_plan_problem *p;
    const struct pld_target *target;
    double **damage; /* [n_groups][levels] */
    struct pld_arena arena;
    int *level, *removed, *best; /* [n_groups] */
    double best_damage;          /* inf: nothing keeps the target so far */
};

static double cost_of(const struct search *s, int g)
{
    const struct pld_plan_problem *p = s->p;
    if (s->target->kind == PLD_TARGET_LATENCY)
        return pld_latency_of_group(s->target->latency, s->removed, g) /
               pld_latency_whole(s->target->latency);
    struct pld_cost cost = pld_cost_of_group(p->cost, s->removed, g);
    struct pld_cost whole = pld_cost_whole(p->cost);
    return s->target->kind == PLD_TARGET_PARAMS ? (double)cost.params / (double)whole.params
                                                : (double)cost.macs / (double)whole.macs;
}

static void set_level(struct search *s, int g, int level)
{
    s->level[g] = level;
    s->removed[g] = s->p->levels[g].removed[level];
}

/* The best level of one group, the others given; true when it changes. */
static bool improve(struct search *s, int g, double lambda)
{
    int before = s->level[g], best = before;
    double least = INFINITY;
    for (int i = 0; i < s->p->levels[g].n; i++) {
        set_level(s, g, i);
        double value = s->damage[g][i] + lambda * cost_of(s, g);
        if (value < least - 1e-15) {
            least = value;
            best = i;
        }
    }
    set_level(s, g, best);
    return best != before;
}

static double total(const struct search *s)
{
    double sum = 0;
    for (int g = 0; g < s->p->groups->n_groups; g++)
        sum += s->damage[g][s->level[g]];
    return sum;
}

/* Keeps the plan when it is the best that meets the target; true when it meets it. */
static bool consider(struct search *s)
{
    if (!pld_plan_meets(s->p, s->target, s->removed)) return false;
    double damage = total(s);
    /* Under a cost the least damage wins; under a drop the most, since it saves the most. */
    bool better =
        s->target->kind != PLD_TARGET_DROP ? damage < s->best_damage : !(damage <= s->best_damage);
    if (!better && isfinite(s->best_damage)) return true;
    s->best_damage = damage;
    memcpy(s->best, s->level, (size_t)s->p->groups->n_groups * sizeof *s->best);
    return true;
}

/* Coordinate descent from nothing removed, or from all that may go: where curves are not convex
 * they end in different minima. */
static bool descend(struct search *s, double lambda, bool from_all)
{
    for (int g = 0; g < s->p->groups->n_groups; g++)
        set_level(s, g, from_all ? s->p->levels[g].n - 1 : 0);
    bool moved = true;
    for (int round = 0; round < 30 && moved; round++) {
        moved = false;
        for (int g = 0; g < s->p->groups->n_groups; g++)
            if (s->p->levels[g].n > 1) moved |= improve(s, g, lambda);
    }
    return consider(s);
}

static void bisect(struct search *s, bool from_all)
{
    bool cost = s->target->kind != PLD_TARGET_DROP;
    double low = -14, high = 14; /* of log lambda */
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        bool kept = descend(s, exp(middle), from_all);
        /* A cost is kept by a large lambda, a drop by a small one. */
        if (kept == cost)
            high = middle;
        else
            low = middle;
    }
}

static void restore(struct search *s)
{
    for (int g = 0; g < s->p->groups->n_groups; g++)
        set_level(s, g, s->best[g]);
}

/* For a cost: gives back the steps that lower the damage while the target stays met. */
static void give_back(struct search *s)
{
    bool any = s->target->kind != PLD_TARGET_DROP;
    while (any) {
        int best = -1;
        double most = -1;
        for (int g = 0; g < s->p->groups->n_groups; g++) {
            if (!s->level[g]) continue;
            int level = s->level[g];
            double gain = s->damage[g][level] - s->damage[g][level - 1];
            if (gain <= most) continue;
            set_level(s, g, level - 1);
            if (pld_plan_meets(s->p, s->target, s->removed)) {
                best = g;
                most = gain;
            }
            set_level(s, g, level);
        }
        any = best >= 0;
        if (any) set_level(s, best, s->level[best] - 1);
    }
    consider(s);
}

/* The least level of group b that meets the target, the others given; false when none does. */
static bool least_level(struct search *s, int b)
{
    int low = 0, high = s->p->levels[b].n - 1;
    set_level(s, b, high);
    if (!pld_plan_meets(s->p, s->target, s->removed)) return false;
    while (low < high) {
        int middle = (low + high) / 2;
        set_level(s, b, middle);
        if (pld_plan_meets(s->p, s->target, s->removed))
            high = middle;
        else
            low = middle + 1;
    }
    set_level(s, b, high);
    return true;
}

/* The best levels of two groups, one of them tried at up to TRIES levels, the other following. */
static void exchange_pair(struct search *s, struct pld_rng *rng, int a, int b)
{
    enum { TRIES = 16 };
    int n = s->p->levels[a].n, best_a = s->level[a], best_b = s->level[b];
    double least = s->damage[a][best_a] + s->damage[b][best_b];
    for (int i = 0; i < (n < TRIES ? n : TRIES); i++) {
        set_level(s, a, n <= TRIES ? i : (int)pld_rng_below(rng, (uint64_t)n));
        if (!least_level(s, b)) continue;
        double now = s->damage[a][s->level[a]] + s->damage[b][s->level[b]];
        if (now >= least - 1e-12) continue;
        least = now;
        best_a = s->level[a];
        best_b = s->level[b];
    }
    set_level(s, a, best_a);
    set_level(s, b, best_b);
}

/* Leaves the hull of the curves, which is all that a multiplier can reach. */
static void exchange(struct search *s)
{
    enum { PAIRS = 1500 };
    int *free_groups = pld_arena_array(&s->arena, (size_t)s->p->groups->n_groups + 1, sizeof(int));
    int n = 0;
    for (int g = 0; free_groups && g < s->p->groups->n_groups; g++)
        if (s->p->levels[g].n > 1) free_groups[n++] = g;
    struct pld_rng rng;
    pld_rng_init(&rng, s->p->seed + 1);
    for (int i = 0; i < PAIRS && n > 1; i++) {
        int a = free_groups[pld_rng_below(&rng, (uint64_t)n)];
        int b = free_groups[pld_rng_below(&rng, (uint64_t)n)];
        if (a != b) exchange_pair(s, &rng, a, b);
    }
    consider(s);
}

/* For a drop: takes the steps that save most for their damage, while the drop is kept. */
static void take_more(struct search *s)
{
    for (bool any = true; any;) {
        int best = -1;
        double most = 0;
        for (int g = 0; g < s->p->groups->n_groups; g++) {
            int level = s->level[g];
            if (level + 1 >= s->p->levels[g].n) continue;
            double before = cost_of(s, g), damage = s->damage[g][level + 1] - s->damage[g][level];
            set_level(s, g, level + 1);
            double gain = (before - cost_of(s, g)) / (damage + 1e-9);
            if (gain > most && pld_plan_meets(s->p, s->target, s->removed)) {
                best = g;
                most = gain;
            }
            set_level(s, g, level);
        }
        any = best >= 0;
        if (any) set_level(s, best, s->level[best] + 1);
    }
    consider(s);
}

static pld_status open_search(struct search *s)
{
    const struct pld_plan_problem *p = s->p;
    size_t n = (size_t)p->groups->n_groups + 1;
    s->damage = pld_arena_array(&s->arena, n, sizeof *s->damage);
    s->level = pld_arena_array(&s->arena, n, sizeof *s->level);
    s->removed = pld_arena_array(&s->arena, n, sizeof *s->removed);
    s->best = pld_arena_array(&s->arena, n, sizeof *s->best);
    if (!s->damage || !s->level || !s->removed || !s->best) return PLD_EDEVICE;
    for (int g = 0; g < p->groups->n_groups; g++) {
        s->damage[g] = pld_arena_array(&s->arena, (size_t)p->levels[g].n, sizeof(double));
        if (!s->damage[g]) return PLD_EDEVICE;
        for (int i = 0; i < p->levels[g].n; i++)
            s->damage[g][i] = pld_plan_group_damage(p, g, p->levels[g].removed[i]);
        s->best[g] = s->target->kind == PLD_TARGET_DROP ? 0 : p->levels[g].n - 1;
    }
    return PLD_OK;
}

static pld_status solve(int *removed, const struct pld_plan_problem *p,
                        const struct pld_target *target)
{
    struct search s = {.p = p, .target = target, .best_damage = INFINITY};
    pld_status status = open_search(&s);
    if (status == PLD_OK) {
        bisect(&s, false);
        bisect(&s, true);
        if (isfinite(s.best_damage) && target->kind != PLD_TARGET_DROP) {
            restore(&s);
            give_back(&s);
            exchange(&s);
        } else if (isfinite(s.best_damage)) {
            restore(&s);
            take_more(&s);
        }
        restore(&s);
        memcpy(removed, s.removed, (size_t)p->groups->n_groups * sizeof *removed);
    }
    pld_arena_release(&s.arena);
    return status;
}

const struct pld_plan_method pld_plan_method_sweep = {
    .name = "sweep",
    .help = "least measured damage for the budget, with exact costs",
    .needs_curves = true,
    .solve = solve,
};
