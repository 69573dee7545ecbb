/* Ultralytics' metric, from its description, in both published versions (they differ in the curve
 * beyond the highest recall). Boxes and overlaps in 32 bits, crowds left out as its label files
 * leave them out, a detection that loses its box gets no other.
 *
 * AP is its mAP50-95, AP50 its mAP50. P, R and F1 are means over the classes at IoU 0.5 and at the
 * confidence where the smoothed mean F1 is highest.
 */
#include <stdlib.h>

#include "eval/metrics/protocol.h"

enum { POINTS = 1000 }; /* confidences 0 .. 1 */

/* Precision and recall of one class at every confidence, added to the sums. Between detections the
 * curves are straight lines, and above the highest score precision is 1 and recall 0. */
static void add_curves(double *precision, double *recall, double *f1,
                       const struct pld_matched_class *class)
{
    double n = class->n_positives + 1e-16;
    size_t i = 0, count = class->count;
    uint32_t tp = 0;
    /* Score, precision and recall of the last detection at or above the confidence, and of the
     * next. */
    double last[3] = {0}, next[3];
    for (int p = POINTS - 1; p >= 0; p--) {
        double x = p == POINTS - 1 ? 1.0 : p * (1.0 / (POINTS - 1)), pr = 1, re = 0;
        for (; i < count && class->items[i].score >= x; i++) {
            tp += class->items[i].hit & 1;
            last[0] = class->items[i].score;
            last[1] = tp / (double)(i + 1);
            last[2] = tp / n;
        }
        if (i) {
            pr = last[1];
            re = last[2];
        }
        if (i && i < count && last[0] != x) {
            uint32_t more = tp + (class->items[i].hit & 1);
            next[0] = class->items[i].score;
            next[1] = more / (double)(i + 1);
            next[2] = more / n;
            double along = (last[0] - x) / (last[0] - next[0]);
            pr += (next[1] - last[1]) * along;
            re += (next[2] - last[2]) * along;
        }
        precision[p] += pr;
        recall[p] += re;
        f1[p] += 2 * pr * re / (pr + re + 1e-16);
    }
}

/* Place of the highest value after a box filter of a tenth of the points, ends repeated. */
static int smoothed_peak(const double *values)
{
    enum { HALF = POINTS / 10 / 2 };
    int best = 0;
    double highest = -1;
    for (int p = 0; p < POINTS; p++) {
        double sum = 0;
        for (int j = p - HALF; j <= p + HALF; j++)
            sum += values[j < 0 ? 0 : j >= POINTS ? POINTS - 1 : j];
        if (sum > highest) {
            highest = sum;
            best = p;
        }
    }
    return best;
}

static pld_status add_best_point(struct pld_metric_result *result,
                                 const struct pld_matches *matches)
{
    double *sums = calloc(3 * POINTS, sizeof *sums);
    if (!sums) return pld_fail_memory("curves over confidence");
    double *precision = sums, *recall = sums + POINTS, *f1 = sums + 2 * POINTS, classes = 0;
    for (int k = 0; k < matches->n_classes; k++) {
        const struct pld_matched_class *class = &matches->classes[k];
        if (!class->n_positives) continue;
        classes++;
        if (class->count) add_curves(precision, recall, f1, class);
    }
    int p = smoothed_peak(f1);
    bool any = classes > 0;
    pld_metric_add(result, "P", any ? precision[p] / classes : -1);
    pld_metric_add(result, "R", any ? recall[p] / classes : -1);
    pld_metric_add(result, "F1", any ? f1[p] / classes : -1);
    pld_metric_add(result, "F1_conf", any ? p / (double)(POINTS - 1) : -1);
    free(sums);
    return PLD_OK;
}

static pld_status evaluate(const struct pld_rules *rules, struct pld_metric_result *result,
                           const struct pld_truths *truths, const struct pld_detections *detections,
                           struct pld_pool *pool)
{
    struct pld_matches matches;
    struct pld_scores scores = {0};
    pld_status status = pld_match(&matches, truths, detections, rules, pool);
    if (status == PLD_OK) status = pld_scores_init(&scores, &matches);
    if (status == PLD_OK) status = pld_scores_fill(&scores, &matches, NULL, 0);
    if (status == PLD_OK) status = pld_metric_classes(result, matches.n_classes);
    if (status == PLD_OK) {
        double ap = pld_scores_ap(&scores, -1, 0, scores.n_iou);
        double ap50 = pld_scores_ap(&scores, -1, 0, 1);
        pld_metric_add(result, "AP", ap);
        pld_metric_add(result, "AP50", ap50);
        status = add_best_point(result, &matches);
        pld_metric_add(result, "fitness", ap < 0 ? -1 : 0.1 * ap50 + 0.9 * ap);
        for (int k = 0; k < result->n_classes; k++) {
            result->classes[k].ap = pld_scores_ap(&scores, k, 0, scores.n_iou);
            result->classes[k].ap50 = pld_scores_ap(&scores, k, 0, 1);
        }
    }
    pld_scores_release(&scores);
    pld_matches_release(&matches);
    return status;
}

static pld_status evaluate83(struct pld_metric_result *result, const struct pld_truths *truths,
                             const struct pld_detections *detections, struct pld_pool *pool)
{
    return evaluate(&pld_protocol_ultralytics83.rules, result, truths, detections, pool);
}

static pld_status evaluate84(struct pld_metric_result *result, const struct pld_truths *truths,
                             const struct pld_detections *detections, struct pld_pool *pool)
{
    return evaluate(&pld_protocol_ultralytics84.rules, result, truths, detections, pool);
}

/* torch.linspace(0.5, 0.95, 10): the nearest 32-bit numbers. */
#define IOUS                                                            \
    {                                                                   \
        0.5f, 0.55f, 0.6f, 0.65f, 0.7f, 0.75f, 0.8f, 0.85f, 0.9f, 0.95f \
    }
#define RULES(averaged_by)                                                                 \
    {                                                                                      \
        .iou = IOUS, .n_iou = 10, .overlap = PLD_OVERLAP_FLOAT, .crowd = PLD_SPECIAL_DROP, \
        .difficult = PLD_SPECIAL_COUNT, .choice = PLD_CHOICE_BEST, .min_score = 0.001,     \
        .limit_image = 300, .average = averaged_by                                         \
    }

const struct pld_protocol pld_protocol_ultralytics83 = {
    .name = "ultralytics-8.3",
    .version = "Ultralytics up to 8.3",
    .headline = "mAP50-95",
    .rules = RULES(PLD_AVERAGE_TRAPEZOID),
    .evaluate = evaluate83,
};

const struct pld_protocol pld_protocol_ultralytics84 = {
    .name = "ultralytics-8.4",
    .version = "Ultralytics 8.4",
    .headline = "mAP50-95",
    .rules = RULES(PLD_AVERAGE_TRAPEZOID_CUT),
    .evaluate = evaluate84,
};
