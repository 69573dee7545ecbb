/* Elementwise functions on dense floats, for kernels that apply an activation themselves. */
#ifndef PLD_CPU_FAST_FAST_UNARY_H
#define PLD_CPU_FAST_FAST_UNARY_H

#include <stdint.h>

/* out[i] = f(in[i]); in place is fine. */
typedef void (*pld_unary_fn)(float *out, const float *in, int64_t n, float alpha, float beta);

/* The function of an operator kind; NULL when there is no fast one (or op is -1). */
pld_unary_fn pld_fast_unary_of(int op);

#endif
