/* Which devices there are, and opening one by name. */
#ifndef PLD_RUN_DEVICE_H
#define PLD_RUN_DEVICE_H

#include "backend/backend.h"

/* Opens `device`: "auto" (the best that is there), "cpu", "cuda" or "cuda:i". `options` may be
 * NULL; its device index is taken from the name. Fails with PLD_EUSAGE for an unknown name and with
 * PLD_EDEVICE, saying why, when the device cannot be used. Close with pld_backend_close(). */
pld_status pld_device_open(struct pld_backend **out, const char *device,
                           const struct pld_backend_options *options);

/* Rows of backend.def, for doctor and help texts: name, or NULL behind the last. */
const char *pld_device_name(int row);

#endif
