/* Precision and recall curves of a category from its events.
 *
 * Between two true positives precision only falls and recall stands still, so a curve is its true
 * positives: how many detections (true and false) there are up to each. "Recall >= r" is a whole
 * number of true positives, known beforehand. Nothing is rounded until a value is stored.
 */
#include <stdlib.h>
#include <string.h>

#include "eval/metrics/coco_impl.h"

/* numpy.spacing(1), which the reference adds to the divisor: 1 / 1 becomes 1 - 2^-52. */
#define SPACING 0x1p-52

/* A curve's true positives: totals[n - 1] detections up to number n. */
struct curve {
    const uint32_t *totals;
    uint32_t n;
};

static struct curve curve_of(const struct coco_run *run, const struct coco_scratch *scratch, int t)
{
    return (struct curve){scratch->totals + (size_t)t * run->gt->max_truths, scratch->hits[t]};
}

/* Precision at each recall: the highest one from the true positive on that reaches it. The highest
 * is found by comparing fractions in whole numbers: equal fractions round alike, and the one that
 * SPACING changes, 1/1, still rounds above any fraction below 1. */
static void sample(double *out, struct curve curve, const uint32_t need[R])
{
    uint64_t best = 0, best_total = 1;
    double value = 0;
    uint32_t n = curve.n;
    for (int r = R - 1; r >= 0; r--) {
        if (need[r] > curve.n) {
            out[r] = 0;
            continue;
        }
        uint32_t last = need[r] ? need[r] : 1;
        bool better = false;
        for (; n >= last; n--) {
            uint64_t total = curve.totals[n - 1];
            if (n * best_total <= best * total) continue;
            best = n;
            best_total = total;
            better = true;
        }
        if (better) value = (double)best / ((double)best_total + SPACING);
        out[r] = value;
    }
}

/* Fills scratch->totals (and who) with the curves of one area range and limit. */
static void build(const struct coco_run *run, struct coco_scratch *scratch, int a, int m)
{
    uint32_t misses[T] = {0};
    size_t stride = run->gt->max_truths;
    memset(scratch->hits, 0, sizeof scratch->hits);
    for (size_t e = 0; e < scratch->n_events; e++) {
        const struct coco_event *event = &scratch->events[e];
        if (event->rank >= pld_coco_limit[m]) continue;
        unsigned hit = event->hit >> 16 * a & COCO_LANE, miss = event->miss >> 16 * a & COCO_LANE;
        uint32_t before = event->before[m][a];
        for (; hit; hit &= hit - 1) {
            int t = __builtin_ctz(hit);
            uint32_t n = scratch->hits[t]++;
            scratch->totals[(size_t)t * stride + n] = before + misses[t] + n + 1;
            if (run->keep_arrays) scratch->who[(size_t)t * stride + n] = (uint32_t)e;
        }
        for (; miss; miss &= miss - 1)
            misses[__builtin_ctz(miss)]++;
    }
}

/* One curve into the arrays of the result, with the score at each recall. */
static void store_arrays(struct coco_run *run, const struct coco_scratch *scratch, uint32_t k,
                         int t, int a, int m, const double *precision)
{
    const struct pld_detection *items = run->list->items;
    const uint32_t *need = run->gt->categories[k].need[a];
    size_t n_categories = run->gt->n_categories;
    bool any = run->first[k + 1] > run->first[k];
    for (int r = 0; r < R; r++) {
        double score = 0;
        if (need[r] == 0 && any) {
            /* Recall 0 is reached by the first detection, whatever it is. */
            score = items[run->source[run->keys[run->first[k]].det]].score;
        } else if (need[r] > 0 && need[r] <= scratch->hits[t]) {
            uint32_t e = scratch->who[(size_t)t * run->gt->max_truths + need[r] - 1];
            score = items[run->source[scratch->events[e].det]].score;
        }
        size_t at =
            ((((size_t)t * R + (size_t)r) * n_categories + k) * A + (size_t)a) * M + (size_t)m;
        run->result->precision[at] = precision[r];
        run->result->scores[at] = score;
    }
    run->result->recall[(((size_t)t * n_categories + k) * A + (size_t)a) * M + (size_t)m] =
        pld_coco_recall_row(run, m, a, k)[t];
}

static void finish(struct coco_run *run, struct coco_scratch *scratch, uint32_t k, int a, int m)
{
    const struct coco_category *category = &run->gt->categories[k];
    double *recall = pld_coco_recall_row(run, m, a, k);
    for (int t = 0; t < T; t++) {
        recall[t] = (double)scratch->hits[t] / category->positives[a];
        if (m != LIMIT_100 && !run->keep_arrays) continue;
        double other[R];
        double *precision =
            m == LIMIT_100 ? pld_coco_precision_row(run, a, k) + (size_t)t * R : other;
        sample(precision, curve_of(run, scratch, t), category->need[a]);
        if (run->keep_arrays) store_arrays(run, scratch, k, t, a, m, precision);
    }
}

