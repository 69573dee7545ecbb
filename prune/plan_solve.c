#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prune/plan.h"
#include "prune/plan_latency.h"

#define PLD_PLAN_METHOD(name) extern const struct pld_plan_method pld_plan_method_##name;
#include "prune/plan_method.def"
#undef PLD_PLAN_METHOD

static const struct pld_plan_method *const rows[] = {
#define PLD_PLAN_METHOD(name) &pld_plan_method_##name,
#include "prune/plan_method.def"
#undef PLD_PLAN_METHOD
};
enum { ROWS = sizeof rows / sizeof rows[0] };

const struct pld_plan_method *const *pld_plan_method_list(int *count)
{
    *count = ROWS;
    return rows;
}

pld_status pld_plan_method_find(const struct pld_plan_method **out, const char *name)
{
    const char *names[ROWS];
    for (int i = 0; i < ROWS; i++) {
        *out = rows[i];
        if (strcmp(rows[i]->name, name) == 0) return PLD_OK;
        names[i] = rows[i]->name;
    }
    *out = NULL;
    const char *near = pld_str_nearest(name, names, ROWS);
    return pld_fail(PLD_EUSAGE, "--method", "no method '%s'%s%s%s", name,
                    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

int pld_plan_snap(const struct pld_plan_problem *p, int g, double wished)
{
    const struct pld_levels *levels = &p->levels[g];
    int best = levels->removed[0];
    for (int i = 1; i < levels->n; i++)
        if (fabs(levels->removed[i] - wished) < fabs(best - wished)) best = levels->removed[i];
    return best;
}

double pld_plan_group_damage(const struct pld_plan_problem *p, int g, int removed)
{
    if (!p->curves || !p->curves[g].n || !removed) return 0;
    return pld_curve_damage(&p->curves[g], removed, p->groups->groups[g].units);
}

double pld_plan_damage(const struct pld_plan_problem *p, const int *removed)
{
    double sum = 0;
    for (int g = 0; g < p->groups->n_groups; g++)
        sum += pld_plan_group_damage(p, g, removed[g]);
    return sum;
}

static double baseline_of(const struct pld_plan_problem *p)
{
    for (int g = 0; p->curves && g < p->groups->n_groups; g++)
        if (p->curves[g].n) return p->curves[g].baseline;
    return 0;
}

double pld_plan_measure(const struct pld_plan_problem *p, const struct pld_target *target,
                        const int *removed)
{
    if (target->kind == PLD_TARGET_DROP)
        return pld_damage_drop(pld_plan_damage(p, removed), baseline_of(p));
    if (target->kind == PLD_TARGET_LATENCY) return pld_latency_of(target->latency, removed);
    struct pld_cost cost = pld_cost_of(p->cost, removed), whole = pld_cost_whole(p->cost);
    return target->kind == PLD_TARGET_MACS ? (double)cost.macs / (double)whole.macs
                                           : (double)cost.params / (double)whole.params;
}

bool pld_plan_meets(const struct pld_plan_problem *p, const struct pld_target *target,
                    const int *removed)
{
    return pld_plan_measure(p, target, removed) <= target->value * (1 + 1e-12);
}

/* The plan of parameter t under the rules. */
static pld_status plan_at(int *removed, double *wished, const struct pld_plan_problem *p,
                          const struct pld_plan_method *method, double t)
{
    PLD_TRY(method->wish(wished, p, t));
    for (int g = 0; g < p->groups->n_groups; g++)
        removed[g] = pld_plan_snap(p, g, wished[g]);
    return PLD_OK;
}

static int level_of(const struct pld_levels *levels, int removed)
{
    int i = 0;
    while (i + 1 < levels->n && levels->removed[i] < removed)
        i++;
    return i;
}

/* From `near`, which keeps the target, a step at a time towards `far`, which does not, while it
 * stays kept: first the group that is furthest, relative to its size. */
static void walk(int *near, const int *far, const struct pld_plan_problem *p,
                 const struct pld_target *target)
{
    bool *stuck = calloc((size_t)p->groups->n_groups + 1, sizeof *stuck);
    for (int best = 0; stuck && best >= 0;) {
        double most = 0;
        best = -1;
        for (int g = 0; g < p->groups->n_groups; g++) {
            double gap = fabs((double)(far[g] - near[g])) / p->groups->groups[g].units;
            if (stuck[g] || gap <= most) continue;
            most = gap;
            best = g;
        }
        if (best < 0) break;
        const struct pld_levels *levels = &p->levels[best];
        int before = near[best], step = far[best] > before ? 1 : -1;
        near[best] = levels->removed[level_of(levels, before) + step];
        if (pld_plan_meets(p, target, near)) continue;
        near[best] = before;
        stuck[best] = true;
    }
    free(stuck);
}

struct family {
    const struct pld_plan_problem *p;
    const struct pld_plan_method *method;
    const struct pld_target *target;
    double *wished;
    int *middle, *far;
};

/* Bisects for the edge between plans that keep the target and plans that do not. A drop is kept by
 * small t, a cost by large t. */
static pld_status bisect(int *near, bool *reached, struct family *f)
{
    bool cost = f->target->kind != PLD_TARGET_DROP;
    size_t bytes = (size_t)f->p->groups->n_groups * sizeof *near;
    double in = cost ? 1 : 0, out = cost ? 0 : 1;
    PLD_TRY(plan_at(f->far, f->wished, f->p, f->method, out));
    PLD_TRY(plan_at(near, f->wished, f->p, f->method, in));
    *reached = pld_plan_meets(f->p, f->target, near);
    if (!*reached) return PLD_OK;
    /* More than asked for already at the start of the family: back from there towards nothing. */
    bool more = pld_plan_meets(f->p, f->target, f->far);
    for (int g = 0; g < f->p->groups->n_groups && more; g++) {
        near[g] = f->far[g];
        f->far[g] = f->p->levels[g].removed[cost ? 0 : f->p->levels[g].n - 1];
    }
    for (int i = 0; i < 50 && !more; i++) {
        double t = (in + out) / 2;
        PLD_TRY(plan_at(f->middle, f->wished, f->p, f->method, t));
        bool kept = pld_plan_meets(f->p, f->target, f->middle);
        memcpy(kept ? near : f->far, f->middle, bytes);
        *(kept ? &in : &out) = t;
    }
    walk(near, f->far, f->p, f->target);
    return PLD_OK;
}

pld_status pld_plan_solve(int *removed, bool *reached, const struct pld_plan_problem *p,
                          const struct pld_plan_method *method, const struct pld_target *target)
{
    if (method->needs_curves && !p->curves)
        return pld_fail(PLD_EUSAGE, "--method", "'%s' plans from a sweep, not from a model alone",
                        method->name);
    if (target->kind == PLD_TARGET_DROP && !p->curves)
        return pld_fail(PLD_EUSAGE, "--target", "map_drop needs a sweep, not a model alone");
    if (method->solve) {
        PLD_TRY(method->solve(removed, p, target));
        *reached = pld_plan_meets(p, target, removed);
        return PLD_OK;
    }
    struct family f = {p, method, target, NULL, NULL, NULL};
    size_t n = (size_t)p->groups->n_groups + 1;
    f.wished = calloc(n, sizeof *f.wished);
    f.middle = calloc(2 * n, sizeof *f.middle);
    f.far = f.middle ? f.middle + n : NULL;
    pld_status status =
        f.wished && f.middle ? bisect(removed, reached, &f) : pld_fail_memory("plan");
    free(f.wished);
    free(f.middle);
    return status;
}
