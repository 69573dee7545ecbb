/* What the reader came for: the verdict, the key figures, the baseline. */
#include <math.h>
#include <string.h>

#include "core/file.h"
#include "run/report/format.h"
#include "run/report/html.h"
#include "run/report/verdict.h"

/* `words` in backticks become code. */
static void put_with_code(struct pld_str *s, char *text)
{
    for (bool code = false; text; code = !code) {
        char *stop = strchr(text, '`');
        if (stop) *stop = '\0';
        if (code) pld_str_append(s, "<code>");
        pld_put_text(s, text);
        if (code) pld_str_append(s, "</code>");
        text = stop ? stop + 1 : NULL;
    }
}

static void paragraph(struct pld_str *s, const char *cls, const struct pld_report *report,
                      void (*say)(struct pld_str *, const struct pld_report *))
{
    struct pld_str text = {0};
    say(&text, report);
    if (text.len) {
        pld_str_printf(s, "<p class=\"%s\">", cls);
        put_with_code(s, text.data);
        pld_str_append(s, "</p>\n");
    }
    s->failed |= text.failed;
    pld_str_release(&text);
}

void pld_html_verdict(struct pld_str *s, const struct pld_report *report)
{
    pld_str_append(s, "<div class=\"verdict\">\n");
    paragraph(s, "say", report, pld_verdict_headline);
    paragraph(s, "more", report, pld_verdict_detail);
    paragraph(s, "caution", report, pld_verdict_caution);
    pld_str_append(s, "</div>\n");
}

void pld_html_card(struct pld_str *s, const char *what, const char *big, const char *sub)
{
    pld_str_append(s, "<div class=\"card\"><dt>");
    pld_put_text(s, what);
    pld_str_append(s, "</dt><dd class=\"big\">");
    pld_put_text(s, big);
    pld_str_append(s, "</dd><dd class=\"sub\">");
    pld_put_text(s, sub);
    pld_str_append(s, "</dd></div>\n");
}

static void card_baseline(struct pld_str *s, const struct pld_report *report)
{
    struct pld_str what = {0}, sub = {0};
    const double *m = report->baseline.metrics;
    pld_str_append(&what, "Baseline ");
    pld_verdict_metric(&what, report);
    if (report->metric == 0 && !isnan(m[1]))
        pld_str_printf(&sub, "AP50 %s", pld_fmt_map(m[1]).text);
    double images = pld_report_number(report, "dataset", "images");
    if (!isnan(images))
        pld_str_printf(&sub, "%s%s images", sub.len ? ", " : "", pld_fmt_count(images).text);
    pld_html_card(s, what.data, pld_fmt_map(m[report->metric]).text, sub.data);
    pld_str_release(&what);
    pld_str_release(&sub);
}

static void card_groups(struct pld_str *s, const struct pld_report *report)
{
    struct pld_str big = {0}, sub = {0};
    pld_str_printf(&big, "%d of %d", report->n_tolerant, report->n_measured);
    pld_str_printf(
        &sub, "below %s points at %s; %d locked", pld_fmt_points_short(report->tolerance).text,
        pld_fmt_percent(report->n_ratios ? report->ratios[report->focus_ratio] : NAN).text,
        report->n_locked);
    pld_html_card(s, "Tolerant groups", big.data, sub.data);
    pld_str_release(&big);
    pld_str_release(&sub);
}

static void card_model(struct pld_str *s, const struct pld_report *report)
{
    struct pld_str sub = {0};
    pld_str_printf(&sub, "%s parameters", pld_fmt_si(report->baseline.params).text);
    pld_html_card(s, "Size in MACs", pld_fmt_si(report->baseline.macs).text, sub.data);
    pld_str_release(&sub);
}

static void card_best(struct pld_str *s, const struct pld_report *report)
{
    if (!report->n_by_saving) return;
    const struct pld_report_group *g = &report->groups[report->by_saving[0]];
    struct pld_str sub = {0};
    pld_str_printf(&sub, "of all MACs for %s points, %s",
                   pld_fmt_points_short(report->tolerance).text, g->label);
    pld_html_card(s, "Largest single saving",
                  pld_fmt_percent(g->saved_macs / report->baseline.macs).text, sub.data);
    pld_str_release(&sub);
}

