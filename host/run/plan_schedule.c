/* Progressive schedules: a part of the way, then scores and curves anew on what is left. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/progress.h"
#include "prune/mask.h"
#include "run/plan_internal.h"
#include "run/score_images.h"
#include "run/suffix.h"

static pld_status mask(struct pld_graph **out, const struct planning *p, const int *removed)
{
    PLD_TRY(pld_graph_clone(out, p->session.model));
    for (int g = 0; g < p->groups->n_groups; g++)
        if (removed[g])
            PLD_TRY(pld_mask_model(*out, p->groups, g, p->problem.order[g], removed[g]));
    return PLD_OK;
}

pld_status pld_planning_mask(struct planning *p)
{
    pld_graph_free(p->model);
    p->model = NULL;
    return mask(&p->model, p, p->removed);
}

pld_status pld_planning_detect(struct pld_detections *found, const struct planning *p,
                               const int *removed)
{
    struct pld_graph *model = NULL;
    struct pld_detector *detector = NULL;
    pld_status status = mask(&model, p, removed);
    if (status == PLD_OK) status = pld_detector_new(&detector, &p->session, model);
    if (status == PLD_OK) status = pld_detector_run(found, detector, NULL);
    pld_detector_free(detector);
    pld_graph_free(model);
    return status;
}

/* ---- curves on the masked model ---- */

/* Shares of what is left of a group. */
static const double shares[] = {0.125, 0.25, 0.5, 0.75};
enum { SHARES = sizeof shares / sizeof *shares };

static pld_status list_items(struct pld_suffix **out, int *n, struct planning *p)
{
    const struct pld_plan_problem *problem = &p->problem;
    *n = 0;
    *out = pld_arena_array(&p->arena, (size_t)p->groups->n_groups + 1, sizeof **out);
    if (!*out) return PLD_EDEVICE;
    for (int g = 0; g < p->groups->n_groups; g++) {
        const struct pld_levels *levels = &problem->levels[g];
        int most = levels->removed[levels->n - 1], left = most - p->removed[g],
            last = p->removed[g];
        if (left <= 0) continue;
        struct pld_suffix *item = &(*out)[(*n)++];
        *item = (struct pld_suffix){.group = g, .order = problem->order[g]};
        item->removed = pld_arena_array(&p->arena, SHARES, sizeof(int));
        if (!item->removed) return PLD_EDEVICE;
        for (int i = 0; i < SHARES; i++) {
            int removed = p->removed[g] + (int)ceil(shares[i] * left);
            if (removed > last) item->removed[item->n_candidates++] = last = removed;
        }
    }
    return PLD_OK;
}

static pld_status fit_item(struct planning *p, const struct pld_suffix *item,
                           const struct pld_quality_score *scores)
{
    struct pld_curve_point points[SHARES];
    int g = item->group;
    for (int i = 0; i < item->n_candidates; i++)
        points[i] = (struct pld_curve_point){(double)item->removed[i] / p->groups->groups[g].units,
                                             item->removed[i],
                                             scores[i].drop,
                                             {scores[i].ci[0], scores[i].ci[1]}};
    return pld_curve_fit(&p->problem.curves[g], &p->arena, points, item->n_candidates,
                         p->removed[g], p->quality.base.value);
}

static void on_cost(void *context, int64_t macs)
{
    pld_progress_add(context, (double)macs, NULL);
}

static pld_status measure_chunk(struct planning *p, const struct pld_suffixes *suffixes,
                                const struct pld_chunk *chunk, struct pld_progress *progress)
{
    size_t n = (size_t)chunk->candidates;
    struct pld_detections *found = calloc(n + 1, sizeof *found);
    struct pld_quality_score *scores = calloc(n + 1, sizeof *scores);
    pld_status status = found && scores ? PLD_OK : pld_fail_memory("plan");
    if (status == PLD_OK) status = pld_suffixes_run(found, suffixes, chunk, on_cost, progress);
    if (status == PLD_OK) status = pld_quality_score(scores, &p->quality, found, n);
    for (int i = chunk->first, c = 0; i < chunk->first + chunk->count && status == PLD_OK; i++) {
        status = fit_item(p, &suffixes->items[i], &scores[c]);
        c += suffixes->items[i].n_candidates;
    }
    for (size_t i = 0; found && i < n; i++)
        pld_detections_release(&found[i]);
    free(found);
    free(scores);
    return status;
}

