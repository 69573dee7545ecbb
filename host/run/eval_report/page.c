/* The page as a whole, and what its sections share. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "run/eval_report/sections.h"
#include "run/report/format.h"

/* ---- shared ---- */

const char *pld_eval_number(char text[40], double value)
{
    snprintf(text, 40, "%s", value < 0 || isnan(value) ? "–" : pld_fmt_map(value).text);
    return text;
}

void pld_eval_cell(struct pld_str *s, double value)
{
    char text[40];
    pld_str_printf(s, "<td class=\"n\">%s</td>", pld_eval_number(text, value));
}

const char *pld_eval_interval(char text[96], const struct pld_interval *interval)
{
    if (interval->estimate < 0 || !isfinite(interval->low) || !isfinite(interval->high))
        snprintf(text, 96, "–");
    else
        snprintf(text, 96, "%s to %s", pld_fmt_map(interval->low).text,
                 pld_fmt_map(interval->high).text);
    return text;
}

const char *pld_eval_error_words(enum pld_tide_error error)
{
    static const char *const words[PLD_TIDE_ERRORS] = {[PLD_TIDE_CLS] = "wrong class",
                                                       [PLD_TIDE_LOC] = "misplaced",
                                                       [PLD_TIDE_BOTH] = "wrong class and place",
                                                       [PLD_TIDE_DUPE] = "duplicate",
                                                       [PLD_TIDE_BKG] = "nothing there",
                                                       [PLD_TIDE_MISS] = "missed box"};
    return words[error];
}

const char *pld_eval_headline(const struct pld_eval_page *page)
{
    return page->result->metrics.result.protocol->headline;
}

struct ap_of_class {
    double ap;
    int class;
};

static int by_ap(const void *a, const void *b)
{
    const struct ap_of_class *x = a, *y = b;
    if (x->ap != y->ap) return x->ap < y->ap ? -1 : 1;
    return x->class < y->class ? -1 : 1;
}

pld_status pld_class_order(struct pld_class_order *out, const struct pld_eval_result *result)
{
    size_t n = (size_t)result->n_classes;
    struct ap_of_class *rows = malloc((n + 1) * sizeof *rows);
    *out = (struct pld_class_order){.classes = malloc((n + 1) * sizeof *out->classes)};
    if (!rows || !out->classes) {
        free(rows);
        return pld_fail_memory("classes");
    }
    for (int k = 0; k < result->n_classes; k++) {
        double ap = result->metrics.result.classes[k].ap;
        if (ap >= 0) rows[out->count++] = (struct ap_of_class){ap, k};
    }
    qsort(rows, (size_t)out->count, sizeof *rows, by_ap);
    for (int i = 0; i < out->count; i++)
        out->classes[i] = rows[i].class;
    free(rows);
    return PLD_OK;
}

/* ---- the page ---- */

static const char *name_of(const struct pld_eval_page *page)
{
    return pld_path_basename(page->model ? page->model : page->detections);
}

static void put_header(struct pld_str *s, const struct pld_eval_page *page)
{
    const struct pld_eval_result *r = page->result;
    const struct pld_protocol *protocol = r->metrics.result.protocol;
    pld_str_append(s, "<header class=\"top\"><p class=\"over-title\">pollard · evaluation</p>\n"
                      "<h1>");
    pld_put_text(s, name_of(page));
    pld_str_printf(s,
                   "</h1>\n<p class=\"meta\"><span>%d images</span> <span>%zu detections</span> ",
                   r->images, r->detections);
    pld_str_printf(s, "<span>protocol %s</span> ", protocol->name);
    if (r->device[0]) {
        pld_str_append(s, "<span>");
        pld_put_text(s, r->device);
        pld_str_append(s, "</span> ");
    }
    pld_str_append(s, "</p>\n");
}

static void put_nav(struct pld_str *s, const struct pld_eval_page *page,
                    const struct pld_worst *worst)
{
    const struct pld_eval_metrics *m = &page->result->metrics;
    const struct {
        struct pld_html_link link;
        bool there;
    } all[] = {
        {{"numbers", "Numbers"}, true},
        {{"classes", "Classes"}, true},
        {{"curves", "Curves"}, m->confidence.classes},
        {{"confusion", "Confusion"}, m->confusion.counts},
        {{"errors", "Errors"}, m->tide.errors},
        {{"worst", "Worst images"}, worst->n_images},
        {{"uncertainty", "Uncertainty"}, m->bootstrap.classes || m->has_ties},
        {{"compared", "Comparison"}, m->comparison.classes},
        {{"explained", "Other protocol"}, m->explain.from},
        {{"repeat", "Reproduce"}, true},
    };
    enum { N = sizeof all / sizeof *all };
    struct pld_html_link links[N];
    size_t count = 0;
    for (size_t i = 0; i < N; i++)
        if (all[i].there) links[count++] = all[i].link;
    pld_html_nav(s, links, count);
}

static pld_status put_page(struct pld_str *s, const struct pld_eval_page *page,
                           const struct pld_class_order *order, const struct pld_worst *worst)
{
    pld_html_head(s, name_of(page), "evaluation");
    pld_eval_style(s);
    pld_str_append(s, "</head><body>\n");
    put_header(s, page);
    put_nav(s, page, worst);
    pld_str_append(s, "<main>\n");
    pld_eval_verdict(s, page, order);
    pld_eval_cards(s, page);
    pld_eval_numbers(s, page);
    pld_eval_classes(s, page, order);
    pld_eval_curves(s, page, order);
    PLD_TRY(pld_eval_confusion(s, page));
    pld_eval_errors(s, page);
    pld_eval_pictures(s, page, worst);
    pld_eval_uncertainty(s, page);
    pld_eval_compared(s, page, order);
    pld_eval_explained(s, page);
    pld_eval_repeat(s, page);
    pld_str_append(s, "<footer>Made by pollard " PLD_VERSION ".</footer></main></body></html>\n");
    return PLD_OK;
}

pld_status pld_eval_page_write(const char *path, const struct pld_eval_page *page,
                               struct pld_pool *pool)
{
    const struct pld_eval_metrics *m = &page->result->metrics;
    struct pld_str s = {0};
    struct pld_class_order order = {0};
    struct pld_worst worst = {0};
    struct pld_rules rules = m->result.protocol->rules;
    rules.class_agnostic = page->result->n_classes != page->dataset->n_categories;
    double score = m->confusion.counts ? m->confusion.score : 0.25;
    double iou = m->confusion.counts ? m->confusion.iou : 0.5;
    pld_status status = pld_class_order(&order, page->result);
    if (status == PLD_OK)
        status = pld_worst_find(&worst, page->dataset, page->found, &rules, score, iou, pool);
    if (status == PLD_OK) status = put_page(&s, page, &order, &worst);
    if (status == PLD_OK && s.failed) status = pld_fail_memory("report");
    if (status == PLD_OK) status = pld_file_write(path, s.data, s.len);
    pld_worst_release(&worst);
    free(order.classes);
    pld_str_release(&s);
    return status;
}