static void card_worst(struct pld_str *s, const struct pld_report *report)
{
    if (!report->n_by_drop) return;
    const struct pld_report_group *g = &report->groups[report->by_drop[0]];
    struct pld_str sub = {0};
    pld_str_printf(&sub, "points at %s, %s", pld_fmt_percent(g->focus->ratio).text, g->label);
    pld_html_card(s, "Most sensitive group", pld_fmt_points(g->focus->drop).text, sub.data);
    pld_str_release(&sub);
}

static void card_sweep(struct pld_str *s, const struct pld_report *report)
{
    double seconds = pld_report_number(report, "seconds", NULL);
    struct pld_str sub = {0};
    pld_str_printf(&sub, "%d points", report->n_points);
    if (seconds > 0) {
        double rate = report->n_points / seconds;
        pld_str_printf(&sub, ", %.*f a second", rate < 10 ? 1 : 0, rate);
    }
    pld_html_card(s, "Time of the sweep", pld_fmt_seconds(seconds).text, sub.data);
    pld_str_release(&sub);
}

void pld_html_cards(struct pld_str *s, const struct pld_report *report)
{
    pld_str_append(s, "<dl class=\"cards\">\n");
    card_baseline(s, report);
    card_groups(s, report);
    card_best(s, report);
    card_worst(s, report);
    card_model(s, report);
    card_sweep(s, report);
    pld_str_append(s, "</dl>\n");
}

/* COCO's -1 says that the data has no object of that kind. */
static struct pld_num metric_text(double value)
{
    return value < 0 ? (struct pld_num){"no objects"} : pld_fmt_map(value);
}

static void metric_table(struct pld_str *s, const struct pld_report *report, const char *caption,
                         int from)
{
    pld_str_printf(s,
                   "<div class=\"scroll\"><table class=\"rows wide\"><caption>%s</caption><thead>"
                   "<tr><th scope=\"col\">Metric</th><th scope=\"col\">Over</th><th scope=\"col\" "
                   "class=\"n\">Value</th></tr></thead><tbody>\n",
                   caption);
    for (int i = from; i < from + PLD_REPORT_METRICS / 2; i++)
        pld_str_printf(s,
                       "<tr><th scope=\"row\">%s</th><td class=\"soft\">%s</td><td class=\"n\">%s"
                       "</td></tr>\n",
                       pld_report_metrics[i].key, pld_report_metrics[i].meaning,
                       metric_text(report->baseline.metrics[i]).text);
    pld_str_append(s, "</tbody></table></div>\n");
}

void pld_html_baseline(struct pld_str *s, const struct pld_report *report)
{
    struct pld_str lead = {0}, metric = {0};
    const char *device = pld_report_string(report, "device", NULL);
    const char *preprocess = pld_report_string(report, "preprocess", NULL);
    const char *data = pld_report_string(report, "dataset", "path");
    double images = pld_report_number(report, "dataset", "images");
    pld_verdict_metric(&metric, report);
    pld_str_append(&lead, "The unpruned model, ");
    pld_put_text(&lead, metric.data);
    if (!isnan(images)) pld_str_printf(&lead, ", on %s images", pld_fmt_count(images).text);
    if (data) {
        pld_str_append(&lead, " of ");
        pld_put_text(&lead, data);
    }
    if (device) {
        pld_str_append(&lead, ", computed on ");
        pld_put_text(&lead, device);
    }
    if (preprocess) {
        pld_str_append(&lead, ", preprocessing ");
        pld_put_text(&lead, preprocess);
    }
    pld_str_append(&lead, ". Every drop below is a difference from these numbers on the same "
                          "images.");
    pld_html_section(s, "baseline", "Baseline", lead.data);
    pld_str_append(s, "<div class=\"two\">\n");
    if (report->metric != PLD_REPORT_AGREEMENT) {
        metric_table(s, report, "Average precision", 0);
        metric_table(s, report, "Average recall", PLD_REPORT_METRICS / 2);
    }
    pld_str_append(s, "</div></section>\n");
    pld_str_release(&lead);
    pld_str_release(&metric);
}
