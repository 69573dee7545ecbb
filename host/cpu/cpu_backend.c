#include "cpu/cpu.h"

#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu/cpu_kernels.h"
#include "cpu/dnnl/dnnl_shim.h"

struct cpu_backend {
    struct pld_backend base;
    struct pld_cpu_kernels kernels;
};

static int usable_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? n : 1;
}

/* The processor's name for people, or "CPU". */
static void model_name(char *out, size_t size)
{
    char line[256];
    snprintf(out, size, "CPU");
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon) continue;
        line[strcspn(line, "\n")] = 0;
        snprintf(out, size, "%.100s", colon + 1 + strspn(colon + 1, " \t"));
        break;
    }
    if (file) fclose(file);
}

/* Images run in parallel, kernels do not: a lane is one thread that must not spawn more. */
static void thread_start(void)
{
    omp_set_num_threads(1);
}

static void close_backend(struct pld_backend *backend)
{
    free(backend);
}

/* Large buffers lie on huge pages where the system offers them: activations are walked from end to
 * end, and small pages would cost a lookup every 4 KiB. */
static void *allocate(struct pld_backend *backend, size_t size)
{
    (void)backend;
    const size_t page = (size_t)2 << 20, line = 64;
    size_t unit = size >= page ? page : line;
    if (size > SIZE_MAX - unit) return NULL;
    size_t rounded = size ? (size + unit - 1) / unit * unit : line;
    void *memory = aligned_alloc(unit, rounded);
    if (memory && unit == page) (void)madvise(memory, rounded, MADV_HUGEPAGE);
    return memory;
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
    return ((const struct cpu_backend *)backend)->kernels.list[op];
}

/* Images are fastest with channels last: a pixel is one run of memory, and any number of channels
 * vectorises without padding. Tokens and matrices stay as they are. */
static enum pld_layout prefer(const struct pld_backend *backend, enum pld_op op,
                              const struct pld_desc *in0)
{
    (void)backend;
    (void)op;
    return in0->shape.rank == 4 ? PLD_CHANNELS_LAST : PLD_ROW_MAJOR;
}

static pld_status open_backend(struct pld_backend **out, const struct pld_backend_options *options)
{
    struct cpu_backend *cpu = calloc(1, sizeof *cpu);
    if (!cpu) return pld_fail_memory("CPU backend");
    char model[128];
    model_name(model, sizeof model);
    cpu->base = (struct pld_backend){
        .api = &pld_cpu_backend_api,
        .lanes = options->threads > 0 ? options->threads : usable_processors(),
        .batch = 1,
        .host_memory = true,
        .thread_start = thread_start,
        .close = close_backend,
        .alloc = allocate,
        .free = release,
        .upload = copy,
        .download = copy,
        .kernels = kernels,
        .prefer = prefer,
    };
    pld_cpu_kernels_init(&cpu->kernels, options->reference);
    snprintf(cpu->base.description, sizeof cpu->base.description, "%s, %d thread%s, %s", model,
             cpu->base.lanes, cpu->base.lanes == 1 ? "" : "s",
             options->reference ? "reference kernels" : pld_dnnl_version());
    *out = &cpu->base;
    return PLD_OK;
}

const struct pld_backend_api pld_cpu_backend_api = {
    .version = PLD_BACKEND_API,
    .name = "cpu",
    .open = open_backend,
};
