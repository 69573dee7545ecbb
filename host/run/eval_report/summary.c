/* What the reader came for: the verdict, the key figures, all numbers of the protocol. */
#include <math.h>
#include <stdio.h>

#include "run/eval_report/sections.h"
#include "run/report/format.h"

enum { NAMED = 3 }; /* classes that the verdict names */

/* The costliest kind of error, or -1 where none costs anything. */
static int worst_error(const struct pld_tide *tide)
{
    int worst = -1;
    for (int e = 0; tide->errors && e < PLD_TIDE_ERRORS; e++)
        if (tide->gain[e] > (worst < 0 ? 0 : tide->gain[worst])) worst = e;
    return worst;
}

static void say_numbers(struct pld_str *s, const struct pld_eval_page *page)
{
    const struct pld_eval_metrics *m = &page->result->metrics;
    char number[40], interval[96];
    pld_str_printf(s, "<p class=\"say\">%s %s", pld_eval_headline(page),
                   pld_eval_number(number, m->result.metrics[0].value));
    if (m->bootstrap.classes && isfinite(m->bootstrap.ap.low))
        pld_str_printf(s, ", 95&nbsp;%% interval %s",
                       pld_eval_interval(interval, &m->bootstrap.ap));
    pld_str_printf(s, "</p>\n<p class=\"more\">By the protocol %s (%s), on %d images",
                   m->result.protocol->name, m->result.protocol->version, page->result->images);
    if (m->bootstrap.classes)
        pld_str_printf(s, "; the interval is that of %d resamples of the images",
                       m->bootstrap.samples);
    pld_str_append(s, ". ");
}

void pld_eval_verdict(struct pld_str *s, const struct pld_eval_page *page,
                      const struct pld_class_order *order)
{
    const struct pld_eval_result *r = page->result;
    const struct pld_tide *tide = &r->metrics.tide;
    int worst = worst_error(tide), named = order->count < NAMED ? order->count : NAMED;
    pld_str_append(s, "<div class=\"verdict\">\n");
    say_numbers(s, page);
    if (worst >= 0)
        pld_str_printf(s, "Most is lost to one kind of error, <i>%s</i>: %s points of AP50. ",
                       pld_eval_error_words((enum pld_tide_error)worst),
                       pld_fmt_points(tide->gain[worst]).text);
    if (order->count > 1) {
        pld_str_append(s, "Lowest: ");
        for (int i = 0; i < named; i++) {
            int k = order->classes[i];
            if (i) pld_str_append(s, ", ");
            pld_put_text(s, r->classes[k].name);
            pld_str_printf(s, " (%s)", pld_fmt_map(r->metrics.result.classes[k].ap).text);
        }
        pld_str_append(s, ".");
    }
    pld_str_append(s, "</p>\n</div>\n");
}

static void card_metric(struct pld_str *s, const struct pld_eval_page *page, int i)
{
    const struct pld_eval_metrics *m = &page->result->metrics;
    const struct pld_interval *interval = i == 0 ? &m->bootstrap.ap : &m->bootstrap.ap50;
    char number[40], text[96], sub[128] = "";
    if (m->bootstrap.classes) snprintf(sub, sizeof sub, "%s", pld_eval_interval(text, interval));
    pld_html_card(s, i == 0 ? pld_eval_headline(page) : m->result.metrics[i].name,
                  pld_eval_number(number, m->result.metrics[i].value), sub);
}

static void card_f1(struct pld_str *s, const struct pld_confidence *curves)
{
    const struct pld_best_f1 *best = &curves->all.best;
    char sub[128];
    if (!curves->classes) return;
    snprintf(sub, sizeof sub, "at confidence %.2f: precision %s, recall %s", best->score,
             pld_fmt_map(best->precision).text, pld_fmt_map(best->recall).text);
    pld_html_card(s, "Best mean F1", pld_fmt_map(best->f1).text, sub);
}

static void card_found(struct pld_str *s, const struct pld_confusion *confusion)
{
    char big[64], sub[128];
    uint32_t right = 0, missed = 0, all = 0;
    if (!confusion->counts) return;
    for (int t = 0; t < confusion->n; t++) {
        right += pld_confusion_at(confusion, t, t);
        missed += pld_confusion_at(confusion, t, confusion->n);
        for (int f = 0; f <= confusion->n; f++)
            all += pld_confusion_at(confusion, t, f);
    }
    snprintf(big, sizeof big, "%u of %u", right, all);
    snprintf(sub, sizeof sub, "at confidence %.2f; %u missed, %u of another class",
             confusion->score, missed, all - right - missed);
    pld_html_card(s, "Boxes found", big, sub);
}

