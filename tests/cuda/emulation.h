/* The kernels of cuda/ as a backend whose device is the host: launches are loops. */
#ifndef PLD_TESTS_CUDA_EMULATION_H
#define PLD_TESTS_CUDA_EMULATION_H

#include "backend/backend.h"

/* Close with pld_backend_close(); NULL on no memory. */
struct pld_backend *pld_emulation_new(void);

/* What the emulated device says is free. */
extern size_t pld_emulation_free_memory;

#endif
