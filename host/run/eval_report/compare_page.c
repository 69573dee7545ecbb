#include "run/eval_report/compare_page.h"

#include <math.h>
#include <stdlib.h>

#include "run/eval_report/sections.h"
#include "run/report/format.h"

enum { A, B, PICTURES = 6 };

static const char *side_name(const struct pld_compare_page *page, int side)
{
    return pld_path_basename(page->options->sides[side]);
}

static void put_header(struct pld_str *s, const struct pld_compare_page *page)
{
    static const struct pld_html_link links[] = {{"numbers", "Numbers"},
                                                 {"classes", "Classes"},
                                                 {"errors", "Errors"},
                                                 {"confusion", "Confusion"},
                                                 {"worse", "Images that got worse"},
                                                 {"repeat", "Reproduce"}};
    pld_str_append(s, "<header class=\"top\"><p class=\"over-title\">pollard · comparison</p>\n"
                      "<h1>");
    pld_put_text(s, side_name(page, A));
    pld_str_append(s, " (A) and ");
    pld_put_text(s, side_name(page, B));
    pld_str_printf(s,
                   " (B)</h1>\n<p class=\"meta\"><span>%d images</span> <span>protocol %s</span>",
                   page->dataset->n_images, page->result->side[A].metrics.result.protocol->name);
    pld_str_append(s, "</p>\n");
    pld_html_nav(s, links, sizeof links / sizeof *links);
}

static void put_verdict(struct pld_str *s, const struct pld_compare_page *page)
{
    const struct pld_comparison *c = &page->result->side[B].metrics.comparison;
    const struct pld_difference *d = &c->ap;
    bool sure = d->d.low > 0 || d->d.high < 0;
    pld_str_append(s, "<div class=\"verdict\"><p class=\"say\">");
    if (d->a < 0 || d->b < 0)
        pld_str_append(s, "There is nothing to find in this data");
    else
        pld_str_printf(s, "B has %s points of AP %s than A, 95&nbsp;%% interval %s to %s",
                       pld_fmt_points(fabs(d->d.estimate)).text,
                       d->d.estimate < 0 ? "less" : "more", pld_fmt_points(d->d.low).text,
                       pld_fmt_points(d->d.high).text);
    pld_str_printf(s, ".</p>\n<p class=\"more\">%s (p = %.4f, %d resamples of the images). ",
                   sure ? "That is more than the choice of these images explains"
                        : "On these images the two cannot be told apart",
                   d->p, c->samples);
    pld_str_printf(s, "B does worse than A on %d images and better on %d.</p></div>\n",
                   page->result->images_worse, page->result->images_better);
}

static void put_numbers(struct pld_str *s, const struct pld_compare_page *page)
{
    static const char *const sizes[] = {"AP small", "AP medium", "AP large"};
    const struct pld_comparison *c = &page->result->side[B].metrics.comparison;
    pld_html_section(s, "numbers", "Numbers",
                     "Differences are B less A, in points, on the same resamples of the images; p "
                     "is that of no difference.");
    pld_eval_difference_head(s, "B", "A");
    pld_eval_difference_row(s, "AP", &c->ap);
    pld_eval_difference_row(s, "AP50", &c->ap50);
    for (int i = 0; i < 3 && page->result->has_sizes; i++)
        pld_eval_difference_row(s, sizes[i], &page->result->sizes[i]);
    pld_str_append(s, "</tbody></table></div></section>\n");
}

struct class_change {
    double change;
    int class;
};

static int by_change(const void *a, const void *b)
{
    const struct class_change *x = a, *y = b;
    if (x->change != y->change) return x->change < y->change ? -1 : 1;
    return x->class < y->class ? -1 : 1;
}

static pld_status put_classes(struct pld_str *s, const struct pld_compare_page *page)
{
    const struct pld_eval_result *b = &page->result->side[B];
    const struct pld_comparison *c = &b->metrics.comparison;
    struct class_change *order = malloc(((size_t)c->n_classes + 1) * sizeof *order);
    size_t n = 0;
    if (!order) return pld_fail_memory("classes");
    for (int k = 0; k < c->n_classes; k++)
        if (c->classes[k].a >= 0) order[n++] = (struct class_change){c->classes[k].d.estimate, k};
    qsort(order, n, sizeof *order, by_change);
    pld_html_section(s, "classes", "Classes, largest loss first",
                     "Each p is of the class by itself: of twenty classes that do not differ, one "
                     "is below 0.05.");
    pld_eval_difference_head(s, "B", "A");
    for (size_t i = 0; i < n; i++)
        pld_eval_difference_row(s, b->classes[order[i].class].name, &c->classes[order[i].class]);
    pld_str_append(s, "</tbody></table></div></section>\n");
    free(order);
    return PLD_OK;
}

