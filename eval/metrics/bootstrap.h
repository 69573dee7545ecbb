/* Bootstrap over images: how far AP, or the difference of two, depends on which images there were.
 *
 * A resample draws as many images as there are, with replacement. Boxes were matched once, so it
 * only changes how many times each image counts; its AP is, in every bit, that of a dataset in
 * which the image stands so many times in a row.
 */
#ifndef PLD_EVAL_METRICS_BOOTSTRAP_H
#define PLD_EVAL_METRICS_BOOTSTRAP_H

#include "eval/metrics/curve.h"

struct pld_bootstrap_options {
    int samples; /* > 0 */
    uint64_t seed;
};

struct pld_interval {
    double estimate;       /* of all images as they are; -1: nothing to measure it on */
    double low, high;      /* the middle 95 % of the resamples (percentile interval); -inf .. inf
                              where no resample holds anything */
    double standard_error; /* standard deviation of the resamples; 0 for fewer than two */
};

struct pld_bootstrap {
    int samples, n_classes;
    struct pld_interval ap, ap50; /* over all thresholds; at the first one */
    struct pld_interval *classes; /* [n_classes] AP; owned */
    double *values;               /* [samples] AP of each resample; owned */
};

/* Release also after a failure. The result does not depend on `pool`, which may be NULL. */
pld_status pld_bootstrap(struct pld_bootstrap *out, const struct pld_matches *matches,
                         const struct pld_bootstrap_options *options, struct pld_pool *pool);
void pld_bootstrap_release(struct pld_bootstrap *bootstrap);

/* Difference A - B of one number. */
struct pld_difference {
    double a, b;           /* of all images; -1 where there is nothing to measure it on */
    struct pld_interval d; /* a - b, from resamples that both see alike; estimate 0 where a or b is
                              -1 */
    double p; /* of "no difference", two-sided: 2 (min(n(d* <= 0), n(d* >= 0)) + 1) / (n + 1), at
                 most 1 (Davison and Hinkley, "Bootstrap Methods and their Application", 1997,
                 section 4.2) */
};

struct pld_comparison {
    int samples, n_classes;
    struct pld_difference ap, ap50;
    struct pld_difference *classes; /* [n_classes] AP; owned. p is of each class by itself */
};

/* Compares two lists matched by the same rules on the same images. Release also after a failure. */
pld_status pld_compare(struct pld_comparison *out, const struct pld_matches *a,
                       const struct pld_matches *b, const struct pld_bootstrap_options *options,
                       struct pld_pool *pool);
void pld_comparison_release(struct pld_comparison *comparison);

/* How many times each image is in resample `sample`; they sum to n_images. */
void pld_bootstrap_weights(uint32_t *weight, int n_images, uint64_t seed, int sample);

#endif
