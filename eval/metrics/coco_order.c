/* Detections to their categories, and a category's detections in falling order of score.
 *
 * The reference sorts each image by score, keeps 100, joins the images in ascending order and sorts
 * again, stably both times. One stable sort over (image, place in the list) gives that order, and
 * the order inside each image too.
 */
#include <stdlib.h>
#include <string.h>

#include "eval/metrics/coco_impl.h"

enum { MAX_BITS = 11 }; /* of a digit of the sort */

static bool inside(const struct pld_coco_gt *gt, const struct pld_detection *det)
{
    return (uint32_t)det->image < gt->n_images && (uint32_t)det->category < gt->n_categories;
}

pld_status pld_coco_check_list(const struct pld_detections *list, const struct pld_coco_gt *gt)
{
    for (size_t i = 0; i < list->count; i++)
        if (!inside(gt, &list->items[i]))
            return pld_fail(PLD_EFAIL, NULL,
                            "detection %zu is of an image or category outside of the dataset", i);
    return PLD_OK;
}

/* Counts the list by category into first[k + 1], and says whether images only ever ascend. */
static pld_status survey(struct coco_run *run, bool *ascending)
{
    const struct pld_detection *items = run->list->items;
    int32_t previous = 0;
    *ascending = true;
    memset(run->first, 0, ((size_t)run->gt->n_categories + 1) * sizeof *run->first);
    for (size_t i = 0; i < run->list->count; i++) {
        if (!inside(run->gt, &items[i])) return pld_coco_check_list(run->list, run->gt);
        run->first[items[i].category + 1]++;
        if (items[i].image < previous) *ascending = false;
        previous = items[i].image;
    }
    for (uint32_t k = 0; k < run->gt->n_categories; k++)
        run->first[k + 1] += run->first[k];
    return PLD_OK;
}

/* by_image = the list by ascending image, places kept. */
static pld_status order_images(struct coco_run *run)
{
    const struct pld_detection *items = run->list->items;
    size_t n = run->list->count;
    if (!run->by_image) run->by_image = malloc(run->cap_keys * sizeof *run->by_image);
    if (!run->by_image) return pld_fail_memory("order of images");
    uint32_t *next = calloc((size_t)run->gt->n_images + 1, sizeof *next);
    if (!next) return pld_fail_memory("order of images");
    for (size_t i = 0; i < n; i++)
        next[items[i].image + 1]++;
    for (uint32_t i = 0; i < run->gt->n_images; i++)
        next[i + 1] += next[i];
    for (size_t i = 0; i < n; i++)
        run->by_image[next[items[i].image]++] = (uint32_t)i;
    free(next);
    return PLD_OK;
}

static pld_status reserve(struct coco_run *run)
{
    size_t n = run->list->count + 1; /* an empty list has memory too */
    if (n > UINT32_MAX) return pld_fail(PLD_EFAIL, NULL, "too many detections (%zu)", n - 1);
    if (n <= run->cap_keys) return PLD_OK;
    free(run->keys);
    free(run->boxes);
    free(run->source);
    run->source = NULL;
    free(run->by_image);
    run->by_image = NULL; /* most lists do not need it */
    run->keys = malloc(n * sizeof *run->keys);
    run->boxes = malloc(n * sizeof *run->boxes);
    if (run->keep_arrays) run->source = malloc(n * sizeof *run->source);
    run->cap_keys = run->keys && run->boxes && (run->source || !run->keep_arrays) ? n : 0;
    return run->cap_keys ? PLD_OK : pld_fail_memory("detections to evaluate");
}

pld_status pld_coco_distribute(struct coco_run *run)
{
    PLD_TRY(reserve(run));
    bool ascending;
    PLD_TRY(survey(run, &ascending));
    if (!ascending) PLD_TRY(order_images(run));
    for (size_t i = 0; i < run->list->count; i++) {
        size_t d = ascending ? i : run->by_image[i];
        const struct pld_detection *det = &run->list->items[d];
        /* first[k] moves to the end of k, where k + 1 begins; it is moved back below. */
        size_t at = run->first[det->category]++;
        run->keys[at] = (struct coco_key){
            .order = pld_order_of_score(det->score),
            .det = (uint32_t)at,
            .image = (uint32_t)det->image,
            .ranges = pld_coco_ranges(det->w * det->h),
        };
        run->boxes[at] = (struct coco_found){det->x, det->y, det->w, det->h};
        if (run->keep_arrays) run->source[at] = (uint32_t)d;
    }
    for (uint32_t k = run->gt->n_categories; k > 0; k--)
        run->first[k] = run->first[k - 1];
    run->first[0] = 0;
    return PLD_OK;
}

static void insertion_sort(struct coco_key *keys, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct coco_key key = keys[i];
        size_t j = i;
        for (; j > 0 && keys[j - 1].order > key.order; j--)
            keys[j] = keys[j - 1];
        keys[j] = key;
    }
}

/* One pass of a radix sort. */
static void radix_pass(struct coco_key *to, const struct coco_key *from, size_t n, int shift,
                       uint64_t mask)
{
    uint32_t next[1 << MAX_BITS], sum = 0;
    memset(next, 0, (mask + 1) * sizeof *next);
    for (size_t i = 0; i < n; i++)
        next[from[i].order >> shift & mask]++;
    for (size_t b = 0; b <= mask; b++) {
        uint32_t count = next[b];
        next[b] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[next[from[i].order >> shift & mask]++] = from[i];
}

void pld_coco_sort(struct coco_key *keys, struct coco_key *spare, size_t n)
{
    enum { SHORT = 32, PASSES = 3 };
    if (n <= SHORT) {
        insertion_sort(keys, n);
        return;
    }
    uint64_t differ = 0;
    for (size_t i = 1; i < n; i++)
        differ |= keys[i].order ^ keys[0].order;
    if (!differ) return;
    /* Radix sort on the highest bits in which keys differ, three digits at most: scores that came
     * from 32-bit floats have no more, and of others few agree in all three. */
    int widest = n < 4096 ? 8 : MAX_BITS, high = 64 - __builtin_clzll(differ);
    int low = __builtin_ctzll(differ), bottom = high - PASSES * widest;
    if (bottom < low) bottom = low;
    int passes = (high - bottom + widest - 1) / widest;
    int bits = (high - bottom + passes - 1) / passes;
    struct coco_key *from = keys, *to = spare;
    for (int shift = bottom; shift < high; shift += bits) {
        radix_pass(to, from, n, shift, ((uint64_t)1 << bits) - 1);
        struct coco_key *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys) memcpy(keys, from, n * sizeof *keys);
    if (bottom == low) return;
    for (size_t first = 0, last; first < n; first = last) {
        for (last = first + 1; last < n; last++)
            if (keys[last].order >> bottom != keys[first].order >> bottom) break;
        if (last - first > 1) pld_coco_sort(keys + first, spare + first, last - first);
    }
}
