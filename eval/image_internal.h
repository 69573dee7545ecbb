/* What image.c, image_jpeg.c and exif.c share. */
#ifndef PLD_EVAL_IMAGE_INTERNAL_H
#define PLD_EVAL_IMAGE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/status.h"
#include "eval/image.h"

/* PLD_EDATA for a picture with no pixels or beyond the limits of image.h. */
pld_status pld_image_check_size(const char *name, long width, long height);

/* image_jpeg.c: decodes without applying the orientation, which `orientation` receives (1..8). */
pld_status pld_jpeg_decode(struct pld_image *out, int *orientation, const uint8_t *data,
                           size_t size, const char *name);
/* Stored size and orientation from an open file. */
pld_status pld_jpeg_size(int *width, int *height, int *orientation, FILE *file, const char *name);

/* exif.c: the orientation (1..8) that an EXIF block tells, 1 where it does not or is broken.
 * `data` starts at the "Exif" marker of a JPEG's APP1 segment. */
int pld_exif_orientation(const uint8_t *data, size_t size);

/* Turns and mirrors the picture as the orientation says; on failure it is unchanged. */
pld_status pld_image_orient(struct pld_image *image, int orientation);

#endif
