/* Class names as exporters store them: a Python dict or list literal in the model's metadata. */
#ifndef PLD_EVAL_NAMES_H
#define PLD_EVAL_NAMES_H

#include "core/arena.h"
#include "core/status.h"

enum { PLD_MAX_NAMES = 65536 };

/* Parses "{0: 'person', 1: \"it's\"}", "['person', 'car']" or "('person',)"; JSON of the same
 * shapes is included. Keys of a dict must be 0..n-1, each once, in any order. Python's escapes are
 * resolved; what is not valid UTF-8, and U+0000, becomes U+FFFD. Names and array are from `arena`.
 * Text that is anything else fails with PLD_EMODEL, naming `where` and the offset. */
pld_status pld_names_parse(const char *const **out, int *count, struct pld_arena *arena,
                           const char *text, const char *where);

#endif
