#include "run/arrange.h"

#include <string.h>

/* Pictures: one pass, so that every line of memory is written once. */
static void three_planes_to_pixels(float *restrict to, const float *from, int64_t pixels)
{
    const float *a = from, *b = from + pixels, *c = from + 2 * pixels;
    for (int64_t i = 0; i < pixels; i++) {
        to[3 * i] = a[i];
        to[3 * i + 1] = b[i];
        to[3 * i + 2] = c[i];
    }
}

/* Planes of floats to dense pixels, in blocks of pixels that stay in the cache. */
static void planes_to_pixels(float *to, const float *from, int64_t channels, int64_t pixels)
{
    enum { BLOCK = 256 };
    if (channels == 3) {
        three_planes_to_pixels(to, from, pixels);
        return;
    }
    for (int64_t p = 0; p < pixels; p += BLOCK) {
        int64_t n = pixels - p < BLOCK ? pixels - p : BLOCK;
        for (int64_t c = 0; c < channels; c++)
            for (int64_t i = 0; i < n; i++)
                to[(p + i) * channels + c] = from[c * pixels + p + i];
    }
}

static void by_strides(unsigned char *to, const struct pld_desc *desc, const unsigned char *from)
{
    size_t size = pld_dtype_size(desc->dtype);
    int64_t strides[PLD_MAX_RANK], index[PLD_MAX_RANK] = {0};
    int64_t count = pld_shape_count(&desc->shape);
    pld_desc_strides(strides, desc);
    for (int64_t e = 0; e < count; e++) {
        int64_t at = 0;
        for (int i = 0; i < desc->shape.rank; i++)
            at += index[i] * strides[i];
        memcpy(to + (size_t)at * size, from + (size_t)e * size, size);
        for (int i = desc->shape.rank - 1; i >= 0 && ++index[i] == desc->shape.dim[i]; i--)
            index[i] = 0;
    }
}

void pld_arrange(void *to, const struct pld_desc *desc, const void *from)
{
    const struct pld_shape *s = &desc->shape;
    bool dense = desc->pixel == 0 || (s->rank > 1 && desc->pixel == s->dim[1]);
    if (desc->layout == PLD_ROW_MAJOR) {
        memcpy(to, from, pld_desc_bytes(desc));
    } else if (desc->dtype == PLD_F32 && s->rank == 4 && dense) {
        int64_t pixels = s->dim[2] * s->dim[3], image = s->dim[1] * pixels;
        for (int64_t n = 0; n < s->dim[0]; n++)
            planes_to_pixels((float *)to + n * image, (const float *)from + n * image, s->dim[1],
                             pixels);
    } else {
        by_strides(to, desc, from);
    }
}
