/* Private to the gemm: the innermost tiles for one instruction set, included by gemm_<isa>.c, which
 * defines
 *
 *   GEMM_TARGET     the attribute that switches the instructions on
 *   GEMM_VEC        floats of a vector, and vec, its type
 *   GEMM_ROWS       rows of a full tile: its sums and two vectors of b fill the registers
 *   gemm_spread(p)  *p in all elements
 *   gemm_fma(a,b,c) a b + c
 *   gemm_load_part(p, n), gemm_store_part(p, x, n)   the first n elements, 0 < n < GEMM_VEC
 *   gemm_max, gemm_min   the second operand where one is NaN
 */
#include "cpu/fast/gemm_isa.h"

typedef float vec_u __attribute__((vector_size(GEMM_VEC * 4), aligned(4), may_alias));

enum { GEMM_AHEAD = 512 }; /* floats */

#define GEMM_INLINE static inline __attribute__((always_inline)) GEMM_TARGET

/* The last panel may be wider than the matrix: only n columns of the vector are there. */
GEMM_INLINE void store_some(float *to, vec value, int64_t n)
{
    if (n >= GEMM_VEC)
        *(vec_u *)to = (vec_u)value;
    else if (n > 0)
        gemm_store_part(to, value, (int)n);
}

GEMM_INLINE vec load_some(const float *from, int64_t n)
{
    if (n >= GEMM_VEC) return (vec) * (const vec_u *)from;
    return n > 0 ? gemm_load_part(from, (int)n) : (vec){0};
}

/* rows and vecs are constants wherever this is expanded. */
GEMM_INLINE void tile(const struct pld_gemm_tile *t, int rows, int vecs)
{
    vec sum[GEMM_ROWS][2];
    const int64_t step = t->left_step, step2 = 2 * step, step3 = 3 * step;
    for (int v = 0; v < vecs; v++) {
        vec start = {0};
        if (t->bias) start = load_some(t->bias + v * GEMM_VEC, t->columns - v * GEMM_VEC);
        for (int i = 0; i < rows; i++)
            sum[i][v] = start;
    }
    const float *b = t->right;
    for (int s = 0; s < t->segments; s++) {
        const float *a0 = t->left + s * t->jump;
        const float *a4 = rows > 4 ? a0 + 4 * step : a0, *a8 = rows > 8 ? a0 + 8 * step : a0;
        const float *a12 = rows > 12 ? a0 + 12 * step : a0;
        for (int64_t k = 0; k < t->length; k++) {
            vec b0 = *(const vec_u *)b, b1 = b0;
            if (vecs > 1) b1 = *(const vec_u *)(b + GEMM_VEC);
            b += vecs * GEMM_VEC;
            /* Panels of deep layers come from the last cache; two lines are one step of k. */
            __builtin_prefetch(b + GEMM_AHEAD);
            if (vecs > 1) __builtin_prefetch(b + GEMM_AHEAD + GEMM_VEC);
#pragma GCC unroll 16
            for (int i = 0; i < rows; i++) {
                const float *a = i < 4 ? a0 : i < 8 ? a4 : i < 12 ? a8 : a12;
                int r = i % 4;
                vec x = gemm_spread(a + (r == 0 ? 0 : r == 1 ? step : r == 2 ? step2 : step3));
                sum[i][0] = gemm_fma(x, b0, sum[i][0]);
                if (vecs > 1) sum[i][1] = gemm_fma(x, b1, sum[i][1]);
            }
            a0++, a4++, a8++, a12++;
        }
    }
    bool whole = t->columns >= vecs * GEMM_VEC;
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vecs; v++) {
            float *to = t->out + i * t->out_step + v * GEMM_VEC;
            const float *add = t->add ? t->add + i * t->add_step + v * GEMM_VEC : NULL;
            int64_t n = t->columns - v * GEMM_VEC;
            vec value = sum[i][v];
            if (add) value += whole ? (vec) * (const vec_u *)add : load_some(add, n);
            if (whole)
                *(vec_u *)to = value;
            else
                store_some(to, value, n);
        }
}

/* ---- activations ----
 *
 * Sums are still in the first cache when they get here. Errors in units in the last place, over
 * -80..80: sigmoid and SiLU 8 for x < 0 where exp(-x) carries the rounding of its argument, 3 else.
 */

