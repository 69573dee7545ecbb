/* What is wrong with a dataset, as a list instead of the first error. */
#ifndef PLD_EVAL_FINDING_H
#define PLD_EVAL_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/status.h"

enum pld_finding_level { PLD_FINDING_NOTE, PLD_FINDING_WARNING, PLD_FINDING_ERROR };

enum pld_finding_kind {
#define PLD_FINDING(id, name, level, help) PLD_FINDING_KIND_##id,
#include "eval/finding.def"
#undef PLD_FINDING
    PLD_FINDING_KINDS
};

struct pld_finding_row {
    const char *name, *help;
    enum pld_finding_level level;
};
extern const struct pld_finding_row pld_finding_rows[PLD_FINDING_KINDS];

struct pld_finding {
    enum pld_finding_kind kind;
    const char *where, *message; /* as of an error */
};

enum { PLD_FINDINGS_KEPT = 100 }; /* of a kind; the rest is counted */

/* A zeroed struct is empty. */
struct pld_findings {
    struct pld_arena arena;
    struct pld_finding items[PLD_FINDING_KINDS][PLD_FINDINGS_KEPT];
    size_t counts[PLD_FINDING_KINDS];
};

void pld_findings_release(struct pld_findings *findings);

/* Adds one; `where` may be NULL. */
pld_status pld_findings_add(struct pld_findings *findings, enum pld_finding_kind kind,
                            const char *where, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* For readers: with a list, an error PLD_EDATA becomes a finding and the result PLD_OK; `findings`
 * NULL and any other status pass through. `*taken` (may be NULL) tells whether it became one. */
pld_status pld_findings_take(struct pld_findings *findings, enum pld_finding_kind kind,
                             pld_status status, bool *taken);

/* How many there are of a level. */
size_t pld_findings_count(const struct pld_findings *findings, enum pld_finding_level level);

#endif
