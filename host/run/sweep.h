/* The sweep: mAP (or agreement) of every (group, ratio), measured. Files: CONTRACT "Files of a
 * sweep". */
#ifndef PLD_RUN_SWEEP_H
#define PLD_RUN_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/option.h"
#include "core/status.h"
#include "run/session.h"

struct pld_sweep_options {
    const struct pld_session_options *session; /* device, threads, batch, seed, head, ... */
    const char *model, *data, *out;
    struct pld_reals ratios;
    const char *criterion;
    const char *metric;       /* "map", or "agreement" for images without labels */
    struct pld_words groups;  /* ids; empty: all prunable ones */
    struct pld_words devices; /* "0", "1", ... or "all"; empty: session->device */
    bool resume;              /* continue the journal in `out` */
    bool dry_run;             /* say what would be done, and what it costs; write nothing */
    int shard, shards;        /* this part, 1..shards; 1 of 1 is everything */
    const char *command_line; /* for the manifest */
};

/* What was done, or with dry_run would be done. */
struct pld_sweep_summary {
    int groups, points, points_done; /* points of this shard; done includes resumed ones */
    int images;
    double baseline; /* metric of the unpruned model; NaN in a dry run */
    int64_t macs;    /* of all forwards, in multiply-accumulates */
    double seconds;  /* spent; in a dry run estimated, or NaN when there is no estimate */
    char device[160];
};

/* Fails with PLD_EUSAGE for a bad filter, criterion or a manifest that does not match on resume;
 * PLD_EINCOMPLETE when stopped early with the journal intact. `out` is filled as far as it got. */
pld_status pld_sweep_run(struct pld_sweep_summary *out, const struct pld_sweep_options *options);

#endif
