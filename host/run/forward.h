/* A plain forward pass: any graph, any inputs, files in and out. */
#ifndef PLD_RUN_FORWARD_H
#define PLD_RUN_FORWARD_H

#include "core/option.h"
#include "core/status.h"
#include "run/session.h"
#include "run/value_stats.h"

struct pld_forward_options {
    const struct pld_session_options *session;
    const char *model;
    struct pld_words inputs; /* "NAME=X.npy", or "X.npy" for a model with one input */
    const char *out;         /* folder of the results */
    bool dump_all;           /* every value of the model, not only its outputs; nothing is fused */
    bool stats;              /* of what is written */
};

struct pld_forward_output {
    const char *name, *path;
    int value; /* of the model */
    int step;  /* node that made it, in the order they run; -1 for an input or initializer */
    struct pld_desc desc;
    struct pld_value_stats stats; /* where asked for */
};

struct pld_forward_result {
    struct pld_arena arena; /* owns the below */
    struct pld_forward_output *outputs;
    int n_outputs;
    const char *first_bad; /* with dump_all and stats: the first node that made a NaN or infinity,
                              or NULL */
    double seconds;        /* of the forward alone */
};

/* Runs the model and writes DIR/<output>.npy for every output (and, with dump_all, every value),
 * characters other than [A-Za-z0-9._-] replaced by '_'. Fails with PLD_EUSAGE when inputs are
 * missing, unknown or do not fit. */
pld_status pld_forward_run(struct pld_forward_result *out,
                           const struct pld_forward_options *options);
void pld_forward_result_release(struct pld_forward_result *result);

#endif
