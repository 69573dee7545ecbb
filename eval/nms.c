/* Greedy non-maximum suppression, exact and bounded.
 *
 * Two observations keep it fast when a badly pruned network fires everywhere (an 80 x 8400 head
 * can put 672,000 candidates above 0.001):
 *
 * - The greedy pass looks at candidates in one global order of score. Whether a candidate is kept
 *   depends on kept candidates before it only, so the pass may stop at the max_det-th kept one: it
 *   *is* the answer, not an approximation. A candidate is compared with the kept ones of its class,
 *   at most max_det, so the work is below n * max_det, never n * n.
 * - Hence most of the order is never looked at. Scores are split into buckets by their leading bits
 *   in linear time, and a bucket is sorted when the pass arrives there.
 */
#include "eval/head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKET_BITS = 12, /* sign, exponent and 3 bits of the fraction */
    BUCKETS = 1 << BUCKET_BITS,
    REST_BITS = 32 - BUCKET_BITS, /* sorted inside a bucket, in two passes */
    DIGIT_BITS = REST_BITS / 2,
    DIGITS = 1 << DIGIT_BITS,
    SMALL = 64, /* insertion sort up to here */
    LANES = 8,
    AHEAD = 16, /* candidates prefetched: the order of scores is a random walk through the list */
};

/* Kept boxes of one class, eight at a time so that the comparison vectorises. The area of an
 * unused lane is NaN, hence its IoU with anything, and NaN is above no threshold. */
struct block {
    float x1[LANES], y1[LANES], x2[LANES], y2[LANES], area[LANES];
    int32_t count;
    int32_t next; /* block of the same class, or -1 */
};

/* An entry of the table from class to blocks; open addressing. */
struct slot {
    int32_t cls, head; /* head -1: free */
};

struct work {
    uint64_t *order, *other; /* [n] (inverted score bits) << 32 | index */
    uint32_t start[BUCKETS + 1];
    struct block *blocks; /* [limit] */
    struct slot *slots;   /* [n_slots] */
    struct pld_candidate *kept;
    uint32_t n_slots; /* power of two */
    int32_t n_blocks;
    float iou;
};

/* Unsigned integers whose ascending order is the descending order of the scores. Adding zero makes
 * -0 and +0 equal, as they are for a comparison of floats. */
static uint32_t inverted_bits(float score)
{
    float value = score + 0.0f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t ascending = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return ~ascending;
}

/* Carves the arrays out of the list's scratch memory. `limit` is the most that can be kept. */
static pld_status work_init(struct work *w, struct pld_candidates *list, size_t n, size_t limit)
{
    w->n_slots = 16;
    while (w->n_slots < 2 * limit)
        w->n_slots *= 2;
    size_t order = n * sizeof *w->order, blocks = limit * sizeof *w->blocks;
    size_t kept = limit * sizeof *w->kept, slots = w->n_slots * sizeof *w->slots;
    size_t need = 2 * order + blocks + kept + slots;
    if (need > list->scratch_size) {
        free(list->scratch);
        list->scratch_size = 0;
        list->scratch = malloc(need + need / 4);
        if (!list->scratch) return pld_fail_memory("NMS");
        list->scratch_size = need + need / 4;
    }
    char *p = list->scratch;
    w->order = (uint64_t *)p;
    w->other = (uint64_t *)(p += order);
    w->blocks = (struct block *)(p += order);
    w->slots = (struct slot *)(p += blocks);
    w->kept = (struct pld_candidate *)(p + slots);
    w->n_blocks = 0;
    for (uint32_t i = 0; i < w->n_slots; i++)
        w->slots[i].head = -1;
    return PLD_OK;
}

/* Fills w->order bucket by bucket, in list order inside a bucket, without the NaN scores. */
static void split_into_buckets(struct work *w, const struct pld_candidates *list)
{
    uint32_t counts[BUCKETS] = {0};
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++) {
        float score = list->items[i].score;
        uint32_t key = inverted_bits(score);
        w->other[n] = (uint64_t)key << 32 | (uint32_t)i;
        if (score != score) continue;
        counts[key >> REST_BITS]++;
        n++;
    }
    uint32_t sum = 0, next[BUCKETS];
    for (int b = 0; b < BUCKETS; b++) {
        w->start[b] = next[b] = sum;
        sum += counts[b];
    }
    w->start[BUCKETS] = sum;
    for (size_t i = 0; i < n; i++) {
        uint64_t entry = w->other[i];
        w->order[next[entry >> (32 + REST_BITS)]++] = entry;
    }
}

