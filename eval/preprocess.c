#include "eval/preprocess.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "eval/resize.h"

#define PLD_V3(a, b, c) \
    {                   \
        a, b, c         \
    }
static const struct pld_preprocess table[] = {
#define PLD_PREPROCESS(id, name, fit, filter, pad, bgr, mean, scale, help) \
    {name, help, fit, filter, pad, bgr, mean, scale},
#include "eval/preprocess.def"
#undef PLD_PREPROCESS
};

const struct pld_preprocess *pld_preprocess_list(int *count)
{
    *count = (int)(sizeof table / sizeof *table);
    return table;
}

const struct pld_preprocess *pld_preprocess_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0) return &table[i];
    return NULL;
}

/* ---- changes ---- */

const char *const pld_fit_names[] = {"letterbox", "letterbox-ceil", "letterbox-topleft",
                                     "stretch",   "warp",           NULL};
const char *const pld_filter_names[] = {"linear", "area", "cubic", "area-shrink", NULL};

static int index_of(const char *const *names, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0) return i;
    return 0;
}

struct change_text {
    char *text;
    size_t size, length;
};

static void note(struct change_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void note(struct change_text *t, const char *format, ...)
{
    if (t->length >= t->size) return;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->text + t->length, t->size - t->length, format, args);
    va_end(args);
    if (n > 0) t->length += (size_t)n;
}

static void change_triple(double out[3], const double value[3], bool invert,
                          struct change_text *text, const char *name)
{
    note(text, ",%s=%g:%g:%g", name, value[0], value[1], value[2]);
    for (int c = 0; c < 3; c++)
        out[c] = invert ? 1.0 / value[c] : value[c];
}

bool pld_preprocess_change(struct pld_preprocess *out, char *name, size_t size,
                           const struct pld_preprocess *row,
                           const struct pld_preprocess_changes *changes)
{
    struct change_text text = {name, size, 0};
    *out = *row;
    note(&text, "%s", row->name);
    size_t plain = text.length;
    if (changes->fit) {
        note(&text, ",fit=%s", changes->fit);
        out->fit = (enum pld_fit)index_of(pld_fit_names, changes->fit);
    }
    if (changes->filter) {
        note(&text, ",filter=%s", changes->filter);
        out->filter = (enum pld_filter)index_of(pld_filter_names, changes->filter);
    }
    if (changes->channels) {
        note(&text, ",channels=%s", changes->channels);
        out->bgr = strcmp(changes->channels, "bgr") == 0;
    }
    if (changes->pad >= 0) {
        note(&text, ",pad=%d", changes->pad);
        out->pad = (uint8_t)changes->pad;
    }
    if (changes->mean) change_triple(out->mean, changes->mean, false, &text, "mean");
    if (changes->std) change_triple(out->scale, changes->std, true, &text, "std");
    if (text.length == plain) return false;
    out->name = name;
    return true;
}

/* ---- fit ---- */

