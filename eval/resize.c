#include "eval/resize_internal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- resize ----
 *
 * Weights are 11-bit fixed point. A row is first resampled across (19 bits of integer), then two
 * such rows are blended with the low four bits dropped before and sixteen after each product. The
 * order of these truncations is what makes the result OpenCV's. */

enum { COEF_BITS = 11, COEF_ONE = 1 << COEF_BITS };

/* For one output position: the two source positions and their weights. */
struct tap {
    int at0, at1;
    int weight0, weight1;
};

/* Pixel centres are at half positions. The single-precision steps are OpenCV's. `snap`: positions
 * beyond the first and last source pixel take that pixel alone. Across (snap) and down (not snap)
 * differ: down, both taps become the border row but keep their weights, and rounding shows that.
 * `cells`: the positions of INTER_AREA, which keep source cells whole. */
static void make_taps(struct tap *taps, int dst, int src, bool snap, bool cells)
{
    double inverse = (double)dst / src, scale = 1.0 / inverse;
    for (int i = 0; i < dst; i++) {
        int at;
        float f;
        if (cells) {
            at = (int)floor(i * scale);
            f = (float)((i + 1) - (at + 1) * inverse);
            f = f <= 0.0f ? 0.0f : f - floorf(f);
        } else {
            f = (float)((i + 0.5) * scale - 0.5);
            at = (int)floorf(f);
            f -= (float)at;
        }
        if (snap && (at < 0 || at >= src - 1)) {
            at = at < 0 ? 0 : src - 1;
            f = 0.0f;
        }
        int next = at + 1 < src ? at + 1 : src - 1;
        if (at < 0) at = 0;
        if (at > src - 1) at = src - 1;
        taps[i] =
            (struct tap){at, next, (int)lrintf((1.0f - f) * COEF_ONE), (int)lrintf(f * COEF_ONE)};
    }
}

/* One source row resampled across, the low four bits dropped already. */
static void across(int32_t *restrict out, const uint8_t *restrict row,
                   const struct tap *restrict taps, int width)
{
    for (int x = 0; x < width; x++) {
        struct tap t = taps[x];
        const uint8_t *a = row + 3 * (size_t)t.at0, *b = row + 3 * (size_t)t.at1;
        out[3 * x + 0] = (a[0] * t.weight0 + b[0] * t.weight1) >> 4;
        out[3 * x + 1] = (a[1] * t.weight0 + b[1] * t.weight1) >> 4;
        out[3 * x + 2] = (a[2] * t.weight0 + b[2] * t.weight1) >> 4;
    }
}

static void blend(uint8_t *restrict out, const int32_t *restrict a, const int32_t *restrict b,
                  int weight0, int weight1, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int v = ((weight0 * a[i]) >> 16) + ((weight1 * b[i]) >> 16);
        out[i] = (uint8_t)((v + 2) >> 2); /* within 0..255: the weights sum to COEF_ONE or +-1 */
    }
}

/* Two resampled rows, kept from one output row to the next: going up in size they serve many. */
struct rows {
    int32_t *data[2];
    int source[2]; /* row of the image, -1 none */
};

/* The resampled row `y`, which must not push out the row `keep`. */
static const int32_t *get_row(struct rows *rows, int y, int keep, const uint8_t *src, int src_width,
                              const struct tap *taps, int dst_width)
{
    for (int k = 0; k < 2; k++)
        if (rows->source[k] == y) return rows->data[k];
    int k = rows->source[0] == keep ? 1 : 0;
    across(rows->data[k], src + (size_t)y * (size_t)src_width * 3, taps, dst_width);
    rows->source[k] = y;
    return rows->data[k];
}

/* Exactly half in both directions: OpenCV turns to the mean of 2 x 2 pixels. */
static void halve(uint8_t *dst, size_t stride, int width, int height, const uint8_t *src)
{
    size_t row = (size_t)width * 6;
    for (int y = 0; y < height; y++) {
        const uint8_t *a = src + 2 * (size_t)y * row, *b = a + row;
        uint8_t *out = dst + (size_t)y * stride;
        for (int x = 0; x < width; x++, a += 6, b += 6, out += 3)
            for (int c = 0; c < 3; c++)
                out[c] = (uint8_t)((a[c] + a[c + 3] + b[c] + b[c + 3] + 2) >> 2);
    }
}

static void copy_rows(uint8_t *dst, size_t stride, int width, int height, const uint8_t *src)
{
    size_t row = (size_t)width * 3;
    for (int y = 0; y < height; y++)
        memcpy(dst + (size_t)y * stride, src + (size_t)y * row, row);
}

