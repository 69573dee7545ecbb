#include "emulation.h"

#include <stdlib.h>
#include <string.h>

#include "cuda/cuda_kernels.h"
#include "cuda/eval_launch.h"

static void close_backend(struct pld_backend *backend)
{
    free(backend);
}

static void *allocate(struct pld_backend *backend, size_t size)
{
    (void)backend;
    return aligned_alloc(64, (size + 63) / 64 * 64);
}

static void release(struct pld_backend *backend, void *memory)
{
    (void)backend;
    free(memory);
}

static pld_status copy(struct pld_backend *backend, void *to, const void *from, size_t size)
{
    (void)backend;
    if (size) memcpy(to, from, size);
    return PLD_OK;
}

static const struct pld_kernel *const *kernels(const struct pld_backend *backend, enum pld_op op)
{
    (void)backend;
    return pld_cuda_kernels(op);
}

static enum pld_layout prefer(const struct pld_backend *backend, enum pld_op op,
                              const struct pld_desc *in0)
{
    (void)backend, (void)op;
    return in0->shape.rank == 4 ? PLD_CHANNELS_LAST : PLD_ROW_MAJOR;
}

struct pld_backend *pld_emulation_new(void)
{
    static const struct pld_backend_api api = {PLD_BACKEND_API, "cuda, emulated", NULL};
    struct pld_backend *backend = calloc(1, sizeof *backend);
    if (!backend) return NULL;
    *backend = (struct pld_backend){.api = &api,
                                    .lanes = 1,
                                    .close = close_backend,
                                    .alloc = allocate,
                                    .free = release,
                                    .alloc_pinned = allocate,
                                    .free_pinned = release,
                                    .upload = copy,
                                    .download = copy,
                                    .kernels = kernels,
                                    .prefer = prefer,
                                    .evaluator = &pld_cuda_evaluator};
    return backend;
}
