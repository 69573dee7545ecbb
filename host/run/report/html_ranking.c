/* What to prune first: the groups by what they save within the tolerance. */
#include <math.h>
#include <stdio.h>

#include "run/report/format.h"
#include "run/report/html.h"
#include "run/report/plots.h"

enum { SHOWN = 15 };

/* A bar of channels: dark as far as the whole interval allows, pale as far as the estimate does. */
static void removable_cell(struct pld_str *s, const struct pld_report_group *g)
{
    long long channels = llround(g->removable * (double)g->units);
    pld_str_printf(s,
                   "<td><div class=\"bar\" role=\"presentation\"><i class=\"maybe\" "
                   "style=\"width:%s%%\"></i><i style=\"width:%s%%\"></i></div>"
                   "<small>%s%s <span class=\"soft\">(%lld of %lld)</span></small></td>",
                   pld_fmt_coord(g->removable * 100).text,
                   pld_fmt_coord(g->removable_sure * 100).text, g->reaches ? "" : "≥ ",
                   pld_fmt_percent(g->removable).text, channels, (long long)g->units);
}

static void drop_cell(struct pld_str *s, const struct pld_report_point *p)
{
    if (!p) {
        pld_str_append(s, "<td class=\"n soft\">not measured</td>");
        return;
    }
    pld_str_printf(s, "<td class=\"n\">%s", pld_fmt_points(p->drop).text);
    if (!isnan(p->ci_lo))
        pld_str_printf(s, "<br><small>%s to %s</small>", pld_fmt_points(p->ci_lo).text,
                       pld_fmt_points(p->ci_hi).text);
    pld_str_append(s, "</td>");
}

static void ranked_row(struct pld_str *s, const struct pld_report *report, int position)
{
    const struct pld_report_group *g = &report->groups[report->by_saving[position]];
    double points = report->tolerance * 100;
    pld_str_printf(s, "<tr><td class=\"pos n\">%d</td><th scope=\"row\">", position + 1);
    pld_html_group(s, g);
    pld_str_append(s, "</th>");
    removable_cell(s, g);
    pld_str_printf(s, "<td class=\"n\">%s<br><small>%s</small></td>",
                   pld_fmt_share(g->saved_macs / report->baseline.macs).text,
                   pld_fmt_si(g->saved_macs).text);
    pld_str_printf(s, "<td class=\"n\">%s</td>", pld_fmt_si(g->saved_params).text);
    pld_str_printf(s, "<td class=\"n\">%s%s</td>", g->reaches ? "" : "≥ ",
                   pld_fmt_si(g->saved_macs / points).text);
    drop_cell(s, g->focus);
    pld_str_append(s, "</tr>\n");
}

static void ranked_table(struct pld_str *s, const struct pld_report *report, int from, int to)
{
    struct pld_num tolerance = pld_fmt_points_short(report->tolerance);
    pld_str_printf(s,
                   "<div class=\"scroll\"><table class=\"rows rank wide\"><thead><tr>"
                   "<th scope=\"col\" class=\"n\">#</th><th scope=\"col\">Group</th>"
                   "<th scope=\"col\">Removable for %s points</th>"
                   "<th scope=\"col\" class=\"n\">MACs saved</th>"
                   "<th scope=\"col\" class=\"n\">Parameters</th>"
                   "<th scope=\"col\" class=\"n\">MACs a point</th>"
                   "<th scope=\"col\" class=\"n\">Drop at %s</th></tr></thead><tbody>\n",
                   tolerance.text, pld_fmt_percent(report->ratios[report->focus_ratio]).text);
    for (int i = from; i < to; i++)
        ranked_row(s, report, i);
    pld_str_append(s, "</tbody></table></div>\n");
}

void pld_html_ranking(struct pld_str *s, const struct pld_report *report)
{
    char lead[1024];
    if (!report->n_by_saving) return;
    snprintf(lead, sizeof lead,
             "Groups by the MACs they save when pruned alone until mAP has dropped by %s points, "
             "interpolated between measured ratios. The bar is the share of channels that can go: "
             "full colour as far as the whole 95&nbsp;%% interval stays within the tolerance, pale "
             "as far as the estimate does.",
             pld_fmt_points_short(report->tolerance).text);
    pld_html_section(s, "first", "What to prune first", lead);
    int shown = report->n_by_saving < SHOWN ? report->n_by_saving : SHOWN;
    ranked_table(s, report, 0, shown);
    if (shown < report->n_by_saving) {
        pld_str_printf(s, "<details><summary>The other %d groups</summary>\n",
                       report->n_by_saving - shown);
        ranked_table(s, report, shown, report->n_by_saving);
        pld_str_append(s, "</details>\n");
    }
    pld_str_append(s, "<figure class=\"panel scroll\"><figcaption>Drop in points against the share "
                      "of the model's MACs saved, one dot a point measured; the dashed line is the "
                      "tolerance</figcaption>\n");
    pld_plot_tradeoff(s, report, false);
    pld_str_append(s, "</figure></section>\n");
}
