/* The HTML report of sweeps. */
#ifndef PLD_RUN_REPORT_CMD_H
#define PLD_RUN_REPORT_CMD_H

#include "core/option.h"
#include "core/status.h"

/* Writes one self-contained HTML file on the sweeps in `dirs`. Fails with PLD_EDATA for a folder
 * that holds no sweep, PLD_EFAIL when `out` cannot be written. */
pld_status pld_report_run(const struct pld_words *dirs, const char *out);

#endif