void pld_eval_cards(struct pld_str *s, const struct pld_eval_page *page)
{
    const struct pld_eval_metrics *m = &page->result->metrics;
    int worst = worst_error(&m->tide);
    char sub[128];
    pld_str_append(s, "<dl class=\"cards\">\n");
    for (int i = 0; i < 2 && i < m->result.n_metrics; i++)
        card_metric(s, page, i);
    card_f1(s, &m->confidence);
    card_found(s, &m->confusion);
    if (worst >= 0) {
        snprintf(sub, sizeof sub, "points of AP50: %s (%s)",
                 pld_eval_error_words((enum pld_tide_error)worst), pld_tide_names[worst]);
        pld_html_card(s, "Costliest error", pld_fmt_points(m->tide.gain[worst]).text, sub);
    }
    pld_str_append(s, "</dl>\n");
}

/* ---- all numbers ---- */

static void metric_rows(struct pld_str *s, const struct pld_metric_result *result, int from, int to,
                        const char *caption)
{
    char number[40];
    bool coco = result->protocol == &pld_protocol_coco;
    pld_str_printf(s,
                   "<div class=\"scroll\"><table class=\"rows wide\"><caption>%s</caption><thead>"
                   "<tr><th scope=\"col\">Metric</th>%s<th scope=\"col\" class=\"n\">Value</th>"
                   "</tr></thead><tbody>\n",
                   caption, coco ? "<th scope=\"col\">Over</th>" : "");
    for (int i = from; i < to; i++) {
        pld_str_printf(s, "<tr><th scope=\"row\">%s</th>", result->metrics[i].name);
        if (coco) pld_str_printf(s, "<td class=\"soft\">%s</td>", pld_report_metrics[i].meaning);
        pld_str_printf(s, "<td class=\"n\">%s</td></tr>\n",
                       pld_eval_number(number, result->metrics[i].value));
    }
    pld_str_append(s, "</tbody></table></div>\n");
}

/* With params of one's own: AP and AR of every range and limit. */
static void params_table(struct pld_str *s, const struct pld_eval_metrics *m)
{
    const struct pld_coco_params *p = &m->params;
    pld_str_append(s, "<div class=\"scroll\"><table class=\"rows wide\"><thead><tr>"
                      "<th scope=\"col\">Sizes</th><th scope=\"col\" class=\"n\">Pixels</th>"
                      "<th scope=\"col\" class=\"n\">Detections</th><th scope=\"col\" class=\"n\">"
                      "AP</th><th scope=\"col\" class=\"n\">AR</th></tr></thead><tbody>\n");
    for (int a = 0; a < p->n_areas; a++)
        for (int l = 0; l < p->n_limits; l++) {
            pld_str_append(s, "<tr><th scope=\"row\">");
            pld_put_text(s, p->areas[a].label);
            pld_str_printf(s, "</th><td class=\"n\">%g to %g</td><td class=\"n\">%d</td>",
                           p->areas[a].low, p->areas[a].high, p->limits[l]);
            pld_eval_cell(s, m->table.ap[a * p->n_limits + l]);
            pld_eval_cell(s, m->table.ar[a * p->n_limits + l]);
            pld_str_append(s, "</tr>\n");
        }
    pld_str_append(s, "</tbody></table></div>\n");
}

void pld_eval_numbers(struct pld_str *s, const struct pld_eval_page *page)
{
    const struct pld_metric_result *result = &page->result->metrics.result;
    pld_html_section(s, "numbers", "Numbers",
                     "In 0 to 1; a dash says that there is nothing to measure it on. Numbers of "
                     "different protocols do not compare.");
    if (page->result->metrics.table.ap) {
        params_table(s, &page->result->metrics);
    } else if (result->protocol == &pld_protocol_coco) {
        pld_str_append(s, "<div class=\"two\">\n");
        metric_rows(s, result, 0, PLD_COCO_STATS / 2, "Average precision");
        metric_rows(s, result, PLD_COCO_STATS / 2, PLD_COCO_STATS, "Average recall");
        pld_str_append(s, "</div>\n");
    } else {
        metric_rows(s, result, 0, result->n_metrics, result->protocol->version);
    }
    if (result->protocol->rules.overlap == PLD_OVERLAP_PIXELS)
        pld_str_append(s, page->result->last_pixel_inside
                              ? "<p class=\"lead\">The boxes of this data reach to the far edge of "
                                "their last pixel, so none was added.</p>\n"
                              : "<p class=\"lead\">One pixel was added to every length, as for "
                                "boxes with w = xmax − xmin.</p>\n");
    pld_str_append(s, "</section>\n");
}
