/* Which head and preprocessing a model wants, found by trying: mAP on some labelled images. */
#ifndef PLD_RUN_PROBE_H
#define PLD_RUN_PROBE_H

#include "run/session.h"

enum { PLD_PROBE_IMAGES = 32 };

enum { PLD_PROBE_BLOCKS = 16 }; /* of the jackknife behind "noise" */

struct pld_probe_trial {
    const char *head, *preprocess;      /* names of rows */
    const char *filter, *channels;      /* changes to the row, or NULL */
    char name[160];                     /* of the preprocessing with its changes */
    double ap, ap50;                    /* COCO */
    double jackknife[PLD_PROBE_BLOCKS]; /* ap without each block of images */
    int blocks;
    int order; /* of trying */
};

struct pld_probe_result {
    struct pld_arena arena;         /* owns the below */
    struct pld_probe_trial *trials; /* best first */
    int n_trials, images;
    int chosen; /* trial to use */
    char why[512];
};

/* Tries every head that fits the outputs with every distinct row of preprocess.def on the first
 * PLD_PROBE_IMAGES images (or options->max_images), then the other channel order and other filters
 * of the best. The preprocessing that belongs to the head is chosen unless another is better beyond
 * the 95 % interval of their paired difference. Options that name a head or a preprocessing keep to
 * it; others apply to all trials. Release the result, also after a failure. */
pld_status pld_probe_run(struct pld_probe_result *out, const struct pld_session_options *options,
                         const char *model, const char *data);
void pld_probe_release(struct pld_probe_result *result);

/* Writes the chosen trial as a configuration file (--config). Atomic. */
pld_status pld_probe_save(const struct pld_probe_result *result, const char *path);

#endif
