/* How far AP depends on the order of detections with equal scores, which no metric defines. */
#ifndef PLD_EVAL_METRICS_TIES_H
#define PLD_EVAL_METRICS_TIES_H

#include "eval/metrics/curve.h"

struct pld_ties {
    size_t detections; /* that have the score of another one of their class */
    size_t in_cell; /* of those, with the score of another one of their image: which of them finds
                       a box depends on the order too */
    double ap;      /* as evaluated: by image, then place in the list */
    double best, worst; /* with the detections that count first, or last, among equal scores. Exact
                           bounds where in_cell is 0; with it, bounds for the matches as they are */
    double reversed;    /* AP of the list in reverse order, boxes matched anew */
};

/* Mean AP over the thresholds of `rules`. */
pld_status pld_ties_measure(struct pld_ties *out, const struct pld_truths *truths,
                            const struct pld_detections *detections, const struct pld_rules *rules,
                            struct pld_pool *pool);

#endif
