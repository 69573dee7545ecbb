/* Sections of the page, in the reader's order. Each appends to `s`. */
#ifndef PLD_RUN_REPORT_HTML_H
#define PLD_RUN_REPORT_HTML_H

#include "core/str.h"
#include "run/report/data.h"

void pld_html_style(struct pld_str *s);
void pld_html_verdict(struct pld_str *s, const struct pld_report *report);
void pld_html_cards(struct pld_str *s, const struct pld_report *report);
void pld_html_baseline(struct pld_str *s, const struct pld_report *report);
void pld_html_ranking(struct pld_str *s, const struct pld_report *report);
void pld_html_heatmap(struct pld_str *s, const struct pld_report *report);
void pld_html_extremes(struct pld_str *s, const struct pld_report *report);
void pld_html_curves(struct pld_str *s, const struct pld_report *report);
void pld_html_locked(struct pld_str *s, const struct pld_report *report);
void pld_html_examples(struct pld_str *s, const struct pld_report *report);
void pld_html_reading(struct pld_str *s, const struct pld_report *report);
void pld_html_reproduce(struct pld_str *s, const struct pld_report *report);

/* The page from its doctype to its style, head left open; the title is "NAME: WHAT". */
void pld_html_head(struct pld_str *s, const char *name, const char *what);

/* The menu of the sections, which ends the header. */
struct pld_html_link {
    const char *id, *title;
};
void pld_html_nav(struct pld_str *s, const struct pld_html_link *links, size_t count);

/* A card: what, the number, and a line under it, all plain text. */
void pld_html_card(struct pld_str *s, const char *what, const char *big, const char *sub);

/* Opens a section with a heading and, unless NULL, one paragraph of markup under it. Closed by
 * "</section>". */
void pld_html_section(struct pld_str *s, const char *id, const char *title, const char *lead);
/* A group as label and id: the label breaks where it can, the full name is its title. */
void pld_html_group(struct pld_str *s, const struct pld_report_group *group);

#endif
