/* How far two lists of detections say the same: a metric without labels.
 *
 * Boxes of one image and category are matched, the reference's surest first, each to the free
 * candidate of largest IoU, at least 0.5. A matched pair contributes min(score, score') * IoU:
 *
 *   agreement = 2 * sum over pairs / (sum of reference scores + sum of candidate scores)
 *
 * (the Dice coefficient of soft sets). 1 for equal lists, 0 for disjoint ones; a missed, a new, a
 * moved or a less sure box each lower it by their confidence.
 */
#ifndef PLD_EVAL_METRICS_AGREEMENT_H
#define PLD_EVAL_METRICS_AGREEMENT_H

#include "eval/detection.h"

/* `jackknife` (may be NULL): [blocks] the agreement with the images of block j left out; image i of
 * `images` belongs to block i * blocks / images, as in eval/metrics/coco.h. */
pld_status pld_agreement(double *out, double *jackknife, int blocks,
                         const struct pld_detections *reference,
                         const struct pld_detections *candidate, int images);

#endif
