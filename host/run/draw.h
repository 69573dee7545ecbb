/* Pictures with what a detector found drawn on them. */
#ifndef PLD_RUN_DRAW_H
#define PLD_RUN_DRAW_H

#include "core/pool.h"
#include "eval/detection.h"

struct pld_draw_options {
    const char *dir;                /* made where it is missing */
    double score;                   /* boxes with a higher score are drawn */
    const char *const *class_names; /* [classes] by detection.category where the dataset has no
                                     * categories; or NULL: numbers */
    int classes;
};

/* Writes DIR/<name>.jpg for every image of the dataset, whose paths must be known. Detections of an
 * image are drawn in ascending order of score, so that the surest lies on top. */
pld_status pld_draw_detections(const struct pld_dataset *dataset,
                               const struct pld_detections *found,
                               const struct pld_draw_options *options, struct pld_pool *pool);

#endif
