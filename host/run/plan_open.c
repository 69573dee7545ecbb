/* Where a plan starts from: the folder of a sweep, or a model. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "run/manifest.h"
#include "run/plan_internal.h"
#include "run/score_images.h"

/* Model path, criterion and seed of the manifest; checks the model that was loaded. */
static pld_status read_manifest(char *model, size_t size, struct planning *p, char sha256[65])
{
    yyjson_doc *doc;
    PLD_TRY(pld_manifest_read(&doc, p->options->source));
    yyjson_val *root = yyjson_doc_get_root(doc), *entry = yyjson_obj_get(root, "model");
    const char *path = yyjson_get_str(yyjson_obj_get(entry, "path"));
    const char *digest = yyjson_get_str(yyjson_obj_get(entry, "sha256"));
    const char *criterion = yyjson_get_str(yyjson_obj_get(root, "criterion"));
    snprintf(model, size, "%s", p->options->model ? p->options->model : path ? path : "");
    snprintf(sha256, 65, "%s", digest ? digest : "");
    p->criterion = pld_arena_strdup(&p->arena, criterion ? criterion : "l1");
    yyjson_doc_free(doc);
    return p->criterion ? PLD_OK : PLD_EDEVICE;
}

static pld_status open_sweep(struct planning *p)
{
    char model[4096], sha256[65];
    PLD_TRY(read_manifest(model, sizeof model, p, sha256));
    PLD_TRY(pld_journal_read(&p->points, NULL, p->options->source));
    if (!p->points.count || p->points.items[0].group)
        return pld_fail(PLD_EUSAGE, p->options->source, "holds no baseline: the sweep has not run");
    if (!pld_file_exists(model))
        return pld_fail(PLD_EUSAGE, p->options->source,
                        "its model %s is not there; name it with --model", model);
    PLD_TRY(pld_session_load_model(&p->session, model));
    if (strcmp(sha256, p->session.model->sha256) != 0)
        return pld_fail(PLD_EUSAGE, p->options->source,
                        "measured another model (sha256 %.12s..., %s has %.12s...)", sha256, model,
                        p->session.model->sha256);
    return PLD_OK;
}

static pld_status open_images(struct pld_session *session, const char *data)
{
    PLD_TRY(pld_session_bind_head(session));
    PLD_TRY(pld_session_open_data(session, data, false));
    return pld_session_load_images(session);
}

/* The criterion's images are those of --calibrate, or of --data. */
static pld_status open_scorer(struct planning *p)
{
    const struct pld_plan_options *o = p->options;
    struct pld_score_options scores = o->scores;
    if (!scores.criterion && !scores.file) scores.criterion = p->criterion;
    if (p->criterion && !scores.file && strcmp(scores.criterion, p->criterion) != 0)
        return pld_fail(PLD_EUSAGE, "--criterion",
                        "the sweep's curves hold for its own order of removal, by '%s'",
                        p->criterion);
    PLD_TRY(pld_scorer_init(&p->scorer, p->groups, &scores));
    if (o->calibrate) {
        PLD_TRY(pld_session_open(&p->calibration, o->session));
        PLD_TRY(pld_session_load_model(&p->calibration, p->session.model->path));
        PLD_TRY(open_images(&p->calibration, o->calibrate));
    }
    const struct pld_session *images = o->calibrate ? &p->calibration : &p->session;
    return pld_scorer_measure(&p->scorer, images, images->model);
}

static pld_status open_quality(struct planning *p)
{
    enum pld_quality_metric metric =
        p->session.dataset.has_labels ? PLD_QUALITY_MAP : PLD_QUALITY_AGREEMENT;
    if (p->options->metric) PLD_TRY(pld_quality_metric_find(&metric, p->options->metric));
    PLD_TRY(pld_detector_new(&p->detector, &p->session, p->session.model));
    return pld_quality_open(&p->quality, p->detector, metric);
}

