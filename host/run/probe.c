#include "run/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/progress.h"
#include "eval/metrics/coco.h"
#include "eval/metrics/uncertainty.h"
#include "run/class_map.h"
#include "run/detector.h"

enum { MOST_TRIALS = 256, MOST_HEADS = 16 };

/* Below this nothing was found: classes that do not fit the labels, or a head we do not know. */
#define LEAST_AP 0.01

struct probe {
    struct pld_session session;
    struct pld_session_options options; /* what the session sees; changed from trial to trial */
    struct pld_detector *detector;      /* the same for all trials */
    struct pld_coco_gt *gt;
    struct pld_probe_result *out;
    struct pld_progress *progress;
};

/* ---- what to try ---- */

static bool same_pixels(const struct pld_preprocess *a, const struct pld_preprocess *b)
{
    return a->fit == b->fit && a->filter == b->filter && a->pad == b->pad && a->bgr == b->bgr &&
           memcmp(a->mean, b->mean, sizeof a->mean) == 0 &&
           memcmp(a->scale, b->scale, sizeof a->scale) == 0;
}

/* Heads that fit: the one asked for, the one that is told, or all with evidence. */
static int find_heads(const char *names[MOST_HEADS], const struct probe *p,
                      const struct pld_session_options *asked)
{
    int count, n = 0;
    const struct pld_head *const *heads = pld_head_list(&count);
    const char *told = pld_graph_metadata(p->session.model, PLD_META_HEAD);
    if (asked->head || told) {
        const struct pld_head *found = asked->head ? NULL : pld_head_find(told);
        names[0] = found ? found->name : asked->head; /* names that outlive the model */
        return names[0] != NULL;
    }
    for (int i = 0; i < count && n < MOST_HEADS; i++) {
        char why[256];
        if (heads[i]->match(p->session.model, why, sizeof why) > 0) names[n++] = heads[i]->name;
    }
    return n;
}

static pld_status add_trial(struct pld_probe_result *out, const char *head, const char *preprocess)
{
    if (out->n_trials == MOST_TRIALS)
        return pld_fail(PLD_EFAIL, "doctor --probe", "too many combinations; give --head");
    out->trials[out->n_trials] =
        (struct pld_probe_trial){.head = head, .preprocess = preprocess, .order = out->n_trials};
    out->n_trials++;
    return PLD_OK;
}

/* Rows that give the same pixels are tried once, under the name that belongs to the head if one of
 * them does. */
static pld_status add_rows(struct pld_probe_result *out, const char *head)
{
    int count;
    const struct pld_preprocess *rows = pld_preprocess_list(&count);
    const struct pld_head *found = pld_head_find(head);
    const struct pld_preprocess *usual = found ? pld_preprocess_find(found->preprocess) : NULL;
    for (int i = 0; i < count; i++) {
        bool seen = usual && usual != &rows[i] && same_pixels(usual, &rows[i]);
        for (int k = 0; k < i && !seen; k++)
            seen = &rows[k] != usual && &rows[i] != usual && same_pixels(&rows[k], &rows[i]);
        if (!seen) PLD_TRY(add_trial(out, head, rows[i].name));
    }
    return PLD_OK;
}

/* The best row with the channels swapped, and with other filters. */
static pld_status add_changes(struct pld_probe_result *out)
{
    struct pld_probe_trial best = out->trials[0];
    const struct pld_preprocess *row = pld_preprocess_find(best.preprocess);
    PLD_TRY(add_trial(out, best.head, best.preprocess));
    out->trials[out->n_trials - 1].channels = row->bgr ? "rgb" : "bgr";
    for (int i = 0; pld_filter_names[i] && row->fit != PLD_FIT_WARP_CENTER; i++) {
        if (i == (int)row->filter || i == PLD_FILTER_AREA_SHRINK) continue;
        PLD_TRY(add_trial(out, best.head, best.preprocess));
        out->trials[out->n_trials - 1].filter = pld_filter_names[i];
    }
    return PLD_OK;
}

/* ---- trying ---- */

