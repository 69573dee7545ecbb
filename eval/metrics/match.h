/* Detections matched to ground truth by a protocol's rules: the state from which AP, curves,
 * resampling and tie bounds are computed. This is the general matcher; pld_coco_evaluate() is the
 * fast one for COCO's own rules, and the tests hold them equal.
 */
#ifndef PLD_EVAL_METRICS_MATCH_H
#define PLD_EVAL_METRICS_MATCH_H

#include <stdint.h>

#include "core/pool.h"
#include "core/status.h"
#include "eval/dataset.h"
#include "eval/detection.h"
#include "eval/metrics/coco.h"
#include "eval/metrics/rules.h"

/* Ground truth, prepared once and shared by any number of matchings: annotations by class and
 * image. */
struct pld_truths {
    const struct pld_dataset *dataset; /* borrowed */
    int n_classes;                     /* 1 when class-agnostic */
    uint32_t *order;                   /* [n_annotations] by class, image, category, place */
    uint32_t *first;                   /* [n_classes + 1] into order */
    struct pld_coco_gt *coco;          /* for the fast evaluator; NULL when class-agnostic */
};

/* Fails with PLD_EDATA for an annotation of an image or category outside of the dataset, or with a
 * box that is not finite. Release also after a failure. */
pld_status pld_truths_init(struct pld_truths *out, const struct pld_dataset *dataset,
                           bool class_agnostic);
void pld_truths_release(struct pld_truths *truths);

struct pld_matched {
    uint32_t det;       /* place in the list of detections */
    uint32_t rank;      /* among those of its image and class, from 0 */
    int32_t image;      /* index */
    int32_t truth;      /* annotation taken at the first threshold, -1: none */
    uint32_t hit, miss; /* bit t: true positive, false positive at threshold t; neither: ignored */
    double score;
};

/* One class: its detections in falling order of score; equal scores by image, then place in the
 * list. Those beyond the limits or below the lowest score are not there. */
struct pld_matched_class {
    struct pld_matched *items;
    size_t count;
    const int32_t *positives; /* [n_positives] the image of every box that counts, ascending */
    uint32_t n_positives;
};

struct pld_matches {
    struct pld_rules rules;
    int n_images, n_classes;
    struct pld_matched_class *classes; /* [n_classes] */
    struct pld_matched *items;         /* of all classes */
    int32_t *positives;                /* of all classes */
};

/* Matches a list by `rules`; `truths` were prepared with the same class_agnostic. A box that is not
 * finite matches nothing. The result does not depend on `pool`, which may be NULL. Release with
 * pld_matches_release(), also after a failure. */
pld_status pld_match(struct pld_matches *out, const struct pld_truths *truths,
                     const struct pld_detections *detections, const struct pld_rules *rules,
                     struct pld_pool *pool);
void pld_matches_release(struct pld_matches *matches);

#endif
