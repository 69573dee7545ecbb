#include "cpu/cpu_kernels.h"

#include <stddef.h>

#define PLD_OP(id, onnx, file) extern const struct pld_kernel pld_ref_##file;
#include "backend/op.def"
#undef PLD_OP

static const struct pld_kernel *const reference[PLD_OP_COUNT] = {
#define PLD_OP(id, onnx, file) [PLD_OP_##id] = &pld_ref_##file,
#include "backend/op.def"
#undef PLD_OP
};

#define PLD_FAST(id, kernel) extern const struct pld_kernel kernel;
#include "cpu/fast.def"
#undef PLD_FAST

static const struct {
    int op;
    const struct pld_kernel *kernel;
} fast[] = {
#define PLD_FAST(id, kernel) {PLD_OP_##id, &kernel},
#include "cpu/fast.def"
#undef PLD_FAST
    {-1, NULL},
};

static void append(struct pld_cpu_kernels *kernels, int op, const struct pld_kernel *kernel)
{
    int n = 0;
    while (kernels->list[op][n])
        n++;
    if (n < PLD_CPU_MAX_KERNELS - 1) kernels->list[op][n] = kernel;
}

void pld_cpu_kernels_init(struct pld_cpu_kernels *kernels, bool reference_only)
{
    *kernels = (struct pld_cpu_kernels){0};
    for (size_t i = 0; fast[i].kernel && !reference_only; i++)
        append(kernels, fast[i].op, fast[i].kernel);
    for (int op = 0; op < PLD_OP_COUNT; op++)
        append(kernels, op, reference[op]);
}
