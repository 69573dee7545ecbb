#include "eval/metrics/curve.h"

#include <stdlib.h>
#include <string.h>

#include "eval/metrics/coco_impl.h"

/* ---- counting ------------------------------------------------------------------------------ */

static uint32_t count_positives(const struct pld_matched_class *class, const uint32_t *weight)
{
    if (!weight) return class->n_positives;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < class->n_positives; i++)
        sum += weight[class->positives[i]];
    return sum;
}

static pld_status reserve(struct pld_curves *curves, int n_iou)
{
    size_t n = (size_t)n_iou * (curves->positives + 1);
    curves->stride = (size_t)curves->positives + 1;
    if (n <= curves->capacity) return PLD_OK;
    free(curves->totals);
    free(curves->items);
    curves->totals = malloc(n * sizeof *curves->totals);
    curves->items = malloc(n * sizeof *curves->items);
    curves->capacity = curves->totals && curves->items ? n : 0;
    return curves->capacity ? PLD_OK : pld_fail_memory("curves");
}

/* Detections up to now, at every threshold. Those that no threshold accepts, nearly all of them,
 * are counted once in `plain`. */
struct count {
    uint32_t all, plain, hits[PLD_RULES_IOUS], misses[PLD_RULES_IOUS];
};

static void count_item(struct count *count, struct pld_curves *curves,
                       const struct pld_matched *item, uint32_t index)
{
    if (item->miss == count->all) {
        count->plain++;
        return;
    }
    for (uint32_t hit = item->hit; hit; hit &= hit - 1) {
        int t = __builtin_ctz(hit);
        size_t at = (size_t)t * curves->stride + count->hits[t]++;
        curves->totals[at] = count->plain + count->misses[t] + count->hits[t];
        curves->items[at] = index;
    }
    for (uint32_t miss = item->miss; miss; miss &= miss - 1)
        count->misses[__builtin_ctz(miss)]++;
}

pld_status pld_curves_fill(struct pld_curves *curves, const struct pld_matches *matches, int k,
                           const uint32_t *weight, int limit)
{
    const struct pld_matched_class *class = &matches->classes[k];
    int n_iou = matches->rules.n_iou;
    struct count count = {.all = UINT32_MAX >> (PLD_RULES_IOUS - n_iou)};
    bool any = false;
    curves->positives = count_positives(class, weight);
    PLD_TRY(reserve(curves, n_iou));
    for (size_t i = 0, last; i < class->count; i = last) {
        const struct pld_matched *items = class->items;
        uint32_t times = weight ? weight[items[i].image] : 1;
        last = i + 1;
        /* An image that is there twice repeats its detections of one score one after the other. */
        while (times > 1 && last < class->count && items[last].score == items[i].score &&
               items[last].image == items[i].image)
            last++;
        for (uint32_t repeat = 0; repeat < times; repeat++) {
            for (size_t j = i; j < last; j++) {
                if (limit && items[j].rank >= (uint32_t)limit) continue;
                count_item(&count, curves, &items[j], (uint32_t)j);
                any = true;
            }
        }
    }
    for (int t = 0; t < n_iou; t++)
        curves->at[t] = (struct pld_curve){
            .totals = curves->totals + (size_t)t * curves->stride,
            .items = curves->items + (size_t)t * curves->stride,
            .hits = count.hits[t],
            .all = count.plain + count.misses[t] + count.hits[t],
            .positives = curves->positives,
            .any = any,
        };
    return PLD_OK;
}

void pld_curves_release(struct pld_curves *curves)
{
    free(curves->totals);
    free(curves->items);
    *curves = (struct pld_curves){0};
}

/* ---- averages ------------------------------------------------------------------------------ */

static double precision_of(const struct pld_curve *curve, uint32_t i)
{
    return (double)(i + 1) / ((double)curve->totals[i] + 0x1p-52);
}

