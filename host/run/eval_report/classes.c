/* The classes, worst first. */
#include <stdio.h>

#include "run/eval_report/sections.h"
#include "run/report/format.h"

enum { OPEN = 15 };

static void table_head(struct pld_str *s, const struct pld_eval_metrics *m)
{
    pld_str_append(s, "<div class=\"scroll\"><table class=\"rows rank wide\"><thead><tr>"
                      "<th scope=\"col\">Class</th><th scope=\"col\" class=\"n\">Boxes</th>"
                      "<th scope=\"col\">AP</th>");
    if (m->bootstrap.classes)
        pld_str_append(s, "<th scope=\"col\" class=\"n\">95&nbsp;% interval</th>");
    pld_str_append(s, "<th scope=\"col\" class=\"n\">AP50</th>");
    if (m->result.protocol == &pld_protocol_coco)
        pld_str_append(s, "<th scope=\"col\" class=\"n\">Small</th><th scope=\"col\" class=\"n\">"
                          "Medium</th><th scope=\"col\" class=\"n\">Large</th>");
    if (m->confidence.classes)
        pld_str_append(s, "<th scope=\"col\" class=\"n\">P</th><th scope=\"col\" class=\"n\">R</th>"
                          "<th scope=\"col\" class=\"n\">F1</th><th scope=\"col\" class=\"n\">at "
                          "confidence</th>");
    pld_str_append(s, "</tr></thead><tbody>\n");
}

static void ap_cell(struct pld_str *s, double ap)
{
    char number[40];
    pld_str_printf(s,
                   "<td><div class=\"bar slim\" role=\"presentation\"><i style=\"width:%s%%\"></i>"
                   "</div>%s</td>",
                   pld_fmt_coord(ap * 100).text, pld_eval_number(number, ap));
}

static void best_cells(struct pld_str *s, const struct pld_confidence_class *class)
{
    bool any = class->positives > 0, found = any && class->best.f1 > 0;
    pld_eval_cell(s, found ? class->best.precision : -1); /* of no detections: undefined */
    pld_eval_cell(s, any ? class->best.recall : -1);
    pld_eval_cell(s, any ? class->best.f1 : -1);
    pld_eval_cell(s, found ? class->best.score : -1);
}

static void class_row(struct pld_str *s, const struct pld_eval_result *r, int k)
{
    const struct pld_eval_metrics *m = &r->metrics;
    const struct pld_metric_class *class = &m->result.classes[k];
    char text[96];
    pld_str_append(s, "<tr><th scope=\"row\" class=\"g\">");
    pld_put_text(s, r->classes[k].name);
    pld_str_printf(s, "</th><td class=\"n\">%d</td>", r->classes[k].labels);
    ap_cell(s, class->ap);
    if (m->bootstrap.classes)
        pld_str_printf(s, "<td class=\"n\"><small>%s</small></td>",
                       pld_eval_interval(text, &m->bootstrap.classes[k]));
    pld_eval_cell(s, class->ap50);
    for (int i = 0; i < 3 && m->result.protocol == &pld_protocol_coco; i++)
        pld_eval_cell(s, class->size[i]);
    if (m->confidence.classes) best_cells(s, &m->confidence.classes[k]);
    pld_str_append(s, "</tr>\n");
}

static void class_table(struct pld_str *s, const struct pld_eval_result *r, const int *classes,
                        int count)
{
    table_head(s, &r->metrics);
    for (int i = 0; i < count; i++)
        class_row(s, r, classes[i]);
    pld_str_append(s, "</tbody></table></div>\n");
}

static void absent_classes(struct pld_str *s, const struct pld_eval_result *r)
{
    int shown = 0;
    for (int k = 0; k < r->n_classes; k++) {
        if (r->metrics.result.classes[k].ap >= 0) continue;
        pld_str_append(s, shown++ ? ", " : "<p class=\"lead\">Nothing to find of: ");
        pld_put_text(s, r->classes[k].name);
    }
    if (shown) pld_str_append(s, ".</p>\n");
}

void pld_eval_classes(struct pld_str *s, const struct pld_eval_page *page,
                      const struct pld_class_order *order)
{
    const struct pld_eval_result *r = page->result;
    int open = order->count < OPEN ? order->count : OPEN;
    pld_html_section(s, "classes", "Classes, worst first",
                     r->metrics.confidence.classes
                         ? "P, R and F1 are those of the confidence that is best for the class by "
                           "itself. With few boxes an AP says little: see its interval."
                         : NULL);
    if (open) class_table(s, r, order->classes, open);
    if (open < order->count) {
        pld_str_printf(s, "<details><summary>The other %d classes</summary>\n",
                       order->count - open);
        class_table(s, r, order->classes + open, order->count - open);
        pld_str_append(s, "</details>\n");
    }
    absent_classes(s, r);
    pld_str_append(s, "</section>\n");
}
