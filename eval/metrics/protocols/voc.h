/* What both VOC protocols share. */
#ifndef PLD_EVAL_METRICS_PROTOCOLS_VOC_H
#define PLD_EVAL_METRICS_PROTOCOLS_VOC_H

#include "eval/metrics/protocol.h"

/* The rules of voc_eval (py-faster-rcnn, darknet's users): IoU above 0.5, corners are pixels of the
 * box, one box in sight for each detection, difficult ones ignored. A crowd is what VOC's difficult
 * boxes become in COCO files, so it is ignored alike. Equal scores keep the order of images, then
 * of the list, where voc_eval leaves it to an unstable sort. */
#define PLD_RULES_VOC(averaged_by)                                                               \
    {                                                                                            \
        .iou = {0.5}, .n_iou = 1, .above = true, .overlap = PLD_OVERLAP_PIXELS,                  \
        .crowd = PLD_SPECIAL_IGNORE, .difficult = PLD_SPECIAL_IGNORE, .choice = PLD_CHOICE_BEST, \
        .min_score = -1, .average = averaged_by                                                  \
    }

/* AP50, of each class too. */
pld_status pld_voc_evaluate(const struct pld_rules *rules, struct pld_metric_result *result,
                            const struct pld_truths *truths,
                            const struct pld_detections *detections, struct pld_pool *pool);

#endif
