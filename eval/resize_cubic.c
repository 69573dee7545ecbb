/* cv2.resize(..., INTER_CUBIC): Keys' kernel with a = -0.75 over 4 x 4 pixels, borders repeated. */
#include "eval/resize.h"

#include <math.h>
#include <stdlib.h>

enum { COEF_BITS = 11, COEF_ONE = 1 << COEF_BITS, TAPS = 4 };

/* For one output position: four source positions and their weights in 11-bit fixed point. */
struct tap {
    int at[TAPS], weight[TAPS];
};

/* Keys 1981, in the single-precision steps of OpenCV. */
static void kernel(float w[TAPS], float x)
{
    const float a = -0.75f;
    w[0] = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
    w[1] = ((a + 2) * x - (a + 3)) * x * x + 1;
    w[2] = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
    w[3] = 1.0f - w[0] - w[1] - w[2];
}

static void make_taps(struct tap *taps, int dst, int src)
{
    double scale = 1.0 / ((double)dst / src);
    for (int i = 0; i < dst; i++) {
        float f = (float)((i + 0.5) * scale - 0.5), weights[TAPS];
        int at = (int)floorf(f);
        kernel(weights, f - (float)at);
        for (int k = 0; k < TAPS; k++) {
            int from = at - 1 + k;
            taps[i].at[k] = from < 0 ? 0 : from > src - 1 ? src - 1 : from;
            taps[i].weight[k] = (int)lrintf(weights[k] * COEF_ONE);
        }
    }
}

static void across(int32_t *restrict out, const uint8_t *restrict row,
                   const struct tap *restrict taps, int width)
{
    for (int x = 0; x < width; x++)
        for (int c = 0; c < 3; c++) {
            int32_t sum = 0;
            for (int k = 0; k < TAPS; k++)
                sum += row[3 * (size_t)taps[x].at[k] + (size_t)c] * taps[x].weight[k];
            out[3 * (size_t)x + (size_t)c] = sum;
        }
}

static uint8_t to_byte(long v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* Blends four resampled rows. OpenCV does all whole groups of eight numbers of a row in single
 * precision, and the rest in integers. */
static void down(uint8_t *restrict out, const int32_t *const rows[TAPS], const int weight[TAPS],
                 size_t n)
{
    enum { GROUP = 8 };
    const float one = 1.0f / ((float)COEF_ONE * COEF_ONE);
    float w[TAPS];
    for (int k = 0; k < TAPS; k++)
        w[k] = (float)weight[k] * one;
    size_t whole = n / GROUP * GROUP;
    for (size_t i = 0; i < whole; i++) {
        float sum = (float)rows[3][i] * w[3];
        for (int k = TAPS - 2; k >= 0; k--)
            sum = (float)rows[k][i] * w[k] + sum;
        out[i] = to_byte(lrintf(sum));
    }
    for (size_t i = whole; i < n; i++) {
        int64_t sum = 0;
        for (int k = 0; k < TAPS; k++)
            sum += (int64_t)rows[k][i] * weight[k];
        out[i] = to_byte((long)((sum + (1 << (2 * COEF_BITS - 1))) >> (2 * COEF_BITS)));
    }
}

/* The four rows that an output row reads: `buffer` holds TAPS rows, row y of the image in slot
 * y % TAPS. */
static void fill_rows(const int32_t *rows[TAPS], int32_t *buffer, int held[TAPS],
                      const struct tap *tap, const uint8_t *src, int src_width,
                      const struct tap *taps_x, int width)
{
    for (int k = 0; k < TAPS; k++) {
        int y = tap->at[k], slot = y % TAPS;
        int32_t *row = buffer + (size_t)slot * (size_t)width * 3;
        if (held[slot] != y) across(row, src + (size_t)y * (size_t)src_width * 3, taps_x, width);
        held[slot] = y;
        rows[k] = row;
    }
}

pld_status pld_resize_cubic(uint8_t *dst, size_t dst_stride, int dst_width, int dst_height,
                            const uint8_t *src, int src_width, int src_height)
{
    if (dst_width == src_width && dst_height == src_height)
        return pld_resize_linear(dst, dst_stride, dst_width, dst_height, src, src_width,
                                 src_height); /* a copy */
    size_t n = (size_t)dst_width * 3;
    struct tap *taps_x = malloc((size_t)dst_width * sizeof *taps_x);
    struct tap *taps_y = malloc((size_t)dst_height * sizeof *taps_y);
    int32_t *buffer = malloc(TAPS * n * sizeof *buffer);
    pld_status status = PLD_OK;
    if (taps_x && taps_y && buffer) {
        const int32_t *rows[TAPS];
        int held[TAPS] = {-1, -1, -1, -1};
        make_taps(taps_x, dst_width, src_width);
        make_taps(taps_y, dst_height, src_height);
        for (int y = 0; y < dst_height; y++) {
            fill_rows(rows, buffer, held, &taps_y[y], src, src_width, taps_x, dst_width);
            down(dst + (size_t)y * dst_stride, rows, taps_y[y].weight, n);
        }
    } else {
        status = pld_fail_memory("image scaling");
    }
    free(taps_x);
    free(taps_y);
    free(buffer);
    return status;
}
