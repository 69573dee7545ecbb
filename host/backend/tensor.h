/* Tensor descriptions: type, shape and layout. No memory is owned here. */
#ifndef PLD_BACKEND_TENSOR_H
#define PLD_BACKEND_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

enum pld_dtype {
    PLD_F32,
    PLD_F16,
    PLD_F64,
    PLD_I64,
    PLD_I32,
    PLD_I8,
    PLD_U8,
    PLD_BOOL,
    PLD_I16,
    PLD_U16,
    PLD_U32,
    PLD_U64,
    PLD_BF16,
    PLD_DTYPE_COUNT
};

enum { PLD_MAX_RANK = 8 };

struct pld_shape {
    int rank; /* 0 is a scalar */
    int64_t dim[PLD_MAX_RANK];
};

/* How the elements of a logical shape (always spelled in ONNX order, N C H W) lie in memory. */
enum pld_layout {
    PLD_ROW_MAJOR,     /* last axis contiguous */
    PLD_CHANNELS_LAST, /* axis 1 contiguous: N H W C in memory; rank 3 and more */
};

struct pld_desc {
    enum pld_dtype dtype;
    enum pld_layout layout;
    struct pld_shape shape;
    /* Channels-last only: elements from one pixel to the next; 0 means dense (= C). Larger than C
     * when the tensor is a range of channels inside a wider one. */
    int64_t pixel;
};

size_t pld_dtype_size(enum pld_dtype dtype);      /* bytes of an element */
const char *pld_dtype_name(enum pld_dtype dtype); /* "float32", ... as numpy spells it */
bool pld_dtype_is_float(enum pld_dtype dtype);

/* Number of elements; 1 for a scalar. Dims are non-negative and the product was checked on entry
 * (pld_shape_check). */
int64_t pld_shape_count(const struct pld_shape *shape);

/* Fails with PLD_EMODEL when a dimension is negative, the rank is above PLD_MAX_RANK, or the number
 * of elements exceeds 2^40. `where` names the tensor. */
pld_status pld_shape_check(const struct pld_shape *shape, const char *where);
bool pld_shape_equal(const struct pld_shape *a, const struct pld_shape *b);
/* "1x64x80x80"; "scalar" for rank 0. Returns out. */
char *pld_shape_text(char *out, size_t size, const struct pld_shape *shape);
struct pld_shape pld_shape_of(int rank, const int64_t *dims);

/* Distance in elements between neighbours along each logical axis. Kernels that index through
 * strides serve every layout. */
void pld_desc_strides(int64_t strides[PLD_MAX_RANK], const struct pld_desc *desc);

/* Bytes from the first to behind the last element, gaps of a channel range included. */
size_t pld_desc_bytes(const struct pld_desc *desc);
bool pld_desc_equal(const struct pld_desc *a, const struct pld_desc *b);

/* NumPy broadcasting of two shapes; false when they do not fit. */
bool pld_shape_broadcast(struct pld_shape *out, const struct pld_shape *a,
                         const struct pld_shape *b);

#endif
