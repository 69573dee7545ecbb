/* Why two protocols give different numbers for the same detections. */
#ifndef PLD_EVAL_METRICS_EXPLAIN_H
#define PLD_EVAL_METRICS_EXPLAIN_H

#include "eval/metrics/protocol.h"

enum { PLD_EXPLAIN_STEPS = 16 };

/* A decision that differs, taken over from the other protocol. */
struct pld_explain_step {
    const char *rule;      /* "matching" */
    char from[64], to[64]; /* what either protocol says */
    double before, after;  /* AP without and with the decision taken over */
};

struct pld_explain {
    const struct pld_protocol *from, *to;
    double start, end; /* AP of either protocol; -1 where there is nothing to find */
    struct pld_explain_step steps[PLD_EXPLAIN_STEPS];
    int n_steps;
};

/* Goes from the rules of one protocol to those of another, one decision at a time in the order of
 * pld_rule_list, and measures the mean AP after each. Each step begins where the one before ended,
 * so the steps add up to the whole difference. What a decision is worth depends on those taken
 * before it. Needs truths without class_agnostic. */
pld_status pld_explain(struct pld_explain *out, const struct pld_protocol *from,
                       const struct pld_protocol *to, const struct pld_truths *truths,
                       const struct pld_detections *detections, struct pld_pool *pool);

#endif
