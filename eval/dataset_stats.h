/* What is in a dataset, in numbers. */
#ifndef PLD_EVAL_DATASET_STATS_H
#define PLD_EVAL_DATASET_STATS_H

#include "core/arena.h"
#include "core/status.h"
#include "eval/dataset.h"

/* Order statistics; quantiles are values that occur (nearest rank), so nothing is interpolated. */
struct pld_spread {
    double min, p5, p25, median, p75, p95, max, mean;
    size_t count; /* 0: all others are 0 */
};

struct pld_class_stats {
    int boxes, images; /* images with at least one box */
    int crowd, difficult;
    int small, medium, large; /* by COCO's area ranges, of the annotated area; each box in one */
};

struct pld_dataset_stats {
    struct pld_arena arena;          /* owns classes */
    struct pld_class_stats *classes; /* [n_categories] in dataset order */
    struct pld_class_stats all;
    struct pld_spread boxes_per_image; /* images without boxes included */
    struct pld_spread side;            /* sqrt(w * h) of the boxes, pixels */
    struct pld_spread aspect;          /* w / h, of boxes with an area */
    struct pld_spread part;            /* of the image's area; where its size is known */
    struct pld_spread width, height;   /* of the images with a known size */
};

/* Release with pld_dataset_stats_release(), also after a failure. */
pld_status pld_dataset_stats(struct pld_dataset_stats *out, const struct pld_dataset *dataset);
void pld_dataset_stats_release(struct pld_dataset_stats *stats);

#endif