static pld_status blend_rows(uint8_t *dst, size_t dst_stride, int dst_width, int dst_height,
                             const uint8_t *src, int src_width, int src_height, bool cells)
{
    size_t n = (size_t)dst_width * 3;
    struct tap *taps_x = malloc((size_t)dst_width * sizeof *taps_x);
    struct tap *taps_y = malloc((size_t)dst_height * sizeof *taps_y);
    int32_t *scratch = malloc(2 * n * sizeof *scratch);
    pld_status status = PLD_OK;
    if (taps_x && taps_y && scratch) {
        make_taps(taps_x, dst_width, src_width, true, cells);
        make_taps(taps_y, dst_height, src_height, false, cells);
        struct rows rows = {{scratch, scratch + n}, {-1, -1}};
        for (int y = 0; y < dst_height; y++) {
            struct tap t = taps_y[y];
            const int32_t *a = get_row(&rows, t.at0, t.at1, src, src_width, taps_x, dst_width);
            const int32_t *b = get_row(&rows, t.at1, t.at0, src, src_width, taps_x, dst_width);
            blend(dst + (size_t)y * dst_stride, a, b, t.weight0, t.weight1, n);
        }
    } else {
        status = pld_fail_memory("image scaling");
    }
    free(taps_x);
    free(taps_y);
    free(scratch);
    return status;
}

pld_status pld_resize_linear(uint8_t *dst, size_t dst_stride, int dst_width, int dst_height,
                             const uint8_t *src, int src_width, int src_height)
{
    if (dst_width == src_width && dst_height == src_height) {
        copy_rows(dst, dst_stride, dst_width, dst_height, src);
        return PLD_OK;
    }
    if (src_width == 2 * dst_width && src_height == 2 * dst_height) {
        halve(dst, dst_stride, dst_width, dst_height, src);
        return PLD_OK;
    }
    return blend_rows(dst, dst_stride, dst_width, dst_height, src, src_width, src_height, false);
}

pld_status pld_resize_linear_cells(uint8_t *dst, size_t dst_stride, int dst_width, int dst_height,
                                   const uint8_t *src, int src_width, int src_height)
{
    return blend_rows(dst, dst_stride, dst_width, dst_height, src, src_width, src_height, true);
}

/* ---- warp ----
 *
 * OpenCV 4 computes source positions in 1/1024 pixel, rounds them to 1/32, and blends four pixels
 * with the products of those 32nds. */

enum { GRID_BITS = 5, GRID = 1 << GRID_BITS, FINE_BITS = 10 };

/* A source position in 1/GRID pixel. */
static int position(double scaled, double shift)
{
    long fine = lrint(scaled) + lrint(shift) + (1 << (FINE_BITS - GRID_BITS - 1));
    return (int)(fine >> (FINE_BITS - GRID_BITS));
}

struct picture {
    const uint8_t *rgb;
    int width, height;
    uint8_t border;
};

static const uint8_t *pixel_or_border(const struct picture *p, int x, int y, const uint8_t *border)
{
    if (x < 0 || y < 0 || x >= p->width || y >= p->height) return border;
    return p->rgb + ((size_t)y * (size_t)p->width + (size_t)x) * 3;
}

static void sample(uint8_t *out, const struct picture *p, int x, int y)
{
    const uint8_t border[3] = {p->border, p->border, p->border};
    int fx = x & (GRID - 1), fy = y & (GRID - 1);
    x >>= GRID_BITS;
    y >>= GRID_BITS;
    const uint8_t *a = pixel_or_border(p, x, y, border);
    const uint8_t *b = pixel_or_border(p, x + 1, y, border);
    const uint8_t *c = pixel_or_border(p, x, y + 1, border);
    const uint8_t *d = pixel_or_border(p, x + 1, y + 1, border);
    for (int k = 0; k < 3; k++) {
        int top = a[k] * (GRID - fx) + b[k] * fx, bottom = c[k] * (GRID - fx) + d[k] * fx;
        int sum = top * (GRID - fy) + bottom * fy;
        out[k] = (uint8_t)((sum + GRID * GRID / 2) / (GRID * GRID));
    }
}

pld_status pld_warp_linear(uint8_t *dst, int dst_width, int dst_height, const uint8_t *src,
                           int src_width, int src_height, double scale, double offset_x,
                           double offset_y, uint8_t border)
{
    int *columns = malloc((size_t)dst_width * sizeof *columns);
    if (!columns) return pld_fail_memory("image warp");
    /* The inverse map, with the operations in the order in which OpenCV inverts a matrix. */
    double inverse = scale * (1.0 / (scale * scale));
    double back_x = -inverse * offset_x, back_y = -inverse * offset_y, fine = 1 << FINE_BITS;
    for (int x = 0; x < dst_width; x++)
        columns[x] = position(inverse * x * fine, back_x * fine);
    struct picture p = {src, src_width, src_height, border};
    for (int y = 0; y < dst_height; y++) {
        int at = position(0.0, (inverse * y + back_y) * fine);
        for (int x = 0; x < dst_width; x++, dst += 3)
            sample(dst, &p, columns[x], at);
    }
    free(columns);
    return PLD_OK;
}
