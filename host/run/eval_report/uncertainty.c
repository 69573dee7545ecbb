/* How far the numbers depend on chance, how they compare, why another protocol gives others. */
#include <stdio.h>

#include "run/eval_report/sections.h"
#include "run/report/format.h"

enum { COMPARED_OPEN = 15 };

static void interval_row(struct pld_str *s, const char *name, const struct pld_interval *interval)
{
    char number[40], text[96];
    pld_str_printf(s,
                   "<tr><th scope=\"row\">%s</th><td class=\"n\">%s</td><td class=\"n\">%s</td>"
                   "<td class=\"n\">%.4f</td></tr>\n",
                   name, pld_eval_number(number, interval->estimate),
                   pld_eval_interval(text, interval), interval->standard_error);
}

static void put_bootstrap(struct pld_str *s, const struct pld_bootstrap *bootstrap)
{
    pld_str_printf(s,
                   "<div class=\"scroll\"><table class=\"rows\"><caption>Other images of the same "
                   "kind: bootstrap, %d resamples</caption><thead><tr><th scope=\"col\"></th>"
                   "<th scope=\"col\" class=\"n\">All images</th><th scope=\"col\" class=\"n\">"
                   "95&nbsp;%% interval</th><th scope=\"col\" class=\"n\">Standard error</th></tr>"
                   "</thead><tbody>\n",
                   bootstrap->samples);
    interval_row(s, "AP", &bootstrap->ap);
    interval_row(s, "AP50", &bootstrap->ap50);
    pld_str_append(s, "</tbody></table></div>\n");
}

static void put_ties(struct pld_str *s, const struct pld_ties *ties)
{
    if (!ties->detections) {
        pld_str_append(s,
                       "<p>No two detections of a class have one score, so AP does not depend on "
                       "the order of the list.</p>\n");
        return;
    }
    pld_str_printf(
        s,
        "<p>%zu detections share their score with another of their class, %zu of them in "
        "one image. No metric says which comes first: in another order AP is between "
        "%.5f and %.5f instead of %.5f; with the list reversed it is %.5f.</p>\n",
        ties->detections, ties->in_cell, ties->worst, ties->best, ties->ap, ties->reversed);
}

void pld_eval_uncertainty(struct pld_str *s, const struct pld_eval_page *page)
{
    const struct pld_eval_metrics *m = &page->result->metrics;
    if (!m->bootstrap.classes && !m->has_ties) return;
    pld_html_section(s, "uncertainty", "Uncertainty", NULL);
    if (m->bootstrap.classes) put_bootstrap(s, &m->bootstrap);
    if (m->has_ties) put_ties(s, &m->ties);
    pld_str_append(s, "</section>\n");
}

/* ---- comparison ---- */

void pld_eval_difference_row(struct pld_str *s, const char *name, const struct pld_difference *d)
{
    pld_str_append(s, "<tr><th scope=\"row\" class=\"g\">");
    pld_put_text(s, name);
    pld_str_append(s, "</th>");
    pld_eval_cell(s, d->a);
    pld_eval_cell(s, d->b);
    pld_str_printf(s,
                   "<td class=\"n\">%s</td><td class=\"n\"><small>%s to %s</small></td>"
                   "<td class=\"n\">%.4f</td></tr>\n",
                   pld_fmt_points(d->d.estimate).text, pld_fmt_points(d->d.low).text,
                   pld_fmt_points(d->d.high).text, d->p);
}

void pld_eval_difference_head(struct pld_str *s, const char *a, const char *b)
{
    pld_str_printf(s,
                   "<div class=\"scroll\"><table class=\"rows wide\"><thead><tr>"
                   "<th scope=\"col\"></th><th scope=\"col\" class=\"n\">%s</th>"
                   "<th scope=\"col\" class=\"n\">%s</th><th scope=\"col\" class=\"n\">Points "
                   "more</th><th scope=\"col\" class=\"n\">95&nbsp;%% interval</th>"
                   "<th scope=\"col\" class=\"n\">p</th></tr></thead><tbody>\n",
                   a, b);
}

void pld_eval_compared(struct pld_str *s, const struct pld_eval_page *page,
                       const struct pld_class_order *order)
{
    const struct pld_comparison *c = &page->result->metrics.comparison;
    const struct pld_eval_class *classes = page->result->classes;
    if (!c->classes) return;
    pld_html_section(s, "compared", "Comparison", NULL);
    pld_str_append(s, "<p class=\"lead\">This list less the one of ");
    pld_put_text(s, page->against);
    pld_str_printf(s,
                   ", paired over %d resamples of the images. p is that of no difference; each "
                   "class's is its own: of twenty classes that do not differ, one is below "
                   "0.05.</p>\n",
                   c->samples);
    pld_eval_difference_head(s, "This", "Other");
    pld_eval_difference_row(s, "AP", &c->ap);
    pld_eval_difference_row(s, "AP50", &c->ap50);
    int open = order->count < COMPARED_OPEN ? order->count : COMPARED_OPEN;
    for (int i = 0; i < order->count; i++) {
        int k = order->classes[i];
        if (i == open) {
            pld_str_append(s, "</tbody></table></div>\n<details><summary>The other classes"
                              "</summary>\n");
            pld_eval_difference_head(s, "This", "Other");
        }
        pld_eval_difference_row(s, classes[k].name, &c->classes[k]);
    }
    pld_str_append(s, "</tbody></table></div>\n");
    if (open < order->count) pld_str_append(s, "</details>\n");
    pld_str_append(s, "</section>\n");
}

/* ---- another protocol ---- */

static void step_row(struct pld_str *s, const char *rule, const char *from, const char *to,
                     double change, double after)
{
    pld_str_append(s, "<tr><th scope=\"row\">");
    pld_put_text(s, rule);
    pld_str_append(s, "</th><td>");
    pld_put_text(s, from);
    pld_str_append(s, "</td><td>");
    pld_put_text(s, to);
    pld_str_printf(s, "</td><td class=\"n\">%s</td>", pld_fmt_points(change).text);
    pld_eval_cell(s, after);
    pld_str_append(s, "</tr>\n");
}

void pld_eval_explained(struct pld_str *s, const struct pld_eval_page *page)
{
    const struct pld_explain *e = &page->result->metrics.explain;
    char lead[512];
    if (!e->from) return;
    snprintf(
        lead, sizeof lead,
        "From %s (%s) to %s (%s) on the same detections, a decision at a time. What a decision "
        "is worth depends on those before it.",
        e->from->name, e->from->version, e->to->name, e->to->version);
    pld_html_section(s, "explained", "Why another protocol gives another number", lead);
    pld_str_append(s, "<div class=\"scroll\"><table class=\"rows wide\"><thead><tr>"
                      "<th scope=\"col\">Decision</th><th scope=\"col\">from</th>"
                      "<th scope=\"col\">to</th><th scope=\"col\" class=\"n\">Points</th>"
                      "<th scope=\"col\" class=\"n\">mAP</th></tr></thead><tbody>\n");
    step_row(s, e->from->name, "", "", 0, e->start);
    for (int i = 0; i < e->n_steps; i++)
        step_row(s, e->steps[i].rule, e->steps[i].from, e->steps[i].to,
                 e->steps[i].after - e->steps[i].before, e->steps[i].after);
    step_row(s, e->to->name, "", "", e->end - e->start, e->end);
    pld_str_append(s, "</tbody></table></div></section>\n");
}
