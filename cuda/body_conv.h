/* Convolutions that cuDNN is not asked for: depthwise ones in runs of channels, and a direct form
 * of every other, the fallback and the yardstick. Sums are in float. */
#ifndef PLD_CUDA_BODY_CONV_H
#define PLD_CUDA_BODY_CONV_H

#include "cuda/body_map.h"

struct pld_conv_args {
    uint32_t count;                              /* outputs, or runs of PLD_RUN channels */
    struct pld_divisor channels, width, height;  /* of the output; channels in steps */
    int in_h, in_w, per_group_in, per_group_out; /* channels of a group on both sides */
    int kernel[2], stride[2], dilation[2], begin[2];
    int act; /* enum pld_op, or -1 */
    float alpha, beta;
    int x_dtype, w_dtype, b_dtype, y_dtype;         /* b_dtype -1: no bias */
    int add, add_dtype;                             /* enum pld_conv_add */
    int64_t x_n, x_c, x_y, x_x, y_n, y_c, y_y, y_x; /* strides in elements */
    int64_t add_n, add_c, add_y, add_x;
    void *y;
    const void *x, *w, *b, *addend; /* b NULL: no bias */
};

struct pld_conv_at {
    uint32_t n, c, y, x; /* of the output; c in steps */
};

/* Channels are the fastest index. */
static PLD_HD struct pld_conv_at pld_conv_locate(const struct pld_conv_args *a, uint32_t index)
{
    struct pld_conv_at at;
    uint32_t rest = pld_divide(index, a->channels);
    at.c = index - rest * a->channels.value;
    uint32_t row = pld_divide(rest, a->width);
    at.x = rest - row * a->width.value;
    at.n = pld_divide(row, a->height);
    at.y = row - at.n * a->height.value;
    return at;
}

static PLD_HD float pld_conv_act(const struct pld_conv_args *a, float v, float addend)
{
    if (a->add == PLD_CONV_ADD_EARLY) v += addend;
    if (a->act >= 0) v = pld_unary(a->act, v, a->alpha, a->beta);
    return a->add == PLD_CONV_ADD_LATE ? v + addend : v;
}

/* Where the addend of output channel c lies; it may have another layout. */
static PLD_HD int64_t pld_conv_addend(const struct pld_conv_args *a, struct pld_conv_at at,
                                      int64_t c)
{
    return at.n * a->add_n + c * a->add_c + at.y * a->add_y + at.x * a->add_x;
}

/* Writes one output of the direct forms. */
static PLD_HD void pld_conv_write(const struct pld_conv_args *a, struct pld_conv_at at, float v)
{
    float addend = a->add ? pld_get(a->addend, a->add_dtype, pld_conv_addend(a, at, at.c)) : 0;
    int64_t to = at.n * a->y_n + at.c * a->y_c + at.y * a->y_y + at.x * a->y_x;
    pld_set(a->y, a->y_dtype, to, pld_conv_act(a, v, addend));
}

/* Weights [M, C/group, kh, kw]. */
static PLD_HD void pld_conv_direct_body(const struct pld_conv_args *a, uint32_t index)
{
    struct pld_conv_at at = pld_conv_locate(a, index);
    int group = (int)at.c / a->per_group_out, area = a->kernel[0] * a->kernel[1];
    int64_t image = at.n * a->x_n + (int64_t)group * a->per_group_in * a->x_c;
    int64_t filter = (int64_t)at.c * a->per_group_in * area;
    float sum = a->b ? pld_get(a->b, a->b_dtype, at.c) : 0;
    for (int i = 0; i < a->kernel[0]; i++) {
        int y = (int)at.y * a->stride[0] - a->begin[0] + i * a->dilation[0];
        if (y < 0 || y >= a->in_h) continue;
        for (int j = 0; j < a->kernel[1]; j++) {
            int x = (int)at.x * a->stride[1] - a->begin[1] + j * a->dilation[1];
            if (x < 0 || x >= a->in_w) continue;
            int64_t pixel = image + y * a->x_y + x * a->x_x;
            int64_t tap = filter + i * a->kernel[1] + j;
            for (int c = 0; c < a->per_group_in; c++)
                sum += pld_get(a->x, a->x_dtype, pixel + c * a->x_c) *
                       pld_get(a->w, a->w_dtype, tap + (int64_t)c * area);
        }
    }
    pld_conv_write(a, at, sum);
}

