/* Backends and kernels: the tables a device fills.
 *
 * A kernel is chosen for a signature (operator, parameters, tensor descriptions), planned once, and
 * then run any number of times by any number of lanes. A lane is one stream of execution with
 * its own scratch: a CPU thread, or a CUDA stream.
 *
 *   supports(sig) -> plan_new(sig) -> [pack(constant input)] -> lane_new(plan) -> run(...) ...
 */
#ifndef PLD_BACKEND_BACKEND_H
#define PLD_BACKEND_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/op.h"
#include "backend/tensor.h"
#include "core/status.h"

enum { PLD_BACKEND_API = 2 };

/* What to compute. Descriptions are in the order of the operator's data inputs; an optional input
 * that is absent has dtype PLD_DTYPE_COUNT. */
struct pld_signature {
    enum pld_op op;
    const union pld_op_params *params;
    const struct pld_desc *in;
    const struct pld_desc *out;
    int n_in, n_out;
    /* Bit i: input i is not a constant, so it comes as it is in every run. A kernel that can only
     * take it packed declines. Inputs above 31 are never packed. */
    uint32_t varies;
    const char *node; /* for messages; not part of the identity */
};

struct pld_kernel {
    const char *name; /* "ref.conv", "dnnl.conv", ... shown by inspect and bench */

    /* Can this kernel compute the signature? A pure question. */
    bool (*supports)(const struct pld_signature *sig);

    /* Makes an immutable plan that lanes share, and says how many bytes of workspace (aligned to
     * 64) a run needs. The signature's pointers are not kept. */
    pld_status (*plan_new)(void **plan, size_t *workspace, const struct pld_signature *sig);
    void (*plan_free)(void *plan);

    /* Optional. Bytes that constant input `input` takes in this kernel's own format, 0 if it is
     * taken as it is. */
    size_t (*pack_size)(const void *plan, int input);
    /* Optional, with pack_size: converts a row-major dense constant into that format. */
    pld_status (*pack)(const void *plan, int input, void *packed, const void *plain);

    /* Optional. State of one lane for one plan (bound memory objects). */
    pld_status (*lane_new)(void **lane, const void *plan);
    void (*lane_free)(void *lane);

    /* Computes. in[i] and out[i] point at the first element; absent inputs are NULL; in[] of a
     * packed input is the packed form. Allocates nothing. */
    pld_status (*run)(const void *plan, void *lane, const void *const *in, void *const *out,
                      void *workspace);

    /* Optional. Computes one of `shares` parts of what run() computes; threads do the others at the
     * same time, each with a lane and a workspace of its own. The parts together give the bits of
     * run(), whatever their number. */
    pld_status (*run_share)(const void *plan, void *lane, const void *const *in, void *const *out,
                            void *workspace, int share, int shares);
};

struct pld_backend_options {
    int threads;    /* 0 = all */
    int device;     /* index of the device; 0 for the CPU */
    bool reference; /* only reference kernels */
    bool half;      /* see struct pld_backend; for devices that are faster so */
};

struct pld_backend;
struct pld_evaluator;

/* The table a backend exports. */
struct pld_backend_api {
    uint32_t version; /* PLD_BACKEND_API */
    const char *name; /* "cpu", "cuda" */
    pld_status (*open)(struct pld_backend **out, const struct pld_backend_options *options);
};

/* An open device. */
struct pld_backend {
    const struct pld_backend_api *api;
    char description[160]; /* "AMD EPYC ..., 2 threads, oneDNN 2.6.3" */
    int lanes;             /* streams of execution that pay off: CPU threads */
    int batch;             /* images a forward that pay off */
    bool host_memory;      /* alloc() returns memory that the host reads and writes */
    bool half;             /* activations are stored in half precision (graph/passes/precision.c) */
    /* Computes what this backend has no kernel for, with transfers in both directions; NULL: such
     * operators are an error. Not owned. */
    struct pld_backend *fallback;
    /* Called once on each host thread that drives a lane (may be NULL). */
    void (*thread_start)(void);
    void (*close)(struct pld_backend *backend);

    /* Memory of the device, aligned to 64. On the CPU plain host memory. */
    void *(*alloc)(struct pld_backend *backend, size_t size); /* NULL on no memory */
    void (*free)(struct pld_backend *backend, void *memory);
    /* Memory of the host that the device addresses too, and copies to and from fastest; both NULL
     * where host_memory. */
    void *(*alloc_pinned)(struct pld_backend *backend, size_t size);
    void (*free_pinned)(struct pld_backend *backend, void *memory);
    pld_status (*upload)(struct pld_backend *backend, void *device, const void *host, size_t size);
    /* Waits for what this thread's kernels compute, also when there is nothing to copy. */
    pld_status (*download)(struct pld_backend *backend, void *host, const void *device,
                           size_t size);

    /* Kernels for an operator, best first, NULL-terminated; NULL when it offers none. */
    const struct pld_kernel *const *(*kernels)(const struct pld_backend *backend, enum pld_op op);
    /* Layout the backend computes an operator fastest in; `in0` describes its first input. */
    enum pld_layout (*prefer)(const struct pld_backend *backend, enum pld_op op,
                              const struct pld_desc *in0);
    /* Evaluates detections (backend/evaluator.h); NULL where the CPU is to do it. */
    const struct pld_evaluator *evaluator;
};

/* Closes a backend opened through its table; NULL is fine. Which devices there are, and opening one
 * by name, is run/device.h. */
void pld_backend_close(struct pld_backend *backend);

/* The first kernel that supports the signature, or NULL. */
const struct pld_kernel *pld_kernel_choose(const struct pld_backend *backend,
                                           const struct pld_signature *sig);

#endif
