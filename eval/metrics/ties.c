#include "eval/metrics/ties.h"

#include <stdlib.h>
#include <string.h>

/* Counts at one threshold of the detections of one score. */
static int value_at(const struct pld_matched *item, int t)
{
    return item->hit >> t & 1 ? 1 : item->miss >> t & 1 ? -1 : 0;
}

struct order {
    int threshold, sign; /* 1: true positives first */
};

static int compare(const void *a, const void *b, void *context)
{
    const struct order *order = context;
    const struct pld_matched *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    int vx = value_at(x, order->threshold), vy = value_at(y, order->threshold);
    return (vy - vx) * order->sign;
}

static void count(struct pld_ties *out, const struct pld_matched_class *class)
{
    const struct pld_matched *items = class->items;
    for (size_t i = 0, last; i < class->count; i = last) {
        for (last = i + 1; last < class->count && items[last].score == items[i].score;)
            last++;
        if (last - i < 2) continue;
        out->detections += last - i;
        /* By image within a score, so equals of an image are neighbours. */
        for (size_t j = i; j < last; j++)
            out->in_cell += (j > i && items[j - 1].image == items[j].image) ||
                            (j + 1 < last && items[j + 1].image == items[j].image);
    }
}

/* AP when equal scores of every class are sorted for each threshold by itself; `matches` is left in
 * another order. */
static pld_status bound(double *ap, struct pld_matches *matches, struct pld_scores *scores,
                        int sign)
{
    int n_iou = matches->rules.n_iou;
    double *kept = malloc(
        (size_t)n_iou * (size_t)matches->n_classes * (size_t)scores->samples * sizeof *kept + 1);
    if (!kept) return pld_fail_memory("ties");
    pld_status status = PLD_OK;
    size_t samples = (size_t)scores->samples;
    for (int t = 0; t < n_iou && status == PLD_OK; t++) {
        struct order order = {t, sign};
        for (int k = 0; k < matches->n_classes; k++)
            qsort_r(matches->classes[k].items, matches->classes[k].count,
                    sizeof *matches->classes[k].items, compare, &order);
        status = pld_scores_fill(scores, matches, NULL, 0);
        for (int k = 0; k < matches->n_classes; k++) {
            size_t at = ((size_t)k * (size_t)n_iou + (size_t)t) * samples;
            memcpy(kept + at, scores->values + at, samples * sizeof *kept);
        }
    }
    if (status == PLD_OK) {
        memcpy(scores->values, kept,
               (size_t)n_iou * (size_t)matches->n_classes * samples * sizeof *kept);
        *ap = pld_scores_ap(scores, -1, 0, n_iou);
    }
    free(kept);
    return status;
}

static pld_status reversed_ap(double *ap, const struct pld_truths *truths,
                              const struct pld_detections *detections,
                              const struct pld_rules *rules, struct pld_pool *pool)
{
    struct pld_detections list = {0};
    pld_status status = PLD_OK;
    for (size_t i = detections->count; i-- > 0 && status == PLD_OK;)
        status = pld_detections_add(&list, &detections->items[i]);
    if (status == PLD_OK) status = pld_rules_ap(ap, rules, truths, &list, pool);
    pld_detections_release(&list);
    return status;
}

pld_status pld_ties_measure(struct pld_ties *out, const struct pld_truths *truths,
                            const struct pld_detections *detections, const struct pld_rules *rules,
                            struct pld_pool *pool)
{
    struct pld_matches matches;
    struct pld_scores scores = {0};
    *out = (struct pld_ties){0};
    pld_status status = pld_match(&matches, truths, detections, rules, pool);
    if (status == PLD_OK) status = pld_scores_init(&scores, &matches);
    if (status == PLD_OK) status = pld_scores_fill(&scores, &matches, NULL, 0);
    if (status == PLD_OK) {
        out->ap = pld_scores_ap(&scores, -1, 0, rules->n_iou);
        for (int k = 0; k < matches.n_classes; k++)
            count(out, &matches.classes[k]);
        status = bound(&out->best, &matches, &scores, 1);
    }
    if (status == PLD_OK) status = bound(&out->worst, &matches, &scores, -1);
    if (status == PLD_OK) status = reversed_ap(&out->reversed, truths, detections, rules, pool);
    pld_scores_release(&scores);
    pld_matches_release(&matches);
    return status;
}
