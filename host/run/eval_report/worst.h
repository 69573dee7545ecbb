/* Which images an evaluation went worst on: at one confidence and overlap, every detection is right
 * or wrong and every box found or missed. */
#ifndef PLD_RUN_EVAL_REPORT_WORST_H
#define PLD_RUN_EVAL_REPORT_WORST_H

#include "core/pool.h"
#include "eval/metrics/match.h"

enum pld_judgement {
    PLD_JUDGED_NOT, /* below the confidence, ignored, difficult */
    PLD_JUDGED_RIGHT,
    PLD_JUDGED_WRONG, /* a detection that finds nothing, a box that nothing finds */
};

struct pld_worst_image {
    int image;        /* index */
    int right, wrong; /* detections */
    int missed;       /* boxes */
    double cost;      /* missed boxes, and wrong detections by their scores */
};

struct pld_worst {
    double score, iou;
    unsigned char *detections;      /* [found->count] enum pld_judgement; owned */
    unsigned char *boxes;           /* [n_annotations]; owned */
    struct pld_worst_image *images; /* [n_images] with errors, highest cost first; owned */
    int n_images;
};

/* Matches by `rules` (of the protocol; without its thresholds and limits) at `iou` the detections
 * with a score of at least `score`. Release also after a failure. */
pld_status pld_worst_find(struct pld_worst *out, const struct pld_dataset *dataset,
                          const struct pld_detections *found, const struct pld_rules *rules,
                          double score, double iou, struct pld_pool *pool);
void pld_worst_release(struct pld_worst *worst);

#endif
