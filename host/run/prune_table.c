#include "run/prune_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "prune/plan_cost.h"
#include "run/quality.h"

/* Enough for a median: each model in eight short turns. */
#define BENCH_SECONDS 0.4
enum { WARMUP = 2 };

/* ---- which groups gave most ---- */

static int64_t macs_of_group(const struct pld_plan_costs *costs, int *removed, int g, int count)
{
    int before = removed[g];
    removed[g] = count;
    struct pld_cost cost = pld_cost_of_group(costs, removed, g);
    removed[g] = before;
    return cost.macs;
}

pld_status pld_prune_gains(double *saved, const struct pld_groups *groups, const int *removed)
{
    struct pld_plan_costs *costs;
    PLD_TRY(pld_plan_costs_new(&costs, groups));
    size_t n = (size_t)groups->n_groups;
    int *none = calloc(n + 1, sizeof *none), *all = calloc(n + 1, sizeof *all);
    if (none && all) memcpy(all, removed, n * sizeof *all);
    for (int g = 0; g < groups->n_groups && none && all; g++) {
        int64_t first =
            macs_of_group(costs, none, g, 0) - macs_of_group(costs, none, g, removed[g]);
        int64_t last = macs_of_group(costs, all, g, 0) - macs_of_group(costs, all, g, removed[g]);
        saved[g] = (double)(first + last) / 2;
    }
    pld_status status = none && all ? PLD_OK : pld_fail_memory("table");
    free(none);
    free(all);
    pld_plan_costs_free(costs);
    return status;
}

/* The largest gains first; of equal ones the earlier group. */
static pld_status list_gains(struct pld_prune_table *out, const struct pld_groups *groups,
                             const struct pld_plan *plan)
{
    double *saved = pld_arena_array(&out->arena, (size_t)groups->n_groups + 1, sizeof *saved);
    if (!saved) return PLD_EDEVICE;
    PLD_TRY(pld_prune_gains(saved, groups, plan->removed));
    for (; out->n_gains < PLD_PRUNE_GAINS; out->n_gains++) {
        int best = -1;
        for (int g = 0; g < groups->n_groups; g++)
            if (saved[g] > 0 && (best < 0 || saved[g] > saved[best])) best = g;
        if (best < 0) break;
        const struct pld_group *group = &groups->groups[best];
        out->gains[out->n_gains] = (struct pld_prune_gain){
            .id = pld_arena_strdup(&out->arena, group->id),
            .name = pld_arena_strdup(&out->arena, group->name),
            .units = group->units,
            .removed = plan->removed[best],
            .macs = saved[best],
        };
        if (!out->gains[out->n_gains].id || !out->gains[out->n_gains].name) return PLD_EDEVICE;
        saved[best] = 0;
    }
    return PLD_OK;
}

/* ---- sizes, times, accuracy ---- */

static pld_status weigh(int64_t *bytes, struct pld_arena *arena, const char *path)
{
    struct stat file, data;
    const char *beside = pld_arena_printf(arena, "%s.data", path);
    if (!beside) return PLD_EDEVICE;
    if (stat(path, &file) != 0) return pld_fail(PLD_EFAIL, path, "cannot be read");
    *bytes = file.st_size + (stat(beside, &data) == 0 ? data.st_size : 0);
    return PLD_OK;
}

static pld_status measure_times(struct pld_prune_table *out,
                                const struct pld_prune_table_options *o)
{
    const char *models[] = {o->model, o->pruned};
    const struct pld_bench_options options = {
        .session = o->session, .models = {models, 2}, .seconds = BENCH_SECONDS, .warmup = WARMUP};
    struct pld_bench_result bench;
    pld_status status = pld_bench_run(&bench, &options);
    if (status == PLD_OK) {
        out->before.time = bench.models[0].stats;
        out->after.time = bench.models[1].stats;
        out->batch = bench.models[0].batch;
        out->threads = bench.threads;
        out->device = pld_arena_strdup(&out->arena, bench.device);
        if (!out->device) status = PLD_EDEVICE;
    }
    pld_bench_result_release(&bench);
    return status;
}

static pld_status detect(struct pld_detections *found, const struct pld_session *images,
                         const struct pld_graph *model)
{
    struct pld_detector *detector;
    PLD_TRY(pld_detector_new(&detector, images, model));
    pld_status status = pld_detector_run(found, detector, NULL);
    pld_detector_free(detector);
    return status;
}

static pld_status compare(struct pld_prune_table *out, const struct pld_quality *quality,
                          const struct pld_graph *pruned)
{
    struct pld_detections found = {0};
    struct pld_quality_score score;
    pld_status status = detect(&found, quality->session, pruned);
    if (status == PLD_OK) status = pld_quality_score(&score, quality, &found, 1);
    pld_detections_release(&found);
    PLD_TRY(status);
    out->images = quality->session->images->count;
    out->before.map = quality->base.value;
    out->after.map = score.value;
    out->drop = score.drop;
    memcpy(out->ci, score.ci, sizeof out->ci);
    return PLD_OK;
}

/* The pruned model is read from its file: what is measured is what was written. */
static pld_status measure_quality(struct pld_prune_table *out,
                                  const struct pld_prune_table_options *o)
{
    struct pld_session images = {0}, pruned = {0};
    struct pld_detector *detector = NULL;
    struct pld_quality quality = {0};
    pld_status status = pld_session_prepare(&images, o->session, o->model, o->data);
    if (status == PLD_OK) status = pld_detector_new(&detector, &images, images.model);
    if (status == PLD_OK) status = pld_quality_open(&quality, detector, PLD_QUALITY_MAP);
    if (status == PLD_OK) status = pld_session_open(&pruned, o->session);
    if (status == PLD_OK) status = pld_session_load_model(&pruned, o->pruned);
    if (status == PLD_OK) status = compare(out, &quality, pruned.model);
    pld_quality_close(&quality);
    pld_detector_free(detector);
    pld_session_close(&pruned);
    pld_session_close(&images);
    return status;
}

pld_status pld_prune_table_new(struct pld_prune_table *out,
                               const struct pld_prune_table_options *options,
                               const struct pld_groups *groups, const struct pld_plan *plan)
{
    *out = (struct pld_prune_table){.predicted_ms = plan->latency_ms, .drop = NAN};
    out->before.map = out->after.map = out->ci[0] = out->ci[1] = NAN;
    PLD_TRY(list_gains(out, groups, plan));
    PLD_TRY(weigh(&out->before.bytes, &out->arena, options->model));
    PLD_TRY(weigh(&out->after.bytes, &out->arena, options->pruned));
    if (options->bench) PLD_TRY(measure_times(out, options));
    return options->data ? measure_quality(out, options) : PLD_OK;
}

void pld_prune_table_release(struct pld_prune_table *table)
{
    pld_arena_release(&table->arena);
    *table = (struct pld_prune_table){0};
}
