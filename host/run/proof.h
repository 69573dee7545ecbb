/* The proof behind pruning: a model without some units computes what the model with those units
 * masked computes. */
#ifndef PLD_RUN_PROOF_H
#define PLD_RUN_PROOF_H

#include "core/status.h"
#include "prune/group.h"
#include "run/session.h"

struct pld_proof_options {
    const struct pld_session_options *session;
    const char *model;
    int units;        /* of every group, each removed alone; -1: all */
    int plans;        /* random plans over all groups */
    double tolerance; /* largest accepted difference, see below */
    /* What is proved; NULL: pld_surgery(). */
    pld_status (*surgery)(struct pld_graph **out, const struct pld_groups *groups,
                          int *const *units, const int *removed, struct pld_backend *host);
};

struct pld_proof {
    int groups, prunable;        /* of the model */
    int units;                   /* in prunable groups */
    int single, random, uniform; /* cases: one unit, random plans, 10..90 % everywhere */
    int failed;
    int idle;     /* cases whose masked outputs are those of the whole model: they prove nothing */
    double worst; /* largest |pruned - masked| / max(|masked|, rms of that output) */
    char worst_case[160]; /* what was removed there */
    char problem[1536];   /* of the first case that failed, or "" */
};

/* Runs every case on one random input. PLD_EMODEL where the model makes no finite number of it. A
 * case whose surgery fails, or whose outputs differ by more than the tolerance, counts as failed;
 * PLD_OK all the same. Other faults are errors. */
pld_status pld_proof_run(struct pld_proof *out, const struct pld_proof_options *options);

#endif
