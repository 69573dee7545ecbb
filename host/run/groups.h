/* What `pollard groups` says. */
#ifndef PLD_RUN_GROUPS_H
#define PLD_RUN_GROUPS_H

#include <stdbool.h>

#include "core/status.h"
#include "core/str.h"
#include "run/session.h"

struct pld_groups_options {
    const struct pld_session_options *session; /* imgsz */
    const char *model;
    const char *why;       /* id of a group or name of a node to explain, or NULL */
    const char *svg, *dot; /* files for a picture of the graph, or NULL */
    bool json;             /* CONTRACT "groups --json", else a table */
    bool verbose;          /* table: members, producers and consumers too */
};

/* Appends the text to `out`. PLD_EUSAGE when `why` names nothing in the model. */
pld_status pld_groups_describe(struct pld_str *out, const struct pld_groups_options *options);

#endif
