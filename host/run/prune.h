/* Carrying out a plan. */
#ifndef PLD_RUN_PRUNE_H
#define PLD_RUN_PRUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"
#include "run/prune_table.h"
#include "run/recover.h"
#include "run/session.h"

struct pld_prune_options {
    const struct pld_session_options *session;
    const char *model, *plan, *out;
    bool mask;              /* keep all shapes, zero the consumers' columns */
    const char *keep_index; /* JSON of what stays, for other tools (run/keep_index.h), or NULL */
    const char *calibrate;  /* images for the compensation, or NULL */
    const char *compensate; /* "affine", "ls", "sequential", or NULL for none */
    const char *data;       /* labelled images for mAP before and after, or NULL */
    bool bench;             /* measure latency before and after */
};

struct pld_prune_summary {
    int groups, units;    /* touched groups, removed units */
    int64_t macs, params; /* before */
    int64_t new_macs, new_params;
    struct pld_recovery_summary recovery;
    struct pld_prune_table table; /* zeroed for a mask */
};

/* Writes the pruned model to options->out, atomically, the plan in its metadata as "pollard.plan".
 * Fails with PLD_EUSAGE for a plan that does not fit the model (sha256, unknown group, unit out of
 * range, locked group). Then measures both models; where that fails the file stays. Release with
 * pld_prune_summary_release(), also after a failure. */
pld_status pld_prune_run(struct pld_prune_summary *out, const struct pld_prune_options *options);
void pld_prune_summary_release(struct pld_prune_summary *summary);

#endif
