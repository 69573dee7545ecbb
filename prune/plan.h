/* Plans: how many units of which group go, for a budget.
 *
 * A method (plan_method.def) says how removal is spread over the groups, as a family of plans with
 * one parameter t from 0 (nothing) to 1 (all that may go). The solver finds the plan of the family
 * that meets the target, snaps it to the widths that are allowed, and uses up what is left.
 */
#ifndef PLD_PRUNE_PLAN_H
#define PLD_PRUNE_PLAN_H

#include "core/option.h"
#include "prune/plan_cost.h"
#include "prune/plan_curve.h"
#include "prune/score.h"

/* The widths a group may have, as removal counts: removed[0] < removed[1] < .. ; at least one. */
struct pld_levels {
    int *removed;
    int n;
};

struct pld_plan_rules {
    int align;                /* kept channels are a multiple of it; 0 or 1: any */
    int min_units;            /* of every group stay at least so many; 0: one */
    double max_ratio;         /* of every group goes at most so much; 0: all but one unit */
    struct pld_words protect; /* globs on ids and layer names: stay whole */
    struct pld_words ratios;  /* "GLOB=R": decided by hand, later ones win */
    struct pld_words weights; /* "GLOB=W": the method's ratio times W */
};

struct pld_plan_problem {
    struct pld_arena arena;
    const struct pld_groups *groups;
    struct pld_plan_costs *cost;
    struct pld_levels *levels; /* [n_groups] */
    double *weight;            /* [n_groups] of the method's ratio */
    const struct pld_scorer *scorer;
    double **scores;          /* [n_groups][units]; NULL for groups that stay whole */
    int **order;              /* [n_groups][units] least important first; likewise */
    struct pld_curve *curves; /* [n_groups] from a sweep (n = 0: not measured), or NULL */
    uint64_t seed;
};

/* True when the rules leave more than one width. */
static inline bool pld_plan_free_to_choose(const struct pld_plan_problem *problem, int g)
{
    return problem->levels[g].n > 1;
}

/* Decides which groups may lose what. Groups that are locked or protected get one level, those
 * decided by hand too. PLD_EUSAGE for a glob that matches nothing. Release with
 * pld_plan_problem_release(), also after a failure. */
pld_status pld_plan_problem_init(struct pld_plan_problem *out, const struct pld_groups *groups,
                                 const struct pld_plan_rules *rules);
void pld_plan_problem_release(struct pld_plan_problem *problem);

/* Fills scores and order. Groups that may lose nothing are not scored. */
pld_status pld_plan_problem_score(struct pld_plan_problem *problem,
                                  const struct pld_scorer *scorer);

/* True when `glob` matches the group's id or the name of one of its producers, as written or with
 * dots for slashes ("head.*" finds "/head/box/Conv"). */
bool pld_group_matches(const struct pld_groups *groups, int g, const char *glob);

/* What a plan is measured by. */
enum pld_target_kind { PLD_TARGET_MACS, PLD_TARGET_PARAMS, PLD_TARGET_DROP, PLD_TARGET_LATENCY };

struct pld_latency_model; /* prune/plan_latency.h */

struct pld_target {
    enum pld_target_kind kind;
    double value; /* share of the whole model's MACs or parameters; largest drop of the metric;
                   * milliseconds */
    const struct pld_latency_model *latency;
};

/* The target's quantity for a plan, in the units of pld_target.value. */
double pld_plan_measure(const struct pld_plan_problem *problem, const struct pld_target *target,
                        const int *removed);

struct pld_plan_method {
    const char *name, *help;
    bool needs_curves;
    /* The plan of parameter t: wished[n_groups] removal counts, before rules and rounding. Costs
     * fall as t grows. */
    pld_status (*wish)(double *wished, const struct pld_plan_problem *problem, double t);
    /* Or: finds the plan itself; the same promise as pld_plan_solve(). */
    pld_status (*solve)(int *removed, const struct pld_plan_problem *problem,
                        const struct pld_target *target);
};

/* All rows of plan_method.def. */
const struct pld_plan_method *const *pld_plan_method_list(int *count);
/* PLD_EUSAGE with the nearest name. */
pld_status pld_plan_method_find(const struct pld_plan_method **out, const char *name);

/* removed[n_groups] that meets the target; *reached is false when even the most that the rules
 * allow is not enough (or, for a drop, when nothing may go): then it is the nearest plan. Costs
 * are at most the target. */
pld_status pld_plan_solve(int *removed, bool *reached, const struct pld_plan_problem *problem,
                          const struct pld_plan_method *method, const struct pld_target *target);

/* True when the plan keeps the target: a cost at most as large, a drop at most as large. */
bool pld_plan_meets(const struct pld_plan_problem *problem, const struct pld_target *target,
                    const int *removed);

/* The level of group g that is nearest to `wished` (the smaller of two). */
int pld_plan_snap(const struct pld_plan_problem *problem, int g, double wished);

/* Damage of a group and of a plan by the curves; 0 without them. */
double pld_plan_group_damage(const struct pld_plan_problem *problem, int g, int removed);
double pld_plan_damage(const struct pld_plan_problem *problem, const int *removed);

#endif
