/* The largest single allocation that stb_image may make on this thread: a compressed picture does
 * not say truly how large it gets. */
#ifndef PLD_VENDOR_STB_LIMIT_H
#define PLD_VENDOR_STB_LIMIT_H

#include <stddef.h>

extern _Thread_local size_t pld_stb_limit;

#endif
