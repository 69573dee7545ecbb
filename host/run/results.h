/* The files a sweep folder gets from its manifest, groups and journal. */
#ifndef PLD_RUN_RESULTS_H
#define PLD_RUN_RESULTS_H

#include "core/status.h"

/* Writes DIR/sensitivity.csv, DIR/plots/ and DIR/report.html. */
pld_status pld_results_write(const char *dir);

#endif
