#include "eval/metrics/agreement.h"

#include <math.h>
#include <stdlib.h>

static const double MATCH_IOU = 0.5;

/* Image, category, then the surest first; list order decides between equals. */
static int by_place(const void *a, const void *b)
{
    const struct pld_detection *x = *(const struct pld_detection *const *)a,
                               *y = *(const struct pld_detection *const *)b;
    if (x->image != y->image) return x->image < y->image ? -1 : 1;
    if (x->category != y->category) return x->category < y->category ? -1 : 1;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return (x > y) - (x < y);
}

static const struct pld_detection **sorted(const struct pld_detections *list)
{
    const struct pld_detection **refs = malloc((list->count + 1) * sizeof(void *));
    for (size_t i = 0; refs && i < list->count; i++)
        refs[i] = &list->items[i];
    if (refs) qsort(refs, list->count, sizeof(void *), by_place);
    return refs;
}

/* A box is equal to itself whatever rounding says, also when it has no area. */
static double iou(const struct pld_detection *a, const struct pld_detection *b)
{
    if (a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h) return 1;
    double w = fmin(a->x + a->w, b->x + b->w) - fmax(a->x, b->x);
    double h = fmin(a->y + a->h, b->y + b->h) - fmax(a->y, b->y);
    if (!(w > 0 && h > 0)) return 0;
    return w * h / (a->w * a->h + b->w * b->h - w * h);
}

static int same_place(const struct pld_detection *a, const struct pld_detection *b)
{
    return a->image == b->image && a->category == b->category;
}

/* Sum over the pairs of one image and category: n references against m candidates. */
static double match(const struct pld_detection **refs, size_t n,
                    const struct pld_detection **candidates, size_t m, char *taken)
{
    double sum = 0;
    for (size_t j = 0; j < m; j++)
        taken[j] = 0;
    for (size_t i = 0; i < n; i++) {
        size_t best = m;
        double best_iou = MATCH_IOU;
        for (size_t j = 0; j < m; j++) {
            double overlap = taken[j] ? 0 : iou(refs[i], candidates[j]);
            if (overlap < best_iou || (best < m && overlap == best_iou)) continue;
            best = j;
            best_iou = overlap;
        }
        if (best == m) continue;
        taken[best] = 1;
        sum += fmin(refs[i]->score, candidates[best]->score) * best_iou;
    }
    return sum;
}

static void add_scores(double *both, const struct pld_detections *list, int images)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].image < images) both[list->items[i].image] += list->items[i].score;
}

/* shared[images] and both[images]: numerator and denominator of every image. */
static pld_status add_images(double *shared, double *both, const struct pld_detections *reference,
                             const struct pld_detections *candidate, int images)
{
    const struct pld_detection **refs = sorted(reference), **found = sorted(candidate);
    char *taken = malloc(candidate->count + 1);
    pld_status status = refs && found && taken ? PLD_OK : pld_fail_memory("agreement");
    size_t i = 0, j = 0;
    while (status == PLD_OK && i < reference->count && j < candidate->count) {
        size_t n = i, m = j;
        while (n < reference->count && same_place(refs[n], refs[i]))
            n++;
        while (m < candidate->count && same_place(found[m], found[j]))
            m++;
        if (same_place(refs[i], found[j])) {
            if (refs[i]->image < images)
                shared[refs[i]->image] += 2 * match(refs + i, n - i, found + j, m - j, taken);
            i = n;
            j = m;
        } else if (refs[i]->image < found[j]->image ||
                   (refs[i]->image == found[j]->image && refs[i]->category < found[j]->category)) {
            i = n;
        } else {
            j = m;
        }
    }
    add_scores(both, reference, images);
    add_scores(both, candidate, images);
    free(refs);
    free(found);
    free(taken);
    return status;
}

static double ratio(double shared, double both)
{
    return both > 0 ? shared / both : 1;
}

pld_status pld_agreement(double *out, double *jackknife, int blocks,
                         const struct pld_detections *reference,
                         const struct pld_detections *candidate, int images)
{
    double *shared = calloc(2 * (size_t)images + 1, sizeof *shared), *both = shared + images;
    if (!shared) return pld_fail_memory("agreement");
    pld_status status = add_images(shared, both, reference, candidate, images);
    double all_shared = 0, all_both = 0;
    for (int i = 0; i < images; i++) {
        all_shared += shared[i];
        all_both += both[i];
    }
    *out = ratio(all_shared, all_both);
    for (int b = 0, i = 0; jackknife && b < blocks; b++) {
        double less_shared = 0, less_both = 0;
        for (; i < images && (int)((long long)i * blocks / images) == b; i++) {
            less_shared += shared[i];
            less_both += both[i];
        }
        jackknife[b] = ratio(all_shared - less_shared, all_both - less_both);
    }
    free(shared);
    return status;
}
