/* The tables of `pollard compare` on a terminal. */
#include "cli/compare_print.h"
#include "cli/output.h"

enum { A, B };

static void append_difference(struct pld_str *text, const char *name,
                              const struct pld_difference *d)
{
    if (d->a < 0 || d->b < 0) return;
    pld_str_printf(text, "%-24s %7.4f %7.4f  %+8.4f  %+8.4f to %+8.4f  %6.4f\n", name, d->b, d->a,
                   d->d.estimate, d->d.low, d->d.high, d->p);
}

static void append_differences(struct pld_str *text, const struct pld_compare_result *r,
                               bool verbose)
{
    static const char *const sizes[] = {"AP small", "AP medium", "AP large"};
    const struct pld_comparison *c = &r->side[B].metrics.comparison;
    pld_str_printf(text, "%-24s %7s %7s  %8s  %-20s  %6s\n", "", "A", "B", "B - A", "95 % interval",
                   "p");
    append_difference(text, "AP", &c->ap);
    append_difference(text, "AP50", &c->ap50);
    for (int i = 0; i < 3 && r->has_sizes; i++)
        append_difference(text, sizes[i], &r->sizes[i]);
    pld_str_append(text, verbose ? "classes (each p is the class's own)\n"
                                 : "classes with p < 0.05 (their own: one of twenty by chance)\n");
    for (int k = 0; k < c->n_classes; k++)
        if (verbose || c->classes[k].p < 0.05)
            append_difference(text, r->side[B].classes[k].name, &c->classes[k]);
}

static void append_errors(struct pld_str *text, const struct pld_compare_result *r)
{
    pld_str_append(text, "\npoints of AP50 lost to errors (TIDE), and how many\n"
                         "               A        B    B - A        A        B\n");
    for (int e = 0; e < PLD_TIDE_ERRORS; e++) {
        const struct pld_tide *a = &r->side[A].metrics.tide, *b = &r->side[B].metrics.tide;
        pld_str_printf(text, "%-7s %8.2f %8.2f %+8.2f %8zu %8zu\n", pld_tide_names[e],
                       100 * a->gain[e], 100 * b->gain[e], 100 * (b->gain[e] - a->gain[e]),
                       a->count[e], b->count[e]);
    }
}

static void append_changes(struct pld_str *text, const struct pld_compare_result *r)
{
    if (r->n_pairs) pld_str_append(text, "\nconfusions that differ most\n      A       B\n");
    for (int i = 0; i < r->n_pairs; i++)
        pld_str_printf(text, "%7u %7u  %s taken for %s\n", r->pairs[i].count[A],
                       r->pairs[i].count[B], r->names[r->pairs[i].truth],
                       r->names[r->pairs[i].found]);
    pld_str_printf(text,
                   "\nat score %.2f B does worse on %d images, better on %d (a missed box costs 1, "
                   "a wrong detection its score)\n",
                   r->side[A].metrics.confusion.score, r->images_worse, r->images_better);
    for (int i = 0; i < r->n_worse; i++)
        pld_str_printf(text, "%7.2f %7.2f  %s\n", r->worse[i].cost[A], r->worse[i].cost[B],
                       r->worse[i].name);
}

pld_status pld_compare_print_text(const struct pld_compare_result *r,
                                  const struct pld_compare_options *options, bool verbose)
{
    struct pld_str text = {0};
    for (int i = 0; i < 2; i++)
        pld_str_printf(&text, "%s  %s, %zu detections\n", i == A ? "A" : "B", options->sides[i],
                       r->side[i].detections);
    pld_str_printf(&text, "protocol %s, %d images, %d resamples\n\n",
                   r->side[A].metrics.result.protocol->name, r->side[A].images,
                   r->side[B].metrics.comparison.samples);
    append_differences(&text, r, verbose);
    append_errors(&text, r);
    append_changes(&text, r);
    return pld_output_text(&text);
}
