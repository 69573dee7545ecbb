/* The transforms of Winograd's F(4x4, 3x3): 4 x 4 outputs of a 3 x 3 convolution from 6 x 6 inputs
 * with 36 products instead of 144 (Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks", 2016, section 4). The interpolation points are 0, +-sqrt(1/2), +-sqrt(2) and infinity:
 * with the usual 0, +-1, +-2 the largest rounding error is five times as large. */
#ifndef PLD_CPU_FAST_WINOGRAD_H
#define PLD_CPU_FAST_WINOGRAD_H

#include <stdint.h>

enum { PLD_WINO_OUT = 4, PLD_WINO_IN = 6, PLD_WINO_POINTS = 36 };

/* G g G^T of one 3 x 3 filter: 36 numbers, in double. */
void pld_wino_weights(double out[36], const float g[9]);

/* B^T d B for n channels (a multiple of 8) of one 6 x 6 patch: pixel (y, x) is at
 * in[y * row + x * pixel], point p goes to out[p * step]. */
void pld_wino_input(float *out, int64_t step, const float *in, int64_t row, int64_t pixel,
                    int64_t n);

/* A^T m A + bias (or NULL) of one 4 x 4 tile for n channels (a multiple of 8): point p is at
 * in[p * step], pixel (y, x) goes to out[y * row + x * pixel], as far as y < rows and x < columns.
 */
void pld_wino_output(float *out, int64_t row, int64_t pixel, int64_t rows, int64_t columns,
                     const float *in, int64_t step, const float *bias, int64_t n);

#endif
