/* Greedy matching of one category's detections, for all area ranges and thresholds at once.
 *
 * The reference looks, for each range and threshold, for the free truth of highest IoU >= threshold
 * among those that count, else among the ignored ones; of equal IoUs the later one wins. So the
 * candidates are tried from the highest IoU to the lowest, later ones first, and each takes the
 * marks (range, threshold) that are still open: 40 decisions in a few operations on 64 bits.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/metrics/coco_impl.h"

struct coco_candidate {
    double iou;
    uint32_t truth; /* in the category */
};

/* The first n thresholds in every lane. */
#define LANES_OF(n) ((((coco_marks)1 << (n)) - 1) * 0x0001000100010001u)

struct outcome {
    coco_marks hit;     /* matched a truth that counts */
    coco_marks ignored; /* matched an ignored one */
};

struct coco_candidate *pld_coco_candidates(uint32_t max_cell)
{
    return malloc(((size_t)max_cell + 1) * sizeof(struct coco_candidate));
}

/* Marks of the thresholds that `iou` >= 0.5 reaches, in all area ranges. The number of them is
 * guessed from their spacing, one too low at most, and settled by comparing. */
static coco_marks reached(double iou)
{
    static const coco_marks first[T + 1] = {LANES_OF(0), LANES_OF(1), LANES_OF(2), LANES_OF(3),
                                            LANES_OF(4), LANES_OF(5), LANES_OF(6), LANES_OF(7),
                                            LANES_OF(8), LANES_OF(9), LANES_OF(10)};
    if (iou >= pld_coco_iou[T - 1]) return COCO_LANES; /* an infinity too */
    int n = (int)(iou * 20) - 10;
    if (n > T - 2) n = T - 2;
    return first[n + (iou >= pld_coco_iou[n]) + (iou >= pld_coco_iou[n + 1])];
}

/* Marks in which a truth can still be taken. */
static coco_marks open_marks(const struct pld_truth *truth, coco_marks taken)
{
    return truth->crowd ? COCO_LANES : COCO_LANES & ~taken;
}

static void take(struct outcome *out, const struct pld_truth *truth, coco_marks *taken,
                 coco_marks marks)
{
    *taken |= marks;
    out->ignored |= marks & truth->ignored;
    /* The reference stores the id of the truth as "matched by", and 0 reads as not matched. */
    if (!truth->zero_id) out->hit |= marks & ~truth->ignored;
}

/* The loop of the reference as it is written, one mark at a time. A NaN is not below any threshold
 * and nothing is below a NaN, so once one has come up every open truth replaces the one before. */
static struct outcome match_with_nan(const struct pld_box *det, const struct pld_truth *truths,
                                     coco_marks *taken, uint32_t n)
{
    struct outcome out = {0, 0};
    for (int a = 0; a < A; a++) {
        for (int t = 0; t < T; t++) {
            coco_marks mark = (coco_marks)1 << (16 * a + t);
            double best = pld_coco_iou[t];
            uint32_t match = n;
            for (uint32_t pass = 0; pass < 2 && match == n; pass++) { /* ignored ones come second */
                for (uint32_t g = 0; g < n; g++) {
                    if (!(truths[g].ignored & mark) != !pass) continue;
                    if (!(open_marks(&truths[g], taken[g]) & mark)) continue;
                    double iou = pld_overlap(det, &truths[g], false);
                    if (iou < best) continue;
                    best = iou;
                    match = g;
                }
            }
            if (match < n) take(&out, &truths[match], &taken[match], mark);
        }
    }
    return out;
}

/* Candidates: truths that at least the lowest threshold accepts, by rising IoU, then place. Their
 * number, or UINT32_MAX where an IoU is not a number. */
static uint32_t find_candidates(struct coco_candidate *out, const struct pld_box *det,
                                const struct pld_truth *truths, uint32_t n)
{
    uint32_t found = 0;
    for (uint32_t g = 0; g < n; g++) {
        double iou = pld_overlap(det, &truths[g], true);
        if (iou < pld_coco_iou[0]) continue;
        if (iou != iou) return UINT32_MAX;
        uint32_t at = found++;
        for (; at > 0 && out[at - 1].iou > iou; at--)
            out[at] = out[at - 1];
        out[at] = (struct coco_candidate){iou, g};
    }
    return found;
}

static struct outcome match_detection(const struct coco_found *item, const struct pld_truth *truths,
                                      coco_marks *taken, uint32_t n,
                                      struct coco_candidate *candidates)
{
    struct outcome out = {0, 0};
    if (!isfinite(item->x) || !isfinite(item->y) || !isfinite(item->w) || !isfinite(item->h))
        return out;
    struct pld_box det = pld_box_of(item->x, item->y, item->w, item->h);
    uint32_t found = find_candidates(candidates, &det, truths, n);
    if (found == UINT32_MAX) return match_with_nan(&det, truths, taken, n);
    if (found == 0) return out;
    if (found == 1) {
        const struct pld_truth *truth = &truths[candidates->truth];
        coco_marks *mine = &taken[candidates->truth];
        take(&out, truth, mine, reached(candidates->iou) & open_marks(truth, *mine));
        return out;
    }
    coco_marks done = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t c = found; c-- > 0;) {
            uint32_t g = candidates[c].truth;
            coco_marks kind = pass == 0 ? ~truths[g].ignored : truths[g].ignored;
            coco_marks marks =
                reached(candidates[c].iou) & kind & open_marks(&truths[g], taken[g]) & ~done;
            done |= marks;
            take(&out, &truths[g], &taken[g], marks);
        }
    }
    return out;
}

