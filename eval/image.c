/* Images: which format the bytes are, and the decoder for it. */
#include "eval/image.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "eval/image_internal.h"
#include "stb/stb_image.h"
#include "stb_limit.h"

enum decoder { BY_JPEG, BY_STB, BY_NONE };

/* First bytes of the formats that come up in detection datasets. Those without a decoder are here
 * for the sake of the message. */
static const struct signature {
    const char *format;
    size_t offset, length;
    const char *bytes;
    enum decoder decoder;
} signatures[] = {
    {"JPEG", 0, 3, "\xff\xd8\xff", BY_JPEG},
    {"PNG", 0, 8, "\x89PNG\r\n\x1a\n", BY_STB},
    {"BMP", 0, 2, "BM", BY_STB},
    {"GIF", 0, 4, "GIF8", BY_STB},
    {"PNM", 0, 2, "P5", BY_STB},
    {"PNM", 0, 2, "P6", BY_STB},
    {"WebP", 8, 4, "WEBP", BY_NONE},
    {"TIFF or DNG", 0, 4, "II*\0", BY_NONE},
    {"TIFF or DNG", 0, 4, "MM\0*", BY_NONE},
    {"HEIC or AVIF", 4, 4, "ftyp", BY_NONE},
    {"JPEG XL", 0, 2, "\xff\x0a", BY_NONE},
    {"JPEG XL", 4, 4, "JXL ", BY_NONE},
    {"JPEG 2000", 4, 4, "jP  ", BY_NONE},
    {"text PNM", 0, 2, "P2", BY_NONE},
    {"text PNM", 0, 2, "P3", BY_NONE},
    {"Photoshop", 0, 4, "8BPS", BY_NONE},
};

enum { SNIFF_BYTES = 16 };

static const struct signature *sniff(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const struct signature *s = &signatures[i];
        if (size >= s->offset + s->length && memcmp(data + s->offset, s->bytes, s->length) == 0)
            return s;
    }
    return NULL;
}

/* The decoder for these first bytes, or an error that says what they are. */
static pld_status choose(enum decoder *out, const uint8_t *data, size_t size, const char *name)
{
    if (size == 0) return pld_fail(PLD_EDATA, name, "empty file");
    const struct signature *s = sniff(data, size);
    if (!s) return pld_fail(PLD_EDATA, name, "not an image (JPEG, PNG, BMP, GIF and PNM are read)");
    if (s->decoder == BY_NONE)
        return pld_fail(PLD_EDATA, name,
                        "%s images are not supported (JPEG, PNG, BMP, GIF and PNM are)", s->format);
    *out = s->decoder;
    return PLD_OK;
}

pld_status pld_image_check_size(const char *name, long width, long height)
{
    if (width < 1 || height < 1)
        return pld_fail(PLD_EDATA, name, "image without pixels (%ld x %ld)", width, height);
    if (width > PLD_IMAGE_MAX_SIDE || height > PLD_IMAGE_MAX_SIDE)
        return pld_fail(PLD_EDATA, name, "image of %ld x %ld pixels; the limit is %d a side", width,
                        height, PLD_IMAGE_MAX_SIDE);
    if (width * height * 3 > PLD_IMAGE_MAX_BYTES)
        return pld_fail(PLD_EDATA, name, "image of %ld x %ld pixels; the limit is %d MiB decoded",
                        width, height, PLD_IMAGE_MAX_BYTES >> 20);
    return PLD_OK;
}

/* ---- files that end early ----
 *
 * Of BMP and PNM stb_image reads the rest as zeros, or as what happens to lie in memory; for PNG it
 * allocates what a chunk announces, up to 1 GiB, before it looks whether it is there. */

