/* Resampling against datasets with the images repeated, tie bounds against other orders, curves
 * over confidence and the confusion matrix against counting by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/log.h"
#include "eval/metrics/bootstrap.h"
#include "eval/metrics/coco.h"
#include "eval/metrics/confidence.h"
#include "eval/metrics/confusion.h"
#include "eval/metrics/protocol.h"
#include "eval/metrics/ties.h"
#include "coco/coco_case.h"

/* A random case whose ids are 1, 2, ..: copies of images need ids of their own. */
static struct coco_case plain_case(unsigned seed)
{
    struct coco_case c = random_case(seed);
    for (int i = 0; i < c.n_notes; i++)
        c.notes[i].id = i + 1;
    return c;
}

struct matched {
    struct coco_case c;
    struct pld_dataset dataset;
    struct pld_truths truths;
    struct pld_matches matches;
};

/* The truths borrow the dataset, so `m` must stay where it is. */
static void match_case(struct matched *m, unsigned seed)
{
    m->c = plain_case(seed);
    m->dataset = case_dataset(&m->c);
    assert_int_equal(pld_truths_init(&m->truths, &m->dataset, false), PLD_OK);
    assert_int_equal(pld_match(&m->matches, &m->truths, &m->c.dets, &pld_protocol_coco.rules, NULL),
                     PLD_OK);
}

static void matched_release(struct matched *m)
{
    pld_matches_release(&m->matches);
    pld_truths_release(&m->truths);
    case_dataset_release(&m->dataset);
    case_release(&m->c);
}

/* ---- bootstrap ----------------------------------------------------------------------------- */

/* The case with image i standing weight[i] times in a row. */
static struct coco_case repeated(const struct coco_case *c, const uint32_t *weight)
{
    struct coco_case out = {.n_categories = c->n_categories};
    uint32_t first[64] = {0}, n = 0;
    for (int i = 0; i < c->n_images; i++) {
        first[i] = n;
        n += weight[i];
    }
    out.n_images = (int)n;
    out.notes = calloc((size_t)c->n_notes * n + 1, sizeof *out.notes);
    for (int i = 0; i < c->n_notes; i++)
        for (uint32_t w = 0; w < weight[c->notes[i].image]; w++) {
            struct pld_annotation *note = &out.notes[out.n_notes++];
            *note = c->notes[i];
            note->image = (int32_t)(first[note->image] + w);
            note->id = out.n_notes;
        }
    for (size_t i = 0; i < c->dets.count; i++)
        for (uint32_t w = 0; w < weight[c->dets.items[i].image]; w++) {
            struct pld_detection det = c->dets.items[i];
            det.image = (int32_t)(first[det.image] + w);
            assert_int_equal(pld_detections_add(&out.dets, &det), PLD_OK);
        }
    return out;
}

