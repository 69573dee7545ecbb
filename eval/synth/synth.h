/* Synthetic inspection pictures: panels of cells with drawn defects and exact boxes.
 *
 * The demo needs a detection problem that ships with no images. Every picture is a pure function
 * of (seed, index): integer random numbers and float arithmetic of + - * / sqrt only, so the pixels
 * do not depend on the maths library, the thread or the order of calls.
 */
#ifndef PLD_EVAL_SYNTH_SYNTH_H
#define PLD_EVAL_SYNTH_SYNTH_H

#include "core/status.h"

#include <stdint.h>

/* One labelled defect. x, y: left upper corner; w, h: extent; all in pixels of the picture. The box
 * bounds the pixels of the defect that can be seen. `visible` is their share (0..1) of the pixels
 * the defect covers inside the picture, the others lying under a label, a clamp or a smear. */
struct pld_synth_box {
    int class_id;
    float x, y, w, h;
    float visible;
};

/* One picture: rgb is height x width x 3 bytes, rows from the top, no padding. Owned by the struct;
 * pld_synth_image_release() frees both arrays. */
struct pld_synth_image {
    uint8_t *rgb;
    int width, height;
    struct pld_synth_box *boxes;
    int box_count;
};

/* Number of defect classes K. */
int pld_synth_class_count(void);

/* Name of class `class_id` (0..K-1), a static string; "" outside that range. */
const char *pld_synth_class_name(int class_id);

/* Draws picture `index` (>= 0) of the series `seed` into `out`, whose former content is ignored.
 * The caller releases it. On an error `out` holds nothing. Errors: PLD_EUSAGE for a negative index,
 * PLD_EDEVICE when memory is short. */
pld_status pld_synth_render(struct pld_synth_image *out, uint64_t seed, int index);

/* Frees the arrays of an image and clears it; a cleared or zeroed image is fine. */
void pld_synth_image_release(struct pld_synth_image *image);

/* Writes pictures first .. first + count - 1 of the series `seed` as DIR/images/NNNNNN.jpg (JPEG,
 * quality 90) and DIR/annotations.json (COCO detection format: category ids 1..K in class order,
 * image id = index + 1, so that ids start at 1). DIR is made when missing, its parent is not. Every
 * file is written under a temporary name and renamed, the JSON last. Errors: PLD_EUSAGE for a
 * negative range, PLD_EFAIL for a file or folder that cannot be written, PLD_EDEVICE for memory. */
pld_status pld_synth_write_dataset(const char *dir, uint64_t seed, int first, int count);

#endif
