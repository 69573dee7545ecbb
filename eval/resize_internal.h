/* What resize.c and resize_area.c share. */
#ifndef PLD_EVAL_RESIZE_INTERNAL_H
#define PLD_EVAL_RESIZE_INTERNAL_H

#include "eval/resize.h"

/* pld_resize_linear() with the positions that INTER_AREA takes when it enlarges: they keep source
 * cells whole. Never the mean of 2 x 2 pixels. */
pld_status pld_resize_linear_cells(uint8_t *dst, size_t dst_stride, int dst_width, int dst_height,
                                   const uint8_t *src, int src_width, int src_height);

#endif
