/* Detections: the boxes a model reports, in pixels of the original image. */
#ifndef PLD_EVAL_DETECTION_H
#define PLD_EVAL_DETECTION_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "eval/dataset.h"

struct pld_detection {
    double x, y, w, h; /* top-left corner and size */
    double score;
    int32_t image;     /* index into dataset->images */
    int32_t category;  /* index into dataset->categories */
};

/* A growing list; a zeroed struct is empty. */
struct pld_detections {
    struct pld_detection *items;
    size_t count, capacity;
};

void pld_detections_release(struct pld_detections *list);
pld_status pld_detections_add(struct pld_detections *list, const struct pld_detection *item);

/* Reads a COCO results file ([{image_id, category_id, bbox, score}]) in file order. An image or
 * category that the dataset does not have is an error naming entry and id. */
pld_status pld_detections_read(struct pld_detections *out, const char *path,
                               const struct pld_dataset *dataset);

/* Writes a COCO results file whose numbers read back as exactly these doubles. Atomic. */
pld_status pld_detections_write(const char *path, const struct pld_detections *list,
                                const struct pld_dataset *dataset);

#endif
