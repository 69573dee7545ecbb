/* The image scalings of the detector families, bit for bit as OpenCV computes them: mAP depends on
 * the resampling filter, so a slightly different picture is a slightly different benchmark. */
#ifndef PLD_EVAL_RESIZE_H
#define PLD_EVAL_RESIZE_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/* cv2.resize(..., interpolation=INTER_LINEAR) for 8-bit RGB, equal in every byte to OpenCV 4.10 to
 * 5.0. `dst` has rows of `dst_stride` bytes and holds dst_width x dst_height pixels; `src` has rows
 * without padding. All sizes are at least 1. Fails only for lack of memory. */
pld_status pld_resize_linear(uint8_t *dst, size_t dst_stride, int dst_width, int dst_height,
                             const uint8_t *src, int src_width, int src_height);

/* The same for INTER_AREA and INTER_CUBIC; the latter as OpenCV's own code computes it. Builds for
 * x86 hand cubic scaling to Intel's IPP, which rounds about 4 % of the bytes to a neighbour. */
pld_status pld_resize_area(uint8_t *dst, size_t dst_stride, int dst_width, int dst_height,
                           const uint8_t *src, int src_width, int src_height);
pld_status pld_resize_cubic(uint8_t *dst, size_t dst_stride, int dst_width, int dst_height,
                            const uint8_t *src, int src_width, int src_height);

/* cv2.warpAffine(..., INTER_LINEAR, BORDER_CONSTANT) for the map dst = src * scale + offset, equal
 * in every byte to OpenCV 4.x (5.0 interpolates without its 1/32 pixel grid, and differs by a few
 * grey levels at edges). Pixels beyond the image are `border`. `dst` has rows without padding. */
pld_status pld_warp_linear(uint8_t *dst, int dst_width, int dst_height, const uint8_t *src,
                           int src_width, int src_height, double scale, double offset_x,
                           double offset_y, uint8_t border);

#endif
