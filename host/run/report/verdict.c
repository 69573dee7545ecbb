#include "run/report/verdict.h"

#include <math.h>

#include "run/report/format.h"

static const char *metric_name(const struct pld_report *report)
{
    if (report->metric == PLD_REPORT_AGREEMENT) return "agreement";
    return report->metric == 0 ? "mAP" : "AP50";
}

void pld_verdict_metric(struct pld_str *s, const struct pld_report *report)
{
    const char *protocol = pld_report_string(report, "protocol", NULL);
    if (report->metric == PLD_REPORT_AGREEMENT) protocol = "with the unpruned model";
    pld_str_printf(s, "%s (%s)", metric_name(report), protocol ? protocol : "protocol not stated");
}

static struct pld_num focus_percent(const struct pld_report *report)
{
    return pld_fmt_percent(report->ratios[report->focus_ratio]);
}

void pld_verdict_headline(struct pld_str *s, const struct pld_report *report)
{
    if (!report->n_measured) {
        pld_str_append(s, "The baseline is measured, no group is yet.");
        return;
    }
    bool all = report->n_measured == report->n_prunable;
    pld_str_printf(s,
                   "%d of %d %sgroups can lose %s of their channels, each alone, for less than %s "
                   "points of %s.",
                   report->n_tolerant, report->n_measured, all ? "" : "measured ",
                   focus_percent(report).text, pld_fmt_points_short(report->tolerance).text,
                   metric_name(report));
}

static bool any_interval(const struct pld_report *report)
{
    for (int i = 0; i < report->n_groups; i++)
        if (report->groups[i].focus && !isnan(report->groups[i].focus->ci_hi)) return true;
    return false;
}

void pld_verdict_detail(struct pld_str *s, const struct pld_report *report)
{
    if (!report->n_measured) return;
    if (!any_interval(report))
        pld_str_append(s, "The sweep states no confidence intervals. ");
    else if (report->n_sure == report->n_tolerant)
        pld_str_printf(s, "For %s of them the whole 95 %% interval lies below that. ",
                       report->n_sure ? "all" : "none");
    else
        pld_str_printf(s,
                       "For %d of them the whole 95 %% interval lies below that; for the other %d "
                       "the images at hand cannot exclude a larger drop. ",
                       report->n_sure, report->n_tolerant - report->n_sure);
    if (!report->n_by_drop) return;
    const struct pld_report_group *worst = &report->groups[report->by_drop[0]];
    pld_str_printf(s, "The most sensitive is %s: %s points at %s.", worst->label,
                   pld_fmt_points(worst->focus->drop).text, focus_percent(report).text);
}

void pld_verdict_caution(struct pld_str *s, const struct pld_report *report)
{
    if (!report->n_measured) return;
    pld_str_append(s, "Every group was pruned alone. The drops of several groups do not simply add "
                      "up, and together they usually cost more: measure a combination before "
                      "relying on it, with `pollard prune --mask` and `pollard eval`.");
}

void pld_verdict_incomplete(struct pld_str *s, const struct pld_report *report)
{
    if (report->n_points >= report->points_total) return;
    pld_str_printf(s, "incomplete: %d of %d points", report->n_points, report->points_total);
}
