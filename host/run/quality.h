/* How good detections are, with intervals: mean average precision, or agreement with the unpruned
 * model where there are no labels. Everything is compared with a baseline on the same images. */
#ifndef PLD_RUN_QUALITY_H
#define PLD_RUN_QUALITY_H

#include "eval/metrics/coco.h"
#include "run/detector.h"

enum pld_quality_metric { PLD_QUALITY_MAP, PLD_QUALITY_AGREEMENT };

/* A metric's value and, for intervals, its values without a block of images each. */
struct pld_quality_value {
    double value;
    double *jackknife; /* [blocks] */
};

struct pld_quality {
    const struct pld_session *session;
    enum pld_quality_metric metric;
    struct pld_coco_gt *gt;
    struct pld_detections reference; /* of the unpruned model; for agreement */
    struct pld_quality_value base;   /* what drops are counted from */
    double stats[PLD_COCO_STATS];    /* of the baseline; NaN where the metric is no mAP */
    int blocks;                      /* 0: too few images for an interval */
};

struct pld_quality_score {
    double value, drop, ci[2]; /* drop from the base and its 95 % interval (NaN without one) */
    double stats[PLD_COCO_STATS];
};

/* PLD_EUSAGE for an unknown name. */
pld_status pld_quality_metric_find(enum pld_quality_metric *out, const char *name);
const char *pld_quality_metric_name(enum pld_quality_metric metric); /* "map", "agreement" */

/* Runs `detector`, the unpruned model, and makes it the baseline. mAP needs labels (PLD_EDATA).
 * Close with pld_quality_close(), also after a failure. */
pld_status pld_quality_open(struct pld_quality *out, const struct pld_detector *detector,
                            enum pld_quality_metric metric);
void pld_quality_close(struct pld_quality *quality);

/* Makes other detections the base that drops are counted from. */
pld_status pld_quality_rebase(struct pld_quality *quality, const struct pld_detections *found);

/* scores[n], in parallel. */
pld_status pld_quality_score(struct pld_quality_score *scores, const struct pld_quality *quality,
                             const struct pld_detections *found, size_t n);

#endif
