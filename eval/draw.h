/* Boxes and captions on a picture. */
#ifndef PLD_EVAL_DRAW_H
#define PLD_EVAL_DRAW_H

#include "eval/image.h"

enum { PLD_GLYPH_WIDTH = 6, PLD_GLYPH_HEIGHT = 9 }; /* of a letter with its margin, at scale 1 */

/* A colour that is well apart from those of the next classes. */
void pld_draw_colour(uint8_t rgb[3], int cls);

/* The outline of a box, `thickness` pixels wide inwards; what lies outside the picture is cut. */
void pld_draw_box(struct pld_image *image, double x, double y, double w, double h,
                  const uint8_t rgb[3], int thickness);

/* Text on a bar of the colour, top-left corner at (x, y), moved into the picture where it would
 * leave it. Letters are capitals; what the font lacks is left blank. */
void pld_draw_caption(struct pld_image *image, int x, int y, const char *text, const uint8_t rgb[3],
                      int scale);

#endif
