/* Reductions of dense floats in a fixed order: sixteen partial results, then their pairs. The order
 * does not depend on the instruction set, so neither do the bits. */
#ifndef PLD_CPU_FAST_SUM_H
#define PLD_CPU_FAST_SUM_H

#include <string.h>

#include "cpu/fast/simd.h"

#define PLD_REDUCTION(name, start, join)                                                      \
    PLD_INLINE float name(const float *in, int64_t n)                                         \
    {                                                                                         \
        pld_vec low = (pld_vec){0} + (start), high = low;                                     \
        int64_t i = 0;                                                                        \
        for (; i + 2 * PLD_VEC <= n; i += 2 * PLD_VEC) {                                      \
            pld_vec b = *(const pld_vec *)(in + i), c = *(const pld_vec *)(in + i + PLD_VEC); \
            PLD_VEC_##join(low, b);                                                           \
            PLD_VEC_##join(high, c);                                                          \
        }                                                                                     \
        float part[2 * PLD_VEC];                                                              \
        memcpy(part, &low, sizeof low);                                                       \
        memcpy(part + PLD_VEC, &high, sizeof high);                                           \
        for (int j = 0; i + j < n; j++)                                                       \
            PLD_##join(part[j], in[i + j]);                                                   \
        for (int width = PLD_VEC; width > 0; width /= 2)                                      \
            for (int j = 0; j < width; j++)                                                   \
                PLD_##join(part[j], part[j + width]);                                         \
        return part[0];                                                                       \
    }

PLD_REDUCTION(pld_sum, 0.0f, ADD)
PLD_REDUCTION(pld_product, 1.0f, MULTIPLY)
PLD_REDUCTION(pld_largest, -__builtin_inff(), MAX)
PLD_REDUCTION(pld_smallest, __builtin_inff(), MIN)

#endif
