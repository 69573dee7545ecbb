/* The backend that libpollard_cuda.so exports. */
#include <stdio.h>
#include <stdlib.h>

#include "backend/backend.h"
#include "cuda/cuda_kernels.h"
#include "cuda/device.h"
#include "cuda/eval_launch.h"
#include "cuda/launch.h"

extern const struct pld_backend_api pld_cuda_backend_api;

struct cuda_backend {
    struct pld_backend base;
    int device;
};

static void close_backend(struct pld_backend *backend)
{
    free(backend);
}

/* cudaMalloc aligns to 256 bytes. NULL leaves the reason to the caller, who knows what for. */
static void *allocate(struct pld_backend *backend, size_t size)
{
    (void)backend;
    void *memory = NULL;
    if (cudaMalloc(&memory, size ? size : 1) == cudaSuccess) return memory;
    (void)cudaGetLastError(); /* out of memory is not sticky: forget it */
    return NULL;
}

static void release(struct pld_backend *backend, void *memory)
{
    (void)backend;
    (void)cudaFree(memory);
}

static void *allocate_pinned(struct pld_backend *backend, size_t size)
{
    (void)backend;
    void *memory = NULL;
    if (cudaMallocHost(&memory, size ? size : 1) == cudaSuccess) return memory;
    (void)cudaGetLastError();
    return NULL;
}

static void release_pinned(struct pld_backend *backend, void *memory)
{
    (void)backend;
    (void)cudaFreeHost(memory);
}

static pld_status upload(struct pld_backend *backend, void *device, const void *host, size_t size)
{
    (void)backend;
    return pld_cuda_upload(device, host, size);
}

static pld_status download(struct pld_backend *backend, void *host, const void *device, size_t size)
{
    (void)backend;
    if (size == 0) return pld_cuda_wait();
    PLD_TRY(pld_cuda_check(
        cudaMemcpyAsync(host, device, size, cudaMemcpyDefault, pld_cuda_stream()), "download"));
    return pld_cuda_wait();
}

static const struct pld_kernel *const *kernels(const struct pld_backend *backend, enum pld_op op)
{
    (void)backend;
    return pld_cuda_kernels(op);
}

/* Tensor cores want the channels of a pixel side by side. */
static enum pld_layout prefer(const struct pld_backend *backend, enum pld_op op,
                              const struct pld_desc *in0)
{
    (void)backend, (void)op;
    return in0->shape.rank == 4 ? PLD_CHANNELS_LAST : PLD_ROW_MAJOR;
}

static pld_status describe(struct pld_backend *backend, int device)
{
    struct cudaDeviceProp prop;
    int runtime = 0;
    PLD_TRY(pld_cuda_check(cudaGetDeviceProperties(&prop, device), "reading the device"));
    PLD_TRY(pld_cuda_check(cudaRuntimeGetVersion(&runtime), "reading the version"));
    snprintf(backend->description, sizeof backend->description,
             "%s (cuda:%d, compute %d.%d, %.0f GiB), CUDA %d.%d, cuDNN %zu", prop.name, device,
             prop.major, prop.minor, (double)prop.totalGlobalMem / (1 << 30), runtime / 1000,
             runtime % 1000 / 10, cudnnGetVersion());
    return PLD_OK;
}

/* Each lane keeps one image batch in flight; a second hides the host's part of the first. */
enum { LANES = 2, BATCH = 32 };

static pld_status open_backend(struct pld_backend **out, const struct pld_backend_options *options)
{
    int devices = 0;
    *out = NULL;
    PLD_TRY(pld_cuda_check(cudaGetDeviceCount(&devices), "looking for a GPU"));
    if (options->device >= devices)
        return pld_fail(PLD_EDEVICE, "--device", "there is no cuda:%d: %d device%s found",
                        options->device, devices, devices == 1 ? "" : "s");
    if (options->reference)
        return pld_fail(PLD_EUSAGE, "--reference", "reference kernels run on the CPU only");
    struct cuda_backend *cuda = calloc(1, sizeof *cuda);
    if (!cuda) return pld_fail_memory("CUDA backend");
    cuda->device = options->device;
    cuda->base = (struct pld_backend){
        .api = &pld_cuda_backend_api,
        .lanes = LANES,
        .batch = BATCH,
        .half = options->half,
        .thread_start = pld_cuda_thread_start,
        .close = close_backend,
        .alloc = allocate,
        .free = release,
        .alloc_pinned = allocate_pinned,
        .free_pinned = release_pinned,
        .upload = upload,
        .download = download,
        .kernels = kernels,
        .prefer = prefer,
        .evaluator = &pld_cuda_evaluator,
    };
    pld_status status = pld_cuda_select(options->device);
    if (status == PLD_OK) status = describe(&cuda->base, options->device);
    if (status != PLD_OK) {
        free(cuda);
        return status;
    }
    *out = &cuda->base;
    return PLD_OK;
}

const struct pld_backend_api pld_cuda_backend_api = {
    .version = PLD_BACKEND_API,
    .name = "cuda",
    .open = open_backend,
};
