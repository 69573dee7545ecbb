/* Heat map, extremes and curves. */
#include <math.h>
#include <stdio.h>

#include "run/report/format.h"
#include "run/report/html.h"
#include "run/report/plots.h"

static const char *status_mark(enum pld_point_status status)
{
    return status == PLD_POINT_STOPPED    ? "<sup>s</sup>"
           : status == PLD_POINT_INFERRED ? "<sup>i</sup>"
                                          : "";
}

static void heat_cell(struct pld_str *s, const struct pld_report *report,
                      const struct pld_report_group *g, double ratio)
{
    const struct pld_report_point *p = pld_report_at(g, ratio);
    int bin = p ? pld_report_bin(report, p->drop) : -1;
    if (bin < 0) {
        pld_str_append(s, "<td class=\"none\" title=\"not measured\"></td>");
        return;
    }
    char text[512];
    bool unsure = p->ci_lo <= 0 && p->ci_hi >= 0;
    pld_point_text(text, sizeof text, report, g, p);
    pld_str_printf(s, "<td class=\"b%d%s\" title=\"", bin, unsure ? " unsure" : "");
    pld_put_text(s, text);
    pld_str_printf(s, "\">%s%s</td>", pld_fmt_points_short(p->drop).text, status_mark(p->status));
}

static double macs_share(const struct pld_report *report, const struct pld_report_group *g)
{
    return g->macs_per_unit * (double)g->units / report->baseline.macs;
}

static void heat_row(struct pld_str *s, const struct pld_report *report,
                     const struct pld_report_group *g, double most)
{
    pld_str_append(s, "<tr><th scope=\"row\">");
    pld_html_group(s, g);
    pld_str_append(s, "</th>");
    for (int i = 0; i < report->n_ratios; i++)
        heat_cell(s, report, g, report->ratios[i]);
    double share = macs_share(report, g);
    if (share >= 0 && most > 0)
        pld_str_printf(s, "<td class=\"share\"><i style=\"width:%spx\"></i>%s</td>",
                       pld_fmt_coord(44 * share / most).text, pld_fmt_share(share).text);
    pld_str_append(s, "</tr>\n");
}

static bool has_status(const struct pld_report *report, enum pld_point_status status)
{
    for (int i = 0; i < report->n_groups; i++)
        for (int k = 0; k < report->groups[i].n_points; k++)
            if (report->groups[i].points[k].status == status) return true;
    return false;
}

static void heat_key(struct pld_str *s, const struct pld_report *report)
{
    pld_str_append(s, "<ul class=\"key\" aria-label=\"Colours\">");
    for (int i = 0; i < PLD_REPORT_BINS; i++) {
        char low[48], high[48];
        snprintf(low, sizeof low, "%g", pld_report_bin_edge(report, i) * 100);
        snprintf(high, sizeof high, "%g",
                 i + 1 < PLD_REPORT_BINS ? pld_report_bin_edge(report, i + 1) * 100 : 0);
        if (i == 0)
            pld_str_printf(s, "<li class=\"b0\">better</li>");
        else if (i == 1)
            pld_str_printf(s, "<li class=\"b1\">under %s</li>", high);
        else if (i + 1 < PLD_REPORT_BINS)
            pld_str_printf(s, "<li class=\"b%d\">%s–%s</li>", i, low, high);
        else
            pld_str_printf(s, "<li class=\"b%d\">%s and more</li>", i, low);
    }
    pld_str_append(s, "</ul>\n");
    if (has_status(report, PLD_POINT_STOPPED) || has_status(report, PLD_POINT_INFERRED))
        pld_str_append(s, "<p class=\"lead note\"><sup>s</sup> stopped before all images were "
                          "seen, its drop being hopeless; <sup>i</sup> inferred, not measured"
                          "</p>\n");
}

void pld_html_heatmap(struct pld_str *s, const struct pld_report *report)
{
    if (!report->n_points) return;
    pld_html_section(s, "map", "Heat map",
                     "Drop in mAP points for every group, in network order, and every ratio. "
                     "Numbers in italics cannot be told from zero on these images. <span "
                     "class=\"only-wide\">At the right, "
                     "the share of the model's MACs that depends on the group.</span>");
    heat_key(s, report);
    pld_str_append(s, "<div class=\"scroll\"><table class=\"heat\"><thead><tr><th scope=\"col\">"
                      "Group</th>");
    for (int i = 0; i < report->n_ratios; i++)
        pld_str_printf(s, "<th scope=\"col\">%s</th>", pld_fmt_percent(report->ratios[i]).text);
    pld_str_append(s, "<th scope=\"col\" class=\"share\">MACs</th></tr></thead><tbody>\n");
    double most = 0;
    for (int i = 0; i < report->n_groups; i++)
        most = fmax(most, macs_share(report, &report->groups[i]));
    for (int i = 0; i < report->n_groups; i++)
        if (report->groups[i].n_points) heat_row(s, report, &report->groups[i], most);
    pld_str_append(s, "</tbody></table></div></section>\n");
}

void pld_html_extremes(struct pld_str *s, const struct pld_report *report)
{
    char lead[512];
    if (report->n_by_drop < 2) return;
    snprintf(lead, sizeof lead,
             "Drop in points with %s of the channels removed. The line through a dot is its "
             "95&nbsp;%% interval, the dashed line the tolerance; the scale is a square root, the "
             "same for both.",
             pld_fmt_percent(report->ratios[report->focus_ratio]).text);
    pld_html_section(s, "extremes", "Most and least sensitive", lead);
    pld_str_append(s,
                   "<div class=\"pair\"><figure class=\"panel\"><figcaption><b>Most sensitive</b>"
                   "</figcaption>\n");
    pld_plot_extremes(s, report, true, false);
    pld_str_append(s, "</figure><figure class=\"panel\"><figcaption><b>Least sensitive</b>"
                      "</figcaption>\n");
    pld_plot_extremes(s, report, false, false);
    pld_str_append(s, "</figure></div></section>\n");
}

void pld_html_curves(struct pld_str *s, const struct pld_report *report)
{
    if (!report->n_points) return;
    pld_html_section(s, "curves", "Sensitivity of each group",
                     "Drop in points over the share of channels removed, in network order, all on "
                     "one square-root scale. Shaded: 95&nbsp;% interval. Dashed: tolerance, with "
                     "the ratio that reaches it beside the name. Orange: "
                     "beyond the tolerance at the ratio of the verdict. Filled dots were measured "
                     "on all images, triangles stopped early, hollow dots inferred.");
    pld_str_append(s, "<div class=\"curves\">\n");
    for (int i = 0; i < report->n_groups; i++) {
        const struct pld_report_group *g = &report->groups[i];
        if (!g->n_points) continue;
        pld_str_append(s, "<figure><figcaption>");
        pld_html_group(s, g);
        pld_str_printf(s, " <small>%lld ch, %s%s for %s</small></figcaption>", (long long)g->units,
                       g->reaches ? "" : "≥ ", pld_fmt_percent(g->removable).text,
                       pld_fmt_points_short(report->tolerance).text);
        pld_plot_curve(s, report, g);
        pld_str_append(s, "</figure>\n");
    }
    pld_str_append(s, "</div></section>\n");
}
