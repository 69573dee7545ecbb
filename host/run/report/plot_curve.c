#include <math.h>
#include <stdio.h>

#include "run/report/format.h"
#include "run/report/plots.h"
#include "run/report/svg.h"

enum { WIDTH = 212, HEIGHT = 126, LEFT = 30, RIGHT = 206, TOP = 8, BOTTOM = 106 };
enum { COLUMNS = 6, SHEET_HEIGHT = HEIGHT + 30 };

static double root(double v)
{
    return v < 0 ? -sqrt(-v) : sqrt(v);
}

struct pld_drop_scale pld_drop_scale_make(const struct pld_report *report, double from, double to)
{
    double high = fmax(report->worst_drop * 1.08, 4 * report->tolerance);
    double low = fmin(fmax(report->best_drop * 1.2, -0.05), -0.5 * report->tolerance);
    return (struct pld_drop_scale){low, high, from, to};
}

double pld_drop_at(const struct pld_drop_scale *scale, double drop)
{
    double v = fmin(fmax(drop, scale->low), scale->high);
    double share = (root(v) - root(scale->low)) / (root(scale->high) - root(scale->low));
    return scale->from + share * (scale->to - scale->from);
}

int pld_drop_ticks(double ticks[8], const struct pld_drop_scale *scale)
{
    static const double sets[3][6] = {{0, 0.01, 0.05, 0.15, 0.3, 0.6},
                                      {0, 0.005, 0.02, 0.05, 0.1, 0.2},
                                      {0, 0.0025, 0.005, 0.01, 0.02, 0.04}};
    int set = scale->high > 0.22 ? 0 : scale->high > 0.05 ? 1 : 2, n = 0;
    for (int i = 0; i < 6; i++)
        if (sets[set][i] <= scale->high) ticks[n++] = sets[set][i];
    return n;
}

void pld_point_text(char *text, size_t size, const struct pld_report *report,
                    const struct pld_report_group *group, const struct pld_report_point *point)
{
    char interval[96] = "";
    if (!isnan(point->ci_lo))
        snprintf(interval, sizeof interval, " [%s, %s]", pld_fmt_points(point->ci_lo).text,
                 pld_fmt_points(point->ci_hi).text);
    double saved = (report->baseline.macs - point->macs) / report->baseline.macs;
    snprintf(text, size, "%s, %s less (%lld of %lld channels): drop %s%s points, %s MACs%s%s",
             pld_clip(group->label, 48).text, pld_fmt_percent(point->ratio).text,
             (long long)point->removed, (long long)group->units, pld_fmt_points(point->drop).text,
             interval, pld_fmt_percent(-saved).text, point->status == PLD_POINT_FULL ? "" : ", ",
             point->status == PLD_POINT_FULL ? "" : pld_point_status_name(point->status));
}

static double x_of(double ratio)
{
    return LEFT + ratio * (RIGHT - LEFT);
}

static void draw_frame(struct pld_str *s, const struct pld_report *report,
                       const struct pld_drop_scale *y)
{
    double ticks[8];
    int n = pld_drop_ticks(ticks, y);
    for (int i = 0; i < n; i++) {
        double at = pld_drop_at(y, ticks[i]);
        pld_svg_line(s, i ? "grid" : "axis", LEFT, at, RIGHT, at);
        char text[32];
        snprintf(text, sizeof text, "%g", ticks[i] * 100);
        pld_svg_text(s, "m s e", LEFT - 4, at + 3.5, text);
    }
    double tolerance = pld_drop_at(y, report->tolerance);
    pld_svg_line(s, "tol", LEFT, tolerance, RIGHT, tolerance);
    static const struct {
        double ratio;
        const char *text, *cls;
    } marks[] = {{0, "0", "m s"}, {0.5, "50 %", "m s c"}, {1, "100 %", "m s e"}};
    for (int i = 0; i < 3; i++)
        pld_svg_text(s, marks[i].cls, x_of(marks[i].ratio), HEIGHT - 6, marks[i].text);
}

