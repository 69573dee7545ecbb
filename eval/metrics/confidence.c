#include "eval/metrics/confidence.h"

#include <stdlib.h>

static double f1_of(double precision, double recall)
{
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

/* What counts so far, going down the scores. */
struct sofar {
    uint32_t hits, misses;
};

static double precision_so_far(struct sofar n)
{
    return n.hits + n.misses ? (double)n.hits / (n.hits + n.misses) : 1;
}

/* Scores of one value come together: there is no confidence between them. */
static void find_best(struct pld_best_f1 *best, const struct pld_matched_class *class)
{
    struct sofar n = {0, 0};
    *best = (struct pld_best_f1){.precision = 1, .score = 1};
    for (size_t i = 0; i < class->count; i++) {
        n.hits += class->items[i].hit & 1;
        n.misses += class->items[i].miss & 1;
        if (i + 1 < class->count && class->items[i + 1].score == class->items[i].score) continue;
        double recall = (double)n.hits / class->n_positives, precision = precision_so_far(n);
        double f1 = f1_of(precision, recall);
        if (f1 > best->f1)
            *best = (struct pld_best_f1){f1, precision, recall, class->items[i].score};
    }
}

static pld_status fill_class(struct pld_confidence_class *out, struct pld_curves *curves,
                             const struct pld_matches *matches, int k)
{
    const struct pld_matched_class *class = &matches->classes[k];
    struct sofar n = {0, 0};
    size_t i = 0;
    out->positives = class->n_positives;
    if (!out->positives) return PLD_OK;
    for (int c = PLD_CONFIDENCES - 1; c >= 0; c--) {
        for (; i < class->count && class->items[i].score >= c / 100.0; i++) {
            n.hits += class->items[i].hit & 1;
            n.misses += class->items[i].miss & 1;
        }
        out->precision[c] = precision_so_far(n);
        out->recall[c] = (double)n.hits / out->positives;
        out->f1[c] = f1_of(out->precision[c], out->recall[c]);
    }
    find_best(&out->best, class);
    PLD_TRY(pld_curves_fill(curves, matches, k, NULL, 0));
    pld_curve_precision(out->at_recall, NULL, &curves->at[0]);
    return PLD_OK;
}

static void average(struct pld_confidence_class *all, const struct pld_confidence *from)
{
    double present = 0;
    for (int k = 0; k < from->n_classes; k++) {
        const struct pld_confidence_class *class = &from->classes[k];
        if (!class->positives) continue;
        present++;
        all->positives += class->positives;
        for (int c = 0; c < PLD_CONFIDENCES; c++) {
            all->precision[c] += class->precision[c];
            all->recall[c] += class->recall[c];
            all->f1[c] += class->f1[c];
            all->at_recall[c] += class->at_recall[c];
        }
    }
    all->best = (struct pld_best_f1){.precision = 1, .score = 1};
    for (int c = 0; present > 0 && c < PLD_CONFIDENCES; c++) {
        all->precision[c] /= present;
        all->recall[c] /= present;
        all->f1[c] /= present;
        all->at_recall[c] /= present;
        if (all->f1[c] > all->best.f1)
            all->best =
                (struct pld_best_f1){all->f1[c], all->precision[c], all->recall[c], c / 100.0};
    }
}

pld_status pld_confidence_init(struct pld_confidence *out, const struct pld_matches *matches)
{
    struct pld_curves curves = {0};
    pld_status status = PLD_OK;
    *out = (struct pld_confidence){.iou = matches->rules.iou[0], .n_classes = matches->n_classes};
    out->classes = calloc((size_t)out->n_classes + 1, sizeof *out->classes);
    if (!out->classes) return pld_fail_memory("curves over confidence");
    for (int k = 0; k < out->n_classes && status == PLD_OK; k++)
        status = fill_class(&out->classes[k], &curves, matches, k);
    if (status == PLD_OK) average(&out->all, out);
    pld_curves_release(&curves);
    return status;
}

void pld_confidence_release(struct pld_confidence *confidence)
{
    free(confidence->classes);
    *confidence = (struct pld_confidence){0};
}
