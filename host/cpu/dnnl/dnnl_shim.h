/* oneDNN behind one thin layer: what differs between versions 2 (2.6 and later) and 3 is here, and
 * nothing else in the program includes <dnnl.h>'s versions by number. */
#ifndef PLD_CPU_DNNL_DNNL_SHIM_H
#define PLD_CPU_DNNL_DNNL_SHIM_H

#include <dnnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/op.h"
#include "core/status.h"

/* "oneDNN 2.6.3", of the library that runs. */
const char *pld_dnnl_version(void);

/* The one CPU engine; NULL when oneDNN cannot make it. */
dnnl_engine_t pld_dnnl_engine(void);

/* A memory descriptor: a struct in oneDNN 2, a handle in 3. A zeroed one is "none". */
struct pld_md {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_t handle;
#else
    dnnl_memory_desc_t value;
    bool set;
#endif
};
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t pld_md_ref;
#else
typedef const dnnl_memory_desc_t *pld_md_ref;
#endif

/* Float tensor with given strides, or (NULL) in the format the primitive likes best. */
bool pld_md_init(struct pld_md *md, int rank, const int64_t *dims, const int64_t *strides);
void pld_md_release(struct pld_md *md);
pld_md_ref pld_md_get(const struct pld_md *md);
size_t pld_md_bytes(pld_md_ref md);
bool pld_md_equal(pld_md_ref a, pld_md_ref b);
/* What a primitive descriptor decided for `what` (dnnl_query_weights_md, ...). Borrowed. */
pld_md_ref pld_md_query(const_dnnl_primitive_desc_t pd, dnnl_query_t what);

struct pld_dnnl_conv {
    bool transposed;
    struct pld_md src, weights, bias, dst;          /* bias may be none */
    dnnl_dims_t stride, dilate, pad_begin, pad_end; /* [2]; dilate 0 = dense */
};

/* Primitive descriptors, for one thread and with the scratchpad as an argument; NULL when oneDNN
 * does not offer the operation. `act` may be NULL. */
dnnl_primitive_desc_t pld_dnnl_conv_desc(const struct pld_dnnl_conv *conv,
                                         const struct pld_act *act);
dnnl_primitive_desc_t pld_dnnl_matmul_desc(const struct pld_md *src, const struct pld_md *weights,
                                           const struct pld_md *bias, const struct pld_md *dst);

/* Can the activation be fused into a primitive? */
bool pld_dnnl_can_fuse(const struct pld_act *act);

/* Copies between formats, on the calling thread. */
bool pld_dnnl_reorder(pld_md_ref from, const void *in, pld_md_ref to, void *out);

/* Work that primitives were made for must not depend on the thread that makes them: between these
 * two calls oneDNN believes in one thread. */
int pld_dnnl_single_begin(void);
void pld_dnnl_single_end(int threads);

#endif
