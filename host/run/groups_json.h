/* Groups as the JSON document of CONTRACT "groups --json"; a sweep leaves it as groups.json. */
#ifndef PLD_RUN_GROUPS_JSON_H
#define PLD_RUN_GROUPS_JSON_H

#include "core/json.h"
#include "prune/group.h"

/* Caller frees with yyjson_mut_doc_free(); NULL on no memory. Borrows names from `groups`. */
yyjson_mut_doc *pld_groups_json(const struct pld_groups *groups);

#endif
