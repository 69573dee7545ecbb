/* Loop nests as kernels see them: a flat index taken apart into offsets of every operand. */
#ifndef PLD_CUDA_NEST_H
#define PLD_CUDA_NEST_H

#include "cuda/body.h"

enum { PLD_NEST_OPERANDS = 4, PLD_NEST_RANK = 8 };

struct pld_nest {
    uint32_t count; /* steps: elements, or runs of PLD_RUN elements when wide */
    int rank, operands;
    int wide;
    struct pld_divisor dim[PLD_NEST_RANK];
    int64_t stride[PLD_NEST_OPERANDS][PLD_NEST_RANK]; /* elements a step; operand 0 is the output */
    int64_t inner[PLD_NEST_OPERANDS]; /* elements between neighbours of a run: 1, or 0 (repeated) */
};

static PLD_HD void pld_nest_at(int64_t offset[PLD_NEST_OPERANDS], const struct pld_nest *nest,
                               uint32_t index)
{
    for (int k = 0; k < PLD_NEST_OPERANDS; k++)
        offset[k] = 0;
    for (int i = nest->rank - 1; i >= 0; i--) {
        uint32_t rest = pld_divide(index, nest->dim[i]);
        int64_t at = index - rest * nest->dim[i].value;
        index = rest;
        for (int k = 0; k < nest->operands; k++)
            offset[k] += at * nest->stride[k][i];
    }
}

#endif