/* There is no interval at ratio 0: the band starts at a point. */
static void draw_band(struct pld_str *s, const struct pld_report_group *g,
                      const struct pld_drop_scale *y)
{
    bool any = false;
    for (int i = 0; i < g->n_points; i++)
        any |= !isnan(g->points[i].ci_lo);
    if (!any) return;
    pld_svg_path(s, "band");
    pld_svg_to(s, x_of(0), pld_drop_at(y, 0));
    for (int i = 0; i < g->n_points; i++)
        if (!isnan(g->points[i].ci_lo))
            pld_svg_to(s, x_of(g->points[i].ratio), pld_drop_at(y, g->points[i].ci_hi));
    for (int i = g->n_points - 1; i >= 0; i--)
        if (!isnan(g->points[i].ci_lo))
            pld_svg_to(s, x_of(g->points[i].ratio), pld_drop_at(y, g->points[i].ci_lo));
    pld_svg_path_end(s, true);
}

static void draw_curve(struct pld_str *s, const struct pld_report *report,
                       const struct pld_report_group *g, const struct pld_drop_scale *y)
{
    pld_svg_path(s, "line");
    pld_svg_to(s, x_of(0), pld_drop_at(y, 0));
    for (int i = 0; i < g->n_points; i++)
        if (!isnan(g->points[i].drop))
            pld_svg_to(s, x_of(g->points[i].ratio), pld_drop_at(y, g->points[i].drop));
    pld_svg_path_end(s, false);
    for (int i = 0; i < g->n_points; i++) {
        const struct pld_report_point *p = &g->points[i];
        char text[512];
        if (isnan(p->drop)) continue;
        pld_point_text(text, sizeof text, report, g, p);
        double x = x_of(p->ratio), at = pld_drop_at(y, p->drop);
        if (p->status == PLD_POINT_STOPPED)
            pld_svg_triangle(s, "dot", x, at, 3.4, text);
        else
            pld_svg_dot(s, p->status == PLD_POINT_FULL ? "dot" : "hollow", x, at, 2.6, text);
    }
}

static void draw_all(struct pld_str *s, const struct pld_report *report,
                     const struct pld_report_group *g)
{
    struct pld_drop_scale y = pld_drop_scale_make(report, BOTTOM, TOP);
    bool over = g->focus ? g->focus->drop >= report->tolerance : g->removable < 0.3;
    draw_frame(s, report, &y);
    if (over) pld_str_append(s, "<g class=\"over\">");
    draw_band(s, g, &y);
    draw_curve(s, report, g, &y);
    if (over) pld_str_append(s, "</g>");
}

void pld_plot_curve(struct pld_str *s, const struct pld_report *report,
                    const struct pld_report_group *g)
{
    char label[512];
    snprintf(label, sizeof label,
             "%s: drop in mAP points over the share of channels removed; the tolerance is reached "
             "at %s%s",
             pld_clip(g->label, 48).text, g->reaches ? "" : "more than ",
             pld_fmt_percent(g->removable).text);
    pld_svg_begin(s, WIDTH, HEIGHT, label, false);
    draw_all(s, report, g);
    pld_svg_end(s);
}

void pld_plot_curves(struct pld_str *s, const struct pld_report *report)
{
    int shown = 0, at = 0;
    for (int i = 0; i < report->n_groups; i++)
        shown += report->groups[i].n_points > 0;
    int columns = shown < COLUMNS ? (shown ? shown : 1) : COLUMNS;
    int rows = (shown + columns - 1) / columns;
    pld_svg_begin(s, columns * (WIDTH + 16) + 16, rows * SHEET_HEIGHT + 16,
                  "Drop in mAP points over the share of channels removed, one group a panel", true);
    for (int i = 0; i < report->n_groups; i++) {
        const struct pld_report_group *g = &report->groups[i];
        if (!g->n_points) continue;
        pld_str_printf(s, "<g transform=\"translate(%d,%d)\">", 16 + at % columns * (WIDTH + 16),
                       16 + at / columns * SHEET_HEIGHT);
        pld_svg_text(s, "", 4, 6, pld_clip(g->label, 32).text);
        pld_str_append(s, "<g transform=\"translate(0,12)\">");
        draw_all(s, report, g);
        pld_str_append(s, "</g></g>\n");
        at++;
    }
    pld_svg_end(s);
}
