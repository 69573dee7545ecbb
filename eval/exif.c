/* EXIF orientation: where cameras say which way up the picture is (EXIF 2.32, 4.6.4 A). Annotators
 * see the turned picture, so boxes are wrong without it. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "eval/image_internal.h"

/* A TIFF block: all offsets count from its start. */
struct tiff {
    const uint8_t *data;
    size_t size;
    bool big_endian;
};

/* Numbers past the end of the block read as 0, which no caller takes for something. */
static unsigned read16(const struct tiff *t, size_t at)
{
    if (t->size < 2 || at > t->size - 2) return 0;
    unsigned a = t->data[at], b = t->data[at + 1];
    return t->big_endian ? a << 8 | b : b << 8 | a;
}

static size_t read32(const struct tiff *t, size_t at)
{
    size_t first = read16(t, at), second = read16(t, at + 2);
    return t->big_endian ? first << 16 | second : second << 16 | first;
}

int pld_exif_orientation(const uint8_t *data, size_t size)
{
    enum { HEADER = 6, TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY = 12 };
    if (size < HEADER + 8 || memcmp(data, "Exif\0\0", HEADER) != 0) return 1;
    struct tiff t = {data + HEADER, size - HEADER, data[HEADER] == 'M'};
    bool marked = memcmp(t.data, "II", 2) == 0 || memcmp(t.data, "MM", 2) == 0;
    if (!marked || read16(&t, 2) != 42) return 1;
    size_t ifd = read32(&t, 4);
    unsigned entries = read16(&t, ifd);
    for (unsigned i = 0; i < entries; i++) {
        size_t entry = ifd + 2 + (size_t)i * ENTRY;
        if (entry + ENTRY > t.size) return 1;
        if (read16(&t, entry) != TAG_ORIENTATION) continue;
        unsigned value = read16(&t, entry + 8);
        bool known = read16(&t, entry + 2) == TYPE_SHORT && value >= 1 && value <= 8;
        return known ? (int)value : 1;
    }
    return 1;
}

/* How a walk over the upright picture, row by row, goes through the stored one: the pixel to start
 * from, and the steps to the next column and to the next row. */
struct walk {
    ptrdiff_t start, column, row;
};

static struct walk walk_of(int orientation, ptrdiff_t w, ptrdiff_t h)
{
    switch (orientation) {
    case 2:
        return (struct walk){w - 1, -1, w}; /* mirrored left to right */
    case 3:
        return (struct walk){h * w - 1, -1, -w}; /* turned by 180 degrees */
    case 4:
        return (struct walk){(h - 1) * w, 1, -w}; /* mirrored top to bottom */
    case 5:
        return (struct walk){0, w, 1}; /* transposed */
    case 6:
        return (struct walk){(h - 1) * w, -w, 1}; /* to be turned clockwise */
    case 7:
        return (struct walk){h * w - 1, -w, -1}; /* transposed over the other diagonal */
    case 8:
        return (struct walk){w - 1, w, -1}; /* to be turned counter-clockwise */
    default:
        return (struct walk){0, 1, w};
    }
}

pld_status pld_image_orient(struct pld_image *image, int orientation)
{
    if (orientation <= 1 || orientation > 8) return PLD_OK;
    int width = orientation >= 5 ? image->height : image->width;
    int height = orientation >= 5 ? image->width : image->height;
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3);
    if (!rgb) return pld_fail_memory("image");
    struct walk walk = walk_of(orientation, image->width, image->height);
    uint8_t *to = rgb;
    for (int y = 0; y < height; y++) {
        ptrdiff_t at = walk.start + y * walk.row;
        for (int x = 0; x < width; x++, at += walk.column, to += 3)
            memcpy(to, image->rgb + 3 * at, 3);
    }
    free(image->rgb);
    image->rgb = rgb;
    image->width = width;
    image->height = height;
    return PLD_OK;
}
