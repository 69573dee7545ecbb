#include <math.h>
#include <stdio.h>

#include "run/report/format.h"
#include "run/report/plots.h"
#include "run/report/svg.h"

enum { ROW = 20, CELL = 46, LEFT = 210, TOP = 54 };

static void draw_row(struct pld_str *s, const struct pld_report *report,
                     const struct pld_report_group *g, double y)
{
    char cls[24], text[512];
    pld_svg_text(s, "e", LEFT - 8, y + 14, pld_clip(g->label, 32).text);
    for (int i = 0; i < report->n_ratios; i++) {
        const struct pld_report_point *p = pld_report_at(g, report->ratios[i]);
        int bin = p ? pld_report_bin(report, p->drop) : -1;
        if (bin < 0) continue;
        double x = LEFT + i * CELL;
        snprintf(cls, sizeof cls, "cell b%d", bin);
        pld_point_text(text, sizeof text, report, g, p);
        pld_svg_rect(s, cls, x, y, CELL, ROW, text);
        snprintf(cls, sizeof cls, "s c i%d", bin);
        pld_svg_text(s, cls, x + CELL / 2.0, y + 14, pld_fmt_points_short(p->drop).text);
    }
}

void pld_plot_heatmap(struct pld_str *s, const struct pld_report *report)
{
    int rows = 0;
    for (int i = 0; i < report->n_groups; i++)
        rows += report->groups[i].n_points > 0;
    pld_svg_begin(s, LEFT + report->n_ratios * CELL + 16, TOP + rows * ROW + 16,
                  "Drop in mAP points by group and ratio, in network order", true);
    pld_svg_text(s, "h", 16, 24, "Drop in mAP points");
    for (int i = 0; i < report->n_ratios; i++)
        pld_svg_text(s, "m s c", LEFT + (i + 0.5) * CELL, TOP - 8,
                     pld_fmt_percent(report->ratios[i]).text);
    int row = 0;
    for (int i = 0; i < report->n_groups; i++) {
        if (!report->groups[i].n_points) continue;
        draw_row(s, report, &report->groups[i], TOP + row++ * ROW);
        pld_str_append(s, "\n");
    }
    pld_svg_end(s);
}
