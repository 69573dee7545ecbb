/* Precision, recall and F1 over confidence, and the precision-recall curve, of matched detections.
 *
 * Plain counts: at confidence c the detections with a score of at least c take part. No smoothing
 * and nothing interpolated but the precision-recall curve.
 */
#ifndef PLD_EVAL_METRICS_CONFIDENCE_H
#define PLD_EVAL_METRICS_CONFIDENCE_H

#include "eval/metrics/curve.h"

enum { PLD_CONFIDENCES = 101 }; /* 0, 0.01 .. 1 */

/* The best trade of one class, or of all. */
struct pld_best_f1 {
    double f1, precision, recall;
    double score; /* the lowest score that takes part; 1 where F1 is 0 everywhere */
};

struct pld_confidence_class {
    double precision[PLD_CONFIDENCES]; /* at confidence i / 100; 1 where nothing takes part */
    double recall[PLD_CONFIDENCES];
    double f1[PLD_CONFIDENCES];
    double at_recall[PLD_CURVE_POINTS]; /* highest precision at recall >= i / 100 */
    struct pld_best_f1 best;            /* exact, over all scores of the class */
    uint32_t positives;                 /* boxes to find; 0: the class is absent */
};

struct pld_confidence {
    double iou; /* threshold */
    int n_classes;
    struct pld_confidence_class *classes; /* [n_classes]; owned */
    struct pld_confidence_class all;      /* curves: means over the present classes; best: the
                                             confidence of the grid with the highest mean F1 */
};

/* Curves at the first threshold of `matches`. Release also after a failure. */
pld_status pld_confidence_init(struct pld_confidence *out, const struct pld_matches *matches);
void pld_confidence_release(struct pld_confidence *confidence);

#endif
