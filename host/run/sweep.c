#include "run/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"
#include "core/progress.h"
#include "run/groups_json.h"
#include "run/manifest.h"
#include "run/quality.h"
#include "run/results.h"
#include "run/score_images.h"
#include "run/sweep_points.h"

struct sweep {
    const struct pld_sweep_options *options;
    struct pld_session session;
    struct pld_detector *detector;
    struct pld_groups *groups;
    struct pld_scorer scorer;
    struct pld_sweep_points points;
    struct pld_suffixes *suffixes;
    struct pld_points done; /* the journal */
    size_t intact;
    struct pld_journal *journal;
    struct pld_manifest manifest;
    struct pld_quality quality;
    double earlier; /* seconds of finished runs before this one */
};

static void sweep_close(struct sweep *s)
{
    pld_quality_close(&s->quality);
    pld_journal_close(s->journal);
    pld_points_release(&s->done);
    pld_suffixes_free(s->suffixes);
    pld_sweep_points_release(&s->points);
    pld_scorer_release(&s->scorer);
    pld_groups_free(s->groups);
    pld_detector_free(s->detector);
    pld_session_close(&s->session);
}

static pld_status check_options(const struct pld_sweep_options *o)
{
    if (!o->ratios.count) return pld_fail(PLD_EUSAGE, "--ratios", "no ratio given");
    for (size_t i = 0; i < o->ratios.count; i++)
        if (!(o->ratios.items[i] > 0 && o->ratios.items[i] < 1))
            return pld_fail(PLD_EUSAGE, "--ratios", "%g is not between 0 and 1",
                            o->ratios.items[i]);
    if (o->devices.count)
        return pld_fail(PLD_EUSAGE, "--devices",
                        "several devices need the CUDA engine, which is "
                        "not available in this version");
    const char *protocol = o->session->protocol;
    if (protocol && strcmp(protocol, "coco") != 0)
        return pld_fail(PLD_EUSAGE, "--protocol", "a sweep measures 'coco'; '%s' is not available",
                        protocol);
    return PLD_OK;
}

/* What is in the folder already decides whether this may run at all, so ask before working. */
static pld_status check_folder(struct sweep *s)
{
    const struct pld_sweep_options *o = s->options;
    char path[4096];
    PLD_TRY(pld_path_join(path, sizeof path, o->out, "results.jsonl"));
    bool exists = pld_file_exists(path);
    if (exists && !o->resume && !o->dry_run)
        return pld_fail(PLD_EUSAGE, o->out,
                        "holds a sweep already: --resume it or choose another "
                        "folder");
    if (o->resume && exists) return pld_journal_read(&s->done, &s->intact, o->out);
    return PLD_OK;
}

static int64_t *group_costs(struct sweep *s)
{
    int64_t *cost = calloc((size_t)s->points.n_groups + 1, sizeof *cost);
    if (!cost) {
        pld_fail_memory("sweep");
        return NULL;
    }
    for (int i = 0; i < s->suffixes->count; i++)
        cost[s->points.item_group[i]] =
            s->suffixes->items[i].macs * s->suffixes->items[i].n_candidates;
    return cost;
}

/* Plans what is missing. Shards are cut by the cost of the whole sweep, journal or not, so that
 * every process cuts alike. */
static pld_status plan_work(struct sweep *s)
{
    const struct pld_sweep_options *o = s->options;
    static const struct pld_points nothing;
    if (o->shards > 1) {
        PLD_TRY(pld_sweep_points_missing(&s->points, s->groups, &o->ratios, &nothing));
        PLD_TRY(pld_suffixes_new(&s->suffixes, s->detector, s->groups, s->points.items,
                                 s->points.n_items));
        int64_t *cost = group_costs(s);
        pld_suffixes_free(s->suffixes);
        s->suffixes = NULL;
        if (!cost) return PLD_EDEVICE;
        pld_sweep_points_shard(&s->points, cost, o->shard, o->shards);
        free(cost);
    }
    PLD_TRY(pld_sweep_points_missing(&s->points, s->groups, &o->ratios, &s->done));
    return pld_suffixes_new(&s->suffixes, s->detector, s->groups, s->points.items,
                            s->points.n_items);
}