pld_status pld_planning_open(struct planning *p)
{
    const struct pld_plan_options *o = p->options;
    p->from_sweep = pld_dir_exists(o->source);
    p->measures = o->data != NULL;
    PLD_TRY(pld_session_open(&p->session, o->session));
    PLD_TRY(p->from_sweep ? open_sweep(p) : pld_session_load_model(&p->session, o->source));
    if (p->measures) PLD_TRY(open_images(&p->session, o->data));
    PLD_TRY(pld_groups_new(&p->groups, p->session.model));
    PLD_TRY(open_scorer(p));
    PLD_TRY(pld_plan_problem_init(&p->problem, p->groups, &o->rules));
    PLD_TRY(pld_plan_problem_score(&p->problem, &p->scorer));
    p->problem.seed = o->session->seed;
    p->removed = pld_arena_array(&p->arena, (size_t)p->groups->n_groups + 1, sizeof *p->removed);
    if (!p->removed) return PLD_EDEVICE;
    return p->measures ? open_quality(p) : PLD_OK;
}

void pld_planning_close(struct planning *p)
{
    pld_quality_close(&p->quality);
    pld_detector_free(p->detector);
    pld_graph_free(p->model);
    pld_latency_free(p->latency);
    pld_points_release(&p->points);
    pld_plan_problem_release(&p->problem);
    pld_scorer_release(&p->scorer);
    pld_groups_free(p->groups);
    pld_session_close(&p->calibration);
    pld_session_close(&p->session);
    pld_arena_release(&p->arena);
}

static pld_status fit_group(struct planning *p, int g, double caution)
{
    const struct pld_group *group = &p->groups->groups[g];
    struct pld_curve_point *points = malloc(((size_t)p->points.count + 1) * sizeof *points);
    if (!points) return pld_fail_memory("plan");
    int n = 0;
    for (int i = 0; i < p->points.count; i++) {
        const struct pld_point *point = &p->points.items[i];
        if (!point->group || strcmp(point->group, group->id) != 0) continue;
        double half = (point->ci[1] - point->ci[0]) / 2;
        points[n++] = (struct pld_curve_point){point->ratio,
                                               point->removed,
                                               point->drop + (isfinite(half) ? caution * half : 0),
                                               {point->ci[0], point->ci[1]}};
    }
    double baseline = p->points.items[0].value;
    pld_status status =
        n ? pld_curve_fit(&p->problem.curves[g], &p->arena, points, n, 0, baseline) : PLD_OK;
    free(points);
    if (!n) p->problem.levels[g].n = 1;
    return status;
}

pld_status pld_planning_fit(struct planning *p, double caution)
{
    p->problem.curves =
        pld_arena_array(&p->arena, (size_t)p->groups->n_groups + 1, sizeof *p->problem.curves);
    if (!p->problem.curves) return PLD_EDEVICE;
    for (int g = 0; g < p->groups->n_groups; g++)
        if (p->groups->groups[g].prunable) PLD_TRY(fit_group(p, g, caution));
    return PLD_OK;
}

/* Damages add up; the intervals of the groups are taken to be independent. */
void pld_planning_predict(double *drop, double ci[2], const struct planning *p, const int *removed)
{
    const struct pld_plan_problem *problem = &p->problem;
    double damage = 0, variance[2] = {0, 0}, baseline = NAN;
    int groups = 0;
    *drop = ci[0] = ci[1] = NAN;
    for (int g = 0; problem->curves && g < p->groups->n_groups; g++) {
        const struct pld_curve *c = &problem->curves[g];
        if (!removed[g] || !c->n) continue;
        int units = p->groups->groups[g].units;
        double here, range[2];
        baseline = c->baseline;
        damage += pld_curve_damage(c, removed[g], units);
        pld_curve_drop(&here, range, c, removed[g], units);
        *drop = here;
        memcpy(ci, range, sizeof range);
        groups++;
        for (int k = 0; k < 2; k++)
            variance[k] += (range[k] - here) * (range[k] - here);
    }
    if (groups < 2) return; /* one group: as it was measured */
    *drop = pld_damage_drop(damage, baseline);
    ci[0] = *drop - sqrt(variance[0]);
    ci[1] = fmin(*drop + sqrt(variance[1]), baseline);
}
