/* How to get the same numbers again. */
#include <stdio.h>

#include "run/eval_report/sections.h"
#include "run/report/format.h"

static void fact(struct pld_str *s, const char *name, const char *value)
{
    if (!value || !*value) return;
    pld_str_printf(s, "<tr><th scope=\"row\">%s</th><td>", name);
    pld_put_text(s, value);
    pld_str_append(s, "</td></tr>\n");
}

static void number(struct pld_str *s, const char *name, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    fact(s, name, text);
}

static void put_facts(struct pld_str *s, const struct pld_eval_page *page)
{
    const struct pld_eval_result *r = page->result;
    const struct pld_eval_metrics *m = &r->metrics;
    fact(s, "pollard", PLD_VERSION);
    fact(s, "protocol", m->result.protocol->name);
    fact(s, "rules of", m->result.protocol->version);
    fact(s, "model", page->model);
    fact(s, "detections", page->detections);
    fact(s, "compared with", page->against);
    fact(s, "data", page->dataset->source);
    fact(s, "data sha256", page->dataset->sha256);
    number(s, "images", r->images);
    number(s, "boxes", page->dataset->n_annotations);
    number(s, "detections in all", (double)r->detections);
    fact(s, "head", r->head);
    fact(s, "preprocessing", r->preprocess);
    fact(s, "device", r->device);
    if (m->bootstrap.classes || m->comparison.classes) number(s, "seed", (double)page->seed);
    number(s, m->result.metrics[0].name, m->result.metrics[0].value);
}

void pld_eval_repeat(struct pld_str *s, const struct pld_eval_page *page)
{
    pld_html_section(s, "repeat", "Reproduce",
                     "The command, and what the numbers depend on. Metrics are the same bit for "
                     "bit whatever the number of threads.");
    if (page->command_line) {
        pld_str_append(s, "<pre><code>");
        pld_put_text(s, page->command_line);
        pld_str_append(s, "</code></pre>\n");
    }
    pld_str_append(s, "<div class=\"scroll\"><table class=\"rows facts\"><tbody>\n");
    put_facts(s, page);
    pld_str_append(s, "</tbody></table></div></section>\n");
}
