/* Loop nests over tensors with strides, reduced to the fewest loops: axes of size 1 vanish, axes
 * that follow each other in memory of every operand become one, and the innermost loop is the one
 * that walks the output most densely. */
#ifndef PLD_BACKEND_LOOP_H
#define PLD_BACKEND_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/tensor.h"

enum { PLD_LOOP_OPERANDS = 4 };

struct pld_loop {
    int operands; /* the first is the output */
    int rank;     /* at least 2: outer axes have size 1 when there is nothing to do */
    int64_t dim[PLD_MAX_RANK];
    int64_t stride[PLD_LOOP_OPERANDS][PLD_MAX_RANK];
    bool empty;
};

/* `stride[k]` are the strides of operand k along the axes of `shape`. */
void pld_loop_init(struct pld_loop *loop, const struct pld_shape *shape, int operands,
                   const int64_t *const *stride);

/* Position in the axes outside the two innermost. */
struct pld_loop_at {
    int64_t at[PLD_MAX_RANK];
    int64_t offset[PLD_LOOP_OPERANDS];
};

/* for (bool more = pld_loop_first(&at, loop); more; more = pld_loop_next(&at, loop)) */
bool pld_loop_first(struct pld_loop_at *at, const struct pld_loop *loop);
bool pld_loop_next(struct pld_loop_at *at, const struct pld_loop *loop);

#endif
