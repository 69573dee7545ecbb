/* cv2.resize(..., INTER_AREA): each output pixel is the mean of the area it covers. */
#include "eval/resize.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "eval/resize_internal.h"

/* ---- whole ratios ---- */

/* Blocks of sx x sy pixels; the mean of 2 x 2 rounds halves up, of others to even, as OpenCV has
 * it. */
static void shrink_whole(uint8_t *dst, size_t stride, int width, int height, const uint8_t *src,
                         int sx, int sy)
{
    size_t row = (size_t)width * (size_t)sx * 3;
    float scale = 1.0f / (float)(sx * sy);
    for (int y = 0; y < height; y++)
        for (int i = 0; i < width * 3; i++) {
            const uint8_t *at =
                src + (size_t)y * (size_t)sy * row + (size_t)(i / 3 * sx * 3 + i % 3);
            int sum = 0;
            for (int v = 0; v < sy; v++, at += row)
                for (int u = 0; u < sx; u++)
                    sum += at[3 * u];
            bool quarter = sx == 2 && sy == 2;
            dst[(size_t)y * stride + (size_t)i] =
                (uint8_t)(quarter ? (sum + 2) >> 2 : lrintf((float)sum * scale));
        }
}

/* ---- any ratio ---- */

/* One source position's share of one output position. */
struct share {
    int to, from;
    float weight;
};

/* Shares along one axis, in order of `to`; at most two more than source positions a target. */
static int make_shares(struct share *shares, int dst, int src)
{
    double scale = 1.0 / ((double)dst / src);
    int n = 0;
    for (int i = 0; i < dst; i++) {
        double begin = i * scale, end = begin + scale;
        double cell = fmin(scale, src - begin);
        int first = (int)ceil(begin), last = (int)floor(end);
        if (last > src - 1) last = src - 1;
        if (first > last) first = last;
        if (first - begin > 1e-3)
            shares[n++] = (struct share){i, first - 1, (float)((first - begin) / cell)};
        for (int k = first; k < last; k++)
            shares[n++] = (struct share){i, k, (float)(1.0 / cell)};
        if (end - last > 1e-3)
            shares[n++] =
                (struct share){i, last, (float)(fmin(fmin(end - last, 1.0), cell) / cell)};
    }
    return n;
}

static void across(float *restrict out, const uint8_t *restrict row, const struct share *shares,
                   int n, int width)
{
    memset(out, 0, (size_t)width * 3 * sizeof *out);
    for (int i = 0; i < n; i++) {
        float *to = out + 3 * (size_t)shares[i].to, weight = shares[i].weight;
        const uint8_t *from = row + 3 * (size_t)shares[i].from;
        for (int c = 0; c < 3; c++)
            to[c] += (float)from[c] * weight;
    }
}

static void store(uint8_t *out, const float *sums, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        long v = lrintf(sums[i]);
        out[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

struct shrink {
    struct share *x, *y;
    int nx, ny;
    float *row, *sums;
};

static void shrink_any(uint8_t *dst, size_t stride, int width, const struct shrink *s,
                       const uint8_t *src, int src_width)
{
    size_t n = (size_t)width * 3;
    for (int j = 0; j < s->ny; j++) {
        struct share share = s->y[j];
        bool first = j == 0 || s->y[j - 1].to != share.to;
        across(s->row, src + (size_t)share.from * (size_t)src_width * 3, s->x, s->nx, width);
        for (size_t i = 0; i < n; i++)
            s->sums[i] = first ? share.weight * s->row[i] : s->sums[i] + share.weight * s->row[i];
        if (j + 1 == s->ny || s->y[j + 1].to != share.to)
            store(dst + (size_t)share.to * stride, s->sums, n);
    }
}

pld_status pld_resize_area(uint8_t *dst, size_t dst_stride, int dst_width, int dst_height,
                           const uint8_t *src, int src_width, int src_height)
{
    if (dst_width > src_width || dst_height > src_height)
        return pld_resize_linear_cells(dst, dst_stride, dst_width, dst_height, src, src_width,
                                       src_height);
    if (src_width % dst_width == 0 && src_height % dst_height == 0) {
        shrink_whole(dst, dst_stride, dst_width, dst_height, src, src_width / dst_width,
                     src_height / dst_height);
        return PLD_OK;
    }
    struct shrink s = {
        .x = malloc(((size_t)src_width + 2 * (size_t)dst_width) * sizeof *s.x),
        .y = malloc(((size_t)src_height + 2 * (size_t)dst_height) * sizeof *s.y),
        .row = malloc((size_t)dst_width * 3 * sizeof *s.row),
        .sums = malloc((size_t)dst_width * 3 * sizeof *s.sums),
    };
    pld_status status = PLD_OK;
    if (s.x && s.y && s.row && s.sums) {
        s.nx = make_shares(s.x, dst_width, src_width);
        s.ny = make_shares(s.y, dst_height, src_height);
        shrink_any(dst, dst_stride, dst_width, &s, src, src_width);
    } else {
        status = pld_fail_memory("image scaling");
    }
    free(s.x);
    free(s.y);
    free(s.row);
    free(s.sums);
    return status;
}