static pld_status bind(struct probe *p, const struct pld_probe_trial *t)
{
    p->options.head = t->head;
    p->options.preprocess = t->preprocess;
    if (t->filter) p->options.filter = t->filter;
    if (t->channels) p->options.channels = t->channels;
    return pld_session_bind_head(&p->session);
}

/* Images and class numbers follow the preprocessing and the head. */
static pld_status load(struct probe *p)
{
    struct pld_session *s = &p->session;
    pld_loaded_set_free(s->images);
    free(s->class_map);
    s->images = NULL;
    s->class_map = NULL;
    PLD_TRY(pld_class_map_new(&s->class_map, &s->head, &s->dataset));
    return pld_session_load_images(s);
}

static pld_status run_trial(struct probe *p, struct pld_probe_trial *t)
{
    struct pld_detections found = {0};
    struct pld_coco_result result = {0};
    const struct pld_coco_options coco = {.blocks = PLD_PROBE_BLOCKS};
    struct pld_session_options before = p->options;
    PLD_TRY(bind(p, t));
    p->options = before;
    PLD_TRY(load(p));
    if (!p->detector) PLD_TRY(pld_detector_new(&p->detector, &p->session, p->session.model));
    snprintf(t->name, sizeof t->name, "%s", p->session.preprocess->name);
    pld_status status = pld_detector_run(&found, p->detector, NULL);
    if (status == PLD_OK)
        status = pld_coco_evaluate(&result, p->gt, &found, &coco, p->session.pool);
    t->blocks = result.blocks;
    for (int i = 0; i < result.blocks; i++)
        t->jackknife[i] = result.jackknife[i];
    t->ap = result.stats[0];
    t->ap50 = result.stats[1];
    pld_coco_result_release(&result);
    pld_detections_release(&found);
    pld_progress_add(p->progress, 1, t->name);
    return status;
}

static int by_ap(const void *a, const void *b)
{
    const struct pld_probe_trial *x = a, *y = b;
    return x->ap < y->ap ? 1 : x->ap > y->ap ? -1 : x->order - y->order;
}

/* Trials from `first` on; then all of them best first. */
static pld_status run_trials(struct probe *p, int first)
{
    struct pld_probe_result *out = p->out;
    pld_status status = PLD_OK;
    p->progress = pld_progress_start("probe", out->n_trials - first, p->session.options->quiet);
    p->options.quiet = true; /* one bar is enough */
    for (int i = first; i < out->n_trials && status == PLD_OK; i++)
        status = run_trial(p, &out->trials[i]);
    pld_progress_stop(p->progress);
    qsort(out->trials, (size_t)out->n_trials, sizeof *out->trials, by_ap);
    return status;
}

/* ---- the answer ---- */

/* The trial with the preprocessing that belongs to the head of the best one, or -1. */
static int usual_trial(const struct pld_probe_result *out)
{
    const char *head = out->trials[0].head;
    const struct pld_preprocess *usual = pld_preprocess_find(pld_head_find(head)->preprocess);
    for (int i = 0; i < out->n_trials; i++) {
        const struct pld_probe_trial *t = &out->trials[i];
        if (strcmp(t->head, head) == 0 && strcmp(t->preprocess, usual->name) == 0 && !t->filter &&
            !t->channels)
            return i;
    }
    return -1;
}

static void choose(struct pld_probe_result *out)
{
    const struct pld_probe_trial *best = &out->trials[0];
    int usual = usual_trial(out);
    double behind = usual < 0 ? 0.0 : best->ap - out->trials[usual].ap, interval[2] = {1.0, 1.0};
    if (usual > 0)
        pld_jackknife_paired(interval, best->ap, best->jackknife, out->trials[usual].ap,
                             out->trials[usual].jackknife, best->blocks);
    out->chosen = usual > 0 && interval[0] <= 0.0 ? usual : 0;
    if (out->chosen == usual && usual > 0)
        snprintf(
            out->why, sizeof out->why,
            "%s belongs to head %s; %s gives %.3f more on %d images, 95 %% interval %.3f to %.3f: "
            "noise",
            out->trials[usual].name, best->head, best->name, behind, out->images, interval[0],
            interval[1]);
    else if (out->chosen == usual)
        snprintf(out->why, sizeof out->why, "it belongs to head %s, and nothing gives more",
                 best->head);
    else if (usual >= 0)
        snprintf(
            out->why, sizeof out->why,
            "%.3f more (95 %% interval %.3f to %.3f) than with %s, which belongs to head %s as "
            "published",
            behind, interval[0], interval[1], out->trials[usual].name, best->head);
    else
        snprintf(out->why, sizeof out->why, "the best of %d combinations", out->n_trials);
}

