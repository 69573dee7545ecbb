/* The figures of the report, each for the page and for a file of its own. */
#ifndef PLD_RUN_REPORT_PLOTS_H
#define PLD_RUN_REPORT_PLOTS_H

#include <stdbool.h>

#include "core/str.h"
#include "run/report/data.h"

/* Drops are drawn on a signed square root: half a point and forty share one picture. */
struct pld_drop_scale {
    double low, high; /* mAP */
    double from, to;  /* coordinates of low and high */
};
/* A scale that holds all drops of the report. */
struct pld_drop_scale pld_drop_scale_make(const struct pld_report *report, double from, double to);
double pld_drop_at(const struct pld_drop_scale *scale, double drop);
/* Tick marks of the scale, in mAP; returns their number, at most 8. */
int pld_drop_ticks(double ticks[8], const struct pld_drop_scale *scale);

/* One sentence on a point: for titles of marks and cells. */
void pld_point_text(char *text, size_t size, const struct pld_report *report,
                    const struct pld_report_group *group, const struct pld_report_point *point);

/* Sensitivity of one group, for the page. */
void pld_plot_curve(struct pld_str *s, const struct pld_report *report,
                    const struct pld_report_group *group);
/* All groups on one sheet, for a file. */
void pld_plot_curves(struct pld_str *s, const struct pld_report *report);
/* Group x ratio, for a file (the page has a table). */
void pld_plot_heatmap(struct pld_str *s, const struct pld_report *report);
/* The groups with the largest (or smallest) drop at the focus ratio, with intervals. */
void pld_plot_extremes(struct pld_str *s, const struct pld_report *report, bool largest,
                       bool standalone);
/* Every point: MACs saved against drop. */
void pld_plot_tradeoff(struct pld_str *s, const struct pld_report *report, bool standalone);

#endif
