/* Joining the shards of a sweep. */
#ifndef PLD_RUN_MERGE_H
#define PLD_RUN_MERGE_H

#include "core/option.h"
#include "core/status.h"

struct pld_merge_summary {
    int shards, points, missing; /* points that no shard has */
};

/* Writes the union of the sweeps `in` to the folder `out`, as one sweep. Fails with PLD_EUSAGE when
 * their manifests do not describe the same work, and with PLD_EINCOMPLETE, after writing, when
 * points are missing: the message names the shards. */
pld_status pld_merge_run(struct pld_merge_summary *summary, const char *out,
                         const struct pld_words *in);

#endif
