#ifndef PLD_CORE_CLOCK_H
#define PLD_CORE_CLOCK_H

/* Seconds on the monotonic clock. */
double pld_clock_now(void);

#endif
