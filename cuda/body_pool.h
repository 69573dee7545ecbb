/* MaxPool and AveragePool over two spatial axes. */
#ifndef PLD_CUDA_BODY_POOL_H
#define PLD_CUDA_BODY_POOL_H

#include "cuda/body.h"

struct pld_pool_args {
    uint32_t count;
    int wide;                                   /* runs of PLD_RUN channels, channels innermost */
    struct pld_divisor channels, width, height; /* of the output; channels in steps */
    int in_h, in_w;
    int kernel[2], stride[2], dilation[2], begin[2];
    int end[2]; /* padded extent that AveragePool counts, from the start of the image */
    int average, count_pad;
    int dtype;
    int64_t in_n, in_c, in_y, in_x, out_n, out_c, out_y, out_x; /* strides in elements */
    void *out;
    const void *in;
};

struct pld_pool_at {
    int64_t in, out; /* offsets of the image's first pixel, and of the output */
    int y, x;        /* first cell of the window */
};

static PLD_HD struct pld_pool_at pld_pool_locate(const struct pld_pool_args *a, uint32_t index)
{
    /* Channels are the fastest index when they are contiguous, else the pixels. */
    uint32_t rest, c, x, y, n;
    if (a->out_c == 1) {
        rest = pld_divide(index, a->channels);
        c = index - rest * a->channels.value;
        index = rest;
    }
    rest = pld_divide(index, a->width);
    x = index - rest * a->width.value;
    index = rest;
    rest = pld_divide(index, a->height);
    y = index - rest * a->height.value;
    n = rest;
    if (a->out_c != 1) {
        n = pld_divide(rest, a->channels);
        c = rest - n * a->channels.value;
    }
    int64_t first = (int64_t)c * (a->wide ? PLD_RUN : 1);
    struct pld_pool_at at;
    at.in = n * a->in_n + first * a->in_c;
    at.out = n * a->out_n + first * a->out_c + y * a->out_y + x * a->out_x;
    at.y = (int)y * a->stride[0] - a->begin[0];
    at.x = (int)x * a->stride[1] - a->begin[1];
    return at;
}

/* Cells of the window that lie before `limit`, and not before `low`. */
static PLD_HD int pld_pool_cells(int first, int kernel, int dilation, int low, int limit)
{
    int n = 0;
    for (int k = 0; k < kernel; k++) {
        int at = first + k * dilation;
        n += at >= low && at < limit;
    }
    return n;
}

static PLD_HD float pld_pool_divisor(const struct pld_pool_args *a, struct pld_pool_at at)
{
    int rows, columns;
    if (a->count_pad) {
        rows = pld_pool_cells(at.y, a->kernel[0], a->dilation[0], -a->begin[0], a->end[0]);
        columns = pld_pool_cells(at.x, a->kernel[1], a->dilation[1], -a->begin[1], a->end[1]);
    } else {
        rows = pld_pool_cells(at.y, a->kernel[0], a->dilation[0], 0, a->in_h);
        columns = pld_pool_cells(at.x, a->kernel[1], a->dilation[1], 0, a->in_w);
    }
    return rows * columns > 0 ? (float)(rows * columns) : 1; /* an empty window averages to 0 */
}

static PLD_HD void pld_pool_body(const struct pld_pool_args *a, uint32_t index)
{
    struct pld_pool_at at = pld_pool_locate(a, index);
    int n = a->wide ? PLD_RUN : 1;
    float sum[PLD_RUN], v[PLD_RUN];
    for (int k = 0; k < PLD_RUN; k++)
        sum[k] = a->average ? 0 : -INFINITY;
    for (int i = 0; i < a->kernel[0]; i++) {
        int y = at.y + i * a->dilation[0];
        if (y < 0 || y >= a->in_h) continue;
        for (int j = 0; j < a->kernel[1]; j++) {
            int x = at.x + j * a->dilation[1];
            if (x < 0 || x >= a->in_w) continue;
            int64_t from = at.in + y * a->in_y + x * a->in_x;
            if (a->wide)
                pld_get_run(v, a->in, a->dtype, from);
            else
                v[0] = pld_get(a->in, a->dtype, from);
            for (int k = 0; k < n; k++) /* NaN wins */
                sum[k] = a->average ? sum[k] + v[k] : v[k] > sum[k] || v[k] != v[k] ? v[k] : sum[k];
        }
    }
    float divisor = a->average ? pld_pool_divisor(a, at) : 1;
    for (int k = 0; k < n; k++)
        sum[k] /= divisor;
    if (a->wide)
        pld_set_run(a->out, a->dtype, at.out, sum);
    else
        pld_set(a->out, a->dtype, at.out, sum[0]);
}

#endif
