/* Importance criteria: which units of a group matter least. A smaller score is removed earlier.
 *
 * A criterion is a row of criterion.def and a file in criteria/ that fills one of the functions
 * below. prune/score.h turns it into scores of units: it gathers the weights, reduces over the
 * members of the group, and normalises.
 */
#ifndef PLD_PRUNE_CRITERION_H
#define PLD_PRUNE_CRITERION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rng.h"
#include "core/status.h"

/* Members of a group that have a say, as a set of bits. */
enum pld_vote {
    PLD_VOTE_OUT = 1,  /* filters that make the channel */
    PLD_VOTE_IN = 2,   /* columns that read it */
    PLD_VOTE_NORM = 4, /* scale of a BatchNormalization that it passes */
};

enum pld_normalizer {
    PLD_NORMALIZE_NONE,
    PLD_NORMALIZE_SUM,      /* s / sum */
    PLD_NORMALIZE_MEAN,     /* s / mean */
    PLD_NORMALIZE_MAX,      /* s / max */
    PLD_NORMALIZE_GAUSSIAN, /* (s - mean) / (sample deviation + 1e-8) */
    PLD_NORMALIZE_LAMP,     /* s / sum of the scores that are not smaller (Lee et al., "Layer-
                             * adaptive Sparsity for the Magnitude-based Pruning", ICLR 2021,
                             * equation 4) */
};

struct pld_criterion {
    const char *name, *help;
    unsigned votes; /* over weights: who votes unless the user says otherwise */
    enum pld_normalizer normalizer;

    /* One of these four. */

    /* Over weights: scores[units] of one member. rows[units][length] are the weights that a unit
     * has there. */
    pld_status (*weights)(double *scores, const double *rows, int units, int64_t length);
    /* Over feature maps: the number that one map [height][width] gives; a unit's score is the mean
     * over images and maps. `scratch` holds height * width doubles. */
    double (*feature)(const float *map, int height, int width, double *scratch);
    /* Over the outputs: how much the detections change when the unit alone is removed. */
    bool output;
    /* Over nothing. */
    void (*draw)(double *scores, int units, struct pld_rng *rng);
};

/* All rows of criterion.def; *count is their number. */
const struct pld_criterion *const *pld_criterion_list(int *count);
/* PLD_EUSAGE with the nearest name when there is no such criterion, or with the reason where it is
 * one that is known but not offered (criteria over gradients). */
pld_status pld_criterion_find(const struct pld_criterion **out, const char *name);

/* True when scores come from images and not from the weights alone. */
static inline bool pld_criterion_needs_images(const struct pld_criterion *criterion)
{
    return criterion->feature || criterion->output;
}

/* order[units]: units by ascending score, equal scores by ascending number. PLD_EFAIL when a score
 * is NaN. */
pld_status pld_criterion_order(int *order, const double *scores, int units);

/* For criteria over squared norms: scores[i] = |row i|^2. Has the form of `weights` above. */
pld_status pld_criterion_squares(double *scores, const double *rows, int units, int64_t length);

/* For criteria over pairs of filters: scores[i] = sum over j of f(row i, row j), f symmetric and 0
 * for i = j. */
void pld_criterion_pairs(double *scores, const double *rows, int units, int64_t length,
                         double (*f)(const double *a, const double *b, int64_t length));

#endif
