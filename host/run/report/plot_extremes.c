/* The two ends of the ranking by drop at the focus ratio. */
#include <math.h>
#include <stdio.h>

#include "run/report/format.h"
#include "run/report/plots.h"
#include "run/report/svg.h"

enum { MOST = 10, ROW = 24, WIDTH = 470, LEFT = 186, RIGHT = 418, TOP = 34 };

static void draw_row(struct pld_str *s, const struct pld_report *report,
                     const struct pld_report_group *g, const struct pld_drop_scale *x, double y)
{
    const struct pld_report_point *p = g->focus;
    bool over = p->drop >= report->tolerance;
    char text[512];
    pld_point_text(text, sizeof text, report, g, p);
    pld_svg_text(s, "e", LEFT - 10, y + 4, pld_clip(g->label, 23).text);
    if (!isnan(p->ci_lo))
        pld_svg_line(s, over ? "over whisker" : "whisker", pld_drop_at(x, p->ci_lo), y,
                     pld_drop_at(x, p->ci_hi), y);
    pld_svg_dot(s, over ? "over dot" : "dot", pld_drop_at(x, p->drop), y, 4.5, text);
    pld_svg_text(s, "e", WIDTH - 4, y + 4, pld_fmt_points(p->drop).text);
}

void pld_plot_extremes(struct pld_str *s, const struct pld_report *report, bool largest,
                       bool standalone)
{
    int n = report->n_by_drop < MOST ? report->n_by_drop : MOST;
    double bottom = TOP + n * ROW, ticks[8];
    char label[128], text[64];
    struct pld_num ratio =
        pld_fmt_percent(report->n_ratios ? report->ratios[report->focus_ratio] : 0);
    snprintf(label, sizeof label, "The %d %s sensitive groups at %s", n, largest ? "most" : "least",
             ratio.text);
    pld_svg_begin(s, WIDTH, bottom + 10, label, standalone);
    struct pld_drop_scale x = pld_drop_scale_make(report, LEFT, RIGHT);
    int n_ticks = pld_drop_ticks(ticks, &x);
    for (int i = 0; i < n_ticks; i++) {
        double at = pld_drop_at(&x, ticks[i]);
        pld_svg_line(s, i ? "grid" : "axis", at, TOP - 10, at, bottom);
        snprintf(text, sizeof text, "%g", ticks[i] * 100);
        pld_svg_text(s, "m s c", at, TOP - 16, text);
    }
    double tolerance = pld_drop_at(&x, report->tolerance);
    pld_svg_line(s, "tol", tolerance, TOP - 10, tolerance, bottom);
    for (int i = 0; i < n; i++) {
        int group = report->by_drop[largest ? i : report->n_by_drop - 1 - i];
        draw_row(s, report, &report->groups[group], &x, TOP + (i + 0.5) * ROW);
    }
    pld_svg_end(s);
}
