/* What the files of the general matcher share: one image and class. Not for other folders. */
#ifndef PLD_EVAL_METRICS_MATCH_IMPL_H
#define PLD_EVAL_METRICS_MATCH_IMPL_H

#include "eval/metrics/match.h"

/* A box with what the rules make of it. */
struct match_truth {
    const struct pld_annotation *note;
    int32_t index;
    bool ignored;   /* counts neither as found nor as missed */
    bool many;      /* may be taken any number of times */
    bool region;    /* overlap over the detection's size */
    uint32_t taken; /* bit t */
};

/* Overlap of a detection and a box, as the rules measure it. */
double pld_match_overlap(const struct pld_detection *det, const struct match_truth *truth,
                         enum pld_overlap kind);

/* Matches the detections of one image and class, in their order, at every threshold. Fills hit,
 * miss and truth of the items. overlap has room for n_truths. */
void pld_match_cell(struct pld_matched *items, size_t n_items, struct match_truth *truths,
                    size_t n_truths, const struct pld_detections *list,
                    const struct pld_rules *rules, double *overlap);

#endif