/* Every resample, bit for bit, from the fast evaluator; over scores of which most are equal too. */
static void resample_is_a_dataset_with_images_repeated(void **state)
{
    (void)state;
    int checked = 0;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct matched m;
        struct pld_bootstrap_options options = {5, seed};
        struct pld_bootstrap bootstrap;
        match_case(&m, seed);
        assert_int_equal(pld_bootstrap(&bootstrap, &m.matches, &options, NULL), PLD_OK);
        for (int s = 0; s < options.samples; s++) {
            uint32_t weight[64];
            pld_bootstrap_weights(weight, m.c.n_images, seed, s);
            struct coco_case copy = repeated(&m.c, weight);
            struct pld_dataset dataset = case_dataset(&copy);
            struct pld_coco_gt *gt;
            struct pld_coco_result result;
            assert_int_equal(copy.n_images, m.c.n_images);
            assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_OK);
            assert_int_equal(pld_coco_evaluate(&result, gt, &copy.dets, NULL, NULL), PLD_OK);
            if (memcmp(&bootstrap.values[s], &result.stats[0], sizeof(double)) != 0)
                fail_msg("case %u, resample %d: %.17g, expected %.17g", seed, s,
                         bootstrap.values[s], result.stats[0]);
            checked += result.stats[0] > 0;
            pld_coco_result_release(&result);
            pld_coco_gt_free(gt);
            case_dataset_release(&dataset);
            case_release(&copy);
        }
        pld_bootstrap_release(&bootstrap);
        matched_release(&m);
    }
    assert_true(checked > 100);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void interval_is_the_middle_of_the_resamples(void **state)
{
    (void)state;
    struct matched m;
    struct pld_bootstrap_options options = {201, 9};
    struct pld_bootstrap a, b;
    struct pld_pool *pool;
    match_case(&m, 6);
    assert_int_equal(pld_pool_new(&pool, 3, NULL), PLD_OK);
    assert_int_equal(pld_bootstrap(&a, &m.matches, &options, NULL), PLD_OK);
    assert_int_equal(pld_bootstrap(&b, &m.matches, &options, pool), PLD_OK);
    assert_memory_equal(a.values, b.values, 201 * sizeof *a.values);
    assert_memory_equal(a.classes, b.classes, (size_t)a.n_classes * sizeof *a.classes);
    qsort(b.values, 201, sizeof *b.values, ascending);
    assert_true(a.ap.low == b.values[5] && a.ap.high == b.values[195]); /* 0.025 * 200 = 5 */
    assert_true(a.ap.low < a.ap.estimate && a.ap.estimate < a.ap.high);
    double mean = 0, squares = 0;
    for (int i = 0; i < 201; i++)
        mean += b.values[i] / 201;
    for (int i = 0; i < 201; i++)
        squares += (b.values[i] - mean) * (b.values[i] - mean);
    assert_true(fabs(a.ap.standard_error - sqrt(squares / 200)) < 1e-15);
    pld_pool_free(pool);
    pld_bootstrap_release(&a);
    pld_bootstrap_release(&b);
    matched_release(&m);
}

/* Both lists see the same images in a resample, so what differs is the lists. */
static void comparison_is_paired(void **state)
{
    (void)state;
    struct matched m;
    struct pld_bootstrap_options options = {99, 4};
    struct pld_detections fewer = {0};
    struct pld_matches other;
    struct pld_bootstrap a, b;
    struct pld_comparison same, comparison;
    match_case(&m, 6);
    for (size_t i = 0; i < m.c.dets.count; i += 2)
        assert_int_equal(pld_detections_add(&fewer, &m.c.dets.items[i]), PLD_OK);
    assert_int_equal(pld_match(&other, &m.truths, &fewer, &pld_protocol_coco.rules, NULL), PLD_OK);
    assert_int_equal(pld_compare(&same, &m.matches, &m.matches, &options, NULL), PLD_OK);
    assert_true(same.ap.d.estimate == 0 && same.ap.d.low == 0 && same.ap.d.high == 0);
    assert_true(same.ap.p == 1 && same.ap.d.standard_error == 0);
    assert_int_equal(pld_compare(&comparison, &m.matches, &other, &options, NULL), PLD_OK);
    assert_int_equal(pld_bootstrap(&a, &m.matches, &options, NULL), PLD_OK);
    assert_int_equal(pld_bootstrap(&b, &other, &options, NULL), PLD_OK);
    double differences[99];
    int below = 0, above = 0;
    for (int i = 0; i < 99; i++) {
        differences[i] = a.values[i] - b.values[i];
        below += differences[i] <= 0;
        above += differences[i] >= 0;
    }
    qsort(differences, 99, sizeof *differences, ascending);
    assert_true(comparison.ap.a == a.ap.estimate && comparison.ap.b == b.ap.estimate);
    assert_true(comparison.ap.d.estimate == a.ap.estimate - b.ap.estimate);
    assert_true(fabs(comparison.ap.d.low - (differences[2] + differences[3]) / 2) < 0.2);
    assert_true(comparison.ap.d.low >= differences[2] && comparison.ap.d.low <= differences[3]);
    assert_true(comparison.ap.p == fmin(1, 2.0 * ((below < above ? below : above) + 1) / 100));
    pld_comparison_release(&same);
    pld_comparison_release(&comparison);
    pld_bootstrap_release(&a);
    pld_bootstrap_release(&b);
    pld_matches_release(&other);
    pld_detections_release(&fewer);
    matched_release(&m);
}

/* ---- ties ---------------------------------------------------------------------------------- */

