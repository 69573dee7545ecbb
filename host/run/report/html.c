/* The page as a whole: one file, no scripts, nothing from elsewhere. */
#include <math.h>

#include "core/file.h"
#include "run/report/format.h"
#include "run/report/html.h"
#include "run/report/report.h"
#include "run/report/verdict.h"

void pld_html_section(struct pld_str *s, const char *id, const char *title, const char *lead)
{
    pld_str_printf(s, "<section id=\"%s\"><h2>%s</h2>\n", id, title);
    if (lead) pld_str_printf(s, "<p class=\"lead\">%s</p>\n", lead);
}

void pld_html_group(struct pld_str *s, const struct pld_report_group *group)
{
    pld_str_append(s, "<span class=\"g\" title=\"");
    pld_put_text(s, group->name);
    pld_str_append(s, "\">");
    for (const char *at = group->label; *at;) { /* lines may break behind dots and slashes */
        size_t n = 0;
        while (at[n] && at[n] != '.' && at[n] != '/' && at[n] != '_')
            n++;
        n += at[n] != '\0';
        struct pld_str part = {0};
        pld_str_append_n(&part, at, n);
        pld_put_text(s, part.data);
        s->failed |= part.failed;
        pld_str_release(&part);
        at += n;
        if (*at) pld_str_append(s, "<wbr>");
    }
    pld_str_append(s, "</span> <span class=\"id\">");
    pld_put_text(s, group->id);
    pld_str_append(s, "</span>");
}

static const char *model_name(const struct pld_report *report)
{
    const char *path = pld_report_string(report, "model", "path");
    return path ? pld_path_basename(path) : "model";
}

static void put_meta(struct pld_str *s, const char *before, const char *text, const char *after)
{
    if (!text) return;
    pld_str_printf(s, "<span>%s", before);
    pld_put_text(s, text);
    pld_str_printf(s, "%s</span> ", after);
}

/* One line that says what was measured, where and when. */
static void put_header(struct pld_str *s, const struct pld_report *report)
{
    pld_str_append(s, "<header class=\"top\"><p class=\"over-title\">pollard · channel "
                      "sensitivity</p>\n<h1>");
    pld_put_text(s, model_name(report));
    pld_str_append(s, "</h1>\n<p class=\"meta\">");
    double images = pld_report_number(report, "dataset", "images");
    if (!isnan(images)) put_meta(s, "", pld_fmt_count(images).text, " images");
    put_meta(s, "criterion ", pld_report_string(report, "criterion", NULL), "");
    put_meta(s, "protocol ", pld_report_string(report, "protocol", NULL), "");
    put_meta(s, "", pld_report_string(report, "device", NULL), "");
    const char *finished = pld_report_string(report, "finished", NULL);
    put_meta(s, "", finished ? finished : pld_report_string(report, "started", NULL), "");
    pld_str_append(s, "</p>\n");
}

static void put_banner(struct pld_str *s, const struct pld_report *report)
{
    struct pld_str text = {0};
    pld_verdict_incomplete(&text, report);
    if (text.len) {
        pld_str_append(s, "<div class=\"banner\" role=\"status\">");
        pld_put_text(s, text.data);
        pld_str_append(s, "<p>The sweep was still running or was stopped. What is here is final; "
                          "<code>--resume</code> adds the rest.</p></div>\n");
    }
    pld_str_release(&text);
    if (report->bad_lines)
        pld_str_printf(s,
                       "<div class=\"banner\" role=\"status\">%d unreadable line%s of "
                       "results.jsonl left out</div>\n",
                       report->bad_lines, report->bad_lines == 1 ? "" : "s");
}

void pld_html_nav(struct pld_str *s, const struct pld_html_link *links, size_t count)
{
    pld_str_append(s, "<nav aria-label=\"Sections\">");
    for (size_t i = 0; i < count; i++)
        pld_str_printf(s, "%s<a href=\"#%s\">%s</a>", i ? " " : "", links[i].id, links[i].title);
    pld_str_append(s, "</nav></header>\n");
}

static void put_nav(struct pld_str *s, const struct pld_report *report)
{
    static const struct pld_html_link all[] = {
        {"first", "What to prune first"}, {"map", "Heat map"},
        {"extremes", "Extremes"},         {"curves", "Curves"},
        {"locked", "Locked groups"},      {"reading", "How to read this"},
        {"repeat", "Reproduce"}};
    enum { N = sizeof all / sizeof *all };
    struct pld_html_link links[N + 1] = {{"baseline", "Baseline"}};
    size_t count = 1;
    for (size_t i = 0; i < N; i++) {
        if (i < 4 && !report->n_points) continue;
        if (i == 4 && !report->n_locked) continue;
        links[count++] = all[i];
    }
    pld_html_nav(s, links, count);
}

void pld_html_head(struct pld_str *s, const char *name, const char *what)
{
    pld_str_append(s, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                      "<meta name=\"generator\" content=\"pollard\">\n<title>");
    pld_put_text(s, name);
    pld_str_printf(s, ": %s</title>\n", what);
    pld_html_style(s);
}

static void put_page(struct pld_str *s, const struct pld_report *report)
{
    const char *version = pld_report_string(report, "program", "version");
    pld_html_head(s, model_name(report), "channel sensitivity");
    pld_str_append(s, "</head><body>\n");
    put_header(s, report);
    put_nav(s, report);
    pld_str_append(s, "<main>\n");
    put_banner(s, report);
    pld_html_verdict(s, report);
    pld_html_cards(s, report);
    pld_html_baseline(s, report);
    pld_html_ranking(s, report);
    pld_html_heatmap(s, report);
    pld_html_extremes(s, report);
    pld_html_curves(s, report);
    pld_html_locked(s, report);
    pld_html_examples(s, report);
    pld_html_reading(s, report);
    pld_html_reproduce(s, report);
    pld_str_append(s, "<footer>Made by pollard");
    if (version) pld_str_append(s, " ");
    pld_put_text(s, version);
    pld_str_append(s, " from results.jsonl, manifest.json and groups.json of the sweep.</footer>"
                      "</main></body></html>\n");
}

pld_status pld_report_write_html(const struct pld_report *report, const char *path)
{
    struct pld_str s = {0};
    put_page(&s, report);
    pld_status status = s.failed ? PLD_EDEVICE : pld_file_write(path, s.data, s.len);
    pld_str_release(&s);
    return status;
}
