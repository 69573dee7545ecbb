/* From a decoded image to a network input, the way each detector family was trained.
 *
 * Two steps, since the first is done once a dataset and the second once a forward: fit() gives an
 * 8-bit picture of the input's size (kept and shared), and normalise() fills the input tensor.
 */
#ifndef PLD_EVAL_PREPROCESS_H
#define PLD_EVAL_PREPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "eval/image.h"

enum pld_fit {
    PLD_FIT_LETTERBOX_CENTER,  /* keep ratio, rounded size, centred (Ultralytics: -0.1/+0.1) */
    PLD_FIT_LETTERBOX_CEIL,    /* the same with sizes rounded up (Ultralytics' validation) */
    PLD_FIT_LETTERBOX_TOPLEFT, /* keep ratio, truncated size, at the origin (YOLOX) */
    PLD_FIT_STRETCH,           /* both axes scaled on their own */
    PLD_FIT_WARP_CENTER,       /* keep ratio, centred affine warp (NanoDet); always linear */
};

enum pld_filter {
    PLD_FILTER_LINEAR,
    PLD_FILTER_AREA,        /* INTER_AREA */
    PLD_FILTER_CUBIC,       /* INTER_CUBIC */
    PLD_FILTER_AREA_SHRINK, /* INTER_AREA where the picture gets smaller, else linear (YOLOv5) */
};

struct pld_preprocess {
    const char *name; /* row of preprocess.def */
    const char *help;
    enum pld_fit fit;
    enum pld_filter filter;
    uint8_t pad;              /* value of pixels outside the image */
    bool bgr;                 /* channel order of the tensor */
    double mean[3], scale[3]; /* tensor = (pixel - mean) * scale, in tensor channel order */
};

/* Names of the values above, for options; NULL ends each list. */
extern const char *const pld_fit_names[], *const pld_filter_names[];

/* Parts of a row set on their own. */
struct pld_preprocess_changes {
    const char *fit, *filter; /* names as above, or NULL */
    const char *channels;     /* "rgb", "bgr" or NULL; mean and std do not follow */
    int pad;                  /* -1: as the row has it */
    const double *mean, *std; /* [3] in tensor channel order, pixels of 0..255; or NULL */
};

/* `row` with the changes in *out, and a name that tells them ("picodet,filter=cubic") in `name`.
 * Returns whether there were any; without, *out is the row. */
bool pld_preprocess_change(struct pld_preprocess *out, char *name, size_t size,
                           const struct pld_preprocess *row,
                           const struct pld_preprocess_changes *changes);

/* Where the image went: input = original * scale + offset, in pixels of the network input. */
struct pld_placement {
    double scale_x, scale_y, offset_x, offset_y;
    int width, height; /* of the original image */
};

/* All rows, for help texts; *count is their number. */
const struct pld_preprocess *pld_preprocess_list(int *count);
/* NULL when there is no such row. */
const struct pld_preprocess *pld_preprocess_find(const char *name);

/* Scales the image into `out`, height x width x 3 RGB bytes that the caller owns, and tells the
 * placement: the map that the family uses for its boxes, which for letterboxes is the exact ratio
 * and not the one of the rounded size. Bytes equal OpenCV's (see eval/resize.h for which versions).
 * Fails only for lack of memory. */
pld_status pld_preprocess_fit(uint8_t *out, int width, int height, struct pld_placement *placement,
                              const struct pld_preprocess *p, const struct pld_image *image);

/* Fills a float tensor from fitted bytes, each value rounded once from double precision.
 * `channels_last`: HWC, else CHW. */
void pld_preprocess_normalise(float *out, const uint8_t *rgb, int width, int height,
                              bool channels_last, const struct pld_preprocess *p);

#endif
