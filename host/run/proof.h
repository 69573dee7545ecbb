/* The proof behind pruning: a model without some units computes what the model with those units
 * masked computes. */
#ifndef PLD_RUN_PROOF_H
#define PLD_RUN_PROOF_H

#include "core/status.h"
#include "run/session.h"

struct pld_proof_options {
    const struct pld_session_options *session;
    const char *model;
    int units;        /* of every group, each removed alone; -1: all */
    int plans;        /* random plans over all groups */
    double tolerance; /* largest accepted difference, see below */
};

struct pld_proof {
    int groups, prunable;        /* of the model */
    int units;                   /* in prunable groups */
    int single, random, uniform; /* cases: one unit, random plans, 10..90 % everywhere */
    int failed;
    double worst;         /* largest |pruned - masked| / max(|masked|, rms of that output) */
    char worst_case[160]; /* what was removed there */
    char problem[1536];   /* of the first case that failed, or "" */
};

/* Runs every case on one random input. A case whose surgery fails, or whose outputs differ by more
 * than the tolerance, counts as failed; PLD_OK all the same. Other faults are errors. */
pld_status pld_proof_run(struct pld_proof *out, const struct pld_proof_options *options);

#endif