void pld_coco_accumulate(struct coco_run *run, struct coco_scratch *scratch, uint32_t k)
{
    for (int m = 0; m < M; m++) {
        for (int a = 0; a < A; a++) {
            if (!run->gt->categories[k].positives[a]) continue;
            /* Of the lower limits the twelve numbers use the recall of all areas only. */
            if (m != LIMIT_100 && a != AREA_ALL && !run->keep_arrays) continue;
            build(run, scratch, a, m);
            finish(run, scratch, k, a, m);
        }
    }
}

/* ---- jackknife ----------------------------------------------------------------------------- */

void pld_coco_count_positives(uint32_t *positives, const struct coco_run *run, uint32_t k)
{
    const struct coco_category *category = &run->gt->categories[k];
    for (uint32_t c = 0; c < category->n_cells; c++) {
        const struct coco_cell *cell = &category->cells[c];
        for (uint32_t g = 0; g < cell->count; g++)
            positives[run->block[cell->image]] += !(category->truths[cell->first + g].ignored & 1);
    }
}

pld_status pld_coco_keep(struct coco_run *run, const struct coco_scratch *scratch, uint32_t k)
{
    struct coco_kept *kept = &run->kept[k];
    size_t n = scratch->n_events;
    *kept = (struct coco_kept){
        .events = malloc((n + 1) * sizeof *kept->events),
        .n_events = (uint32_t)n,
        .before = malloc((n + 1) * run->blocks * sizeof *kept->before),
        .positives = calloc(run->blocks, sizeof *kept->positives),
    };
    if (!kept->events || !kept->before || !kept->positives) return pld_fail_memory("jackknife");
    pld_coco_count_positives(kept->positives, run, k);
    for (size_t e = 0; e < n; e++) {
        const struct coco_event *event = &scratch->events[e];
        kept->events[e] = (struct coco_light_event){
            .hit = event->hit & COCO_LANE,
            .miss = event->miss & COCO_LANE,
            .before = event->before[LIMIT_100][AREA_ALL],
            .block = run->block[event->image],
        };
        for (uint32_t j = 0; j < run->blocks; j++)
            kept->before[j * n + e] = scratch->before[e * run->blocks + j];
    }
    return PLD_OK;
}

/* As build(), all areas and 100 detections, without the events of one block. */
static void build_without(const struct coco_run *run, struct coco_scratch *scratch, uint32_t k,
                          uint32_t block)
{
    const struct coco_kept *kept = &run->kept[k];
    const uint32_t *left_out = kept->before + (size_t)block * kept->n_events;
    uint32_t misses[T] = {0};
    size_t stride = run->gt->max_truths;
    memset(scratch->hits, 0, sizeof scratch->hits);
    for (uint32_t e = 0; e < kept->n_events; e++) {
        const struct coco_light_event *event = &kept->events[e];
        if (event->block == block) continue;
        uint32_t before = event->before - left_out[e];
        for (unsigned hit = event->hit; hit; hit &= hit - 1) {
            int t = __builtin_ctz(hit);
            uint32_t n = scratch->hits[t]++;
            scratch->totals[(size_t)t * stride + n] = before + misses[t] + n + 1;
        }
        for (unsigned miss = event->miss; miss; miss &= miss - 1)
            misses[__builtin_ctz(miss)]++;
    }
}

/* Whether leaving the block out changes nothing in the category's curves. */
static bool untouched(const struct coco_run *run, uint32_t k, uint32_t block)
{
    const struct coco_kept *kept = &run->kept[k];
    uint32_t n = kept->n_events;
    for (uint32_t e = 0; e < n; e++)
        if (kept->events[e].block == block) return false;
    return n == 0 || kept->before[(size_t)block * n + n - 1] == 0;
}

pld_status pld_coco_leave_out(struct coco_run *run, struct coco_scratch *scratch, uint32_t block,
                              double *ap)
{
    uint32_t n = 0, n_categories = run->gt->n_categories, need[R];
    const double **rows = malloc(((size_t)n_categories + 1) * sizeof *rows);
    if (!rows) return pld_fail_memory("jackknife");
    for (uint32_t k = 0; k < n_categories; k++) {
        uint32_t all = run->gt->categories[k].positives[AREA_ALL];
        if (!all) continue;
        uint32_t positives = all - run->kept[k].positives[block];
        if (!positives) continue;
        if (positives == all && untouched(run, k, block)) {
            rows[n++] = pld_coco_precision_row(run, AREA_ALL, k);
            continue;
        }
        double *curves = scratch->curves + (size_t)k * T * R;
        pld_coco_need(need, positives);
        build_without(run, scratch, k, block);
        for (int t = 0; t < T; t++)
            sample(curves + (size_t)t * R, curve_of(run, scratch, t), need);
        rows[n++] = curves;
    }
    *ap = pld_coco_mean_precision(rows, n, 0, T, scratch->curves + (size_t)n_categories * T * R);
    free(rows);
    return PLD_OK;
}
