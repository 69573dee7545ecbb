#include "eval/metrics/coco_custom.h"

#include <stdlib.h>
#include <string.h>

#include "eval/metrics/coco_impl.h"
#include "eval/metrics/protocol.h"

void pld_coco_params_init(struct pld_coco_params *params)
{
    const struct pld_rules *rules = &pld_protocol_coco.rules;
    *params = (struct pld_coco_params){
        .n_iou = rules->n_iou,
        .areas = {{"all", 0, 1e10},
                  {"small", 0, 1024},
                  {"medium", 1024, 9216},
                  {"large", 9216, 1e10}},
        .n_areas = 4,
        .limits = {1, 10, 100},
        .n_limits = 3,
    };
    memcpy(params->iou, rules->iou, sizeof params->iou);
}

pld_status pld_coco_params_check(const struct pld_coco_params *p)
{
    if (p->n_iou < 1 || p->n_areas < 1 || p->n_limits < 1)
        return pld_fail(PLD_EUSAGE, "COCO params", "thresholds, area ranges and limits are needed");
    for (int t = 0; t < p->n_iou; t++)
        if (!(p->iou[t] >= 0 && p->iou[t] <= 1))
            return pld_fail(PLD_EUSAGE, "IoU threshold", "%g is not in 0..1", p->iou[t]);
    for (int a = 0; a < p->n_areas; a++) {
        if (!(p->areas[a].low >= 0 && p->areas[a].low <= p->areas[a].high && p->areas[a].high > 0))
            return pld_fail(PLD_EUSAGE, "area range", "%s: %g to %g holds nothing",
                            p->areas[a].label, p->areas[a].low, p->areas[a].high);
        for (int b = 0; b < a; b++)
            if (strcmp(p->areas[a].label, p->areas[b].label) == 0)
                return pld_fail(PLD_EUSAGE, "area range", "%s comes twice", p->areas[a].label);
    }
    for (int m = 0; m < p->n_limits; m++)
        if (p->limits[m] < 1 || (m && p->limits[m] <= p->limits[m - 1]))
            return pld_fail(PLD_EUSAGE, "limits of detections",
                            "whole numbers from 1 on are needed, none twice");
    return PLD_OK;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static pld_status check_ids(const struct pld_dataset *dataset)
{
    size_t n = (size_t)dataset->n_annotations;
    int64_t *ids = malloc((n + 1) * sizeof *ids);
    if (!ids) return pld_fail_memory("annotation ids");
    for (size_t i = 0; i < n; i++)
        ids[i] = dataset->annotations[i].id;
    qsort(ids, n, sizeof *ids, compare_ids);
    pld_status status = PLD_OK;
    for (size_t i = 1; i < n && status == PLD_OK; i++)
        if (ids[i] == ids[i - 1])
            status = pld_fail(PLD_EDATA, dataset->source, "annotation id %lld comes twice",
                              (long long)ids[i]);
    free(ids);
    return status;
}

/* ---- arrays -------------------------------------------------------------------------------- */

static double *absent(size_t n)
{
    double *values = malloc((n + 1) * sizeof *values);
    for (size_t i = 0; values && i < n; i++)
        values[i] = -1;
    return values;
}

static pld_status table_init(struct pld_coco_table *out, const struct pld_coco_params *params,
                             int n_classes)
{
    *out = (struct pld_coco_table){.n_iou = params->n_iou,
                                   .n_classes = n_classes,
                                   .n_areas = params->n_areas,
                                   .n_limits = params->n_limits};
    size_t cells = (size_t)params->n_areas * (size_t)params->n_limits;
    size_t curves = (size_t)params->n_iou * (size_t)n_classes * cells;
    out->ap = absent(cells);
    out->ar = absent(cells);
    out->precision = absent(curves * R);
    out->scores = absent(curves * R);
    out->recall = absent(curves);
    out->classes = malloc(((size_t)n_classes + 1) * sizeof *out->classes);
    for (int k = 0; out->classes && k < n_classes; k++)
        out->classes[k] = (struct pld_coco_class){-1, -1, {-1, -1, -1}};
    bool good = out->ap && out->ar && out->classes && out->precision && out->scores && out->recall;
    return good ? PLD_OK : pld_fail_memory("result of the evaluation");
}

/* Place of threshold t, class k, area a, limit m in recall; with r = 0 .. R-1, in precision. */
static size_t recall_at(const struct pld_coco_table *table, int t, int k, int a, int m)
{
    return (((size_t)t * (size_t)table->n_classes + (size_t)k) * (size_t)table->n_areas +
            (size_t)a) *
               (size_t)table->n_limits +
           (size_t)m;
}

static size_t precision_at(const struct pld_coco_table *table, int t, int r, int k, int a, int m)
{
    return recall_at(table, t * R + r, k, a, m);
}

static void store_curve(struct pld_coco_table *out, const struct pld_matched_class *class,
                        const struct pld_curve *curve, int t, int k, int a, int m)
{
    double precision[R];
    int32_t at[R];
    if (!curve->positives) return;
    pld_curve_precision(precision, at, curve);
    for (int r = 0; r < R; r++) {
        double score = 0;
        if (r == 0 && curve->any)
            score = class->items[0].score; /* recall 0 is reached by the first detection */
        else if (at[r] >= 0)
            score = class->items[curve->items[at[r]]].score;
        out->precision[precision_at(out, t, r, k, a, m)] = precision[r];
        out->scores[precision_at(out, t, r, k, a, m)] = score;
    }
    out->recall[recall_at(out, t, k, a, m)] = (double)curve->hits / curve->positives;
}

static int find_area(const struct pld_coco_params *params, const char *label)
{
    for (int a = 0; a < params->n_areas; a++)
        if (strcmp(params->areas[a].label, label) == 0) return a;
    return -1;
}

static const char *const sizes[] = {"small", "medium", "large"};

static void store_classes(struct pld_coco_table *out, struct pld_scores *scores,
                          const struct pld_coco_params *params, int a)
{
    int all = find_area(params, "all"), fifty = -1;
    for (int t = 0; t < params->n_iou; t++)
        if (params->iou[t] == 0.5) fifty = t;
    for (int k = 0; k < out->n_classes; k++) {
        double ap = pld_scores_ap(scores, k, 0, params->n_iou);
        if (a == (all < 0 ? 0 : all)) {
            out->classes[k].ap = ap;
            out->classes[k].ap50 = fifty < 0 ? -1 : pld_scores_ap(scores, k, fifty, fifty + 1);
        }
        for (int i = 0; i < 3; i++)
            if (a == find_area(params, sizes[i])) out->classes[k].size[i] = ap;
    }
}

static pld_status store_area(struct pld_coco_table *out, const struct pld_matches *matches,
                             const struct pld_coco_params *params, int a)
{
    struct pld_scores scores;
    pld_status status = pld_scores_init(&scores, matches);
    for (int m = 0; status == PLD_OK && m < params->n_limits; m++) {
        status = pld_scores_fill(&scores, matches, NULL, params->limits[m]);
        if (status != PLD_OK) break;
        out->ap[a * params->n_limits + m] = pld_scores_ap(&scores, -1, 0, params->n_iou);
        out->ar[a * params->n_limits + m] = pld_scores_ar(&scores, -1, 0, params->n_iou);
        if (m == params->n_limits - 1) store_classes(out, &scores, params, a);
        for (int k = 0; status == PLD_OK && k < matches->n_classes; k++) {
            status = pld_curves_fill(&scores.curves, matches, k, NULL, params->limits[m]);
            for (int t = 0; status == PLD_OK && t < params->n_iou; t++)
                store_curve(out, &matches->classes[k], &scores.curves.at[t], t, k, a, m);
        }
    }
    pld_scores_release(&scores);
    return status;
}

/* ---- the twelve numbers -------------------------------------------------------------------- */

/* Mean of precision over the thresholds equal to `iou` (negative: all) and the classes. */
static double mean_precision(const struct pld_coco_table *table,
                             const struct pld_coco_params *params, double iou, int a, int m,
                             double *space)
{
    size_t n = 0;
    if (a < 0 || m < 0 || m >= table->n_limits) return -1;
    for (int t = 0; t < table->n_iou; t++)
        for (int r = 0; r < R && (iou < 0 || params->iou[t] == iou); r++)
            for (int k = 0; k < table->n_classes; k++) {
                double value = table->precision[precision_at(table, t, r, k, a, m)];
                if (value > -1) space[n++] = value;
            }
    return n ? pld_coco_sum(space, n) / (double)n : -1;
}

static double recall_of(const struct pld_coco_table *table, int a, int m)
{
    return a < 0 || m >= table->n_limits ? -1 : table->ar[a * table->n_limits + m];
}

static pld_status summarize(struct pld_coco_table *out, const struct pld_coco_params *params)
{
    size_t most = (size_t)out->n_iou * R * (size_t)out->n_classes;
    double *space = malloc((most + 1) * sizeof *space);
    if (!space) return pld_fail_memory("averages");
    int all = find_area(params, "all"), hundred = -1;
    for (int m = 0; m < params->n_limits; m++)
        if (params->limits[m] == 100) hundred = m;
    out->stats[0] = mean_precision(out, params, -1, all, hundred, space);
    out->stats[1] = mean_precision(out, params, 0.5, all, 2, space);
    out->stats[2] = mean_precision(out, params, 0.75, all, 2, space);
    for (int i = 0; i < 3; i++) {
        int a = find_area(params, sizes[i]);
        out->stats[3 + i] = mean_precision(out, params, -1, a, 2, space);
        out->stats[6 + i] = recall_of(out, all, i);
        out->stats[9 + i] = recall_of(out, a, 2);
    }
    free(space);
    return PLD_OK;
}

pld_status pld_coco_evaluate_custom(struct pld_coco_table *out, const struct pld_dataset *dataset,
                                    const struct pld_detections *detections,
                                    const struct pld_coco_params *params, struct pld_pool *pool)
{
    struct pld_truths truths = {0};
    struct pld_rules rules = pld_protocol_coco.rules;
    *out = (struct pld_coco_table){0};
    PLD_TRY(pld_coco_params_check(params));
    PLD_TRY(check_ids(dataset));
    memcpy(rules.iou, params->iou, sizeof rules.iou);
    rules.n_iou = params->n_iou;
    rules.limit_cell = params->limits[params->n_limits - 1];
    rules.class_agnostic = params->class_agnostic;
    pld_status status = pld_truths_init(&truths, dataset, params->class_agnostic);
    if (status == PLD_OK) status = table_init(out, params, truths.n_classes);
    for (int a = 0; status == PLD_OK && a < params->n_areas; a++) {
        struct pld_matches matches;
        rules.area[0] = params->areas[a].low;
        rules.area[1] = params->areas[a].high;
        status = pld_match(&matches, &truths, detections, &rules, pool);
        if (status == PLD_OK) status = store_area(out, &matches, params, a);
        pld_matches_release(&matches);
    }
    if (status == PLD_OK) status = summarize(out, params);
    pld_truths_release(&truths);
    return status;
}

void pld_coco_table_release(struct pld_coco_table *table)
{
    free(table->ap);
    free(table->ar);
    free(table->classes);
    free(table->precision);
    free(table->scores);
    free(table->recall);
    *table = (struct pld_coco_table){0};
}
