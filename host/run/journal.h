/* The journal of a sweep: results.jsonl, one line a finished point, appended and synced.
 *
 * A process that is killed while writing leaves at most one torn line at the end; reading ignores
 * it and opening for append cuts it off.
 */
#ifndef PLD_RUN_JOURNAL_H
#define PLD_RUN_JOURNAL_H

#include <stdint.h>

#include "core/arena.h"
#include "core/status.h"
#include "eval/metrics/coco.h"
#include "run/quality.h"

struct pld_point {
    const char *group; /* id; NULL for the baseline */
    double ratio;
    int units, removed;
    int64_t macs, params; /* of the model without the removed units */
    enum pld_quality_metric metric;
    double value;                 /* of the metric */
    double stats[PLD_COCO_STATS]; /* where it is mAP */
    double drop, ci[2];           /* baseline - value, and its 95 % interval */
    const char *status;           /* "full" */
};

struct pld_points {
    struct pld_arena arena;
    struct pld_point *items;
    int count, capacity;
};

void pld_points_release(struct pld_points *points);
pld_status pld_points_add(struct pld_points *points, const struct pld_point *point);
/* The point of a group (NULL: baseline) and ratio, or NULL. */
const struct pld_point *pld_points_find(const struct pld_points *points, const char *group,
                                        double ratio);

/* Reads DIR/results.jsonl. A missing file is an empty journal. `intact` (may be NULL) receives the
 * number of bytes up to the end of the last whole line. PLD_EDATA names the line that is no result.
 */
pld_status pld_journal_read(struct pld_points *out, size_t *intact, const char *dir);

struct pld_journal;
/* Opens DIR/results.jsonl for appending after its first `intact` bytes. */
pld_status pld_journal_open(struct pld_journal **out, const char *dir, size_t intact);
/* Appends points and syncs them to disk; they are finished once this returns. */
pld_status pld_journal_append(struct pld_journal *journal, const struct pld_point *points, int n);
void pld_journal_close(struct pld_journal *journal);

/* Writes all points as a new journal, atomically (merge). */
pld_status pld_journal_write(const char *dir, const struct pld_points *points);

#endif
