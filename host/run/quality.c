#include "run/quality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/metrics/agreement.h"
#include "eval/metrics/uncertainty.h"

/* Blocks of the jackknife behind every interval; fewer where there are fewer images. */
enum { BLOCKS = 50 };

static const char *const names[] = {"map", "agreement"};

pld_status pld_quality_metric_find(enum pld_quality_metric *out, const char *name)
{
    for (int i = 0; i < 2; i++) {
        *out = (enum pld_quality_metric)i;
        if (strcmp(names[i], name) == 0) return PLD_OK;
    }
    return pld_fail(PLD_EUSAGE, "--metric", "'%s' is not map or agreement", name);
}

const char *pld_quality_metric_name(enum pld_quality_metric metric)
{
    return names[metric];
}

/* ---- one value a list of detections ---- */

struct batch {
    const struct pld_quality *q;
    const struct pld_detections *found;
    struct pld_quality_value *values;
};

static pld_status agreement_of(void *context, size_t i, int worker)
{
    (void)worker;
    const struct batch *b = context;
    struct pld_quality_value *v = &b->values[i];
    return pld_agreement(&v->value, v->jackknife, b->q->blocks, &b->q->reference, &b->found[i],
                         b->q->session->images->count);
}

static pld_status map_of(struct pld_quality_value *values, double (*stats)[PLD_COCO_STATS],
                         const struct pld_quality *q, const struct pld_detections *found, size_t n)
{
    struct pld_coco_result *results = calloc(n + 1, sizeof *results);
    if (!results) return pld_fail_memory("evaluation");
    struct pld_coco_options options = {.blocks = q->blocks};
    pld_status status = pld_coco_evaluate_on(q->session->device, results, q->gt, found, n, &options,
                                             q->session->pool);
    for (size_t i = 0; i < n && status == PLD_OK; i++) {
        values[i].value = results[i].stats[0];
        memcpy(stats[i], results[i].stats, sizeof stats[i]);
        for (int b = 0; b < q->blocks; b++)
            values[i].jackknife[b] = results[i].jackknife[b];
    }
    for (size_t i = 0; i < n; i++)
        pld_coco_result_release(&results[i]);
    free(results);
    return status;
}

static pld_status values_of(struct pld_quality_value *values, double (*stats)[PLD_COCO_STATS],
                            const struct pld_quality *q, const struct pld_detections *found,
                            size_t n)
{
    if (q->metric == PLD_QUALITY_MAP) return map_of(values, stats, q, found, n);
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < PLD_COCO_STATS; k++)
            stats[i][k] = NAN;
    struct batch batch = {q, found, values};
    return pld_pool_run(q->session->pool, n, agreement_of, &batch);
}

/* ---- baseline and scores ---- */

pld_status pld_quality_rebase(struct pld_quality *q, const struct pld_detections *found)
{
    return values_of(&q->base, &q->stats, q, found, 1);
}

pld_status pld_quality_open(struct pld_quality *out, const struct pld_detector *detector,
                            enum pld_quality_metric metric)
{
    const struct pld_session *session = detector->session;
    int images = session->images->count;
    *out = (struct pld_quality){.session = session, .metric = metric};
    if (metric == PLD_QUALITY_MAP && !session->dataset.has_labels)
        return pld_fail(PLD_EDATA, session->dataset.source,
                        "has no labels, and mAP needs them (--metric agreement does not)");
    out->blocks = images < 2 ? 0 : images < BLOCKS ? images : BLOCKS;
    out->base.jackknife = calloc((size_t)out->blocks + 1, sizeof(double));
    if (!out->base.jackknife) return pld_fail_memory("evaluation");
    if (metric == PLD_QUALITY_MAP) PLD_TRY(pld_coco_gt_new(&out->gt, &session->dataset));
    PLD_TRY(pld_detector_run(&out->reference, detector, NULL));
    return pld_quality_rebase(out, &out->reference);
}

void pld_quality_close(struct pld_quality *q)
{
    pld_coco_gt_free(q->gt);
    pld_detections_release(&q->reference);
    free(q->base.jackknife);
    *q = (struct pld_quality){0};
}

pld_status pld_quality_score(struct pld_quality_score *scores, const struct pld_quality *q,
                             const struct pld_detections *found, size_t n)
{
    struct pld_arena arena = {0};
    struct pld_quality_value *values = pld_arena_array(&arena, n + 1, sizeof *values);
    double(*stats)[PLD_COCO_STATS] = pld_arena_array(&arena, n + 1, sizeof *stats);
    pld_status status = values && stats ? PLD_OK : PLD_EDEVICE;
    for (size_t i = 0; i < n && status == PLD_OK; i++) {
        values[i].jackknife = pld_arena_array(&arena, (size_t)q->blocks + 1, sizeof(double));
        if (!values[i].jackknife) status = PLD_EDEVICE;
    }
    if (status == PLD_OK) status = values_of(values, stats, q, found, n);
    for (size_t i = 0; i < n && status == PLD_OK; i++) {
        struct pld_quality_score *s = &scores[i];
        *s = (struct pld_quality_score){.value = values[i].value, .ci = {NAN, NAN}};
        memcpy(s->stats, stats[i], sizeof s->stats);
        s->drop = q->base.value - s->value;
        if (q->blocks > 1)
            pld_jackknife_paired(s->ci, q->base.value, q->base.jackknife, s->value,
                                 values[i].jackknife, q->blocks);
    }
    pld_arena_release(&arena);
    return status;
}
