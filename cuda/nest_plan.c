#include "cuda/nest_plan.h"

#include <string.h>

#include "backend/loop.h"

bool pld_nest_init(struct pld_nest *nest, const struct pld_shape *shape, int operands,
                   const int64_t *const *stride)
{
    int64_t count = pld_shape_count(shape);
    struct pld_loop loop;
    memset(nest, 0, sizeof *nest);
    if (count >= (int64_t)1 << 31) return false;
    pld_loop_init(&loop, shape, operands, stride);
    nest->count = (uint32_t)count;
    nest->operands = operands;
    if (count == 0) return true;
    for (int i = 0; i < loop.rank; i++) {
        nest->dim[i] = pld_divisor_of((uint32_t)loop.dim[i]);
        for (int k = 0; k < operands; k++)
            nest->stride[k][i] = loop.stride[k][i];
    }
    nest->rank = loop.rank;
    return true;
}

bool pld_nest_widen(struct pld_nest *wide, const struct pld_nest *base)
{
    int last = base->rank - 1;
    if (base->count == 0 || base->dim[last].value % PLD_RUN != 0) return false;
    *wide = *base;
    wide->wide = 1;
    wide->count = base->count / PLD_RUN;
    wide->dim[last] = pld_divisor_of(base->dim[last].value / PLD_RUN);
    for (int k = 0; k < base->operands; k++) {
        wide->inner[k] = base->stride[k][last];
        if (wide->inner[k] != 1 && (wide->inner[k] != 0 || k == 0)) return false;
        wide->stride[k][last] *= PLD_RUN;
        for (int i = 0; i < last && wide->inner[k] == 1; i++)
            if (base->dim[i].value > 1 && base->stride[k][i] % PLD_RUN != 0) return false;
    }
    return true;
}

bool pld_nest_aligned(const struct pld_nest *wide, const void *const pointers[PLD_NEST_OPERANDS])
{
    for (int k = 0; k < wide->operands; k++)
        if (wide->inner[k] == 1 && (uintptr_t)pointers[k] % 16 != 0) return false;
    return true;
}

void pld_cuda_broadcast(int64_t stride[PLD_MAX_RANK], const struct pld_desc *desc,
                        const struct pld_shape *target)
{
    int64_t own[PLD_MAX_RANK];
    int shift = target->rank - desc->shape.rank;
    pld_desc_strides(own, desc);
    for (int i = 0; i < target->rank; i++)
        stride[i] = i < shift || desc->shape.dim[i - shift] == 1 ? 0 : own[i - shift];
}