static pld_status open_all(struct probe *p, const struct pld_session_options *options,
                           const char *model, const char *data, const char **heads, int *n_heads)
{
    p->options = *options;
    if (p->options.max_images == 0) p->options.max_images = PLD_PROBE_IMAGES;
    PLD_TRY(pld_session_open(&p->session, &p->options));
    PLD_TRY(pld_session_load_model(&p->session, model));
    *n_heads = find_heads(heads, p, options);
    if (*n_heads == 0) return pld_session_bind_head(&p->session); /* says what was seen */
    p->options.head = heads[0];
    PLD_TRY(pld_session_bind_head(&p->session));
    PLD_TRY(pld_session_open_data(&p->session, data, true));
    p->out->images = p->session.dataset.n_images;
    return pld_coco_gt_new(&p->gt, &p->session.dataset);
}

static pld_status probe(struct probe *p, const struct pld_session_options *options,
                        const char *model, const char *data)
{
    struct pld_probe_result *out = p->out;
    const char *heads[MOST_HEADS];
    int n_heads;
    PLD_TRY(open_all(p, options, model, data, heads, &n_heads));
    out->trials = pld_arena_array(&out->arena, MOST_TRIALS, sizeof *out->trials);
    if (!out->trials) return PLD_EDEVICE;
    for (int i = 0; i < n_heads; i++)
        PLD_TRY(options->preprocess ? add_trial(out, heads[i], options->preprocess)
                                    : add_rows(out, heads[i]));
    PLD_TRY(run_trials(p, 0));
    int first = out->n_trials;
    PLD_TRY(add_changes(out));
    PLD_TRY(run_trials(p, first));
    if (out->trials[0].ap < LEAST_AP)
        return pld_fail(PLD_EFAIL, model,
                        "none of %d combinations of head and preprocessing finds the labelled "
                        "objects: the best, %s with %s, has mAP %.4f",
                        out->n_trials, out->trials[0].head, out->trials[0].name, out->trials[0].ap);
    choose(out);
    return PLD_OK;
}

pld_status pld_probe_run(struct pld_probe_result *out, const struct pld_session_options *options,
                         const char *model, const char *data)
{
    *out = (struct pld_probe_result){0};
    struct probe p = {.out = out};
    pld_status status = probe(&p, options, model, data);
    pld_detector_free(p.detector);
    pld_coco_gt_free(p.gt);
    pld_session_close(&p.session);
    return status;
}

void pld_probe_release(struct pld_probe_result *result)
{
    pld_arena_release(&result->arena);
    *result = (struct pld_probe_result){0};
}

pld_status pld_probe_save(const struct pld_probe_result *result, const char *path)
{
    const struct pld_probe_trial *best = &result->trials[result->chosen];
    struct pld_str text = {0};
    pld_str_printf(&text, "# Found by pollard doctor --probe: mAP %.3f on %d images.\n", best->ap,
                   result->images);
    pld_str_printf(&text, "head: %s\npreprocess: %s\n", best->head, best->preprocess);
    if (best->filter) pld_str_printf(&text, "filter: %s\n", best->filter);
    if (best->channels) pld_str_printf(&text, "channels: %s\n", best->channels);
    pld_status status =
        text.failed ? pld_fail_memory("configuration") : pld_file_write(path, text.data, text.len);
    pld_str_release(&text);
    return status;
}
