/* Text of the report: numbers one way everywhere, and strings made safe for HTML and SVG. */
#ifndef PLD_RUN_REPORT_FORMAT_H
#define PLD_RUN_REPORT_FORMAT_H

#include "core/arena.h"
#include "core/str.h"

/* A number as text, by value: pld_fmt_map(x).text in an argument list. "n/a" for NaN. */
struct pld_num {
    char text[40];
};
struct pld_num pld_fmt_map(double map);           /* 0.432 */
struct pld_num pld_fmt_points(double drop);       /* mAP difference -> "1.23", "12.3" points */
struct pld_num pld_fmt_points_short(double drop); /* one decimal, none from 10 */
struct pld_num pld_fmt_percent(double fraction);  /* 30 %, 2.5 % */
struct pld_num pld_fmt_share(double fraction);    /* 2.0 %, 12.5 %: columns */
struct pld_num pld_fmt_si(double value);          /* 4.35 G */
struct pld_num pld_fmt_count(double value);       /* 12345 */
struct pld_num pld_fmt_seconds(double seconds);   /* 1 min 23 s */
struct pld_num pld_fmt_coord(double value);       /* SVG coordinate, 0.1 steps */

/* Appends text with & < > " ' escaped, and control characters and what is no UTF-8 replaced:
 * safe between tags and in quoted attributes, of HTML and of XML. NULL appends nothing. */
void pld_put_text(struct pld_str *s, const char *text);

/* "/model.22/cv2.0/cv2.0.1/conv/Conv" -> "model.22.cv2.0.1". */
const char *pld_short_name(struct pld_arena *arena, const char *name);

/* At most `most` (<= 60) characters of a text, the middle cut out for an ellipsis: names differ at
 * their ends. Never half a UTF-8 sequence. */
struct pld_clip {
    char text[256];
};
struct pld_clip pld_clip(const char *text, int most);

/* Base64 of `size` bytes. */
void pld_put_base64(struct pld_str *s, const unsigned char *data, size_t size);

#endif