static size_t le32(const uint8_t *data)
{
    return (size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16 | (size_t)data[3] << 24;
}

/* Bytes that an uncompressed BMP must have: the offset of its pixels and rows of whole words. */
static size_t bmp_needs(const uint8_t *data, size_t size, size_t width, size_t height)
{
    if (size < 30) return 30;
    size_t bits = le32(data + 14) == 12 ? data[24] : data[28]; /* old and new header */
    return le32(data + 10) + (width * bits + 31) / 32 * 4 * height;
}

/* After "P5" or "P6": three numbers with space or comments before each, one space, the pixels. */
static size_t pnm_needs(const uint8_t *data, size_t size, size_t width, size_t height)
{
    size_t at = 2, depth = 0;
    for (int number = 0; number < 3; number++) {
        while (at < size && (data[at] < '0' || data[at] > '9'))
            if (data[at++] == '#')
                while (at < size && data[at] != '\n' && data[at] != '\r')
                    at++;
        for (depth = 0; at < size && data[at] >= '0' && data[at] <= '9' && depth < 65536; at++)
            depth = 10 * depth + (size_t)(data[at] - '0');
    }
    size_t channels = data[1] == '6' ? 3 : 1;
    return at + 1 + width * height * channels * (depth > 255 ? 2 : 1);
}

/* The end of the first chunk that does not end within the file; 0 where all do. */
static size_t png_needs(const uint8_t *data, size_t size)
{
    enum { SIGNATURE = 8, AROUND = 12 }; /* a chunk is length, type, data, checksum */
    for (size_t at = SIGNATURE; at + AROUND <= size;) {
        size_t length = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 |
                        (size_t)data[at + 2] << 8 | (size_t)data[at + 3];
        if (memcmp(data + at + 4, "IEND", 4) == 0) break;
        if (length > size - at - AROUND) return at + AROUND + length;
        at += AROUND + length;
    }
    return 0;
}

static pld_status check_complete(const uint8_t *data, size_t size, int width, int height,
                                 const char *name)
{
    size_t w = (size_t)width, h = (size_t)height, needs = 0;
    if (data[0] == 'B') needs = bmp_needs(data, size, w, h);
    if (data[0] == 'P') needs = pnm_needs(data, size, w, h);
    if (data[0] == 0x89) needs = png_needs(data, size);
    if (size >= needs) return PLD_OK;
    return pld_fail(PLD_EDATA, name, "truncated image: %zu of %zu bytes", size, needs);
}

/* ---- decoding ---- */

static pld_status fail_stb(const char *name)
{
    const char *reason = stbi_failure_reason();
    return pld_fail(PLD_EDATA, name, "cannot decode image: %s", reason ? reason : "unknown error");
}

static pld_status decode_stb(struct pld_image *out, const uint8_t *data, size_t size,
                             const char *name)
{
    int width, height, channels;
    if (size > INT_MAX) return pld_fail(PLD_EDATA, name, "image file of %zu bytes", size);
    if (!stbi_info_from_memory(data, (int)size, &width, &height, &channels)) return fail_stb(name);
    PLD_TRY(pld_image_check_size(name, width, height));
    PLD_TRY(check_complete(data, size, width, height, name));
    /* The most that a true picture needs at once: 16-bit RGBA and a byte a row, or the file. */
    pld_stb_limit = 16 * (size_t)width * (size_t)height + 4 * size + 65536;
    uint8_t *rgb = stbi_load_from_memory(data, (int)size, &width, &height, &channels, 3);
    pld_stb_limit = SIZE_MAX;
    if (!rgb) return fail_stb(name);
    *out = (struct pld_image){
        .rgb = rgb, .width = width, .height = height}; /* stb allocates with malloc() */
    return PLD_OK;
}

static pld_status decode_jpeg(struct pld_image *out, const uint8_t *data, size_t size,
                              const char *name)
{
    int orientation = 1;
    PLD_TRY(pld_jpeg_decode(out, &orientation, data, size, name));
    pld_status status = pld_image_orient(out, orientation);
    if (status != PLD_OK) pld_image_release(out);
    return status;
}

pld_status pld_image_decode(struct pld_image *out, const uint8_t *data, size_t size,
                            const char *name)
{
    *out = (struct pld_image){0};
    enum decoder decoder;
    PLD_TRY(choose(&decoder, data, size, name));
    return decoder == BY_JPEG ? decode_jpeg(out, data, size, name)
                              : decode_stb(out, data, size, name);
}

pld_status pld_image_read(struct pld_image *out, const char *path)
{
    *out = (struct pld_image){0};
    struct stat st;
    if (stat(path, &st) == 0 && st.st_size > PLD_IMAGE_MAX_BYTES)
        return pld_fail(PLD_EDATA, path, "image file of %lld bytes; the limit is %d MiB",
                        (long long)st.st_size, PLD_IMAGE_MAX_BYTES >> 20);
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, path, PLD_EDATA));
    pld_status status = pld_image_decode(out, bytes.data, bytes.size, path);
    pld_bytes_release(&bytes);
    return status;
}

void pld_image_release(struct pld_image *image)
{
    free(image->rgb);
    *image = (struct pld_image){0};
}

static pld_status size_of_file(int *width, int *height, FILE *file, const char *path)
{
    uint8_t first[SNIFF_BYTES];
    size_t got = fread(first, 1, sizeof first, file);
    if (got == 0 && ferror(file)) return pld_fail(PLD_EDATA, path, "cannot read");
    enum decoder decoder;
    PLD_TRY(choose(&decoder, first, got, path));
    rewind(file);
    int orientation = 1;
    if (decoder == BY_JPEG) {
        PLD_TRY(pld_jpeg_size(width, height, &orientation, file, path));
    } else {
        int channels;
        if (!stbi_info_from_file(file, width, height, &channels)) return fail_stb(path);
        PLD_TRY(pld_image_check_size(path, *width, *height));
    }
    if (orientation >= 5) { /* lying on its side */
        int swap = *width;
        *width = *height;
        *height = swap;
    }
    return PLD_OK;
}

pld_status pld_image_size(int *width, int *height, const char *path)
{
    *width = *height = 0;
    FILE *file = fopen(path, "rbe");
    if (!file) return pld_fail(PLD_EDATA, path, "cannot open: %s", strerror(errno));
    pld_status status = size_of_file(width, height, file, path);
    fclose(file);
    return status;
}
