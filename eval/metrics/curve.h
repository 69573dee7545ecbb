/* Precision-recall curves of matched detections, and the numbers made of them.
 *
 * A curve is its true positives: how many detections there are up to each. Precision and recall
 * change nowhere else in a way that an average could see.
 */
#ifndef PLD_EVAL_METRICS_CURVE_H
#define PLD_EVAL_METRICS_CURVE_H

#include "eval/metrics/match.h"

enum { PLD_CURVE_POINTS = 101 };

struct pld_curve {
    const uint32_t *totals; /* [hits] true and false positives up to true positive i, itself
                               included */
    const uint32_t *items;  /* [hits] its place among the items of its class */
    uint32_t hits, all;     /* true positives; true and false positives */
    uint32_t positives;     /* boxes to find, > 0 */
    bool any;               /* there are detections at all, ignored ones included */
};

/* Curves of one class at all thresholds. Zeroed is empty; one struct serves many classes. */
struct pld_curves {
    struct pld_curve at[PLD_RULES_IOUS];
    uint32_t positives;
    uint32_t *totals, *items; /* [n_iou][stride] */
    size_t stride, capacity;
};

/* Curves of class k. `weight` ([n_images], may be NULL) says how many times each image is there;
 * `limit` > 0 takes only the first detections of every image and class. */
pld_status pld_curves_fill(struct pld_curves *curves, const struct pld_matches *matches, int k,
                           const uint32_t *weight, int limit);
void pld_curves_release(struct pld_curves *curves);

/* Highest precision at recall >= 0, 0.01 .. 1 on numpy.linspace's grid, 0 where none is;
 * tp / ((fp + tp) + 2^-52), as pycocotools. `at` (may be NULL) is given the true positive (from 0)
 * that first reaches each recall, or -1. */
void pld_curve_precision(double out[PLD_CURVE_POINTS], int32_t *at, const struct pld_curve *curve);

/* ---- all classes ---- */

/* What the averages are taken over. Classes without boxes are absent. */
struct pld_scores {
    int n_classes, n_iou;
    int samples;    /* values a curve: 101 or 1, by the rule */
    double *values; /* [n_classes][n_iou][samples]; -1 for an absent class */
    double *recall; /* [n_classes][n_iou] highest recall; -1 for an absent class */
    struct pld_curves curves;
    double *space;
};

/* Room for the scores of `matches`; release also after a failure. */
pld_status pld_scores_init(struct pld_scores *out, const struct pld_matches *matches);
/* Weight and limit as in pld_curves_fill(). May be called any number of times. */
pld_status pld_scores_fill(struct pld_scores *out, const struct pld_matches *matches,
                           const uint32_t *weight, int limit);
void pld_scores_release(struct pld_scores *scores);

/* Mean over thresholds [t0, t1), then samples, then the present classes, or class k alone when
 * k >= 0, summed in numpy's order; -1 where nothing is present. */
double pld_scores_ap(struct pld_scores *scores, int k, int t0, int t1);
/* The same of the highest recalls. */
double pld_scores_ar(struct pld_scores *scores, int k, int t0, int t1);

/* Mean AP over all thresholds and classes, matching included. */
pld_status pld_rules_ap(double *out, const struct pld_rules *rules, const struct pld_truths *truths,
                        const struct pld_detections *detections, struct pld_pool *pool);

#endif
