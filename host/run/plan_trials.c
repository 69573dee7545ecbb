/* Several plans for one target, measured on images: curves are of one group each, and only a
 * measurement knows what groups do together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/plan_internal.h"

/* Half the way to the upper end of the interval: measured drops of near 0 are chosen for being near
 * 0, so they are more often too low than too high. */
#define CAUTION 0.5

/* Ways to read the same curves, most promising first, and the simple methods as a floor: what is
 * measured best is chosen, so the choice is never below them on these images. */
static const struct variant {
    const char *name, *method;
    double caution; /* half-widths of its interval that a measured drop is taken to be larger */
} variants[] = {
    {"sweep", "sweep", CAUTION},
    {"sweep, drops as measured", "sweep", 0},
    {"sweep, upper ends of the intervals", "sweep", 1},
    {"loss", "loss", 0},
    {"uniform", "uniform", 0},
    {"global", "global", 0},
    {"sweep, beyond the intervals", "sweep", 2},
    {"depth", "depth", 0},
    {"isomorphic", "isomorphic", 0},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

static bool known(const struct pld_plan_result *out, const int *removed, int n_groups)
{
    for (int i = 0; i < out->n_trials; i++)
        if (memcmp(out->trials[i].removed, removed, (size_t)n_groups * sizeof *removed) == 0)
            return true;
    return false;
}

/* Scores of one group are all of one kind; ranking across groups needs them on one scale. */
static pld_status rank_scale(struct planning *p, const char *method)
{
    bool across = strcmp(method, "global") == 0 || strcmp(method, "isomorphic") == 0;
    enum pld_normalizer asked = p->scorer.normalizer;
    if (!across || p->options->scores.normalizer || asked != PLD_NORMALIZE_NONE) return PLD_OK;
    p->scorer.normalizer = PLD_NORMALIZE_MEAN;
    return pld_plan_problem_score(&p->problem, &p->scorer);
}

static pld_status add_trial(struct pld_plan_result *out, struct planning *p,
                            const struct variant *v)
{
    struct pld_plan_trial *trial = &out->trials[out->n_trials];
    *trial = (struct pld_plan_trial){.name = v->name, .value = NAN, .drop = NAN};
    trial->ci[0] = trial->ci[1] = NAN;
    trial->removed =
        pld_arena_array(&out->arena, (size_t)p->groups->n_groups + 1, sizeof *trial->removed);
    if (!trial->removed) return PLD_EDEVICE;
    PLD_TRY(pld_plan_method_find(&p->method, v->method));
    PLD_TRY(rank_scale(p, v->method));
    if (p->from_sweep) PLD_TRY(pld_planning_fit(p, v->caution));
    PLD_TRY(pld_planning_schedule(trial->removed, &trial->reached, p));
    if (!known(out, trial->removed, p->groups->n_groups)) out->n_trials++;
    return PLD_OK;
}

static void note(struct pld_plan_trial *trial, const struct pld_quality_score *score)
{
    trial->value = score->value;
    trial->drop = score->drop;
    memcpy(trial->ci, score->ci, sizeof trial->ci);
}

static int best_of(const struct pld_plan_trial *trials, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (trials[i].reached > trials[best].reached ||
            (trials[i].reached == trials[best].reached && trials[i].value > trials[best].value))
            best = i;
    return best;
}

/* Values and drops of all trials from the unpruned model, then how far each is behind the best. */
static pld_status compare(struct pld_plan_result *out, struct planning *p,
                          struct pld_detections *found, struct pld_quality_score *scores)
{
    size_t n = (size_t)out->n_trials;
    for (size_t i = 0; i < n; i++)
        PLD_TRY(pld_planning_detect(&found[i], p, out->trials[i].removed));
    PLD_TRY(pld_quality_score(scores, &p->quality, found, n));
    for (size_t i = 0; i < n; i++)
        note(&out->trials[i], &scores[i]);
    PLD_TRY(pld_quality_rebase(&p->quality, &found[best_of(out->trials, out->n_trials)]));
    PLD_TRY(pld_quality_score(scores, &p->quality, found, n));
    for (size_t i = 0; i < n; i++) {
        out->trials[i].behind = scores[i].drop;
        memcpy(out->trials[i].behind_ci, scores[i].ci, sizeof scores[i].ci);
    }
    return PLD_OK;
}

static pld_status measure(struct pld_plan_result *out, struct planning *p)
{
    size_t n = (size_t)out->n_trials;
    struct pld_detections *found = calloc(n + 1, sizeof *found);
    struct pld_quality_score *scores = calloc(n + 1, sizeof *scores);
    pld_status status = found && scores ? compare(out, p, found, scores) : pld_fail_memory("plan");
    for (size_t i = 0; found && i < n; i++)
        pld_detections_release(&found[i]);
    free(found);
    free(scores);
    return status;
}

/* Plans that keep the target first, then the best measured; the order of making decides ties. */
static void sort(struct pld_plan_trial *trials, int n)
{
    for (int i = 1; i < n; i++) {
        struct pld_plan_trial t = trials[i];
        int k = i;
        while (k > 0 && (t.reached > trials[k - 1].reached ||
                         (t.reached == trials[k - 1].reached && t.value > trials[k - 1].value))) {
            trials[k] = trials[k - 1];
            k--;
        }
        trials[k] = t;
    }
}

/* A schedule changes what the trials start from, so with one there is a single plan. */
pld_status pld_planning_trials(struct pld_plan_result *out, struct planning *p)
{
    const char *method = p->method->name;
    int most = p->measures && p->options->steps < 2 ? p->options->trials : 1;
    struct variant first = {method, method, strcmp(method, "sweep") == 0 ? CAUTION : 0};
    out->trials = pld_arena_array(&out->arena, VARIANTS + 1, sizeof *out->trials);
    if (!out->trials) return PLD_EDEVICE;
    PLD_TRY(add_trial(out, p, &first));
    for (int i = 0; i < VARIANTS && out->n_trials < most; i++) {
        const struct pld_plan_method *row;
        PLD_TRY(pld_plan_method_find(&row, variants[i].method));
        if ((row->needs_curves && !p->from_sweep) || p->target.kind == PLD_TARGET_DROP) continue;
        PLD_TRY(add_trial(out, p, &variants[i]));
    }
    if (!p->measures) return PLD_OK;
    if (p->options->steps > 1 || !p->from_sweep)
        PLD_TRY(pld_quality_rebase(&p->quality, &p->quality.reference));
    out->baseline = p->quality.base.value;
    PLD_TRY(measure(out, p));
    sort(out->trials, out->n_trials);
    return PLD_OK;
}
