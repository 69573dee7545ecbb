#include "cuda/cuda_kernels.h"

#include <stddef.h>

#ifdef PLD_CUDA_WITHOUT_LIBRARIES /* the tests' emulation */
#define PLD_CUDA_LIBRARY(id, kernel)
#else
#define PLD_CUDA_LIBRARY(id, kernel) PLD_CUDA(id, kernel)
#endif

#define PLD_CUDA(id, kernel) extern const struct pld_kernel kernel;
#include "cuda/kernel.def"
#undef PLD_CUDA

enum { MOST = 8 };

/* Each row of kernel.def appends to its operator's list, once. */
static const struct pld_kernel *lists[PLD_OP_COUNT][MOST];

__attribute__((constructor)) static void fill(void)
{
    static const struct {
        int op;
        const struct pld_kernel *kernel;
    } rows[] = {
#define PLD_CUDA(id, kernel) {PLD_OP_##id, &kernel},
#include "cuda/kernel.def"
#undef PLD_CUDA
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int n = 0;
        while (lists[rows[i].op][n])
            n++;
        if (n < MOST - 1) lists[rows[i].op][n] = rows[i].kernel;
    }
}

const struct pld_kernel *const *pld_cuda_kernels(enum pld_op op)
{
    return lists[op][0] ? lists[op] : NULL;
}
