/* Strided copies of elements of any size, in the widest units that the addresses allow. */
#ifndef PLD_CUDA_BODY_MOVE_H
#define PLD_CUDA_BODY_MOVE_H

#include "cuda/nest.h"

struct pld_move_args {
    struct pld_nest nest; /* operand 0: out, 1: in; strides in units */
    int unit;             /* bytes: 16, 8, 4, 2, 1 */
    int fill;             /* every unit written is `value` instead */
    uint64_t value;
    void *out;
    const void *in;
};

static PLD_HD void pld_move_body(const struct pld_move_args *args, uint32_t index)
{
    int64_t at[PLD_NEST_OPERANDS];
    pld_nest_at(at, &args->nest, index);
    const void *in = args->fill ? (const void *)&args->value : args->in;
    int64_t from = args->fill ? 0 : at[1];
    switch (args->unit) {
    case 16:
        ((struct pld_words *)args->out)[at[0]] = ((const struct pld_words *)in)[from];
        break;
    case 8:
        ((uint64_t *)args->out)[at[0]] = ((const uint64_t *)in)[from];
        break;
    case 4:
        ((uint32_t *)args->out)[at[0]] = ((const uint32_t *)in)[from];
        break;
    case 2:
        ((uint16_t *)args->out)[at[0]] = ((const uint16_t *)in)[from];
        break;
    default:
        ((uint8_t *)args->out)[at[0]] = ((const uint8_t *)in)[from];
    }
}

#endif
