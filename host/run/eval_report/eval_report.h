/* The page of an evaluation: one HTML file without scripts that shows the numbers, what explains
 * them, and the images that went worst with their boxes. */
#ifndef PLD_RUN_EVAL_REPORT_H
#define PLD_RUN_EVAL_REPORT_H

#include "run/eval.h"

struct pld_eval_page {
    const struct pld_eval_result *result; /* with all analyses and a bootstrap */
    const struct pld_dataset *dataset;    /* as evaluated; pictures where images have paths */
    const struct pld_detections *found;
    const char *model, *detections; /* path of the one that was evaluated, the other one NULL */
    const char *against;            /* path of what it is compared with, or NULL */
    const char *command_line;       /* or NULL */
    const char *no_pictures;        /* why images have no paths, or NULL */
    uint64_t seed;                  /* of the resamples */
};

/* Writes the page, atomically. */
pld_status pld_eval_page_write(const char *path, const struct pld_eval_page *page,
                               struct pld_pool *pool);

#endif
