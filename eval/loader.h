/* A whole dataset in memory, decoded and fitted to the network's input: read once, used for every
 * candidate of a sweep. */
#ifndef PLD_EVAL_LOADER_H
#define PLD_EVAL_LOADER_H

#include <stddef.h>
#include <stdint.h>

#include "core/pool.h"
#include "core/status.h"
#include "eval/dataset.h"
#include "eval/preprocess.h"

struct pld_loaded_set {
    uint8_t *rgb;                     /* [count][height][width][3] */
    struct pld_placement *placements; /* [count] */
    int first, count;                 /* dataset images first .. first + count - 1 */
    int width, height;                /* of the network input */
    size_t image_bytes;               /* from one image to the next: height * width * 3 */
};

/* Decodes and fits images first .. first+count-1 of the dataset, which must have been opened with
 * their paths. `pool` NULL decodes on the calling thread. Fails with PLD_EDATA for the first image
 * (by index) that cannot be read, PLD_EDEVICE when the set is larger than the memory available,
 * before any image is read. A picture whose size is not the annotated one gets one warning a call:
 * its boxes may be those of another picture. */
pld_status pld_loaded_set_new(struct pld_loaded_set **out, const struct pld_dataset *dataset,
                              int first, int count, int width, int height,
                              const struct pld_preprocess *preprocess, struct pld_pool *pool);
void pld_loaded_set_free(struct pld_loaded_set *set);

/* Bytes of image `index` (0 .. count-1). */
const uint8_t *pld_loaded_set_image(const struct pld_loaded_set *set, int index);

#endif
