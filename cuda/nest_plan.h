/* Planning of loop nests (host side). */
#ifndef PLD_CUDA_NEST_PLAN_H
#define PLD_CUDA_NEST_PLAN_H

#include "backend/backend.h"
#include "cuda/nest.h"

/* Builds the nest over `shape`; stride[k] are the strides of operand k along its axes, operand 0
 * the output. False when there are 2^31 steps or more. */
bool pld_nest_init(struct pld_nest *nest, const struct pld_shape *shape, int operands,
                   const int64_t *const *stride);

/* The same nest in runs of PLD_RUN elements, where every operand is dense or repeated along the
 * innermost loop and runs keep their alignment; false where not. `base` stays as it is. */
bool pld_nest_widen(struct pld_nest *wide, const struct pld_nest *base);

/* Are the operands that a wide nest walks densely on 16-byte boundaries? */
bool pld_nest_aligned(const struct pld_nest *wide, const void *const pointers[PLD_NEST_OPERANDS]);

/* Strides to read a tensor as if it had the shape `target` (numpy broadcasting). */
void pld_cuda_broadcast(int64_t stride[PLD_MAX_RANK], const struct pld_desc *desc,
                        const struct pld_shape *target);

#endif