/* ConvTranspose, weights [C, M/group, kh, kw]: gathers the inputs that reach an output. */
static PLD_HD void pld_conv_transpose_body(const struct pld_conv_args *a, uint32_t index)
{
    struct pld_conv_at at = pld_conv_locate(a, index);
    int group = (int)at.c / a->per_group_out, m = (int)at.c % a->per_group_out;
    int area = a->kernel[0] * a->kernel[1];
    int64_t first = (int64_t)group * a->per_group_in;
    float sum = a->b ? pld_get(a->b, a->b_dtype, at.c) : 0;
    for (int i = 0; i < a->kernel[0]; i++) {
        int y = (int)at.y + a->begin[0] - i * a->dilation[0];
        if (y < 0 || y % a->stride[0] != 0 || y / a->stride[0] >= a->in_h) continue;
        for (int j = 0; j < a->kernel[1]; j++) {
            int x = (int)at.x + a->begin[1] - j * a->dilation[1];
            if (x < 0 || x % a->stride[1] != 0 || x / a->stride[1] >= a->in_w) continue;
            int64_t pixel = at.n * a->x_n + first * a->x_c + y / a->stride[0] * a->x_y +
                            x / a->stride[1] * a->x_x;
            for (int c = 0; c < a->per_group_in; c++) {
                int64_t tap = ((first + c) * a->per_group_out + m) * area + i * a->kernel[1] + j;
                sum +=
                    pld_get(a->x, a->x_dtype, pixel + c * a->x_c) * pld_get(a->w, a->w_dtype, tap);
            }
        }
    }
    pld_conv_write(a, at, sum);
}

/* One filter a channel, weights packed to float [kh, kw, C]; channels contiguous, in runs. */
static PLD_HD void pld_depthwise_body(const struct pld_conv_args *a, uint32_t index)
{
    struct pld_conv_at at = pld_conv_locate(a, index);
    int64_t c = (int64_t)at.c * PLD_RUN;
    int64_t channels = (int64_t)a->channels.value * PLD_RUN;
    float sum[PLD_RUN] = {0}, v[PLD_RUN], w[PLD_RUN];
    if (a->b) pld_get_run(sum, a->b, a->b_dtype, c);
    for (int i = 0; i < a->kernel[0]; i++) {
        int y = (int)at.y * a->stride[0] - a->begin[0] + i * a->dilation[0];
        if (y < 0 || y >= a->in_h) continue;
        for (int j = 0; j < a->kernel[1]; j++) {
            int x = (int)at.x * a->stride[1] - a->begin[1] + j * a->dilation[1];
            if (x < 0 || x >= a->in_w) continue;
            pld_get_run(v, a->x, a->x_dtype, at.n * a->x_n + c + y * a->x_y + x * a->x_x);
            pld_get_run(w, a->w, PLD_F32, (i * a->kernel[1] + j) * channels + c);
            for (int k = 0; k < PLD_RUN; k++)
                sum[k] += v[k] * w[k];
        }
    }
    for (int k = 0; k < PLD_RUN; k++)
        v[k] = 0;
    if (a->add) pld_get_run(v, a->addend, a->add_dtype, pld_conv_addend(a, at, c));
    for (int k = 0; k < PLD_RUN; k++)
        sum[k] = pld_conv_act(a, sum[k], v[k]);
    pld_set_run(a->y, a->y_dtype, at.n * a->y_n + c + at.y * a->y_y + at.x * a->y_x, sum);
}

#endif