static pld_status fill_manifest(struct sweep *s)
{
    const struct pld_sweep_options *o = s->options;
    int *nothing = calloc((size_t)s->groups->n_groups + 1, sizeof *nothing);
    if (!nothing) return pld_fail_memory("sweep");
    s->manifest = (struct pld_manifest){
        .session = &s->session,
        .detector = s->detector,
        .groups = s->groups,
        .criterion = s->scorer.criterion->name,
        .metric = o->metric,
        .model_path = o->model,
        .data_path = o->data,
        .command_line = o->command_line,
        .ratios = o->ratios,
        .shard = o->shard,
        .shards = o->shards,
        .points_total = s->points.n_groups * (int)o->ratios.count,
        .suffix_share = s->suffixes->naive_macs
                            ? (double)s->suffixes->macs / (double)s->suffixes->naive_macs
                            : 0,
        .started = (double)time(NULL),
        .seconds = -1,
    };
    pld_status status = pld_groups_cost(&s->manifest.macs, &s->manifest.params, s->groups, nothing);
    free(nothing);
    return status;
}

/* On resume: the folder must hold this very sweep. */
static pld_status match_folder(struct sweep *s)
{
    if (!s->options->resume || !s->done.count) return PLD_OK;
    yyjson_doc *there = NULL, *here = NULL;
    PLD_TRY(pld_manifest_read(&there, s->options->out));
    /* Through text, so that both sides are numbers as they read back. */
    yyjson_mut_doc *mine = pld_manifest_doc(&s->manifest);
    size_t size = 0;
    char *text = mine ? pld_json_text(mine, false, &size) : NULL;
    here = text ? yyjson_read(text, size, 0) : NULL;
    free(text);
    pld_status status = here ? pld_manifest_match(yyjson_doc_get_root(here),
                                                  yyjson_doc_get_root(there), s->options->out)
                             : pld_fail_memory("manifest");
    s->earlier = yyjson_get_num(yyjson_obj_get(yyjson_doc_get_root(there), "seconds"));
    yyjson_mut_doc_free(mine);
    yyjson_doc_free(here);
    yyjson_doc_free(there);
    return status;
}

static pld_status open_session(struct sweep *s, bool need_labels)
{
    const struct pld_sweep_options *o = s->options;
    PLD_TRY(pld_session_open(&s->session, o->session));
    PLD_TRY(pld_session_load_model(&s->session, o->model));
    PLD_TRY(pld_session_bind_head(&s->session));
    PLD_TRY(pld_session_open_data(&s->session, o->data, need_labels));
    return pld_session_load_images(&s->session);
}

static pld_status prepare(struct sweep *s)
{
    const struct pld_sweep_options *o = s->options;
    PLD_TRY(check_options(o));
    const struct pld_criterion *criterion; /* a wrong name before any work */
    enum pld_quality_metric metric;
    PLD_TRY(pld_criterion_find(&criterion, o->criterion));
    PLD_TRY(pld_quality_metric_find(&metric, o->metric));
    PLD_TRY(check_folder(s));
    PLD_TRY(open_session(s, metric == PLD_QUALITY_MAP));
    PLD_TRY(pld_groups_new(&s->groups, s->session.model));
    struct pld_score_options scores = {.criterion = o->criterion, .seed = o->session->seed};
    PLD_TRY(pld_scorer_init(&s->scorer, s->groups, &scores));
    PLD_TRY(pld_scorer_measure(&s->scorer, &s->session, s->session.model));
    PLD_TRY(pld_sweep_points_init(&s->points, s->groups, &o->groups, &s->scorer));
    PLD_TRY(pld_detector_new(&s->detector, &s->session, s->session.model));
    PLD_TRY(plan_work(s));
    PLD_TRY(fill_manifest(s));
    return match_folder(s);
}

static pld_status write_groups(const struct sweep *s)
{
    char path[4096];
    PLD_TRY(pld_path_join(path, sizeof path, s->options->out, "groups.json"));
    yyjson_mut_doc *doc = pld_groups_json(s->groups);
    if (!doc) return pld_fail_memory("groups");
    pld_status status = pld_json_write(path, doc, true);
    yyjson_mut_doc_free(doc);
    return status;
}

static pld_status open_folder(struct sweep *s)
{
    PLD_TRY(pld_dir_make(s->options->out));
    PLD_TRY(pld_manifest_write(s->options->out, &s->manifest));
    PLD_TRY(write_groups(s));
    return pld_journal_open(&s->journal, s->options->out, s->intact);
}

/* ---- measuring ---- */

static struct pld_point make_point(const struct sweep *s, int g, double ratio, int removed,
                                   const struct pld_quality_score *score)
{
    struct pld_point p = {.ratio = ratio, .removed = removed, .status = "full"};
    memcpy(p.stats, score->stats, sizeof p.stats);
    p.value = score->value;
    p.metric = s->quality.metric;
    p.drop = score->drop;
    memcpy(p.ci, score->ci, sizeof p.ci);
    if (g < 0) {
        p.macs = s->manifest.macs;
        p.params = s->manifest.params;
        return p;
    }
    p.group = s->groups->groups[g].id;
    p.units = s->groups->groups[g].units;
    return p;
}

