/* Single elements of any type: for reference kernels, and for constants that the graph reads. */
#ifndef PLD_BACKEND_ELEMENT_H
#define PLD_BACKEND_ELEMENT_H

#include <stdint.h>

#include "backend/tensor.h"

/* IEEE half precision, rounded to nearest even. */
double pld_half_to_double(uint16_t half);
uint16_t pld_half_from_double(double value);

/* Element `i` of an array. Storing a real in an integer type truncates, saturates, and makes NaN 0;
 * in bool it stores value != 0. */
double pld_load_slow(enum pld_dtype dtype, const void *base, int64_t i);
static inline double pld_load(enum pld_dtype dtype, const void *base, int64_t i)
{
    return dtype == PLD_F32 ? (double)((const float *)base)[i] : pld_load_slow(dtype, base, i);
}
void pld_store(enum pld_dtype dtype, void *base, int64_t i, double value);

/* The same for integer types (and bool), exactly; storing wraps as in C. An element of uint64 comes
 * and goes as the int64 of the same bits. */
int64_t pld_load_int(enum pld_dtype dtype, const void *base, int64_t i);
void pld_store_int(enum pld_dtype dtype, void *base, int64_t i, int64_t value);

#endif
