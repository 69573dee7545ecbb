/* Every measured point as MACs saved against drop: what is cheap lies low and to the right. */
#include <math.h>
#include <stdio.h>

#include "run/report/format.h"
#include "run/report/plots.h"
#include "run/report/svg.h"

enum { WIDTH = 860, HEIGHT = 360, LEFT = 48, RIGHT = 848, TOP = 14, BOTTOM = 312, NAMED = 6 };

struct axes {
    double most; /* share of the MACs at the right edge */
    struct pld_drop_scale y;
};

static double saved_share(const struct pld_report *report, const struct pld_report_point *p)
{
    return (report->baseline.macs - p->macs) / report->baseline.macs;
}

static double x_of(const struct axes *a, double share)
{
    return LEFT + fmin(fmax(share / a->most, 0), 1) * (RIGHT - LEFT);
}

static double most_saved(const struct pld_report *report)
{
    double most = 0;
    for (int i = 0; i < report->n_groups; i++)
        for (int k = 0; k < report->groups[i].n_points; k++)
            most = fmax(most, saved_share(report, &report->groups[i].points[k]));
    return most > 0 && isfinite(most) ? most * 1.06 : 1;
}

static void draw_frame(struct pld_str *s, const struct pld_report *report, const struct axes *a)
{
    double ticks[8];
    char text[64];
    int n = pld_drop_ticks(ticks, &a->y);
    for (int i = 0; i < n; i++) {
        double at = pld_drop_at(&a->y, ticks[i]);
        pld_svg_line(s, i ? "grid" : "axis", LEFT, at, RIGHT, at);
        snprintf(text, sizeof text, "%g", ticks[i] * 100);
        pld_svg_text(s, "m e", LEFT - 8, at + 4, text);
    }
    double step = 0.01;
    while (a->most / step > 9)
        step *= step < 0.015 ? 2 : step < 0.03 ? 2.5 : 2;
    for (double at = 0; at <= a->most; at += step) {
        snprintf(text, sizeof text, "%.3g %%", at * 100);
        pld_svg_text(s, "m c", x_of(a, at), BOTTOM + 20, text);
    }
    double tolerance = pld_drop_at(&a->y, report->tolerance);
    pld_svg_line(s, "tol", LEFT, tolerance, RIGHT, tolerance);
    pld_svg_text(s, "m c", (LEFT + RIGHT) / 2.0, HEIGHT - 6, "MACs of the model saved");
}

static void draw_points(struct pld_str *s, const struct pld_report *report, const struct axes *a)
{
    char text[512];
    for (int i = 0; i < report->n_groups; i++)
        for (int k = 0; k < report->groups[i].n_points; k++) {
            const struct pld_report_group *g = &report->groups[i];
            const struct pld_report_point *p = &g->points[k];
            double share = saved_share(report, p);
            if (isnan(p->drop) || isnan(share)) continue;
            pld_point_text(text, sizeof text, report, g, p);
            pld_svg_dot(s, p->drop < report->tolerance ? "dot see" : "over dot see", x_of(a, share),
                        pld_drop_at(&a->y, p->drop), 3.2, text);
        }
}

/* The groups that save most within the tolerance, where their curve meets it. */
static void draw_names(struct pld_str *s, const struct pld_report *report, const struct axes *a)
{
    double y = pld_drop_at(&a->y, report->tolerance);
    double last = 1e9;
    for (int i = 0; i < report->n_by_saving && i < NAMED; i++) {
        const struct pld_report_group *g = &report->groups[report->by_saving[i]];
        double x = x_of(a, g->saved_macs / report->baseline.macs);
        if (g->saved_macs <= 0 || fabs(last - x) < 90) continue;
        pld_svg_dot(s, "hollow", x, y, 5, NULL);
        pld_svg_text(s, x > RIGHT - 110 ? "halo e" : "halo", x > RIGHT - 110 ? x - 8 : x + 8, y - 9,
                     pld_clip(g->label, 22).text);
        last = x;
    }
}

void pld_plot_tradeoff(struct pld_str *s, const struct pld_report *report, bool standalone)
{
    struct axes a = {most_saved(report), pld_drop_scale_make(report, BOTTOM, TOP)};
    pld_svg_begin(s, WIDTH, HEIGHT,
                  "Every measured point: share of the MACs saved against drop in mAP points",
                  standalone);
    draw_frame(s, report, &a);
    draw_points(s, report, &a);
    draw_names(s, report, &a);
    pld_svg_end(s);
}