/* The unpruned model, as a score: no drop, for certain. */
static struct pld_quality_score baseline_score(const struct sweep *s)
{
    struct pld_quality_score score = {.value = s->quality.base.value};
    memcpy(score.stats, s->quality.stats, sizeof score.stats);
    return score;
}

static pld_status point_cost(const struct sweep *s, struct pld_point *p, int g)
{
    int *removed = calloc((size_t)s->groups->n_groups + 1, sizeof *removed);
    if (!removed) return pld_fail_memory("sweep");
    removed[g] = p->removed;
    pld_status status = pld_groups_cost(&p->macs, &p->params, s->groups, removed);
    free(removed);
    return status;
}

static pld_status record(struct sweep *s, const struct pld_points *fresh)
{
    PLD_TRY(pld_journal_append(s->journal, fresh->items, fresh->count));
    for (int i = 0; i < fresh->count; i++)
        PLD_TRY(pld_points_add(&s->done, &fresh->items[i]));
    return PLD_OK;
}

static pld_status measure_baseline(struct sweep *s)
{
    enum pld_quality_metric metric;
    PLD_TRY(pld_quality_metric_find(&metric, s->options->metric));
    PLD_TRY(pld_quality_open(&s->quality, s->detector, metric));
    const struct pld_point *before = pld_points_find(&s->done, NULL, 0);
    if (before && before->value != s->quality.base.value)
        return pld_fail(PLD_EUSAGE, s->options->out,
                        "cannot resume: the baseline gives %.17g here and gave %.17g there",
                        s->quality.base.value, before->value);
    if (before) return PLD_OK;
    struct pld_quality_score score = baseline_score(s);
    struct pld_point p = make_point(s, -1, 0, 0, &score);
    struct pld_points fresh = {.items = &p, .count = 1};
    return record(s, &fresh);
}

/* All missing points of one group: results[k] belongs to item->removed[k]; the baseline to 0. */
static pld_status add_group_points(struct sweep *s, struct pld_points *fresh, int g,
                                   const struct pld_suffix *item,
                                   const struct pld_quality_score *results)
{
    const struct pld_quality_score baseline = baseline_score(s);
    const struct pld_reals *ratios = &s->options->ratios;
    for (size_t r = 0; r < ratios->count; r++) {
        double ratio = ratios->items[r];
        if (pld_points_find(&s->done, s->groups->groups[g].id, ratio)) continue;
        int removed = pld_ratio_count(ratio, s->groups->groups[g].units);
        const struct pld_quality_score *result = removed ? NULL : &baseline;
        for (int k = 0; item && k < item->n_candidates; k++)
            if (item->removed[k] == removed) result = &results[k];
        if (!result) continue;
        struct pld_point p = make_point(s, g, ratio, removed, result);
        PLD_TRY(point_cost(s, &p, g));
        PLD_TRY(pld_points_add(fresh, &p));
    }
    return PLD_OK;
}

/* Groups all of whose missing points remove nothing: they equal the baseline. */
static pld_status record_trivial(struct sweep *s)
{
    struct pld_points fresh = {0};
    pld_status status = PLD_OK;
    for (int i = 0, item = 0; i < s->points.n_groups && status == PLD_OK; i++) {
        if (item < s->points.n_items && s->points.item_group[item] == i) {
            item++;
            continue;
        }
        status = add_group_points(s, &fresh, s->points.groups[i], NULL, NULL);
    }
    if (status == PLD_OK) status = record(s, &fresh);
    pld_points_release(&fresh);
    return status;
}

static pld_status record_chunk(struct sweep *s, const struct pld_chunk *chunk,
                               const struct pld_quality_score *results)
{
    struct pld_points fresh = {0};
    pld_status status = PLD_OK;
    for (int i = chunk->first; i < chunk->first + chunk->count && status == PLD_OK; i++) {
        const struct pld_suffix *item = &s->suffixes->items[i];
        status = add_group_points(s, &fresh, item->group, item, results);
        results += item->n_candidates;
    }
    if (status == PLD_OK) status = record(s, &fresh);
    pld_points_release(&fresh);
    return status;
}

static void on_cost(void *context, int64_t macs)
{
    pld_progress_add(context, (double)macs, NULL);
}

