/* What is taken for what: the most frequent pairs, and the matrix of the classes that are in them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "run/eval_report/sections.h"
#include "run/report/format.h"

enum { PAIRS = 12, CLASSES = 24 };

struct pair {
    uint32_t count;
    int truth, found;
};

struct mix { /* how much a class has to do with errors */
    uint32_t errors;
    int class;
};

static int by_count(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    if (x->truth != y->truth) return x->truth < y->truth ? -1 : 1;
    return x->found < y->found ? -1 : x->found > y->found;
}

static int by_errors(const void *a, const void *b)
{
    const struct mix *x = a, *y = b;
    if (x->errors != y->errors) return x->errors > y->errors ? -1 : 1;
    return x->class < y->class ? -1 : x->class > y->class;
}

static int by_class(const void *a, const void *b)
{
    const struct mix *x = a, *y = b;
    return x->class < y->class ? -1 : x->class > y->class;
}

/* The matrix is over the dataset's categories, class-agnostic or not. */
static const char *name_of(const struct pld_eval_page *page, int class)
{
    return page->dataset->categories[class].name;
}

/* Keeps the most frequent pairs in `best`; returns how many there are. */
static int find_pairs(struct pair best[PAIRS], const struct pld_confusion *confusion)
{
    int n = 0;
    for (int t = 0; t < confusion->n; t++)
        for (int f = 0; f < confusion->n; f++) {
            struct pair pair = {pld_confusion_at(confusion, t, f), t, f};
            if (t == f || !pair.count) continue;
            if (n < PAIRS)
                best[n++] = pair;
            else if (by_count(&pair, &best[PAIRS - 1]) < 0)
                best[PAIRS - 1] = pair;
            else
                continue;
            qsort(best, (size_t)n, sizeof *best, by_count);
        }
    return n;
}

static void pair_table(struct pld_str *s, const struct pld_eval_page *page,
                       const struct pair *pairs, int n)
{
    const struct pld_confusion *confusion = &page->result->metrics.confusion;
    pld_str_append(s,
                   "<div class=\"scroll\"><table class=\"rows\"><caption>Most frequent pairs"
                   "</caption><thead><tr><th scope=\"col\" class=\"n\">Boxes</th>"
                   "<th scope=\"col\">of class</th><th scope=\"col\">taken for</th>"
                   "<th scope=\"col\" class=\"n\">share of the class</th></tr></thead><tbody>\n");
    for (int i = 0; i < n; i++) {
        uint32_t all = 0;
        for (int f = 0; f <= confusion->n; f++)
            all += pld_confusion_at(confusion, pairs[i].truth, f);
        pld_str_printf(s, "<tr><td class=\"n\">%u</td><th scope=\"row\">", pairs[i].count);
        pld_put_text(s, name_of(page, pairs[i].truth));
        pld_str_append(s, "</th><td>");
        pld_put_text(s, name_of(page, pairs[i].found));
        pld_str_printf(s, "</td><td class=\"n\">%s</td></tr>\n",
                       pld_fmt_share(pairs[i].count / (double)all).text);
    }
    pld_str_append(s, "</tbody></table></div>\n");
}

/* ---- the matrix ---- */

/* The classes shown: all, or those with the most errors, in the order of the data. */
static int choose_classes(struct mix *classes, const struct pld_confusion *confusion)
{
    int n = confusion->n;
    for (int k = 0; k < n; k++) {
        classes[k] = (struct mix){0, k};
        for (int other = 0; other <= n; other++)
            if (other != k)
                classes[k].errors +=
                    pld_confusion_at(confusion, k, other) + pld_confusion_at(confusion, other, k);
    }
    if (n <= CLASSES) return n;
    qsort(classes, (size_t)n, sizeof *classes, by_errors);
    qsort(classes, CLASSES, sizeof *classes, by_class);
    return CLASSES;
}

/* A class of colour by the share of the row. */
static int shade(double share)
{
    static const double edges[] = {0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75};
    int bin = 2;
    while (bin < 9 && share >= edges[bin - 2])
        bin++;
    return bin;
}

