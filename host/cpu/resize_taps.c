#include "cpu/resize_taps.h"

#include <math.h>

/* A scale that was implied by sizes was rounded to float on its way here: undo that, or positions
 * that fall on a pixel exactly would fall beside it. */
static double exact_scale(float scale, int64_t in_size, int64_t out_size)
{
    double ratio = (double)out_size / (double)in_size;
    return (float)ratio == scale || !(scale > 0) ? ratio : (double)scale;
}

/* Where output position `o` lies in the input. */
static double position(const struct pld_resize_params *resize, int axis, int64_t o, int64_t in_size,
                       int64_t out_size)
{
    double scale = exact_scale(resize->scale[axis], in_size, out_size), x = (double)o;
    switch (resize->coord) {
    case PLD_COORD_HALF_PIXEL:
        return (x + 0.5) / scale - 0.5;
    case PLD_COORD_PYTORCH_HALF_PIXEL:
        return out_size > 1 ? (x + 0.5) / scale - 0.5 : 0;
    case PLD_COORD_ASYMMETRIC:
        return x / scale;
    case PLD_COORD_TF_HALF_PIXEL:
        return (x + 0.5) / scale;
    case PLD_COORD_ALIGN_CORNERS:
        return out_size > 1 ? x * (double)(in_size - 1) / (double)(out_size - 1) : 0;
    }
    return 0;
}

static double nearest(enum pld_resize_nearest rule, double x)
{
    switch (rule) {
    case PLD_NEAREST_ROUND_PREFER_FLOOR:
        return ceil(x - 0.5);
    case PLD_NEAREST_ROUND_PREFER_CEIL:
        return floor(x + 0.5);
    case PLD_NEAREST_FLOOR:
        return floor(x);
    case PLD_NEAREST_CEIL:
        return ceil(x);
    }
    return 0;
}

double pld_cubic_weight(double a, double d)
{
    d = fabs(d);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    return 0;
}

/* Positions outside repeat the border, or (exclude_outside) leave their weight to the others. */
static void settle(struct pld_taps *taps, int64_t size, int exclude_outside)
{
    double sum = 0;
    for (int i = 0; i < taps->n; i++) {
        int64_t at = taps->index[i];
        bool outside = at < 0 || at >= size;
        if (outside && exclude_outside) taps->weight[i] = 0;
        if (outside) taps->index[i] = at < 0 ? 0 : size - 1;
        sum += taps->weight[i];
    }
    for (int i = 0; exclude_outside && sum != 0 && i < taps->n; i++)
        taps->weight[i] /= sum;
}

void pld_resize_taps(struct pld_taps *taps, const struct pld_resize_params *resize, int axis,
                     int64_t o, int64_t in_size, int64_t out_size)
{
    /* An axis that keeps its size is not resampled, whatever the coordinate rule would say. */
    if (in_size == out_size && resize->scale[axis] == 1) {
        *taps = (struct pld_taps){1, {o}, {1}};
        return;
    }
    double x = position(resize, axis, o, in_size, out_size), base = floor(x);
    switch (resize->mode) {
    case PLD_RESIZE_NEAREST:
        *taps = (struct pld_taps){1, {(int64_t)nearest(resize->nearest, x)}, {1}};
        settle(taps, in_size, 0);
        return;
    case PLD_RESIZE_LINEAR:
        taps->n = 2;
        for (int i = 0; i < 2; i++) {
            taps->index[i] = (int64_t)base + i;
            taps->weight[i] = i ? x - base : 1 - (x - base);
        }
        break;
    case PLD_RESIZE_CUBIC:
        taps->n = 4;
        for (int i = 0; i < 4; i++) {
            taps->index[i] = (int64_t)base + i - 1;
            taps->weight[i] = pld_cubic_weight(resize->cubic_a, x - (base + i - 1));
        }
        break;
    }
    settle(taps, in_size, resize->exclude_outside);
}
