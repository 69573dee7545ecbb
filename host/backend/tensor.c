#include "backend/tensor.h"

#include <stdio.h>
#include <string.h>

static const struct {
    size_t size;
    const char *name;
} dtypes[PLD_DTYPE_COUNT] = {
    [PLD_F32] = {4, "float32"},   [PLD_F16] = {2, "float16"}, [PLD_F64] = {8, "float64"},
    [PLD_I64] = {8, "int64"},     [PLD_I32] = {4, "int32"},   [PLD_I8] = {1, "int8"},
    [PLD_U8] = {1, "uint8"},      [PLD_BOOL] = {1, "bool"},   [PLD_I16] = {2, "int16"},
    [PLD_U16] = {2, "uint16"},    [PLD_U32] = {4, "uint32"},  [PLD_U64] = {8, "uint64"},
    [PLD_BF16] = {2, "bfloat16"},
};

size_t pld_dtype_size(enum pld_dtype dtype)
{
    return dtypes[dtype].size;
}

const char *pld_dtype_name(enum pld_dtype dtype)
{
    return dtypes[dtype].name;
}

bool pld_dtype_is_float(enum pld_dtype dtype)
{
    return dtype == PLD_F32 || dtype == PLD_F16 || dtype == PLD_F64 || dtype == PLD_BF16;
}

int64_t pld_shape_count(const struct pld_shape *shape)
{
    int64_t n = 1;
    for (int i = 0; i < shape->rank; i++)
        n *= shape->dim[i];
    return n;
}

pld_status pld_shape_check(const struct pld_shape *shape, const char *where)
{
    const int64_t limit = INT64_C(1) << 40;
    if (shape->rank < 0 || shape->rank > PLD_MAX_RANK)
        return pld_fail(PLD_EMODEL, where, "rank %d is above %d", shape->rank, PLD_MAX_RANK);
    int64_t n = 1;
    for (int i = 0; i < shape->rank; i++) {
        int64_t d = shape->dim[i];
        if (d < 0) return pld_fail(PLD_EMODEL, where, "dimension %d is negative", i);
        if (d > limit || (d && n > limit / d))
            return pld_fail(PLD_EMODEL, where, "tensor is too large");
        n *= d;
    }
    return PLD_OK;
}

bool pld_shape_equal(const struct pld_shape *a, const struct pld_shape *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, (size_t)a->rank * sizeof a->dim[0]) == 0;
}

char *pld_shape_text(char *out, size_t size, const struct pld_shape *shape)
{
    size_t n = 0;
    if (shape->rank == 0) snprintf(out, size, "scalar");
    for (int i = 0; i < shape->rank && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%lld", i ? "x" : "", (long long)shape->dim[i]);
    return out;
}

struct pld_shape pld_shape_of(int rank, const int64_t *dims)
{
    struct pld_shape shape = {.rank = rank};
    for (int i = 0; i < rank; i++)
        shape.dim[i] = dims[i];
    return shape;
}

void pld_desc_strides(int64_t strides[PLD_MAX_RANK], const struct pld_desc *desc)
{
    const struct pld_shape *s = &desc->shape;
    int64_t step = 1;
    if (desc->layout == PLD_CHANNELS_LAST && s->rank >= 3) {
        strides[1] = 1;
        step = desc->pixel ? desc->pixel : s->dim[1];
        for (int i = s->rank - 1; i >= 2; i--) {
            strides[i] = step;
            step *= s->dim[i];
        }
        strides[0] = step;
        return;
    }
    for (int i = s->rank - 1; i >= 0; i--) {
        strides[i] = step;
        step *= s->dim[i];
    }
}

size_t pld_desc_bytes(const struct pld_desc *desc)
{
    int64_t n = pld_shape_count(&desc->shape);
    if (n > 0 && desc->layout == PLD_CHANNELS_LAST && desc->shape.rank >= 3 && desc->pixel)
        n = (n / desc->shape.dim[1] - 1) * desc->pixel + desc->shape.dim[1];
    return (size_t)n * pld_dtype_size(desc->dtype);
}

bool pld_desc_equal(const struct pld_desc *a, const struct pld_desc *b)
{
    return a->dtype == b->dtype && a->layout == b->layout && a->pixel == b->pixel &&
           pld_shape_equal(&a->shape, &b->shape);
}

bool pld_shape_broadcast(struct pld_shape *out, const struct pld_shape *a,
                         const struct pld_shape *b)
{
    struct pld_shape r = {.rank = a->rank > b->rank ? a->rank : b->rank};
    for (int i = 1; i <= r.rank; i++) {
        int64_t x = i <= a->rank ? a->dim[a->rank - i] : 1;
        int64_t y = i <= b->rank ? b->dim[b->rank - i] : 1;
        if (x != y && x != 1 && y != 1) return false;
        r.dim[r.rank - i] = x == 1 ? y : x;
    }
    *out = r;
    return true;
}