/* ---- events -------------------------------------------------------------------------------- */

static pld_status grow_events(struct coco_scratch *scratch, uint32_t blocks)
{
    size_t cap = scratch->cap_events ? scratch->cap_events * 2 : 1024;
    struct coco_event *events = realloc(scratch->events, cap * sizeof *events);
    if (!events) return pld_fail_memory("matched detections");
    scratch->events = events;
    if (blocks) {
        uint32_t *before = realloc(scratch->before, cap * blocks * sizeof *before);
        if (!before) return pld_fail_memory("matched detections");
        scratch->before = before;
    }
    scratch->cap_events = cap;
    return PLD_OK;
}

static pld_status add_event(struct coco_run *run, struct coco_scratch *scratch,
                            const struct coco_key *key, uint32_t rank, coco_marks hit,
                            coco_marks miss)
{
    if (scratch->n_events == scratch->cap_events) PLD_TRY(grow_events(scratch, run->blocks));
    size_t e = scratch->n_events++;
    struct coco_event *event = &scratch->events[e];
    *event = (struct coco_event){
        .hit = hit, .miss = miss, .det = key->det, .image = key->image, .rank = rank};
    memcpy(event->before, scratch->plain, sizeof event->before);
    for (int m = 1; m < M; m++)
        for (int a = 0; a < A; a++)
            event->before[m][a] += event->before[m - 1][a];
    if (run->blocks)
        memcpy(scratch->before + e * run->blocks, scratch->block_plain,
               run->blocks * sizeof *scratch->before);
    return PLD_OK;
}

/* A detection that nothing matches counts alike at every threshold. */
static void add_plain(const struct coco_run *run, struct coco_scratch *scratch,
                      const struct coco_key *key, uint32_t rank)
{
    int m = (rank >= pld_coco_limit[0]) + (rank >= pld_coco_limit[1]);
    for (int a = 0; a < A; a++)
        scratch->plain[m][a] += key->ranges >> a & 1;
    if (run->blocks) scratch->block_plain[run->block[key->image]] += key->ranges & 1;
}

static void begin(struct coco_run *run, struct coco_scratch *scratch,
                  const struct coco_category *category)
{
    scratch->n_events = 0;
    memset(scratch->plain, 0, sizeof scratch->plain);
    if (run->blocks) memset(scratch->block_plain, 0, run->blocks * sizeof *scratch->block_plain);
    memset(scratch->taken, 0, category->n_truths * sizeof *scratch->taken);
    for (uint32_t c = 0; c < category->n_cells; c++)
        scratch->cell[category->cells[c].image] = c + 1;
}

static void end(struct coco_run *run, struct coco_scratch *scratch,
                const struct coco_category *category, const struct coco_key *keys, size_t n)
{
    for (uint32_t c = 0; c < category->n_cells; c++)
        scratch->cell[category->cells[c].image] = 0;
    if (n > run->gt->n_images / 16)
        memset(scratch->rank, 0, run->gt->n_images);
    else
        for (size_t i = 0; i < n; i++)
            scratch->rank[keys[i].image] = 0;
}

static pld_status sort(struct coco_scratch *scratch, struct coco_key *keys, size_t n)
{
    if (n > scratch->cap_spare) {
        free(scratch->spare);
        scratch->spare = malloc(n * sizeof *scratch->spare);
        scratch->cap_spare = scratch->spare ? n : 0;
        if (!scratch->spare) return pld_fail_memory("order of detections");
    }
    pld_coco_sort(keys, scratch->spare, n);
    return PLD_OK;
}

pld_status pld_coco_match(struct coco_run *run, struct coco_scratch *scratch, uint32_t k)
{
    enum { AHEAD = 12 };
    const struct coco_category *category = &run->gt->categories[k];
    struct coco_key *keys = run->keys + run->first[k];
    size_t n = run->first[k + 1] - run->first[k];
    PLD_TRY(sort(scratch, keys, n));
    begin(run, scratch, category);
    pld_status status = PLD_OK;
    for (size_t i = 0; i < n && status == PLD_OK; i++) {
        /* Falling scores jump about among the boxes. */
        if (i + AHEAD < n) __builtin_prefetch(&run->boxes[keys[i + AHEAD].det]);
        uint32_t image = keys[i].image, rank = scratch->rank[image];
        if (rank == pld_coco_limit[LIMIT_100]) continue;
        scratch->rank[image]++;
        struct outcome out = {0, 0};
        uint32_t c = scratch->cell[image];
        if (c) {
            const struct coco_cell *cell = &category->cells[c - 1];
            out = match_detection(&run->boxes[keys[i].det], category->truths + cell->first,
                                  scratch->taken + cell->first, cell->count, scratch->candidates);
        }
        coco_marks in_range = pld_coco_lanes(keys[i].ranges);
        coco_marks miss = in_range & ~(out.hit | out.ignored);
        if (out.hit || miss != in_range)
            status = add_event(run, scratch, &keys[i], rank, out.hit, miss);
        else
            add_plain(run, scratch, &keys[i], rank);
    }
    end(run, scratch, category, keys, n);
    return status;
}
