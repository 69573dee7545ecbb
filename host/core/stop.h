/* The request to stop: raised by SIGINT or SIGTERM, read between units of work. */
#ifndef PLD_CORE_STOP_H
#define PLD_CORE_STOP_H

#include "core/status.h"

/* Installs the handlers. The first signal raises the request, the second one kills. */
void pld_stop_install(void);

/* The signal number that asked to stop, or 0. */
int pld_stop_signal(void);

/* PLD_OK, or PLD_EINTERRUPT with a message when a stop was requested. */
pld_status pld_stop_check(void);

#endif
