/* NumPy's .npy files, as inputs and outputs of `pollard run`. */
#ifndef PLD_RUN_NPY_H
#define PLD_RUN_NPY_H

#include "backend/tensor.h"
#include "core/status.h"

struct pld_npy {
    struct pld_desc desc; /* row-major */
    void *data;           /* dense, native byte order; owned, never NULL after reading */
};

/* Reads a file of format version 1, 2 or 3; arrays in Fortran or big-endian order are turned into
 * row-major native ones. Fails with PLD_EDATA naming the file: no .npy file, a type that no tensor
 * has, a size that is not the header's. */
pld_status pld_npy_read(struct pld_npy *out, const char *path);

/* The same from memory; `name` is for messages. */
pld_status pld_npy_parse(struct pld_npy *out, const void *bytes, size_t size, const char *name);
void pld_npy_release(struct pld_npy *npy);

/* Writes a row-major dense tensor, atomically. */
pld_status pld_npy_write(const char *path, const struct pld_desc *desc, const void *data);

#endif
