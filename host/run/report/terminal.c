/* The report for a terminal: the verdict, then a line a group. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/str.h"
#include "run/report/format.h"
#include "run/report/report.h"
#include "run/report/verdict.h"

enum { NAME = 26 };

struct style {
    bool colour;
};

static bool wants_colour(FILE *out)
{
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    if (none && *none) return false;
    return isatty(fileno(out)) && term && strcmp(term, "dumb") != 0;
}

/* 256-colour codes by drop class; the same order of warmth as on the page. */
static void put_bin(struct pld_str *s, const struct style *style, int bin, const char *text)
{
    static const int codes[PLD_REPORT_BINS] = {75, 245, 187, 222, 215, 208, 202, 166, 160, 124};
    if (style->colour && bin >= 0)
        pld_str_printf(s, "\033[38;5;%dm%s\033[0m", codes[bin], text);
    else
        pld_str_append(s, text);
}

static void put_bold(struct pld_str *s, const struct style *style, const char *text)
{
    pld_str_printf(s, style->colour ? "\033[1m%s\033[0m" : "%s", text);
}

/* Pads by characters, not bytes. `right` aligns to the right. */
static void put_padded(struct pld_str *s, const char *text, int width, bool right)
{
    int n = 0;
    for (const char *c = text; *c; c++)
        n += ((unsigned char)*c & 0xC0) != 0x80;
    for (int i = n; right && i < width; i++)
        pld_str_append(s, " ");
    pld_str_append(s, text);
    for (int i = n; !right && i < width; i++)
        pld_str_append(s, " ");
}

/* One block a ratio, its height the class of the drop. */
static void put_sparkline(struct pld_str *s, const struct style *style,
                          const struct pld_report *report, const struct pld_report_group *g)
{
    static const char *const blocks[PLD_REPORT_BINS] = {"▁", "▁", "▁", "▂", "▃",
                                                        "▄", "▅", "▆", "▇", "█"};
    for (int i = 0; i < report->n_ratios; i++) {
        const struct pld_report_point *p = pld_report_at(g, report->ratios[i]);
        int bin = p ? pld_report_bin(report, p->drop) : -1;
        put_bin(s, style, bin, bin < 0 ? "·" : blocks[bin]);
    }
}

static void put_row(struct pld_str *s, const struct style *style, const struct pld_report *report,
                    const struct pld_report_group *g)
{
    char text[128];
    put_padded(s, pld_clip(g->id, 6).text, 6, false);
    put_padded(s, pld_clip(g->label, NAME).text, NAME + 1, false);
    snprintf(text, sizeof text, "%lld", (long long)g->units);
    put_padded(s, text, 5, true);
    pld_str_append(s, "  ");
    put_sparkline(s, style, report, g);
    const struct pld_report_point *p = g->focus;
    pld_str_append(s, " ");
    put_padded(s, p ? pld_fmt_points(p->drop).text : "-", 7, true);
    if (p && !isnan(p->ci_hi))
        snprintf(text, sizeof text, " ±%s", pld_fmt_points((p->ci_hi - p->ci_lo) / 2).text);
    else
        text[0] = '\0';
    put_padded(s, text, 7, false);
    snprintf(text, sizeof text, "%s%s", g->reaches ? "" : "≥", pld_fmt_percent(g->removable).text);
    put_padded(s, text, 7, true);
    put_padded(s, pld_fmt_share(-g->saved_macs / report->baseline.macs).text, 9, true);
    pld_str_append(s, "\n");
}

static void put_table(struct pld_str *s, const struct style *style, const struct pld_report *report)
{
    char text[64];
    struct pld_num ratio = pld_fmt_percent(report->ratios[report->focus_ratio]);
    put_padded(s, "id", 6, false);
    put_padded(s, "group", NAME + 1, false);
    put_padded(s, "ch", 5, true);
    pld_str_append(s, "  ");
    put_padded(s, report->n_ratios > 4 ? "drop" : "", report->n_ratios, false);
    snprintf(text, sizeof text, "at %s", ratio.text);
    put_padded(s, text, 8, true);
    put_padded(s, "", 7, false);
    snprintf(text, sizeof text, "for %s", pld_fmt_points_short(report->tolerance).text);
    put_padded(s, text, 7, true);
    put_padded(s, "MACs", 9, true);
    pld_str_append(s, "\n");
    for (int i = 0; i < report->n_groups; i++)
        if (report->groups[i].n_points) put_row(s, style, report, &report->groups[i]);
}

static void put_say(struct pld_str *s, const struct style *style, const struct pld_report *report)
{
    struct pld_str text = {0};
    pld_verdict_incomplete(&text, report);
    if (text.len) {
        put_bold(s, style, text.data);
        pld_str_append(s, "\n");
        pld_str_clear(&text);
    }
    pld_verdict_headline(&text, report);
    put_bold(s, style, text.data ? text.data : "");
    pld_str_append(s, "\n");
    pld_verdict_detail(s, report);
    pld_str_append(s, "\n");
    pld_verdict_caution(s, report);
    pld_str_append(s, "\n\nBaseline ");
    pld_verdict_metric(s, report);
    pld_str_printf(s, " %s, %s MACs, %s parameters\n",
                   pld_fmt_map(report->baseline.metrics[report->metric]).text,
                   pld_fmt_si(report->baseline.macs).text,
                   pld_fmt_si(report->baseline.params).text);
    s->failed |= text.failed;
    pld_str_release(&text);
}

static void put_legend(struct pld_str *s, const struct pld_report *report)
{
    pld_str_printf(s,
                   "Drops in points (1 point = 0.01 mAP) with half the 95 %% interval. \"for %s\": "
                   "share of channels that can\ngo, alone, for %s points; MACs: change of the "
                   "model's MACs then.",
                   pld_fmt_points_short(report->tolerance).text,
                   pld_fmt_points_short(report->tolerance).text);
    if (report->n_locked)
        pld_str_printf(s, " %d groups are locked (pollard groups MODEL --why).", report->n_locked);
    pld_str_append(s, "\n");
}

pld_status pld_report_print(const struct pld_report *report, FILE *out)
{
    struct style style = {wants_colour(out)};
    struct pld_str s = {0};
    put_say(&s, &style, report);
    if (report->n_points) {
        pld_str_append(&s, "\n");
        put_table(&s, &style, report);
        pld_str_append(&s, "\n");
        put_legend(&s, report);
    }
    pld_status status = s.failed ? PLD_EDEVICE : PLD_OK;
    if (status == PLD_OK && (fwrite(s.data, 1, s.len, out) != s.len || fflush(out) != 0))
        status = pld_fail(PLD_EFAIL, "stdout", "cannot write the report");
    pld_str_release(&s);
    return status;
}
