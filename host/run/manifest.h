/* manifest.json: what a sweep measured, and with what. Written when it starts, completed when it
 * ends. Two sweeps belong together (resume, merge) when their identities agree.
 */
#ifndef PLD_RUN_MANIFEST_H
#define PLD_RUN_MANIFEST_H

#include "core/json.h"
#include "core/option.h"
#include "prune/group.h"
#include "run/detector.h"

struct pld_manifest {
    const struct pld_session *session;
    const struct pld_detector *detector;
    const struct pld_groups *groups;
    const char *criterion, *metric, *model_path, *data_path, *command_line;
    struct pld_reals ratios;
    int shard, shards, points_total;
    double suffix_share; /* MACs of the sweep / MACs of whole forwards for the same candidates */
    double started;      /* seconds since 1970 */
    double seconds;      /* spent, of this and earlier runs; negative while it runs */
    int64_t macs, params;
};

/* Writes DIR/manifest.json, atomically. */
pld_status pld_manifest_write(const char *dir, const struct pld_manifest *manifest);

/* Reads DIR/manifest.json; PLD_EDATA when it is missing or broken. yyjson_doc_free() it. */
pld_status pld_manifest_read(yyjson_doc **out, const char *dir);

/* PLD_OK when both describe the same measurement; else PLD_EUSAGE naming the first field that
 * differs and both values. `dir` is where `b` was read. Shards of one sweep agree. */
pld_status pld_manifest_match(yyjson_val *a, yyjson_val *b, const char *dir);

/* The manifest as a document, for pld_manifest_match() before anything is written. */
yyjson_mut_doc *pld_manifest_doc(const struct pld_manifest *manifest);

#endif
