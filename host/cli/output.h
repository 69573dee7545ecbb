/* What the program says: one result on stdout, errors in one line on stderr. */
#ifndef PLD_CLI_OUTPUT_H
#define PLD_CLI_OUTPUT_H

#include <stdbool.h>

#include "core/json.h"
#include "core/status.h"
#include "core/str.h"

/* Prints a document on stdout and frees it. Fails when stdout cannot be written. */
pld_status pld_output_json(yyjson_mut_doc *doc);

/* Prints a text on stdout and releases it; fails on lack of memory or when stdout cannot be
 * written. */
pld_status pld_output_text(struct pld_str *text);

/* The verdict and table of a finished sweep, and where its report lies. */
pld_status pld_output_sweep(const char *dir, double seconds);

/* Flushes stdout: a full disk behind it is an error, not a short file. */
pld_status pld_output_flush(void);

/* This thread's error record as "pollard: WHERE: MESSAGE" on stderr and, with `json` and no
 * document printed so far, as {"error":...} on stdout. Returns the exit code of the program. */
int pld_output_error(pld_status status, bool json);

#endif