void pld_curve_precision(double out[PLD_CURVE_POINTS], int32_t *at, const struct pld_curve *curve)
{
    int64_t i = (int64_t)curve->hits - 1;
    double n = curve->positives, best = 0;
    for (int r = PLD_CURVE_POINTS - 1; r >= 0; r--) {
        double recall = pld_coco_recall(r);
        bool reached = curve->hits && curve->hits / n >= recall;
        for (; i >= 0 && (i + 1) / n >= recall; i--) {
            double precision = precision_of(curve, (uint32_t)i);
            if (precision > best) best = precision;
        }
        out[r] = reached ? best : 0;
        if (at) at[r] = reached ? (int32_t)i + 1 : -1;
    }
}

/* VOC 2007: precision tp / max(tp + fp, eps), recall >= i * 0.1. */
static double average_11(const struct pld_curve *curve)
{
    double sum = 0;
    for (int p = 0; p < 11; p++) {
        double best = 0;
        for (uint32_t i = curve->hits; i-- > 0;) {
            if ((i + 1) / (double)curve->positives < p * 0.1) break;
            double precision = (i + 1) / (double)curve->totals[i];
            if (precision > best) best = precision;
        }
        sum += best / 11.0;
    }
    return sum;
}

/* Precision at true positive i and the highest after it. `out` has room for hits + 1; the last is
 * 0. */
static void envelope(double *out, const struct pld_curve *curve)
{
    double best = 0;
    out[curve->hits] = 0;
    for (uint32_t i = curve->hits; i-- > 0;) {
        double precision = (i + 1) / (double)curve->totals[i];
        if (precision > best) best = precision;
        out[i] = best;
    }
}

static double average_area(const struct pld_curve *curve, double *falling)
{
    double n = curve->positives;
    envelope(falling, curve);
    for (uint32_t i = 0; i < curve->hits; i++)
        falling[i] = ((i + 1) / n - i / n) * falling[i];
    /* The step to recall 1 adds 0, but it is a number of the sum, which is pairwise. */
    return pld_coco_sum(falling, curve->hits + (curve->hits < curve->positives));
}

/* The curve that Ultralytics interpolates has a point for every detection. Of those with the recall
 * of `level` true positives, the value of the last one (what numpy.interp starts from). */
static double last_of_level(const struct pld_curve *curve, const double *falling, uint32_t level)
{
    uint32_t total = level < curve->hits ? curve->totals[level] - 1 : curve->all;
    if (total == 0) return 1; /* no detection before the first true positive: the point (0, 1) */
    double precision = level / (double)total;
    return precision > falling[level] ? precision : falling[level];
}

static double average_trapezoid(const struct pld_curve *curve, double *falling, bool cut)
{
    enum { N = PLD_CURVE_POINTS };
    double y[N], n = curve->positives + 1e-16, area[N - 1];
    uint32_t level = 0;
    if (!curve->any) return 0;
    envelope(falling, curve);
    for (int p = 0; p < N; p++) {
        double x = pld_coco_recall(p);
        while (level < curve->hits && (level + 1) / n <= x)
            level++;
        bool beyond = level == curve->hits;
        double x0 = level / n, x1 = beyond ? 1 : (level + 1) / n;
        double y0 = last_of_level(curve, falling, level), y1 = beyond ? 0 : falling[level];
        if (beyond && (cut || x >= 1))
            y[p] = 0;
        else
            y[p] = (y1 - y0) / (x1 - x0) * (x - x0) + y0;
    }
    for (int p = 0; p < N - 1; p++)
        area[p] = (pld_coco_recall(p + 1) - pld_coco_recall(p)) * (y[p + 1] + y[p]) / 2.0;
    return pld_coco_sum(area, N - 1);
}

static double average(const struct pld_curve *curve, enum pld_average rule, double *space)
{
    if (rule == PLD_AVERAGE_11) return average_11(curve);
    if (rule == PLD_AVERAGE_AREA) return average_area(curve, space);
    return average_trapezoid(curve, space, rule == PLD_AVERAGE_TRAPEZOID_CUT);
}

/* ---- all classes --------------------------------------------------------------------------- */

