#include "eval/preprocess.h"

#include <math.h>
#include <string.h>

#include "eval/resize.h"

#define PLD_V3(a, b, c) \
    {                   \
        a, b, c         \
    }
static const struct pld_preprocess table[] = {
#define PLD_PREPROCESS(id, name, fit, pad, bgr, mean, scale, help) \
    {name, help, fit, pad, bgr, mean, scale},
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

/* ---- fit ---- */

static int clamp(double value, int high)
{
    return value < 1 ? 1 : value > high ? high : (int)value;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* Puts the image, scaled to w x h pixels, at (left, top) into a picture of the pad value. */
static pld_status paste(uint8_t *out, int width, int height, int left, int top, int w, int h,
                        uint8_t pad, const struct pld_image *image)
{
    size_t stride = (size_t)width * 3;
    if (w < width || h < height) memset(out, pad, stride * (size_t)height);
    uint8_t *at = out + (size_t)top * stride + (size_t)left * 3;
    return pld_resize_linear(at, stride, w, h, image->rgb, image->width, image->height);
}

/* Python rounds halves to even, and so does rint(). An image that is thousands of times longer than
 * wide keeps one pixel, where OpenCV would refuse. */
static pld_status letterbox_center(uint8_t *out, int width, int height,
                                   struct pld_placement *placement, uint8_t pad,
                                   const struct pld_image *image)
{
    double r = smaller((double)height / image->height, (double)width / image->width);
    int w = clamp(rint(image->width * r), width), h = clamp(rint(image->height * r), height);
    int left = (int)rint((width - w) / 2.0 - 0.1), top = (int)rint((height - h) / 2.0 - 0.1);
    placement->scale_x = placement->scale_y = r;
    placement->offset_x = left;
    placement->offset_y = top;
    return paste(out, width, height, left, top, w, h, pad, image);
}

static pld_status letterbox_topleft(uint8_t *out, int width, int height,
                                    struct pld_placement *placement, uint8_t pad,
                                    const struct pld_image *image)
{
    double r = smaller((double)height / image->height, (double)width / image->width);
    int w = clamp(trunc(image->width * r), width), h = clamp(trunc(image->height * r), height);
    placement->scale_x = placement->scale_y = r;
    return paste(out, width, height, 0, 0, w, h, pad, image);
}

static pld_status stretch(uint8_t *out, int width, int height, struct pld_placement *placement,
                          const struct pld_image *image)
{
    placement->scale_x = (double)width / image->width;
    placement->scale_y = (double)height / image->height;
    return pld_resize_linear(out, (size_t)width * 3, width, height, image->rgb, image->width,
                             image->height);
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
        return letterbox_center(out, width, height, placement, p->pad, image);
    case PLD_FIT_LETTERBOX_TOPLEFT:
        return letterbox_topleft(out, width, height, placement, p->pad, image);
    case PLD_FIT_STRETCH:
        return stretch(out, width, height, placement, image);
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
