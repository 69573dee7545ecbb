/* A small SVG writer: shapes appended to a string. Colours come from classes, which the page
 * defines for its light and dark form, and which pld_svg_begin() defines for files of their own. */
#ifndef PLD_RUN_REPORT_SVG_H
#define PLD_RUN_REPORT_SVG_H

#include <stdbool.h>

#include "core/str.h"
#include "run/report/data.h"

/* Fill and text colour of a drop class (data.h, pld_report_bin), light and dark. */
struct pld_bin_colour {
    const char *light, *light_ink, *dark, *dark_ink;
};
extern const struct pld_bin_colour pld_bin_colours[PLD_REPORT_BINS];

/* `label` says what the picture shows, for readers who cannot see it. Standalone: an XML file with
 * its own style and a white ground. */
void pld_svg_begin(struct pld_str *s, double width, double height, const char *label,
                   bool standalone);
void pld_svg_end(struct pld_str *s);

void pld_svg_line(struct pld_str *s, const char *cls, double x1, double y1, double x2, double y2);
/* `title` (may be NULL) is shown while the pointer rests on the shape; the text is escaped. */
void pld_svg_rect(struct pld_str *s, const char *cls, double x, double y, double w, double h,
                  const char *title);
void pld_svg_dot(struct pld_str *s, const char *cls, double x, double y, double r,
                 const char *title);
void pld_svg_triangle(struct pld_str *s, const char *cls, double x, double y, double r,
                      const char *title);
void pld_svg_text(struct pld_str *s, const char *cls, double x, double y, const char *text);

/* A path: begin, points, end. */
void pld_svg_path(struct pld_str *s, const char *cls);
void pld_svg_to(struct pld_str *s, double x, double y);
void pld_svg_path_end(struct pld_str *s, bool close);

#endif
