/* Kernel lists of the CPU backend, by operator. */
#ifndef PLD_CPU_CPU_KERNELS_H
#define PLD_CPU_CPU_KERNELS_H

#include "backend/backend.h"

enum { PLD_CPU_MAX_KERNELS = 8 };

struct pld_cpu_kernels {
    const struct pld_kernel *list[PLD_OP_COUNT][PLD_CPU_MAX_KERNELS]; /* NULL-terminated */
};

/* Fast kernels first (cpu/fast.def), unless only the reference is wanted. */
void pld_cpu_kernels_init(struct pld_cpu_kernels *kernels, bool reference_only);

#endif