typedef int32_t ivec __attribute__((vector_size(GEMM_VEC * 4)));

GEMM_INLINE vec spread(float x)
{
    return gemm_spread(&x);
}

/* NaN goes through. */
GEMM_INLINE vec clamp(vec x, float low, float high)
{
    return gemm_min(spread(high), gemm_max(spread(low), x));
}

/* 1 + e^-x: 2^t in a whole and a fractional part, a polynomial for the latter (2e-8 relative, by
 * Chebyshev interpolation). Adding 1.5 * 2^23 rounds and leaves the whole part in the low bits. */
GEMM_INLINE vec one_plus_exp_minus(vec x)
{
    const vec magic = spread(12582912.0f);
    vec t = clamp(x * spread(-1.44269504f), -126.0f, 126.0f);
    vec whole = t + magic;
    vec f = t - (whole - magic);
    vec p = gemm_fma(spread(1.54614449e-4f), f, spread(1.3400428e-3f));
    p = gemm_fma(p, f, spread(9.61805694e-3f));
    p = gemm_fma(p, f, spread(5.55032715e-2f));
    p = gemm_fma(p, f, spread(2.40226507e-1f));
    p = gemm_fma(p, f, spread(6.93147182e-1f));
    p = gemm_fma(p, f, spread(1.0f));
    ivec bits = ((ivec)whole << 23) + (ivec)p;
    return spread(1.0f) + (vec)bits;
}

/* The last vector of a row may reach beyond it. */
#define GEMM_ACTIVATE(name, expression)                                                      \
    GEMM_TARGET static void name(float *out, int64_t step, int64_t rows, int64_t n, float a, \
                                 float b)                                                    \
    {                                                                                        \
        (void)a, (void)b;                                                                    \
        for (int64_t r = 0; r < rows; r++, out += step) {                                    \
            int64_t i = 0;                                                                   \
            for (; i + GEMM_VEC <= n; i += GEMM_VEC) {                                       \
                vec x = (vec) * (vec_u *)(out + i);                                          \
                *(vec_u *)(out + i) = (vec_u)(expression);                                   \
            }                                                                                \
            if (i == n) continue;                                                            \
            vec x = load_some(out + i, n - i);                                               \
            store_some(out + i, (expression), n - i);                                        \
        }                                                                                    \
    }

GEMM_ACTIVATE(relu, gemm_max(spread(0), x))
GEMM_ACTIVATE(leaky_relu, gemm_max(spread(0), x) + spread(a) * gemm_min(spread(0), x))
GEMM_ACTIVATE(clip, clamp(x, a, b))
GEMM_ACTIVATE(hard_sigmoid, clamp(gemm_fma(spread(a), x, spread(b)), 0, 1))
GEMM_ACTIVATE(hard_swish, x *clamp(gemm_fma(spread(1.0f / 6), x, spread(0.5f)), 0, 1))
GEMM_ACTIVATE(sigmoid, spread(1) / one_plus_exp_minus(x))
GEMM_ACTIVATE(silu, gemm_max(spread(-1e6f), x) / one_plus_exp_minus(x))

/* By operator kind; the others are applied by fast_unary. */
#define GEMM_ACTIVATIONS                                                              \
    {                                                                                 \
        [PLD_OP_RELU] = relu, [PLD_OP_LEAKY_RELU] = leaky_relu, [PLD_OP_CLIP] = clip, \
        [PLD_OP_HARD_SIGMOID] = hard_sigmoid, [PLD_OP_HARD_SWISH] = hard_swish,       \
        [PLD_OP_SIGMOID] = sigmoid, [PLD_OP_SILU] = silu,                             \
    }

#define GEMM_TILES(rows)                                                   \
    GEMM_TARGET static void tile_##rows##_1(const struct pld_gemm_tile *t) \
    {                                                                      \
        tile(t, rows, 1);                                                  \
    }                                                                      \
    GEMM_TARGET static void tile_##rows##_2(const struct pld_gemm_tile *t) \
    {                                                                      \
        tile(t, rows, 2);                                                  \
    }
#define GEMM_ENTRY(rows) [rows] = {tile_##rows##_1, tile_##rows##_2}
