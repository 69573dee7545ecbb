/* Which errors cost how much AP (Bolya et al., "TIDE: A General Toolbox for Identifying Object
 * Detection Errors", ECCV 2020), with the definitions of the authors' tidecv 1.0.1.
 */
#ifndef PLD_EVAL_METRICS_TIDE_H
#define PLD_EVAL_METRICS_TIDE_H

#include "eval/dataset.h"
#include "eval/detection.h"

enum pld_tide_error {
    PLD_TIDE_CLS,  /* right place, wrong class */
    PLD_TIDE_LOC,  /* right class, overlap between the two thresholds */
    PLD_TIDE_BOTH, /* wrong class and a bad place */
    PLD_TIDE_DUPE, /* its box belongs to a detection with a higher score */
    PLD_TIDE_BKG,  /* nothing there */
    PLD_TIDE_MISS, /* a box that no detection is near */
    PLD_TIDE_ERRORS,
};

extern const char *const pld_tide_names[PLD_TIDE_ERRORS]; /* "Cls" "Loc" .. */

struct pld_tide_options {
    double iou;        /* overlap of a true positive: 0.5 */
    double background; /* overlap below which there is nothing: 0.1 */
    int limit;         /* detections of an image, all classes: 100 */
};
#define PLD_TIDE_DEFAULTS ((struct pld_tide_options){.iou = 0.5, .background = 0.1, .limit = 100})

struct pld_tide {
    double ap; /* TIDE's own: 101 points, classes that are only detected count as 0 */
    double gain[PLD_TIDE_ERRORS]; /* dAP: how much higher AP is with these errors mended; >= 0 */
    size_t count[PLD_TIDE_ERRORS];
    double false_positive, false_negative; /* dAP of perfect precision, of perfect recall */
    /* Of every detection in the list: enum pld_tide_error; -1 for a true positive and for one
     * beyond the limit; owned. */
    signed char *errors;
};

/* Crowds are regions to ignore, as there. `options` may be NULL. Fails with PLD_EFAIL for a
 * detection of an image or category outside of the dataset. Release also after a failure. */
pld_status pld_tide_measure(struct pld_tide *out, const struct pld_dataset *dataset,
                            const struct pld_detections *detections,
                            const struct pld_tide_options *options);
void pld_tide_release(struct pld_tide *tide);

#endif