/* In any order of the images, AP stays within the bounds, as long as no image has equal scores. */
static void other_orders_stay_within_the_bounds(void **state)
{
    (void)state;
    struct pld_rng rng;
    int moved = 0, checked = 0;
    pld_rng_init(&rng, 3);
    for (unsigned seed = 0; seed < 120; seed++) {
        struct coco_case c = plain_case(seed);
        struct pld_dataset dataset = case_dataset(&c);
        struct pld_truths truths;
        struct pld_ties ties;
        assert_int_equal(pld_truths_init(&truths, &dataset, false), PLD_OK);
        assert_int_equal(pld_ties_measure(&ties, &truths, &c.dets, &pld_protocol_coco.rules, NULL),
                         PLD_OK);
        pld_truths_release(&truths);
        assert_true(ties.worst <= ties.ap && ties.ap <= ties.best);
        assert_true(ties.in_cell <= ties.detections);
        if (ties.detections == 0) assert_true(ties.worst == ties.best && ties.ap == ties.reversed);
        for (int trial = 0; trial < 8 && ties.in_cell == 0 && ties.ap >= 0; trial++) {
            int32_t place[64];
            for (int i = 0; i < c.n_images; i++)
                place[i] = i;
            for (int i = c.n_images - 1; i > 0; i--) {
                uint64_t j = pld_rng_below(&rng, (uint64_t)i + 1);
                int32_t swap = place[i];
                place[i] = place[j];
                place[j] = swap;
            }
            for (int i = 0; i < c.n_notes; i++)
                c.notes[i].image = place[c.notes[i].image];
            for (size_t i = 0; i < c.dets.count; i++)
                c.dets.items[i].image = place[c.dets.items[i].image];
            double ap;
            assert_int_equal(pld_truths_init(&truths, &dataset, false), PLD_OK);
            assert_int_equal(pld_rules_ap(&ap, &pld_protocol_coco.rules, &truths, &c.dets, NULL),
                             PLD_OK);
            pld_truths_release(&truths);
            assert_true(ties.worst <= ap && ap <= ties.best);
            moved += ap != ties.ap;
            checked++;
        }
        case_dataset_release(&dataset);
        case_release(&c);
    }
    assert_true(moved > 5 && checked > 50);
}

/* Two images, one box: the detection that finds it, and one that does not, have one score. */
static void bounds_of_two_equal_scores(void **state)
{
    (void)state;
    struct pld_annotation note = {1, 0, 0, 10, 10, 50, 50, 2500, 0, 0};
    struct coco_case c = {.n_images = 2, .n_categories = 1, .notes = &note, .n_notes = 1};
    struct pld_detection dets[] = {{10, 10, 50, 50, 0.5, 0, 0}, {10, 10, 50, 50, 0.5, 1, 0}};
    struct pld_detections list = {dets, 2, 2};
    struct pld_dataset dataset = case_dataset(&c);
    struct pld_truths truths;
    struct pld_ties ties;
    assert_int_equal(pld_truths_init(&truths, &dataset, false), PLD_OK);
    assert_int_equal(pld_ties_measure(&ties, &truths, &list, &pld_protocol_coco.rules, NULL),
                     PLD_OK);
    assert_int_equal(ties.detections, 2);
    assert_int_equal(ties.in_cell, 0);
    assert_true(fabs(ties.best - 1) < 1e-12 && ties.ap == ties.best);
    assert_true(fabs(ties.worst - 0.5) < 1e-12);
    pld_truths_release(&truths);
    case_dataset_release(&dataset);
}

/* ---- confidence ---------------------------------------------------------------------------- */

static double f1_at(const struct pld_matched_class *class, double confidence, double *precision,
                    double *recall)
{
    double hits = 0, misses = 0;
    for (size_t i = 0; i < class->count; i++) {
        if (class->items[i].score < confidence) continue;
        hits += class->items[i].hit & 1;
        misses += class->items[i].miss & 1;
    }
    *precision = hits + misses > 0 ? hits / (hits + misses) : 1;
    *recall = hits / class->n_positives;
    return *precision + *recall > 0 ? 2 * *precision * *recall / (*precision + *recall) : 0;
}

