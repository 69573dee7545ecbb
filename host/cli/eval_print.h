/* How `pollard eval` shows its result. */
#ifndef PLD_CLI_EVAL_PRINT_H
#define PLD_CLI_EVAL_PRINT_H

#include "run/eval.h"

/* One document on stdout. */
pld_status pld_eval_print_json(const struct pld_eval_result *result);
/* Tables on stdout; `verbose` adds the one of the classes. */
pld_status pld_eval_print_text(const struct pld_eval_result *result, bool verbose);

#endif
