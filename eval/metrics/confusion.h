/* Confusion matrix: what was found at one confidence and overlap, and taken for what. */
#ifndef PLD_EVAL_METRICS_CONFUSION_H
#define PLD_EVAL_METRICS_CONFUSION_H

#include "core/status.h"
#include "eval/dataset.h"
#include "eval/detection.h"

struct pld_confusion {
    double score, iou;
    int n;            /* classes; place n stands for the background */
    uint32_t *counts; /* [n + 1][n + 1]: row = class of the box (n: none), column = class of the
                         detection (n: missed); owned */
};

/* Of each image, boxes and detections with a score of at least `score` become pairs with an IoU of
 * at least `iou`, whatever their classes: the highest overlap first, then the higher score, then
 * the earlier box; each takes part in one pair. A detection left over that lies in a crowd of its
 * class by more than `iou` of its own size counts nowhere. Release also after a failure. */
pld_status pld_confusion_measure(struct pld_confusion *out, const struct pld_dataset *dataset,
                                 const struct pld_detections *detections, double score, double iou);
void pld_confusion_release(struct pld_confusion *confusion);

/* Number of boxes of class `truth` that were taken for `found`; either may be n. */
uint32_t pld_confusion_at(const struct pld_confusion *confusion, int truth, int found);

#endif
