/* Reductions of dense floats in a fixed order: sixteen partial results, then their pairs. The order
 * does not depend on the instruction set, so neither do the bits. */
#ifndef PLD_CPU_FAST_SUM_H
#define PLD_CPU_FAST_SUM_H

#include <stdint.h>

#include "cpu/fast/simd.h"

enum { PLD_LANES = 16 };

#define PLD_REDUCTION(name, start, expression)                 \
    PLD_INLINE float name(const float *in, int64_t n)          \
    {                                                          \
        float part[PLD_LANES];                                 \
        for (int j = 0; j < PLD_LANES; j++)                    \
            part[j] = start;                                   \
        int64_t i = 0;                                         \
        for (; i + PLD_LANES <= n; i += PLD_LANES)             \
            for (int j = 0; j < PLD_LANES; j++) {              \
                float a = part[j], b = in[i + j];              \
                part[j] = (expression);                        \
            }                                                  \
        for (int j = 0; i + j < n; j++) {                      \
            float a = part[j], b = in[i + j];                  \
            part[j] = (expression);                            \
        }                                                      \
        for (int width = PLD_LANES / 2; width > 0; width /= 2) \
            for (int j = 0; j < width; j++) {                  \
                float a = part[j], b = part[j + width];        \
                part[j] = (expression);                        \
            }                                                  \
        return part[0];                                        \
    }

PLD_REDUCTION(pld_sum, 0.0f, a + b)
PLD_REDUCTION(pld_product, 1.0f, a *b)
/* NaN wins. */
PLD_REDUCTION(pld_largest, -__builtin_inff(), (b > a) | (b != b) ? b : a)
PLD_REDUCTION(pld_smallest, __builtin_inff(), (b < a) | (b != b) ? b : a)

#endif