static pld_status measure_chunk(struct sweep *s, const struct pld_chunk *chunk,
                                struct pld_progress *progress)
{
    size_t n = (size_t)chunk->candidates;
    struct pld_detections *found = calloc(n + 1, sizeof *found);
    struct pld_quality_score *results = calloc(n + 1, sizeof *results);
    pld_status status = found && results ? PLD_OK : pld_fail_memory("sweep");
    if (status == PLD_OK) status = pld_suffixes_run(found, s->suffixes, chunk, on_cost, progress);
    if (status == PLD_OK) status = pld_quality_score(results, &s->quality, found, n);
    if (status == PLD_OK) status = record_chunk(s, chunk, results);
    for (size_t i = 0; found && i < n; i++)
        pld_detections_release(&found[i]);
    free(found);
    free(results);
    return status;
}

static pld_status measure(struct sweep *s)
{
    PLD_TRY(measure_baseline(s));
    PLD_TRY(record_trivial(s));
    int steps = pld_detector_steps(s->detector, s->session.images->count);
    struct pld_progress *progress =
        pld_progress_start("sweep", (double)s->suffixes->macs * steps, s->options->session->quiet);
    pld_status status = PLD_OK;
    for (int c = 0; c < s->suffixes->n_chunks && status == PLD_OK; c++)
        status = measure_chunk(s, &s->suffixes->chunks[c], progress);
    pld_progress_stop(progress);
    if (status == PLD_EINTERRUPT)
        pld_log(PLD_LOG_INFO, "stopped; %d points are safe. Continue with: %s%s", s->done.count,
                s->options->command_line ? s->options->command_line : "pollard sweep ...",
                s->options->resume ? "" : " --resume");
    return status;
}

/* ---- ending ---- */

/* Seconds of one whole forward on one lane, and of decoding its outputs. */
static pld_status probe(struct sweep *s, double *forward, double *post)
{
    struct pld_program *program;
    struct pld_detector_lane *lane = NULL;
    struct pld_detections found = {0};
    PLD_TRY(pld_program_new(&program, s->detector->engine, NULL));
    pld_status status = pld_detector_lane_new(&lane, s->detector, pld_program_slab(program));
    /* The first pass warms caches and pages; the second one counts. */
    for (int i = 0; i < 2 && status == PLD_OK; i++) {
        double start = pld_clock_now();
        status = pld_detector_feed(lane, 0);
        if (status == PLD_OK) status = pld_lane_run(lane->lane, program, NULL, NULL, 0);
        double middle = pld_clock_now();
        if (status == PLD_OK) status = pld_detector_collect(&found, lane, 0);
        *forward = middle - start;
        *post = pld_clock_now() - middle;
    }
    pld_detections_release(&found);
    pld_detector_lane_free(lane);
    pld_program_free(program);
    return status;
}

static pld_status estimate(struct pld_sweep_summary *out, struct sweep *s)
{
    double forward = 0, post = 0, candidates = 0;
    PLD_TRY(probe(s, &forward, &post));
    for (int c = 0; c < s->suffixes->n_chunks; c++)
        candidates += s->suffixes->chunks[c].candidates;
    int64_t whole = pld_graph_macs(s->detector->graph);
    double work = whole ? (double)s->suffixes->macs / (double)whole : 0; /* whole forwards */
    int steps = pld_detector_steps(s->detector, s->session.images->count);
    out->seconds = steps * (forward * (work + 1) + post * (candidates + 1)) /
                   pld_pool_threads(s->session.pool);
    return PLD_OK;
}

static void summarise(struct pld_sweep_summary *out, const struct sweep *s)
{
    out->groups = s->points.n_groups;
    out->points = s->manifest.points_total;
    out->points_done = s->done.count ? s->done.count - 1 : 0;
    out->images = s->session.images->count;
    out->macs = s->suffixes->macs * pld_detector_steps(s->detector, out->images);
    out->baseline = s->options->dry_run ? NAN : s->quality.base.value;
    snprintf(out->device, sizeof out->device, "%s", s->session.device->description);
}

static pld_status run(struct pld_sweep_summary *out, struct sweep *s)
{
    double start = pld_clock_now();
    PLD_TRY(prepare(s));
    if (s->options->dry_run) {
        summarise(out, s);
        return estimate(out, s);
    }
    PLD_TRY(open_folder(s));
    PLD_TRY(measure(s));
    out->seconds = pld_clock_now() - start;
    s->manifest.seconds = s->earlier + out->seconds;
    PLD_TRY(pld_manifest_write(s->options->out, &s->manifest));
    PLD_TRY(pld_results_write(s->options->out));
    summarise(out, s);
    return PLD_OK;
}

pld_status pld_sweep_run(struct pld_sweep_summary *out, const struct pld_sweep_options *options)
{
    struct sweep s = {.options = options};
    *out = (struct pld_sweep_summary){.baseline = NAN, .seconds = NAN};
    pld_status status = run(out, &s);
    sweep_close(&s);
    return status;
}
