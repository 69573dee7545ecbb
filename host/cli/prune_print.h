/* How `pollard prune` shows its result. */
#ifndef PLD_CLI_PRUNE_PRINT_H
#define PLD_CLI_PRUNE_PRINT_H

#include "run/prune.h"

/* One document on stdout. */
pld_status pld_prune_print_json(const struct pld_prune_options *options,
                                const struct pld_prune_summary *summary);
/* Tables on stdout. */
pld_status pld_prune_print_text(const struct pld_prune_options *options,
                                const struct pld_prune_summary *summary);

#endif
