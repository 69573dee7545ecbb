/* A plain forward pass: any graph, any inputs, files in and out. */
#ifndef PLD_RUN_FORWARD_H
#define PLD_RUN_FORWARD_H

#include "core/option.h"
#include "core/status.h"
#include "run/session.h"

struct pld_forward_options {
    const struct pld_session_options *session;
    const char *model;
    struct pld_words inputs; /* "NAME=X.npy", or "X.npy" for a model with one input */
    const char *out;         /* folder of the results */
};

struct pld_forward_output {
    const char *name, *path;
    struct pld_desc desc;
};

struct pld_forward_result {
    struct pld_arena arena; /* owns the below */
    struct pld_forward_output *outputs;
    int n_outputs;
    double seconds; /* of the forward alone */
};

/* Runs the model and writes DIR/<output>.npy for every output, characters other than [A-Za-z0-9._-]
 * replaced by '_'. Fails with PLD_EUSAGE when inputs are missing, unknown or do not fit. */
pld_status pld_forward_run(struct pld_forward_result *out,
                           const struct pld_forward_options *options);
void pld_forward_result_release(struct pld_forward_result *result);

#endif
