/* Buffers that the host fills or reads and the device computes with: one memory where the device is
 * the host, else a copy on each side. */
#ifndef PLD_RUN_MIRROR_H
#define PLD_RUN_MIRROR_H

#include "backend/backend.h"

struct pld_mirror {
    struct pld_backend *device;
    size_t size;
    void *host;
    void *memory; /* on the device; `host` where that is the same */
};

/* A mirror that is only read (pld_mirror_fetch) needs no memory of its own on the device. */
pld_status pld_mirror_init(struct pld_mirror *mirror, struct pld_backend *device, size_t size,
                           bool read_only);
void pld_mirror_release(struct pld_mirror *mirror); /* a zeroed one is fine */

/* Brings what the host wrote into `host` to the device. */
pld_status pld_mirror_send(const struct pld_mirror *mirror);
/* The bytes at `source` on the device, where the host can read them: `source` itself, or `host`. */
pld_status pld_mirror_fetch(const void **out, const struct pld_mirror *mirror, const void *source);

#endif