static void curves_are_counts_above_each_confidence(void **state)
{
    (void)state;
    int checked = 0;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct matched m;
        struct pld_confidence curves;
        match_case(&m, seed);
        assert_int_equal(pld_confidence_init(&curves, &m.matches), PLD_OK);
        for (int k = 0; k < curves.n_classes; k++) {
            const struct pld_matched_class *class = &m.matches.classes[k];
            const struct pld_confidence_class *got = &curves.classes[k];
            double p, r, best = 0;
            assert_int_equal(got->positives, class->n_positives);
            if (!class->n_positives) continue;
            for (int i = 0; i < PLD_CONFIDENCES; i++) {
                double f1 = f1_at(class, i / 100.0, &p, &r);
                assert_true(got->precision[i] == p && got->recall[i] == r && got->f1[i] == f1);
            }
            for (size_t i = 0; i < class->count; i++)
                best = fmax(best, f1_at(class, class->items[i].score, &p, &r));
            assert_true(got->best.f1 == best);
            assert_true(f1_at(class, got->best.score, &p, &r) == best);
            checked += best > 0;
        }
        pld_confidence_release(&curves);
        matched_release(&m);
    }
    assert_true(checked > 30);
}

/* ---- confusion ----------------------------------------------------------------------------- */

static void boxes_and_detections_pair_up(void **state)
{
    (void)state;
    /* Class 0, 1, a crowd of class 1; image 1 has one box of class 1 that nobody finds. */
    struct pld_annotation notes[] = {{1, 0, 0, 0, 0, 10, 10, 100, 0, 0},
                                     {2, 0, 1, 100, 0, 10, 10, 100, 0, 0},
                                     {3, 0, 1, 200, 0, 100, 100, 1e4, 1, 0},
                                     {4, 1, 1, 0, 0, 10, 10, 100, 0, 0}};
    struct coco_case c = {.n_images = 2, .n_categories = 2, .notes = notes, .n_notes = 4};
    struct pld_detection dets[] = {
        {0, 0, 10, 9, 0.9, 0, 1},     /* overlaps box 1 by 0.9, but not the most */
        {0, 0, 10, 10, 0.3, 0, 0},    /* box 1 */
        {100, 0, 10, 10, 0.8, 0, 0},  /* box 2, as class 0 */
        {210, 10, 10, 10, 0.7, 0, 1}, /* in the crowd of its class */
        {210, 10, 10, 10, 0.7, 0, 0}, /* not of its class: nothing there */
        {0, 0, 10, 10, 0.2, 1, 1},    /* below the score */
    };
    struct pld_detections list = {dets, 6, 6};
    struct pld_dataset dataset = case_dataset(&c);
    struct pld_confusion confusion;
    static const uint32_t want[3][3] = {{1, 0, 0}, {1, 0, 1}, {1, 1, 0}};
    assert_int_equal(pld_confusion_measure(&confusion, &dataset, &list, 0.25, 0.5), PLD_OK);
    for (int t = 0; t < 3; t++)
        for (int f = 0; f < 3; f++)
            if (pld_confusion_at(&confusion, t, f) != want[t][f])
                fail_msg("[%d][%d] is %u", t, f, pld_confusion_at(&confusion, t, f));
    pld_confusion_release(&confusion);
    case_dataset_release(&dataset);
}

/* Every box is in its row once, whatever is found. */
static void rows_hold_every_box(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct coco_case c = plain_case(seed);
        struct pld_dataset dataset = case_dataset(&c);
        struct pld_confusion confusion;
        uint32_t boxes[128] = {0};
        for (int i = 0; i < c.n_notes; i++)
            boxes[c.notes[i].category] += !c.notes[i].crowd;
        assert_int_equal(pld_confusion_measure(&confusion, &dataset, &c.dets, 0.2, 0.6), PLD_OK);
        for (int t = 0; t < c.n_categories; t++) {
            uint32_t sum = 0;
            for (int f = 0; f <= c.n_categories; f++)
                sum += pld_confusion_at(&confusion, t, f);
            assert_int_equal(sum, boxes[t]);
        }
        pld_confusion_release(&confusion);
        case_dataset_release(&dataset);
        case_release(&c);
    }
}

int main(void)
{
    pld_log_set_level(PLD_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resample_is_a_dataset_with_images_repeated),
        cmocka_unit_test(interval_is_the_middle_of_the_resamples),
        cmocka_unit_test(comparison_is_paired),
        cmocka_unit_test(other_orders_stay_within_the_bounds),
        cmocka_unit_test(bounds_of_two_equal_scores),
        cmocka_unit_test(curves_are_counts_above_each_confidence),
        cmocka_unit_test(boxes_and_detections_pair_up),
        cmocka_unit_test(rows_hold_every_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
