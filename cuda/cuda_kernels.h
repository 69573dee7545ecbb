/* The kernel table of the CUDA backend, from kernel.def. */
#ifndef PLD_CUDA_CUDA_KERNELS_H
#define PLD_CUDA_CUDA_KERNELS_H

#include "backend/backend.h"

/* Kernels of an operator, best first, NULL-terminated; NULL when there are none. */
const struct pld_kernel *const *pld_cuda_kernels(enum pld_op op);

#endif
