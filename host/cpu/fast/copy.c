#include "cpu/fast/copy.h"

#include <string.h>

#include "cpu/fast/simd.h"

void pld_copy_init(struct pld_copy *copy, const struct pld_shape *shape, const int64_t *out_stride,
                   const int64_t *in_stride, size_t size)
{
    memset(copy, 0, sizeof *copy);
    copy->size = size;
    copy->turn = -1;
    struct pld_loop *loop = &copy->loop;
    pld_loop_init(loop, shape, 2, (const int64_t *const[]){out_stride, in_stride});
    int last = loop->rank - 1;
    if (loop->stride[0][last] != 1 || loop->stride[1][last] == 1) return;
    for (int i = 0; i < last; i++)
        if (loop->stride[1][i] == 1 && loop->dim[i] > 1) copy->turn = i;
    /* The two axes of a transposition are the innermost. */
    if (copy->turn < 0) return;
    for (int i = copy->turn; i < last - 1; i++) {
        int64_t d = loop->dim[i];
        loop->dim[i] = loop->dim[i + 1];
        loop->dim[i + 1] = d;
        for (int k = 0; k < 2; k++) {
            int64_t s = loop->stride[k][i];
            loop->stride[k][i] = loop->stride[k][i + 1];
            loop->stride[k][i + 1] = s;
        }
    }
    copy->turn = last - 1;
}

/* `rows` runs of `n` bytes. Short runs (a pixel's channels) are moved in fixed pieces, since a
 * call of memcpy for each would cost more than the move. */
PLD_SIMD static void copy_runs(char *out, int64_t out_step, const char *in, int64_t in_step,
                               size_t n, int64_t rows)
{
    if (n > 1024) {
        for (int64_t r = 0; r < rows; r++)
            memcpy(out + r * out_step, in + r * in_step, n);
        return;
    }
    for (int64_t r = 0; r < rows; r++) {
        char *o = out + r * out_step;
        const char *i = in + r * in_step;
        size_t k = 0;
        for (; k + 64 <= n; k += 64)
            memcpy(o + k, i + k, 64);
        if (n & 32) memcpy(o + k, i + k, 32), k += 32;
        if (n & 16) memcpy(o + k, i + k, 16), k += 16;
        if (n & 8) memcpy(o + k, i + k, 8), k += 8;
        if (n & 4) memcpy(o + k, i + k, 4), k += 4;
        for (; k < n; k++)
            o[k] = i[k];
    }
}

typedef float vec4 __attribute__((vector_size(16), aligned(4), may_alias));

/* out[r][c] = in[c][r] for a block of 4 x 4. */
PLD_INLINE void turn_4x4(float *out, int64_t out_step, const float *in, int64_t in_step)
{
    vec4 a = *(const vec4 *)in, b = *(const vec4 *)(in + in_step);
    vec4 c = *(const vec4 *)(in + 2 * in_step), d = *(const vec4 *)(in + 3 * in_step);
    vec4 ab0 = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    vec4 ab1 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    vec4 cd0 = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    vec4 cd1 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(vec4 *)out = __builtin_shufflevector(ab0, cd0, 0, 1, 4, 5);
    *(vec4 *)(out + out_step) = __builtin_shufflevector(ab0, cd0, 2, 3, 6, 7);
    *(vec4 *)(out + 2 * out_step) = __builtin_shufflevector(ab1, cd1, 0, 1, 4, 5);
    *(vec4 *)(out + 3 * out_step) = __builtin_shufflevector(ab1, cd1, 2, 3, 6, 7);
}

/* Four output rows from `columns` input rows. */
static void turn_4_rows(float *out, int64_t out_step, const float *in, int64_t in_step,
                        int64_t columns)
{
    int64_t c = 0;
    for (; c + 4 <= columns; c += 4)
        turn_4x4(out + c, out_step, in + c * in_step, in_step);
    for (; c < columns; c++)
        for (int i = 0; i < 4; i++)
            out[i * out_step + c] = in[c * in_step + i];
}

/* A block of input rows is read from the cache again
 * and again while each output row gets one long run: strides are often multiples of a page, and
 * short runs on many of those would push each other out of the cache. */
void pld_copy_turn(float *out, int64_t out_step, const float *in, int64_t in_step, int64_t rows,
                   int64_t columns)
{
    enum { BLOCK = 64 };
    for (int64_t c = 0; c < columns; c += BLOCK) {
        int64_t n = columns - c < BLOCK ? columns - c : BLOCK, r = 0;
        for (; r + 4 <= rows; r += 4)
            turn_4_rows(out + r * out_step + c, out_step, in + c * in_step + r, in_step, n);
        for (; r < rows; r++)
            for (int64_t k = c; k < c + n; k++)
                out[r * out_step + k] = in[k * in_step + r];
    }
}

/* Any strides, element by element. */
#define COPY_PLAIN(type)                                                          \
    static void plain_##type(type *out, const type *in, const struct pld_loop *l) \
    {                                                                             \
        int y = l->rank - 2, x = l->rank - 1;                                     \
        for (int64_t i = 0; i < l->dim[y]; i++)                                   \
            for (int64_t j = 0; j < l->dim[x]; j++)                               \
                out[i * l->stride[0][y] + j * l->stride[0][x]] =                  \
                    in[i * l->stride[1][y] + j * l->stride[1][x]];                \
    }
COPY_PLAIN(uint8_t)
COPY_PLAIN(uint16_t)
COPY_PLAIN(uint32_t)
COPY_PLAIN(uint64_t)

static void copy_plane(const struct pld_copy *copy, char *out, const char *in)
{
    const struct pld_loop *l = &copy->loop;
    int y = l->rank - 2, x = l->rank - 1;
    int64_t size = (int64_t)copy->size;
    if (l->stride[0][x] == 1 && l->stride[1][x] == 1)
        copy_runs(out, l->stride[0][y] * size, in, l->stride[1][y] * size,
                  (size_t)(l->dim[x] * size), l->dim[y]);
    else if (copy->turn >= 0 && size == 4)
        pld_copy_turn((float *)(void *)out, l->stride[0][y], (const float *)(const void *)in,
                      l->stride[1][x], l->dim[y], l->dim[x]);
    else if (size == 8)
        plain_uint64_t((uint64_t *)(void *)out, (const uint64_t *)(const void *)in, l);
    else if (size == 4)
        plain_uint32_t((uint32_t *)(void *)out, (const uint32_t *)(const void *)in, l);
    else if (size == 2)
        plain_uint16_t((uint16_t *)(void *)out, (const uint16_t *)(const void *)in, l);
    else
        plain_uint8_t((uint8_t *)out, (const uint8_t *)in, l);
}

void pld_copy_run(const struct pld_copy *copy, void *out, const void *in)
{
    const struct pld_loop *loop = &copy->loop;
    int64_t size = (int64_t)copy->size;
    struct pld_loop_at at;
    for (bool more = pld_loop_first(&at, loop); more; more = pld_loop_next(&at, loop))
        copy_plane(copy, (char *)out + at.offset[0] * size, (const char *)in + at.offset[1] * size);
}