static int clamp(double value, int high)
{
    return value < 1 ? 1 : value > high ? high : (int)value;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static pld_status scale_to(uint8_t *at, size_t stride, int w, int h, enum pld_filter filter,
                           const struct pld_image *image)
{
    bool smaller_now = w < image->width || h < image->height;
    if (filter == PLD_FILTER_AREA_SHRINK)
        filter = smaller_now ? PLD_FILTER_AREA : PLD_FILTER_LINEAR;
    if (filter == PLD_FILTER_AREA)
        return pld_resize_area(at, stride, w, h, image->rgb, image->width, image->height);
    if (filter == PLD_FILTER_CUBIC)
        return pld_resize_cubic(at, stride, w, h, image->rgb, image->width, image->height);
    return pld_resize_linear(at, stride, w, h, image->rgb, image->width, image->height);
}

/* Puts the image, scaled to w x h pixels, at (left, top) into a picture of the pad value. */
static pld_status paste(uint8_t *out, int width, int height, int left, int top, int w, int h,
                        const struct pld_preprocess *p, const struct pld_image *image)
{
    size_t stride = (size_t)width * 3;
    if (w < width || h < height) memset(out, p->pad, stride * (size_t)height);
    uint8_t *at = out + (size_t)top * stride + (size_t)left * 3;
    return scale_to(at, stride, w, h, p->filter, image);
}

/* Python rounds halves to even, and so does rint(). An image that is thousands of times longer than
 * wide keeps one pixel, where OpenCV would refuse. */
static pld_status letterbox_center(uint8_t *out, int width, int height,
                                   struct pld_placement *placement, const struct pld_preprocess *p,
                                   const struct pld_image *image)
{
    double r = smaller((double)height / image->height, (double)width / image->width);
    double w_exact = image->width * r, h_exact = image->height * r;
    bool up = p->fit == PLD_FIT_LETTERBOX_CEIL;
    int w = clamp(up ? ceil(w_exact) : rint(w_exact), width);
    int h = clamp(up ? ceil(h_exact) : rint(h_exact), height);
    int left = (int)rint((width - w) / 2.0 - 0.1), top = (int)rint((height - h) / 2.0 - 0.1);
    placement->scale_x = placement->scale_y = r;
    placement->offset_x = left;
    placement->offset_y = top;
    return paste(out, width, height, left, top, w, h, p, image);
}

static pld_status letterbox_topleft(uint8_t *out, int width, int height,
                                    struct pld_placement *placement, const struct pld_preprocess *p,
                                    const struct pld_image *image)
{
    double r = smaller((double)height / image->height, (double)width / image->width);
    int w = clamp(trunc(image->width * r), width), h = clamp(trunc(image->height * r), height);
    placement->scale_x = placement->scale_y = r;
    return paste(out, width, height, 0, 0, w, h, p, image);
}

static pld_status stretch(uint8_t *out, int width, int height, struct pld_placement *placement,
                          const struct pld_preprocess *p, const struct pld_image *image)
{
    placement->scale_x = (double)width / image->width;
    placement->scale_y = (double)height / image->height;
    return scale_to(out, (size_t)width * 3, width, height, p->filter, image);
}

/* NanoDet's map takes pixel indices, not pixel areas, so there is no shift by half a pixel. */
static pld_status warp_center(uint8_t *out, int width, int height, struct pld_placement *placement,
                              uint8_t pad, const struct pld_image *image)
{
    double r = smaller((double)height / image->height, (double)width / image->width);
    placement->scale_x = placement->scale_y = r;
    placement->offset_x = r * (-image->width / 2.0) + 0.5 * width;
    placement->offset_y = r * (-image->height / 2.0) + 0.5 * height;
    return pld_warp_linear(out, width, height, image->rgb, image->width, image->height, r,
                           placement->offset_x, placement->offset_y, pad);
}

pld_status pld_preprocess_fit(uint8_t *out, int width, int height, struct pld_placement *placement,
                              const struct pld_preprocess *p, const struct pld_image *image)
{
    *placement = (struct pld_placement){.width = image->width, .height = image->height};
    switch (p->fit) {
    case PLD_FIT_LETTERBOX_CENTER:
    case PLD_FIT_LETTERBOX_CEIL:
        return letterbox_center(out, width, height, placement, p, image);
    case PLD_FIT_LETTERBOX_TOPLEFT:
        return letterbox_topleft(out, width, height, placement, p, image);
    case PLD_FIT_STRETCH:
        return stretch(out, width, height, placement, p, image);
    case PLD_FIT_WARP_CENTER:
        return warp_center(out, width, height, placement, p->pad, image);
    }
    return pld_fail(PLD_EFAIL, p->name, "unknown way to fit an image");
}

/* ---- normalise ---- */

/* A byte has 256 values, so a table gives each one correctly rounded at the price of a load. */
static void make_table(float lut[256], double mean, double scale)
{
    for (int v = 0; v < 256; v++)
        lut[v] = (float)((v - mean) * scale);
}

void pld_preprocess_normalise(float *out, const uint8_t *rgb, int width, int height,
                              bool channels_last, const struct pld_preprocess *p)
{
    size_t n = (size_t)width * (size_t)height;
    float lut[3][256];
    for (int c = 0; c < 3; c++)
        make_table(lut[c], p->mean[c], p->scale[c]);
    int first = p->bgr ? 2 : 0, last = 2 - first; /* bytes of a pixel in tensor order */
    float *a = out, *b = out + (channels_last ? 1 : n), *c = out + (channels_last ? 2 : 2 * n);
    size_t step = channels_last ? 3 : 1;
    for (size_t i = 0; i < n; i++, rgb += 3) {
        a[i * step] = lut[0][rgb[first]];
        b[i * step] = lut[1][rgb[1]];
        c[i * step] = lut[2][rgb[last]];
    }
}
