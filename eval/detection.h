/* Detections: the boxes a model reports, in pixels of the original image. */
#ifndef PLD_EVAL_DETECTION_H
#define PLD_EVAL_DETECTION_H

#include <stddef.h>
#include <stdint.h>

#include "core/pool.h"
#include "core/status.h"
#include "eval/dataset.h"

struct pld_detection {
    double x, y, w, h; /* top-left corner and size */
    double score;
    int32_t image;    /* index into dataset->images */
    int32_t category; /* index into dataset->categories */
};

/* A growing list; a zeroed struct is empty. */
struct pld_detections {
    struct pld_detection *items;
    size_t count, capacity;
};

void pld_detections_release(struct pld_detections *list);
pld_status pld_detections_add(struct pld_detections *list, const struct pld_detection *item);

/* Reads a detections file, in file order: COCO results ([{image_id, category_id, bbox, score}]) or
 * the binary form (docs/detections.md); its first bytes tell which. An image or category that the
 * dataset does not have is an error naming entry and id, broken JSON one naming the byte. Memory is
 * bounded by the list itself and a few pieces of text. JSON is parsed by all threads of `pool` (may
 * be NULL); the result does not depend on it. */
pld_status pld_detections_open(struct pld_detections *out, const char *path,
                               const struct pld_dataset *dataset, struct pld_pool *pool);

/* The same on one thread. */
pld_status pld_detections_read(struct pld_detections *out, const char *path,
                               const struct pld_dataset *dataset);

/* Writes COCO results, or the binary form to a name that ends in .pldt. Numbers read back as
 * exactly these doubles; what is not finite is an error. Atomic. */
pld_status pld_detections_write(const char *path, const struct pld_detections *list,
                                const struct pld_dataset *dataset);

#endif
