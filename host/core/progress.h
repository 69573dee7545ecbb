/* Progress on stderr: a bar on a terminal, a line every ten seconds elsewhere, silent for work
 * that ends within two seconds. Thread-safe. */
#ifndef PLD_CORE_PROGRESS_H
#define PLD_CORE_PROGRESS_H

#include "core/status.h"

struct pld_progress;

/* `total` is in units of cost (any unit: the ETA is the time so far scaled by the cost left).
 * `quiet` makes every call do nothing. NULL on no memory: all functions accept NULL. */
struct pld_progress *pld_progress_start(const char *title, double total, int quiet);

/* Adds finished cost; `note` (may be NULL) is shown at the end of the line. */
void pld_progress_add(struct pld_progress *progress, double cost, const char *note);

/* Clears the bar and frees. */
void pld_progress_stop(struct pld_progress *progress);

#endif
