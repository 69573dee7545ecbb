/* How `pollard compare` shows its result. */
#ifndef PLD_CLI_COMPARE_PRINT_H
#define PLD_CLI_COMPARE_PRINT_H

#include "run/compare.h"

/* One document on stdout. */
pld_status pld_compare_print_json(const struct pld_compare_result *result,
                                  const struct pld_compare_options *options);
/* Tables on stdout; `verbose` adds all classes, which are otherwise those with a p below 0.05. */
pld_status pld_compare_print_text(const struct pld_compare_result *result,
                                  const struct pld_compare_options *options, bool verbose);

#endif
