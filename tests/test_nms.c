/* eval/nms: equal to the literal quadratic definition, ties, degenerate boxes and floods included.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "eval/head.h"

static float iou_of(const struct pld_candidate *a, const struct pld_candidate *b)
{
    float area_a = (a->x2 - a->x1) * (a->y2 - a->y1), area_b = (b->x2 - b->x1) * (b->y2 - b->y1);
    float left = a->x1 > b->x1 ? a->x1 : b->x1, right = a->x2 < b->x2 ? a->x2 : b->x2;
    float top = a->y1 > b->y1 ? a->y1 : b->y1, bottom = a->y2 < b->y2 ? a->y2 : b->y2;
    float w = right - left > 0 ? right - left : 0, h = bottom - top > 0 ? bottom - top : 0;
    return w * h / (area_a + area_b - w * h);
}

static bool legal(const struct pld_candidate *c)
{
    return !isnan(c->score) && isfinite(c->x1) && isfinite(c->y1) && isfinite(c->x2) &&
           isfinite(c->y2);
}

/* The definition, word by word: the best one left is kept, what it overlaps goes. */
static size_t reference(struct pld_candidate *kept, const struct pld_candidate *items, size_t n,
                        float iou, int max_det, bool agnostic)
{
    char *gone = calloc(n + 1, 1);
    size_t n_kept = 0;
    assert_non_null(gone);
    for (size_t i = 0; i < n; i++)
        gone[i] = !legal(&items[i]);
    while ((int)n_kept < max_det) {
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            if (!gone[i] && (best == n || items[i].score > items[best].score)) best = i;
        if (best == n) break;
        kept[n_kept++] = items[best];
        for (size_t i = 0; i < n; i++) {
            bool rival = agnostic || items[i].cls == items[best].cls;
            if (rival && iou_of(&items[i], &items[best]) > iou) gone[i] = 1;
        }
        gone[best] = 1;
    }
    free(gone);
    return n_kept;
}

static float strange(struct pld_rng *rng, float value)
{
    static const float values[] = {NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 3e38f, -3e38f};
    return pld_rng_below(rng, 40) ? value : values[pld_rng_below(rng, 7)];
}

static struct pld_candidate random_candidate(struct pld_rng *rng, int classes, int levels, bool odd)
{
    float x = (float)pld_rng_below(rng, 30), y = (float)pld_rng_unit(rng) * 30;
    float w = (float)pld_rng_below(rng, 20), h = (float)pld_rng_unit(rng) * 20;
    struct pld_candidate c = {x,     y, x + w,
                              y + h, 0, (int32_t)pld_rng_below(rng, (uint64_t)classes)};
    c.score = levels ? (float)pld_rng_below(rng, (uint64_t)levels) / (float)levels
                     : (float)pld_rng_unit(rng) - 0.2f;
    if (!odd) return c;
    c.x1 = strange(rng, c.x1);
    c.y1 = strange(rng, c.y1);
    c.x2 = strange(rng, c.x2);
    c.y2 = strange(rng, c.y2);
    c.score = strange(rng, c.score);
    if (!pld_rng_below(rng, 20)) c.cls = INT32_MIN + (int32_t)pld_rng_below(rng, 3);
    return c;
}

static void check(struct pld_candidates *list, float iou, int max_det, bool agnostic)
{
    size_t n = list->count;
    struct pld_candidate *items = malloc((n + 1) * sizeof *items);
    struct pld_candidate *kept = malloc((n + 1) * sizeof *kept);
    assert_non_null(items);
    assert_non_null(kept);
    if (n) memcpy(items, list->items, n * sizeof *items);
    size_t expected = reference(kept, items, n, iou, max_det, agnostic);
    assert_int_equal(pld_nms(list, iou, max_det, agnostic), PLD_OK);
    assert_int_equal(list->count, expected);
    if (expected) assert_memory_equal(list->items, kept, expected * sizeof *kept);
    free(items);
    free(kept);
}

static void test_random(void **state)
{
    (void)state;
    static const float thresholds[] = {0.0f, 0.3f, 0.5f, 0.65f, 0.7f, 1.0f, -1.0f};
    struct pld_candidates list = {0};
    struct pld_rng rng;
    pld_rng_init(&rng, 7);
    for (int trial = 0; trial < 1500; trial++) {
        int classes = 1 + (int)pld_rng_below(&rng, 6), levels = (int)pld_rng_below(&rng, 3) * 5;
        size_t n = pld_rng_below(&rng, trial % 10 ? 90 : 500);
        list.count = 0;
        for (size_t i = 0; i < n; i++) {
            struct pld_candidate c = random_candidate(&rng, classes, levels, trial % 3 == 0);
            assert_int_equal(pld_candidates_add(&list, &c), PLD_OK);
        }
        int max_det = (int)pld_rng_below(&rng, trial % 2 ? 12 : 1000) - 1;
        check(&list, thresholds[pld_rng_below(&rng, 7)], max_det, trial % 5 == 0);
    }
    pld_candidates_release(&list);
}

