/* Curves of all classes together, and of the few that do worst. */
#include <stdio.h>

#include "run/eval_report/sections.h"
#include "run/report/format.h"
#include "run/report/svg.h"

enum { WIDTH = 212, HEIGHT = 150, LEFT = 30, RIGHT = 206, TOP = 8, BOTTOM = 128, WORST = 5 };

static void draw_frame(struct pld_str *s)
{
    static const char *const marks[] = {"0", "0.5", "1"};
    for (int i = 0; i < 3; i++) {
        double y = BOTTOM - (BOTTOM - TOP) * i / 2.0, x = LEFT + (RIGHT - LEFT) * i / 2.0;
        pld_svg_line(s, i ? "grid" : "axis", LEFT, y, RIGHT, y);
        pld_svg_text(s, "m s e", LEFT - 4, y + 3.5, marks[i]);
        pld_svg_text(s, i == 0 ? "m s" : i == 1 ? "m s c" : "m s e", x, HEIGHT - 6, marks[i]);
    }
}

/* Values at 0, 0.01 .. 1. Points on a straight line between their neighbours are left out. */
static void draw_line(struct pld_str *s, const char *cls, const double *values, int count)
{
    if (!count) return;
    pld_svg_path(s, cls);
    for (int i = 0; i < count; i++) {
        bool flat = i && i + 1 < count && values[i] == values[i - 1] && values[i] == values[i + 1];
        if (!flat)
            pld_svg_to(s, LEFT + (RIGHT - LEFT) * i / (PLD_CONFIDENCES - 1.0),
                       BOTTOM - (BOTTOM - TOP) * values[i]);
    }
    pld_svg_path_end(s, false);
}

static void figure(struct pld_str *s, const char *what, const char *over, const double *values,
                   const char *label)
{
    pld_str_printf(s, "<figure><figcaption>%s <small>over %s</small></figcaption>\n", what, over);
    pld_svg_begin(s, WIDTH, HEIGHT, label, false);
    draw_frame(s);
    draw_line(s, "line", values, PLD_CONFIDENCES);
    pld_svg_end(s);
    pld_str_append(s, "</figure>\n");
}

static void curves_of_all(struct pld_str *s, const struct pld_confidence *curves)
{
    const struct pld_confidence_class *all = &curves->all;
    const struct {
        const char *what, *over;
        const double *values;
    } rows[] = {{"Precision", "recall", all->at_recall},
                {"F1", "confidence", all->f1},
                {"Precision", "confidence", all->precision},
                {"Recall", "confidence", all->recall}};
    pld_str_append(s, "<h3>All classes</h3><div class=\"curves\">\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char label[160];
        snprintf(label, sizeof label,
                 "%s over %s, mean of the classes: %.2f at 0, %.2f at 0.5, %.2f at 1", rows[i].what,
                 rows[i].over, rows[i].values[0], rows[i].values[PLD_CONFIDENCES / 2],
                 rows[i].values[PLD_CONFIDENCES - 1]);
        figure(s, rows[i].what, rows[i].over, rows[i].values, label);
    }
    pld_str_append(s, "</div>\n");
}

/* How many confidences have detections; beyond them precision is 1 by convention only. */
static int seen_until(const struct pld_confidence_class *class)
{
    int n = 0;
    while (n < PLD_CONFIDENCES && !(class->recall[n] == 0 && class->precision[n] == 1))
        n++;
    return n;
}

static void curves_of_class(struct pld_str *s, const char *name,
                            const struct pld_confidence_class *class)
{
    char label[512];
    pld_str_append(s, "<figure><figcaption>");
    pld_put_text(s, name);
    if (class->best.f1 > 0)
        pld_str_printf(s, " <small>best F1 %s at %s</small></figcaption>\n",
                       pld_fmt_map(class->best.f1).text, pld_fmt_map(class->best.score).text);
    else
        pld_str_append(s, " <small>none found</small></figcaption>\n");
    snprintf(label, sizeof label, "%s: precision over recall", pld_clip(name, 48).text);
    pld_svg_begin(s, WIDTH, HEIGHT, label, false);
    draw_frame(s);
    draw_line(s, "line", class->at_recall, PLD_CURVE_POINTS);
    pld_svg_end(s);
    snprintf(label, sizeof label, "%s: precision, recall and F1 over confidence",
             pld_clip(name, 48).text);
    pld_svg_begin(s, WIDTH, HEIGHT, label, false);
    draw_frame(s);
    draw_line(s, "line thin", class->precision, seen_until(class));
    draw_line(s, "line dash", class->recall, PLD_CONFIDENCES);
    draw_line(s, "line bold", class->f1, PLD_CONFIDENCES);
    pld_svg_end(s);
    pld_str_append(s, "</figure>\n");
}

void pld_eval_curves(struct pld_str *s, const struct pld_eval_page *page,
                     const struct pld_class_order *order)
{
    const struct pld_eval_result *r = page->result;
    const struct pld_confidence *curves = &r->metrics.confidence;
    char lead[256];
    if (!curves->classes) return;
    snprintf(lead, sizeof lead,
             "At IoU %.2f, with plain counts: at a confidence, the detections of at least that "
             "score take part.",
             curves->iou);
    pld_html_section(s, "curves", "Curves", lead);
    curves_of_all(s, curves);
    if (order->count > 1)
        pld_str_append(s, "<h3 class=\"next\">Worst classes</h3><p class=\"lead\">Above precision "
                          "over recall; below, over confidence, <b>F1 thick</b>, precision thin, "
                          "recall dashed.</p><div class=\"curves\">\n");
    for (int i = 0, shown = 0; order->count > 1 && i < order->count && shown < WORST; i++) {
        int k = order->classes[i];
        if (!curves->classes[k].positives) continue;
        curves_of_class(s, r->classes[k].name, &curves->classes[k]);
        shown++;
    }
    if (order->count > 1) pld_str_append(s, "</div>\n");
    pld_str_append(s, "</section>\n");
}