static void matrix_cell(struct pld_str *s, const struct pld_eval_page *page, int truth, int found,
                        uint32_t all)
{
    const struct pld_confusion *confusion = &page->result->metrics.confusion;
    uint32_t count = pld_confusion_at(confusion, truth, found);
    if (truth == confusion->n && found == confusion->n) {
        pld_str_append(s, "<td class=\"none\"></td>");
        return;
    }
    if (!count) {
        pld_str_append(s, "<td></td>");
        return;
    }
    if (truth == found)
        pld_str_append(s, "<td class=\"b0 right\" title=\"");
    else
        pld_str_printf(s, "<td class=\"b%d\" title=\"", shade(count / (double)all));
    pld_put_text(s, truth < confusion->n ? name_of(page, truth) : "nothing there");
    pld_str_append(s, truth == found ? " found" : found < confusion->n ? " taken for " : " missed");
    if (truth != found && found < confusion->n) pld_put_text(s, name_of(page, found));
    pld_str_printf(s, ": %u of %u\">%u</td>", count, all, count);
}

static void matrix_row(struct pld_str *s, const struct pld_eval_page *page, int truth,
                       const struct mix *shown, int n)
{
    const struct pld_confusion *confusion = &page->result->metrics.confusion;
    uint32_t all = 0;
    for (int f = 0; f <= confusion->n; f++)
        all += pld_confusion_at(confusion, truth, f);
    pld_str_append(s, "<tr><th scope=\"row\">");
    pld_put_text(s, truth < confusion->n ? name_of(page, truth) : "nothing there");
    pld_str_append(s, "</th>");
    for (int i = 0; i < n; i++)
        matrix_cell(s, page, truth, shown[i].class, all);
    matrix_cell(s, page, truth, confusion->n, all);
    pld_str_append(s, "</tr>\n");
}

static void matrix(struct pld_str *s, const struct pld_eval_page *page, const struct mix *shown,
                   int n)
{
    const struct pld_confusion *confusion = &page->result->metrics.confusion;
    pld_str_append(s, "<p class=\"lead note next\">");
    if (n < confusion->n)
        pld_str_printf(s, "The %d classes of %d with the most errors. ", n, confusion->n);
    pld_str_append(s, "Rows: class of the box. Columns: class of the detection. Blue: right; cream "
                      "to brown: the larger the share of the row, the darker.</p>"
                      "<div class=\"scroll\"><table class=\"heat matrix\"><thead><tr><td></td>");
    for (int i = 0; i <= n; i++) {
        pld_str_append(s, "<th scope=\"col\"><span>");
        pld_put_text(s, i < n ? name_of(page, shown[i].class) : "missed");
        pld_str_append(s, "</span></th>");
    }
    pld_str_append(s, "</tr></thead><tbody>\n");
    for (int i = 0; i <= n; i++)
        matrix_row(s, page, i < n ? shown[i].class : confusion->n, shown, n);
    pld_str_append(s, "</tbody></table></div>\n");
}

pld_status pld_eval_confusion(struct pld_str *s, const struct pld_eval_page *page)
{
    const struct pld_confusion *confusion = &page->result->metrics.confusion;
    struct pair pairs[PAIRS];
    char lead[256];
    if (!confusion->counts) return PLD_OK;
    struct mix *classes = malloc(((size_t)confusion->n + 1) * sizeof *classes);
    if (!classes) return pld_fail_memory("confusion matrix");
    snprintf(lead, sizeof lead,
             "At confidence %.2f: each box and the detection that overlaps it most, by at least "
             "%.2f, whatever their classes.",
             confusion->score, confusion->iou);
    pld_html_section(s, "confusion", "Confusion", lead);
    int n_pairs = find_pairs(pairs, confusion), n = choose_classes(classes, confusion);
    if (n_pairs)
        pair_table(s, page, pairs, n_pairs);
    else
        pld_str_append(s, "<p>No box is taken for one of another class.</p>\n");
    matrix(s, page, classes, n);
    pld_str_append(s, "</section>\n");
    free(classes);
    return PLD_OK;
}