static void put_errors(struct pld_str *s, const struct pld_compare_page *page)
{
    const struct pld_tide *a = &page->result->side[A].metrics.tide;
    const struct pld_tide *b = &page->result->side[B].metrics.tide;
    pld_html_section(
        s, "errors", "Errors by kind",
        "Points of AP50 that each kind of error costs (TIDE), and how many there are.");
    pld_str_append(s,
                   "<div class=\"scroll\"><table class=\"rows\"><thead><tr><th scope=\"col\">Kind"
                   "</th><th scope=\"col\" class=\"n\">A</th><th scope=\"col\" class=\"n\">B</th>"
                   "<th scope=\"col\" class=\"n\">B less A</th><th scope=\"col\" class=\"n\">"
                   "A, count</th><th scope=\"col\" class=\"n\">B, count</th></tr></thead><tbody>"
                   "\n");
    for (int e = 0; e < PLD_TIDE_ERRORS; e++)
        pld_str_printf(s,
                       "<tr><th scope=\"row\">%s <small>%s</small></th><td class=\"n\">%s</td>"
                       "<td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%zu</td>"
                       "<td class=\"n\">%zu</td></tr>\n",
                       pld_tide_names[e], pld_eval_error_words((enum pld_tide_error)e),
                       pld_fmt_points(a->gain[e]).text, pld_fmt_points(b->gain[e]).text,
                       pld_fmt_points(b->gain[e] - a->gain[e]).text, a->count[e], b->count[e]);
    pld_str_append(s, "</tbody></table></div></section>\n");
}

static void put_confusion(struct pld_str *s, const struct pld_compare_page *page)
{
    const struct pld_compare_result *r = page->result;
    pld_html_section(s, "confusion", "Confusion", "The pairs of classes whose counts differ most.");
    if (!r->n_pairs) pld_str_append(s, "<p>None differs.</p>\n");
    if (r->n_pairs)
        pld_str_append(s, "<div class=\"scroll\"><table class=\"rows\"><thead><tr>"
                          "<th scope=\"col\">Boxes of class</th><th scope=\"col\">taken for</th>"
                          "<th scope=\"col\" class=\"n\">by A</th><th scope=\"col\" class=\"n\">by "
                          "B</th></tr></thead><tbody>\n");
    for (int i = 0; i < r->n_pairs; i++) {
        pld_str_append(s, "<tr><th scope=\"row\">");
        pld_put_text(s, r->names[r->pairs[i].truth]);
        pld_str_append(s, "</th><td>");
        pld_put_text(s, r->names[r->pairs[i].found]);
        pld_str_printf(s, "</td><td class=\"n\">%u</td><td class=\"n\">%u</td></tr>\n",
                       r->pairs[i].count[A], r->pairs[i].count[B]);
    }
    if (r->n_pairs) pld_str_append(s, "</tbody></table></div>\n");
    pld_str_append(s, "</section>\n");
}

/* The image as one side sees it. */
static void put_side(struct pld_str *s, const struct pld_compare_page *page, int image, int side)
{
    const struct pld_eval_page half = {
        .result = &page->result->side[side], .dataset = page->dataset, .found = &page->found[side]};
    const struct pld_worst *worst = &page->worst[side];
    struct pld_worst_image here = {.image = image};
    char name[300];
    for (int i = 0; i < worst->n_images; i++)
        if (worst->images[i].image == image) here = worst->images[i];
    snprintf(name, sizeof name, "%s: %s", side == A ? "A" : "B",
             pld_clip(page->dataset->images[image].name, 60).text);
    pld_eval_picture(s, &half, worst, &here, name);
}

static void put_images(struct pld_str *s, const struct pld_compare_page *page)
{
    const struct pld_compare_result *r = page->result;
    char lead[256];
    snprintf(lead, sizeof lead,
             "At confidence %.2f and IoU %.2f; a missed box costs 1, a wrong detection its score.",
             page->worst[A].score, page->worst[A].iou);
    pld_html_section(s, "worse", "Images that got worse", lead);
    if (!r->n_worse) pld_str_append(s, "<p>None.</p>\n");
    if (r->n_worse && page->no_pictures) {
        pld_str_append(s, "<p class=\"lead\">Without pictures: ");
        pld_put_text(s, page->no_pictures);
        pld_str_append(s, "</p>\n");
    }
    if (r->n_worse) pld_eval_picture_legend(s);
    for (int i = 0; i < r->n_worse && i < PICTURES; i++) {
        pld_str_append(s, "<div class=\"worst both\">");
        put_side(s, page, r->worse[i].image, A);
        put_side(s, page, r->worse[i].image, B);
        pld_str_append(s, "</div>\n");
    }
    pld_str_append(s, "</section>\n");
}

static void put_repeat(struct pld_str *s, const struct pld_compare_page *page)
{
    pld_html_section(s, "repeat", "Reproduce", NULL);
    pld_str_append(s, "<pre><code>");
    pld_put_text(s, page->options->command_line);
    pld_str_append(s, "</code></pre>\n<p>Data sha256 ");
    pld_put_text(s, page->dataset->sha256);
    pld_str_append(s, "</p></section>\n<footer>Made by pollard " PLD_VERSION
                      ".</footer></main></body></html>\n");
}

pld_status pld_compare_page_write(const char *path, const struct pld_compare_page *page)
{
    struct pld_str s = {0};
    pld_html_head(&s, side_name(page, B), "comparison");
    pld_eval_style(&s);
    pld_str_append(&s, "</head><body>\n");
    put_header(&s, page);
    pld_str_append(&s, "<main>\n");
    put_verdict(&s, page);
    put_numbers(&s, page);
    pld_status status = put_classes(&s, page);
    put_errors(&s, page);
    put_confusion(&s, page);
    put_images(&s, page);
    put_repeat(&s, page);
    if (status == PLD_OK && s.failed) status = pld_fail_memory("report");
    if (status == PLD_OK) status = pld_file_write(path, s.data, s.len);
    pld_str_release(&s);
    return status;
}