pld_status pld_scores_init(struct pld_scores *out, const struct pld_matches *matches)
{
    *out = (struct pld_scores){.n_classes = matches->n_classes, .n_iou = matches->rules.n_iou};
    out->samples = matches->rules.average == PLD_AVERAGE_101 ? PLD_CURVE_POINTS : 1;
    size_t curves = (size_t)out->n_classes * (size_t)out->n_iou + 1;
    out->values = malloc(curves * (size_t)out->samples * sizeof *out->values);
    out->recall = malloc(curves * sizeof *out->recall);
    out->space = malloc(curves * (size_t)out->samples * sizeof *out->space);
    return out->values && out->recall && out->space ? PLD_OK : pld_fail_memory("averages");
}

static double *values_of(const struct pld_scores *scores, int k, int t)
{
    return scores->values +
           ((size_t)k * (size_t)scores->n_iou + (size_t)t) * (size_t)scores->samples;
}

/* Averages need room for a number a true positive. */
static void fill_class(struct pld_scores *out, const struct pld_matches *matches, int k,
                       double *space)
{
    for (int t = 0; t < out->n_iou; t++) {
        const struct pld_curve *curve = &out->curves.at[t];
        double *values = values_of(out, k, t), *recall = &out->recall[k * out->n_iou + t];
        *recall = curve->positives ? (double)curve->hits / curve->positives : -1;
        if (!curve->positives)
            for (int s = 0; s < out->samples; s++)
                values[s] = -1;
        else if (matches->rules.average == PLD_AVERAGE_101)
            pld_curve_precision(values, NULL, curve);
        else
            *values = average(curve, matches->rules.average, space);
    }
}

pld_status pld_scores_fill(struct pld_scores *out, const struct pld_matches *matches,
                           const uint32_t *weight, int limit)
{
    double *space = NULL;
    size_t room = 0;
    pld_status status = PLD_OK;
    for (int k = 0; k < out->n_classes && status == PLD_OK; k++) {
        status = pld_curves_fill(&out->curves, matches, k, weight, limit);
        if (status == PLD_OK && out->curves.stride > room) {
            free(space);
            room = out->curves.stride * 2;
            space = malloc(room * sizeof *space);
            if (!space) status = pld_fail_memory("averages");
        }
        if (status == PLD_OK) fill_class(out, matches, k, space);
    }
    free(space);
    return status;
}

void pld_scores_release(struct pld_scores *scores)
{
    free(scores->values);
    free(scores->recall);
    free(scores->space);
    pld_curves_release(&scores->curves);
    *scores = (struct pld_scores){0};
}

double pld_scores_ap(struct pld_scores *scores, int k, int t0, int t1)
{
    size_t n = 0;
    int first = k < 0 ? 0 : k, last = k < 0 ? scores->n_classes : k + 1;
    for (int t = t0; t < t1; t++)
        for (int s = 0; s < scores->samples; s++)
            for (int c = first; c < last; c++)
                if (values_of(scores, c, t)[s] > -1)
                    scores->space[n++] = values_of(scores, c, t)[s];
    return n ? pld_coco_sum(scores->space, n) / (double)n : -1;
}

double pld_scores_ar(struct pld_scores *scores, int k, int t0, int t1)
{
    size_t n = 0;
    int first = k < 0 ? 0 : k, last = k < 0 ? scores->n_classes : k + 1;
    for (int t = t0; t < t1; t++)
        for (int c = first; c < last; c++) {
            double recall = scores->recall[c * scores->n_iou + t];
            if (recall > -1) scores->space[n++] = recall;
        }
    return n ? pld_coco_sum(scores->space, n) / (double)n : -1;
}

pld_status pld_rules_ap(double *out, const struct pld_rules *rules, const struct pld_truths *truths,
                        const struct pld_detections *detections, struct pld_pool *pool)
{
    struct pld_matches matches;
    struct pld_scores scores = {0};
    pld_status status = pld_match(&matches, truths, detections, rules, pool);
    if (status == PLD_OK) status = pld_scores_init(&scores, &matches);
    if (status == PLD_OK) status = pld_scores_fill(&scores, &matches, NULL, 0);
    if (status == PLD_OK) *out = pld_scores_ap(&scores, -1, 0, scores.n_iou);
    pld_scores_release(&scores);
    pld_matches_release(&matches);
    return status;
}
