/* Comparison of two detectors, or two lists of detections, on the same images. */
#ifndef PLD_RUN_COMPARE_H
#define PLD_RUN_COMPARE_H

#include "run/eval.h"

struct pld_compare_options {
    const struct pld_session_options *session;
    const char *sides[2]; /* A and B: a file of detections (.json, .pldt), else a model */
    const char *data;
    int bootstrap;            /* resamples */
    const char *report;       /* page to write, or NULL */
    const char *command_line; /* for the page, or NULL */
};

/* Boxes of one class taken for another, by A and by B. */
struct pld_compare_pair {
    int truth, found; /* categories */
    uint32_t count[2];
};

/* What the errors of an image cost: a missed box 1, a wrong detection its score. */
struct pld_compare_image {
    int64_t id;
    int image;
    const char *name;
    double cost[2];
};

enum { PLD_COMPARE_PAIRS = 12, PLD_COMPARE_IMAGES = 10 };

struct pld_compare_result {
    struct pld_eval_result side[2]; /* side[1].metrics.comparison has B as `a` and A as `b`: its
                                       differences are B - A */
    const char *const *names;       /* of the dataset's categories, for the pairs */
    int n_names;
    bool has_sizes;                 /* by the coco protocol */
    struct pld_difference sizes[3]; /* AP of small, medium and large boxes, B - A */
    struct pld_compare_pair pairs[PLD_COMPARE_PAIRS]; /* largest change first */
    int n_pairs;
    struct pld_compare_image worse[PLD_COMPARE_IMAGES]; /* on which B costs more, most first */
    int n_worse, images_worse, images_better;           /* shown; of all images */
};

/* Compares; release also after a failure. */
pld_status pld_compare_run(struct pld_compare_result *out,
                           const struct pld_compare_options *options);
void pld_compare_result_release(struct pld_compare_result *result);

#endif
