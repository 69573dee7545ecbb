#include "cpu/resize_taps.h"

#include <math.h>
#include <stdbool.h>

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
    double in = (double)in_size, begin = (double)resize->crop_begin[axis];
    double end = (double)resize->crop_end[axis];
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
        return out_size > 1 ? x * (in - 1) / (double)(out_size - 1) : 0;
    case PLD_COORD_HALF_PIXEL_SYMMETRIC: /* the whole of the output lies centred on the input */
        return (x + 0.5) / scale - 0.5 +
               in / 2 * (1 - (double)out_size / ((double)resize->scale[axis] * in));
    case PLD_COORD_TF_CROP:
        if (out_size == 1) return 0.5 * (begin + end) * (in - 1);
        return begin * (in - 1) + x * (end - begin) * (in - 1) / (double)(out_size - 1);
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

static void one_tap(struct pld_taps *taps, int64_t index)
{
    taps->n = 1;
    taps->index[0] = index;
    taps->weight[0] = 1;
}

/* Taps around x with a filter that reaches `reach` pixels to each side; below scale 1 an
 * antialiasing one is as much wider as the output is smaller, and its weights sum to one. */
static void filter_taps(struct pld_taps *taps, const struct pld_resize_params *resize, double x,
                        double scale)
{
    bool cubic = resize->mode == PLD_RESIZE_CUBIC, wide = resize->antialias && scale < 1;
    double base = floor(x), shrink = wide ? scale : 1, sum = 0;
    int first = (int)floor((cubic ? -2 : -1) / shrink) + 1;
    taps->n = 0;
    for (int i = first; i <= 1 - first && taps->n < PLD_RESIZE_MAX_TAPS; i++) {
        double d = (x - (base + i)) * shrink;
        double w = cubic ? pld_cubic_weight((double)resize->cubic_a, d) : fmax(0, 1 - fabs(d));
        taps->index[taps->n] = (int64_t)base + i;
        taps->weight[taps->n++] = w;
        sum += w;
    }
    for (int i = 0; wide && sum != 0 && i < taps->n; i++)
        taps->weight[i] /= sum;
}

void pld_resize_taps(struct pld_taps *taps, const struct pld_resize_params *resize, int axis,
                     int64_t o, int64_t in_size, int64_t out_size)
{
    bool crops = resize->coord == PLD_COORD_TF_CROP &&
                 (resize->crop_begin[axis] != 0 || resize->crop_end[axis] != 1);
    /* An axis that keeps its size is not resampled, whatever the coordinate rule would say. */
    if (in_size == out_size && resize->scale[axis] == 1 && !crops) {
        one_tap(taps, o);
        return;
    }
    double x = position(resize, axis, o, in_size, out_size);
    if (crops && (x < 0 || x > (double)(in_size - 1))) {
        taps->n = 0;
        return;
    }
    if (resize->mode == PLD_RESIZE_NEAREST)
        one_tap(taps, (int64_t)nearest(resize->nearest, x));
    else
        filter_taps(taps, resize, x, exact_scale(resize->scale[axis], in_size, out_size));
    settle(taps, in_size, resize->mode != PLD_RESIZE_NEAREST && resize->exclude_outside);
}
