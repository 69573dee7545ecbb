/* Gather along one axis. */
#ifndef PLD_CUDA_BODY_GATHER_H
#define PLD_CUDA_BODY_GATHER_H

#include "cuda/nest.h"

struct pld_gather_args {
    struct pld_nest nest; /* operand 0: out, 1: data (without the axis), 2: indices */
    int size;             /* bytes of an element: 1, 2, 4, 8 */
    int index_dtype;      /* int32 or int64 */
    int64_t axis_size, axis_stride;
    void *out;
    const void *data, *indices;
};

static PLD_HD void pld_gather_body(const struct pld_gather_args *a, uint32_t index)
{
    int64_t at[PLD_NEST_OPERANDS];
    pld_nest_at(at, &a->nest, index);
    int64_t i = a->index_dtype == PLD_I32 ? ((const int32_t *)a->indices)[at[2]]
                                          : ((const int64_t *)a->indices)[at[2]];
    if (i < 0) i += a->axis_size;
    if (i < 0) i = 0; /* ONNX calls it an error; nothing outside may be read */
    if (i >= a->axis_size) i = a->axis_size - 1;
    int64_t from = at[1] + i * a->axis_stride;
    switch (a->size) {
    case 8:
        ((uint64_t *)a->out)[at[0]] = ((const uint64_t *)a->data)[from];
        break;
    case 4:
        ((uint32_t *)a->out)[at[0]] = ((const uint32_t *)a->data)[from];
        break;
    case 2:
        ((uint16_t *)a->out)[at[0]] = ((const uint16_t *)a->data)[from];
        break;
    default:
        ((uint8_t *)a->out)[at[0]] = ((const uint8_t *)a->data)[from];
    }
}

#endif
