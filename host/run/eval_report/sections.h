/* Sections of an evaluation's page, in the reader's order. Each appends to `s`, and nothing where
 * what it shows was not measured. Internal to host/run/eval_report. */
#ifndef PLD_RUN_EVAL_REPORT_SECTIONS_H
#define PLD_RUN_EVAL_REPORT_SECTIONS_H

#include "run/eval_report/eval_report.h"
#include "run/eval_report/worst.h"
#include "run/report/html.h"

/* The page's classes from the worst AP up; those without boxes are not among them. */
struct pld_class_order {
    int *classes; /* [count] indices; owned */
    int count;
};
pld_status pld_class_order(struct pld_class_order *out, const struct pld_eval_result *result);

void pld_eval_style(struct pld_str *s);
void pld_eval_verdict(struct pld_str *s, const struct pld_eval_page *page,
                      const struct pld_class_order *order);
void pld_eval_cards(struct pld_str *s, const struct pld_eval_page *page);
void pld_eval_numbers(struct pld_str *s, const struct pld_eval_page *page);
void pld_eval_classes(struct pld_str *s, const struct pld_eval_page *page,
                      const struct pld_class_order *order);
void pld_eval_curves(struct pld_str *s, const struct pld_eval_page *page,
                     const struct pld_class_order *order);
pld_status pld_eval_confusion(struct pld_str *s, const struct pld_eval_page *page);
void pld_eval_errors(struct pld_str *s, const struct pld_eval_page *page);
void pld_eval_pictures(struct pld_str *s, const struct pld_eval_page *page,
                       const struct pld_worst *worst);
void pld_eval_uncertainty(struct pld_str *s, const struct pld_eval_page *page);
void pld_eval_compared(struct pld_str *s, const struct pld_eval_page *page,
                       const struct pld_class_order *order);
void pld_eval_explained(struct pld_str *s, const struct pld_eval_page *page);
void pld_eval_repeat(struct pld_str *s, const struct pld_eval_page *page);

/* ---- what they share ---- */

/* A number of 0..1 with three decimals; a dash for -1, which says that there is nothing to
 * measure. */
const char *pld_eval_number(char text[40], double value);
/* A cell with such a number. */
void pld_eval_cell(struct pld_str *s, double value);
/* "0.241 to 0.276", or a dash. */
const char *pld_eval_interval(char text[96], const struct pld_interval *interval);
/* A table of differences: the head with the names of both columns (markup), and a row. */
void pld_eval_difference_head(struct pld_str *s, const char *a, const char *b);
void pld_eval_difference_row(struct pld_str *s, const char *name, const struct pld_difference *d);
/* One image with its boxes as a figure, and what the lines mean. */
void pld_eval_picture(struct pld_str *s, const struct pld_eval_page *page,
                      const struct pld_worst *worst, const struct pld_worst_image *image,
                      const char *name);
void pld_eval_picture_legend(struct pld_str *s);
/* What a kind of error is, in words. */
const char *pld_eval_error_words(enum pld_tide_error error);
/* What the first metric is called: "AP (mean of IoU 0.50 to 0.95)" or as the protocol says. */
const char *pld_eval_headline(const struct pld_eval_page *page);

#endif
