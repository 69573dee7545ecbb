/* Decoded images. */
#ifndef PLD_EVAL_IMAGE_H
#define PLD_EVAL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/file.h"
#include "core/status.h"

/* Larger pictures are refused: no detector wants them, and a hostile header costs nothing. */
enum { PLD_IMAGE_MAX_SIDE = 30000, PLD_IMAGE_MAX_BYTES = 512 << 20 };

struct pld_image {
    uint8_t *rgb; /* height x width x 3, rows without padding; owned */
    int width, height;
    bool damaged; /* a JPEG that was decoded as far as it goes */
};

/* Decodes a file to 8-bit RGB: JPEG by libjpeg-turbo (slow integer DCT, fancy upsampling, as
 * OpenCV does); PNG, BMP, GIF (first frame) and binary PNM by stb_image; grey, CMYK, 16 bits and
 * alpha become 8-bit RGB; the EXIF orientation of a JPEG is applied. The content decides, not the
 * name. A JPEG that ends early or is damaged decodes as far as it goes, with a warning on the log;
 * one that ends within its first row of blocks fails, and so does a PNG, BMP or PNM that ends
 * early. (Of a damaged progressive JPEG each version of libjpeg-turbo makes something else.) Fails
 * with PLD_EDATA naming the file. Release with pld_image_release(). */
pld_status pld_image_read(struct pld_image *out, const char *path);

/* The same from memory; `name` is for messages. */
pld_status pld_image_decode(struct pld_image *out, const uint8_t *data, size_t size,
                            const char *name);
void pld_image_release(struct pld_image *image);

/* Writes a JPEG file of quality 1..100, atomically. Fails with PLD_EFAIL. */
pld_status pld_image_write_jpeg(const char *path, const struct pld_image *image, int quality);

/* The same into memory, to be freed with pld_bytes_release(); `name` is for messages. */
pld_status pld_image_encode_jpeg(struct pld_bytes *out, const struct pld_image *image, int quality,
                                 const char *name);

/* The size that pld_image_read() would give, from the file's header alone. */
pld_status pld_image_size(int *width, int *height, const char *path);

#endif
