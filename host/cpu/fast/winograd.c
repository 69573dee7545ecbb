#include "cpu/fast/winograd.h"

#include "cpu/fast/simd.h"

enum { OUT = PLD_WINO_OUT, IN = PLD_WINO_IN };

#define ROOT_HALF 0.70710678118654752
#define ROOT_TWO  1.41421356237309505

void pld_wino_weights(double out[36], const float g[9])
{
    static const double G[IN][3] = {
        {1, 0, 0},
        {-1 / 1.5, -ROOT_HALF / 1.5, -0.5 / 1.5},
        {-1 / 1.5, ROOT_HALF / 1.5, -0.5 / 1.5},
        {1.0 / 6, ROOT_TWO / 6, 2.0 / 6},
        {1.0 / 6, -ROOT_TWO / 6, 2.0 / 6},
        {0, 0, 1},
    };
    double half[IN][3] = {0};
    for (int i = 0; i < IN; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                half[i][j] += G[i][k] * g[k * 3 + j];
    for (int i = 0; i < IN; i++)
        for (int j = 0; j < IN; j++) {
            out[i * IN + j] = 0;
            for (int k = 0; k < 3; k++)
                out[i * IN + j] += half[i][k] * G[j][k];
        }
}

/* B^T d of six numbers. */
#define INPUT_1D(out, d)                                                         \
    do {                                                                         \
        pld_vec even1_ = (d)[4] - 2 * (d)[2], odd1_ = (d)[3] - 2 * (d)[1];       \
        pld_vec even2_ = (d)[4] - 0.5f * (d)[2], odd2_ = (d)[3] - 0.5f * (d)[1]; \
        odd1_ *= (float)ROOT_HALF;                                               \
        odd2_ *= (float)ROOT_TWO;                                                \
        (out)[0] = (d)[0] - 2.5f * (d)[2] + (d)[4];                              \
        (out)[1] = even1_ + odd1_;                                               \
        (out)[2] = even1_ - odd1_;                                               \
        (out)[3] = even2_ + odd2_;                                               \
        (out)[4] = even2_ - odd2_;                                               \
        (out)[5] = (d)[1] - 2.5f * (d)[3] + (d)[5];                              \
    } while (0)

PLD_SIMD void pld_wino_input(float *out, int64_t step, const float *in, int64_t row, int64_t pixel,
                             int64_t n)
{
    for (int64_t c = 0; c < n; c += PLD_VEC) {
        pld_vec t[IN * IN];
        for (int x = 0; x < IN; x++) {
            pld_vec d[IN], e[IN];
            for (int y = 0; y < IN; y++)
                d[y] = *(const pld_vec *)(in + y * row + x * pixel + c);
            INPUT_1D(e, d);
            for (int y = 0; y < IN; y++)
                t[y * IN + x] = e[y];
        }
        for (int y = 0; y < IN; y++) {
            pld_vec e[IN];
            INPUT_1D(e, t + y * IN);
            for (int x = 0; x < IN; x++)
                *(pld_vec *)(out + (y * IN + x) * step + c) = e[x];
        }
    }
}

/* A^T m of six numbers. */
#define OUTPUT_1D(out, m)                                                                   \
    do {                                                                                    \
        pld_vec sum1_ = (m)[1] + (m)[2], dif1_ = (m)[1] - (m)[2];                           \
        pld_vec sum2_ = (m)[3] + (m)[4], dif2_ = (m)[3] - (m)[4];                           \
        (out)[0] = (m)[0] + sum1_ + sum2_;                                                  \
        (out)[1] = (float)ROOT_HALF * dif1_ + (float)ROOT_TWO * dif2_;                      \
        (out)[2] = 0.5f * sum1_ + 2 * sum2_;                                                \
        (out)[3] = (float)(ROOT_HALF / 2) * dif1_ + (float)(ROOT_TWO * 2) * dif2_ + (m)[5]; \
    } while (0)

PLD_SIMD void pld_wino_output(float *out, int64_t row, int64_t pixel, int64_t rows, int64_t columns,
                              const float *in, int64_t step, const float *bias, int64_t n)
{
    for (int64_t c = 0; c < n; c += PLD_VEC) {
        pld_vec t[OUT][IN], start = {0};
        if (bias) start = *(const pld_vec *)(bias + c);
        for (int x = 0; x < IN; x++) {
            pld_vec m[IN], y[OUT];
            for (int k = 0; k < IN; k++)
                m[k] = *(const pld_vec *)(in + (k * IN + x) * step + c);
            OUTPUT_1D(y, m);
            for (int k = 0; k < OUT; k++)
                t[k][x] = y[k];
        }
        for (int64_t y = 0; y < rows; y++) {
            pld_vec z[OUT];
            OUTPUT_1D(z, t[y]);
            for (int64_t x = 0; x < columns; x++)
                *(pld_vec *)(out + y * row + x * pixel + c) = z[x] + start;
        }
    }
}
