/* Copies between tensors whose elements correspond under strides: the one operation behind Concat,
 * Split, Slice, Transpose, Expand, DepthToSpace, Reorder and the like. */
#ifndef PLD_CPU_FAST_COPY_H
#define PLD_CPU_FAST_COPY_H

#include "backend/loop.h"

struct pld_copy {
    struct pld_loop loop; /* operand 0: out, 1: in */
    size_t size;          /* bytes of an element */
    int turn; /* axis along which the input is dense while the output is along the last; or -1 */
};

void pld_copy_init(struct pld_copy *copy, const struct pld_shape *shape, const int64_t *out_stride,
                   const int64_t *in_stride, size_t size);
void pld_copy_run(const struct pld_copy *copy, void *out, const void *in);

/* out[r * out_step + c] = in[c * in_step + r]: r < rows, c < columns. */
void pld_copy_turn(float *out, int64_t out_step, const float *in, int64_t in_step, int64_t rows,
                   int64_t columns);

#endif