static void scatter_by_digit(uint64_t *to, const uint64_t *from, size_t n, int shift)
{
    uint32_t next[DIGITS] = {0};
    for (size_t i = 0; i < n; i++)
        next[from[i] >> shift & (DIGITS - 1)]++;
    uint32_t sum = 0;
    for (int d = 0; d < DIGITS; d++) {
        uint32_t count = next[d];
        next[d] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[next[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

/* Sorts one bucket by score, then by list index: whole entries for small ones; otherwise two stable
 * passes over the score bits that the bucket does not fix, since it is in list order already. */
static void sort_bucket(uint64_t *entries, uint64_t *other, size_t n)
{
    if (n > SMALL) {
        scatter_by_digit(other, entries, n, 32);
        scatter_by_digit(entries, other, n, 32 + DIGIT_BITS);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        uint64_t entry = entries[i];
        size_t j = i;
        for (; j && entries[j - 1] > entry; j--)
            entries[j] = entries[j - 1];
        entries[j] = entry;
    }
}

static float area_of(const struct pld_candidate *c)
{
    return (c->x2 - c->x1) * (c->y2 - c->y1);
}

/* Whether `c` overlaps a lane by more than the threshold. Every step is the float operation of the
 * plain formula, so the answer does not depend on the vector width. */
static bool block_hits(const struct block *b, const struct pld_candidate *c, float area, float iou)
{
    int hits = 0;
    for (int i = 0; i < LANES; i++) {
        float left = b->x1[i] > c->x1 ? b->x1[i] : c->x1;
        float top = b->y1[i] > c->y1 ? b->y1[i] : c->y1;
        float right = b->x2[i] < c->x2 ? b->x2[i] : c->x2;
        float bottom = b->y2[i] < c->y2 ? b->y2[i] : c->y2;
        float w = right - left, h = bottom - top;
        w = w > 0.0f ? w : 0.0f;
        h = h > 0.0f ? h : 0.0f;
        float both = w * h;
        hits |= both / (b->area[i] + area - both) > iou;
    }
    return hits != 0;
}

static struct slot *find_slot(struct work *w, int32_t cls)
{
    uint32_t mask = w->n_slots - 1, at = (uint32_t)cls * 2654435761u & mask;
    while (w->slots[at].head >= 0 && w->slots[at].cls != cls)
        at = (at + 1) & mask;
    return &w->slots[at];
}

static void keep_box(struct work *w, struct slot *slot, int32_t cls, const struct pld_candidate *c,
                     float area)
{
    struct block *b = slot->head >= 0 ? &w->blocks[slot->head] : NULL;
    if (!b || b->count == LANES) {
        b = &w->blocks[w->n_blocks];
        for (int i = 0; i < LANES; i++) {
            b->x1[i] = b->y1[i] = b->x2[i] = b->y2[i] = 0.0f;
            b->area[i] = NAN;
        }
        b->count = 0;
        b->next = slot->head;
        slot->cls = cls;
        slot->head = w->n_blocks++;
    }
    int i = b->count++;
    b->x1[i] = c->x1;
    b->y1[i] = c->y1;
    b->x2[i] = c->x2;
    b->y2[i] = c->y2;
    b->area[i] = area;
}

static bool suppressed(const struct work *w, const struct slot *slot, const struct pld_candidate *c,
                       float area)
{
    for (int32_t at = slot->head; at >= 0; at = w->blocks[at].next)
        if (block_hits(&w->blocks[at], c, area, w->iou)) return true;
    return false;
}

static bool box_finite(const struct pld_candidate *c)
{
    return isfinite(c->x1) && isfinite(c->y1) && isfinite(c->x2) && isfinite(c->y2);
}

/* The greedy pass. Returns the number kept, at most `limit`. */
static size_t select_boxes(struct work *w, const struct pld_candidates *list, size_t limit,
                           bool agnostic)
{
    size_t n_kept = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        size_t begin = w->start[bucket], end = w->start[bucket + 1];
        if (begin == end) continue;
        sort_bucket(w->order + begin, w->other, end - begin);
        for (size_t i = begin; i < end; i++) {
            if (i + AHEAD < end) __builtin_prefetch(&list->items[(uint32_t)w->order[i + AHEAD]]);
            const struct pld_candidate *c = &list->items[(uint32_t)w->order[i]];
            if (!box_finite(c)) continue;
            int32_t cls = agnostic ? 0 : c->cls;
            float area = area_of(c);
            struct slot *slot = find_slot(w, cls);
            if (suppressed(w, slot, c, area)) continue;
            keep_box(w, slot, cls, c, area);
            w->kept[n_kept++] = *c;
            if (n_kept == limit) return n_kept;
        }
    }
    return n_kept;
}

pld_status pld_nms(struct pld_candidates *list, float iou, int max_det, bool agnostic)
{
    if (max_det <= 0 || !list->count) {
        list->count = 0;
        return PLD_OK;
    }
    if (list->count > INT32_MAX)
        return pld_fail(PLD_EFAIL, NULL, "%zu candidates in one image", list->count);
    size_t limit = (size_t)max_det < list->count ? (size_t)max_det : list->count;
    struct work w = {.iou = iou};
    PLD_TRY(work_init(&w, list, list->count, limit));
    split_into_buckets(&w, list);
    list->count = select_boxes(&w, list, limit, agnostic);
    memcpy(list->items, w.kept, list->count * sizeof *list->items);
    return PLD_OK;
}