/* The two zeros are one score, and equal scores keep the order of the list. */
static void test_ties(void **state)
{
    (void)state;
    struct pld_candidates list = {0};
    for (int i = 0; i < 200; i++) {
        struct pld_candidate c = {(float)i * 10, 0, (float)i * 10 + 5, 5, i % 2 ? 0.0f : -0.0f, 3};
        assert_int_equal(pld_candidates_add(&list, &c), PLD_OK);
    }
    assert_int_equal(pld_nms(&list, 0.5f, 1000, false), PLD_OK);
    assert_int_equal(list.count, 200);
    for (int i = 0; i < 200; i++)
        assert_true(list.items[i].x1 == (float)i * 10);
    pld_candidates_release(&list);
}

/* An overlap of exactly the threshold is kept: 8 / (8 + 8 - 0) and its neighbours. */
static void test_threshold_is_exclusive(void **state)
{
    (void)state;
    const struct pld_candidate boxes[] = {{0, 0, 4, 4, 0.9f, 0}, {0, 0, 4, 2, 0.8f, 0}};
    for (int below = 0; below < 2; below++) {
        struct pld_candidates list = {0};
        for (int i = 0; i < 2; i++)
            assert_int_equal(pld_candidates_add(&list, &boxes[i]), PLD_OK);
        float iou = below ? nextafterf(0.5f, 0.0f) : 0.5f;
        assert_int_equal(pld_nms(&list, iou, 10, false), PLD_OK);
        assert_int_equal(list.count, below ? 1 : 2);
        pld_candidates_release(&list);
    }
}

struct flood_row {
    struct pld_candidate candidate;
    size_t at;
};

static int by_score(const void *a, const void *b)
{
    const struct flood_row *x = a, *y = b;
    if (x->candidate.score != y->candidate.score)
        return x->candidate.score > y->candidate.score ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

/* A full sort and the greedy pass without buckets: linear in n times what is kept. */
static size_t flood_reference(struct pld_candidate *kept, const struct pld_candidates *list,
                              float iou, size_t max_det)
{
    struct flood_row *rows = malloc(list->count * sizeof *rows);
    size_t n_kept = 0;
    assert_non_null(rows);
    for (size_t i = 0; i < list->count; i++)
        rows[i] = (struct flood_row){list->items[i], i};
    qsort(rows, list->count, sizeof *rows, by_score);
    for (size_t i = 0; i < list->count && n_kept < max_det; i++) {
        bool free_of = true;
        for (size_t k = 0; k < n_kept && free_of; k++)
            free_of = kept[k].cls != rows[i].candidate.cls ||
                      !(iou_of(&kept[k], &rows[i].candidate) > iou);
        if (free_of) kept[n_kept++] = rows[i].candidate;
    }
    free(rows);
    return n_kept;
}

/* Pruned networks fire everywhere with nearly one score: whole buckets hold equal leading bits. */
static void test_flood(void **state)
{
    (void)state;
    enum { N = 40000, MAX_DET = 300 };
    struct pld_candidate kept[MAX_DET];
    struct pld_rng rng;
    pld_rng_init(&rng, 3);
    for (int kind = 0; kind < 4; kind++) {
        struct pld_candidates list = {0};
        for (int i = 0; i < N; i++) {
            struct pld_candidate c = random_candidate(&rng, kind == 3 ? 1 : 80, 0, false);
            float noise = (float)pld_rng_unit(&rng);
            c.score = kind == 0 ? 0.00123f : kind == 1 ? 0.0011f + 1e-4f * noise : noise;
            assert_int_equal(pld_candidates_add(&list, &c), PLD_OK);
        }
        size_t expected = flood_reference(kept, &list, 0.7f, MAX_DET);
        assert_int_equal(pld_nms(&list, 0.7f, MAX_DET, false), PLD_OK);
        assert_int_equal(list.count, expected);
        assert_memory_equal(list.items, kept, expected * sizeof *kept);
        pld_candidates_release(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_threshold_is_exclusive),
        cmocka_unit_test(test_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