static pld_status measure_items(struct planning *p, struct pld_detector *detector,
                                struct pld_suffix *items, int n)
{
    struct pld_suffixes *suffixes;
    struct pld_detections found = {0};
    PLD_TRY(pld_suffixes_new(&suffixes, detector, p->groups, items, n));
    pld_status status = pld_detector_run(&found, detector, NULL);
    if (status == PLD_OK) status = pld_quality_rebase(&p->quality, &found);
    pld_detections_release(&found);
    int steps = pld_detector_steps(detector, p->session.images->count);
    struct pld_progress *progress =
        pld_progress_start("measure", (double)suffixes->macs * steps, p->options->session->quiet);
    for (int c = 0; c < suffixes->n_chunks && status == PLD_OK; c++)
        status = measure_chunk(p, suffixes, &suffixes->chunks[c], progress);
    pld_progress_stop(progress);
    pld_suffixes_free(suffixes);
    return status;
}

pld_status pld_planning_measure(struct planning *p)
{
    struct pld_suffix *items;
    struct pld_detector *detector;
    int n;
    p->problem.curves =
        pld_arena_array(&p->arena, (size_t)p->groups->n_groups + 1, sizeof *p->problem.curves);
    if (!p->problem.curves) return PLD_EDEVICE;
    PLD_TRY(list_items(&items, &n, p));
    PLD_TRY(pld_detector_new(&detector, &p->session, p->model ? p->model : p->session.model));
    pld_status status = measure_items(p, detector, items, n);
    pld_detector_free(detector);
    PLD_TRY(status);
    pld_log(PLD_LOG_DEBUG, "measured %d groups; %s is %.4f now", n,
            pld_quality_metric_name(p->quality.metric), p->quality.base.value);
    return PLD_OK;
}

/* ---- the schedule ---- */

/* What is gone stays gone: groups offer only what goes further. */
static void raise_floor(struct planning *p)
{
    for (int g = 0; g < p->groups->n_groups; g++) {
        struct pld_levels *levels = &p->problem.levels[g];
        int skip = 0;
        while (skip + 1 < levels->n && levels->removed[skip] < p->removed[g])
            skip++;
        levels->removed += skip;
        levels->n -= skip;
    }
}

static pld_status mark_gone(struct planning *p)
{
    int n = p->groups->n_groups;
    p->gone = pld_arena_array(&p->arena, (size_t)n + 1, sizeof *p->gone);
    if (!p->gone) return PLD_EDEVICE;
    for (int g = 0; g < n; g++) {
        if (!p->removed[g]) continue;
        p->gone[g] = pld_arena_array(&p->arena, (size_t)p->groups->groups[g].units, sizeof(bool));
        if (!p->gone[g]) return PLD_EDEVICE;
        for (int i = 0; i < p->removed[g]; i++)
            p->gone[g][p->problem.order[g][i]] = true;
    }
    p->scorer.gone = (const bool *const *)p->gone;
    return PLD_OK;
}

/* Scores and, for methods that plan by them, curves of the model as it is now. */
static pld_status look_again(struct planning *p)
{
    PLD_TRY(mark_gone(p));
    PLD_TRY(pld_planning_mask(p));
    p->scorer.graph = p->model;
    const struct pld_session *images = p->options->calibrate ? &p->calibration : &p->session;
    PLD_TRY(pld_scorer_measure(&p->scorer, images, p->model));
    PLD_TRY(pld_plan_problem_score(&p->problem, &p->scorer));
    raise_floor(p);
    return p->method->needs_curves ? pld_planning_measure(p) : PLD_OK;
}

/* The target of step i of n: the way is cut into equal parts. Drops are counted from the state a
 * step starts from. */
static struct pld_target target_of(const struct planning *p, int i, int n)
{
    struct pld_target target = p->target;
    double whole = target.kind == PLD_TARGET_LATENCY ? pld_latency_whole(p->latency) : 1;
    if (target.kind == PLD_TARGET_DROP)
        target.value = p->target.value / n;
    else
        target.value = whole - (whole - p->target.value) * i / n;
    return target;
}

pld_status pld_planning_schedule(int *removed, bool *reached, struct planning *p)
{
    int steps = p->options->steps > 1 ? p->options->steps : 1;
    if (p->method->needs_curves && !p->from_sweep) PLD_TRY(pld_planning_measure(p));
    for (int i = 1; i <= steps; i++) {
        if (i > 1) PLD_TRY(look_again(p));
        struct pld_target target = target_of(p, i, steps);
        PLD_TRY(pld_plan_solve(removed, reached, &p->problem, p->method, &target));
        memcpy(p->removed, removed, (size_t)p->groups->n_groups * sizeof *removed);
    }
    return PLD_OK;
}
