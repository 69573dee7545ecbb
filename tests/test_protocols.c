/* VOC, Ultralytics and TIDE against numpy and tidecv (coco/make_protocol_expected.py), and the path
 * from one protocol to another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/log.h"
#include "eval/metrics/explain.h"
#include "eval/metrics/tide.h"
#include "coco/coco_case.h"
#include "coco/protocol_expected.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A random case whose scores differ, with difficult boxes, as flat() of the script makes it. */
static struct coco_case protocol_case(unsigned seed)
{
    struct coco_case c = random_case(seed);
    for (int i = 0; i < c.n_notes; i++)
        c.notes[i].difficult = i % 5 == 0;
    for (size_t i = 0; i < c.dets.count; i++)
        c.dets.items[i].score = (double)((i * 7919) % 10007 + 1) / 10008.0;
    return c;
}

static void assert_near(unsigned seed, const char *what, double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("case %u: %s is %.17g, expected %.17g", seed, what, got, want);
}

static struct pld_metric_result evaluate(const struct pld_protocol *protocol,
                                         const struct pld_truths *truths, const struct coco_case *c)
{
    struct pld_metric_result result;
    assert_int_equal(pld_protocol_evaluate(&result, protocol, truths, &c->dets, NULL), PLD_OK);
    assert_ptr_equal(result.protocol, protocol);
    assert_int_equal(result.n_classes, c->n_categories);
    return result;
}

static void check_voc(const struct protocol_expected *e, const struct pld_truths *truths,
                      const struct coco_case *c)
{
    struct pld_metric_result result = evaluate(&pld_protocol_voc07, truths, c);
    assert_near(e->seed, "voc07", result.metrics[0].value, e->voc07, 2e-16);
    pld_metric_result_release(&result);
    result = evaluate(&pld_protocol_voc12, truths, c);
    assert_near(e->seed, "voc12", result.metrics[0].value, e->voc12, 2e-16);
    pld_metric_result_release(&result);
}

static void check_ultralytics(const struct protocol_expected *e, const struct pld_truths *truths,
                              const struct coco_case *c)
{
    static const char *const names[] = {"AP", "AP50", "P", "R", "F1", "F1_conf"};
    const struct pld_protocol *versions[] = {&pld_protocol_ultralytics83,
                                             &pld_protocol_ultralytics84};
    for (int v = 0; v < 2; v++) {
        struct pld_metric_result result = evaluate(versions[v], truths, c);
        for (size_t i = 0; i < COUNT(names); i++) {
            assert_string_equal(result.metrics[i].name, names[i]);
            assert_near(e->seed, names[i], result.metrics[i].value, e->ultralytics[v][i], 1e-14);
        }
        assert_near(e->seed, "fitness", result.metrics[6].value,
                    0.9 * e->ultralytics[v][0] + 0.1 * e->ultralytics[v][1], 1e-14);
        pld_metric_result_release(&result);
    }
}

static void check_tide(const struct protocol_expected *e, const struct pld_dataset *dataset,
                       const struct coco_case *c)
{
    struct pld_tide tide;
    size_t counts[PLD_TIDE_ERRORS] = {0};
    assert_int_equal(pld_tide_measure(&tide, dataset, &c->dets, NULL), PLD_OK);
    assert_near(e->seed, "TIDE AP", tide.ap, e->tide[0], 1e-13);
    for (int i = 0; i < PLD_TIDE_ERRORS; i++) {
        assert_near(e->seed, pld_tide_names[i], tide.gain[i], e->tide[1 + i], 1e-13);
        if (tide.count[i] != e->counts[i])
            fail_msg("case %u: %zu %s, expected %u", e->seed, tide.count[i], pld_tide_names[i],
                     e->counts[i]);
    }
    assert_near(e->seed, "FalsePos", tide.false_positive, e->tide[7], 1e-13);
    assert_near(e->seed, "FalseNeg", tide.false_negative, e->tide[8], 1e-13);
    for (size_t i = 0; i < c->dets.count; i++)
        if (tide.errors[i] >= 0) counts[tide.errors[i]]++;
    for (int i = 0; i < PLD_TIDE_MISS; i++)
        assert_int_equal(counts[i], tide.count[i]);
    pld_tide_release(&tide);
}

static void random_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(protocol_expected); i++) {
        const struct protocol_expected *e = &protocol_expected[i];
        struct coco_case c = protocol_case(e->seed);
        struct pld_dataset dataset = case_dataset(&c);
        struct pld_truths truths;
        assert_int_equal(pld_truths_init(&truths, &dataset, false), PLD_OK);
        check_voc(e, &truths, &c);
        check_ultralytics(e, &truths, &c);
        check_tide(e, &dataset, &c);
        pld_truths_release(&truths);
        case_dataset_release(&dataset);
        case_release(&c);
    }
}

/* ---- rules of VOC -------------------------------------------------------------------------- */

/* AP50 by VOC 2012 of one class in one image. */
static double voc_ap(struct pld_annotation *notes, int n_notes, struct pld_detection *dets,
                     size_t n_dets)
{
    struct coco_case c = {.n_images = 1, .n_categories = 1, .notes = notes, .n_notes = n_notes};
    struct pld_dataset dataset = case_dataset(&c);
    struct pld_truths truths;
    c.dets = (struct pld_detections){dets, n_dets, n_dets};
    assert_int_equal(pld_truths_init(&truths, &dataset, false), PLD_OK);
    struct pld_metric_result result = evaluate(&pld_protocol_voc12, &truths, &c);
    double ap = result.metrics[0].value;
    pld_metric_result_release(&result);
    pld_truths_release(&truths);
    case_dataset_release(&dataset);
    return ap;
}

/* Ten rows of pixels, of which five are found: half is not above half. */
static void half_a_box_is_not_enough(void **state)
{
    (void)state;
    struct pld_annotation note = {1, 0, 0, 0, 0, 9, 9, 100, 0, 0};
    struct pld_detection half = {0, 0, 9, 4, 0.5, 0, 0}, more = {0, 0, 9, 5, 0.5, 0, 0};
    assert_true(voc_ap(&note, 1, &half, 1) == 0);
    assert_true(voc_ap(&note, 1, &more, 1) == 1);
}

/* A detection between two boxes takes the first, so one on the first comes too late. */
static void first_of_equal_boxes_is_taken(void **state)
{
    (void)state;
    struct pld_annotation notes[] = {{1, 0, 0, 0, 0, 19, 9, 200, 0, 0},
                                     {2, 0, 0, 4, 0, 19, 9, 200, 0, 0}};
    struct pld_detection on_first[] = {{2, 0, 19, 9, 0.9, 0, 0}, {0, 0, 19, 9, 0.8, 0, 0}};
    struct pld_detection on_second[] = {{2, 0, 19, 9, 0.9, 0, 0}, {4, 0, 19, 9, 0.8, 0, 0}};
    assert_true(voc_ap(notes, 2, on_first, 2) == 0.5);
    assert_true(voc_ap(notes, 2, on_second, 2) == 1);
}

/* What finds a difficult box, any number of times, counts neither way. */
static void difficult_boxes_count_neither_way(void **state)
{
    (void)state;
    struct pld_annotation notes[] = {{1, 0, 0, 0, 0, 19, 9, 200, 0, 1},
                                     {2, 0, 0, 100, 0, 19, 9, 200, 0, 0}};
    struct pld_detection dets[] = {
        {0, 0, 19, 9, 0.9, 0, 0}, {0, 0, 19, 9, 0.8, 0, 0}, {100, 0, 19, 9, 0.7, 0, 0}};
    assert_true(voc_ap(notes, 2, dets, 3) == 1);
    notes[0].difficult = false;
    assert_true(voc_ap(notes, 2, dets, 3) == 0.5 + 0.5 * 2 / 3);
}

/* ---- the path between protocols ------------------------------------------------------------ */

static double headline(const struct pld_protocol *protocol, const struct pld_truths *truths,
                       const struct coco_case *c)
{
    struct pld_metric_result result = evaluate(protocol, truths, c);
    double value = result.metrics[0].value;
    pld_metric_result_release(&result);
    return value;
}

/* Every pair of protocols: the path begins and ends at their numbers, and has no gap. */
static void steps_lead_from_one_to_the_other(void **state)
{
    (void)state;
    int count, moved = 0;
    const struct pld_protocol *const *rows = pld_protocol_list(&count);
    for (unsigned seed = 1; seed < 12; seed++) {
        struct coco_case c = protocol_case(seed);
        struct pld_dataset dataset = case_dataset(&c);
        struct pld_truths truths;
        assert_int_equal(pld_truths_init(&truths, &dataset, false), PLD_OK);
        for (int a = 0; a < count; a++) {
            for (int b = 0; b < count; b++) {
                struct pld_explain path;
                assert_int_equal(pld_explain(&path, rows[a], rows[b], &truths, &c.dets, NULL),
                                 PLD_OK);
                assert_true(path.start == headline(rows[a], &truths, &c));
                assert_true(path.end == headline(rows[b], &truths, &c));
                double at = path.start;
                for (int i = 0; i < path.n_steps; i++) {
                    assert_true(path.steps[i].before == at);
                    at = path.steps[i].after;
                    moved += path.steps[i].before != at;
                    assert_string_not_equal(path.steps[i].from, path.steps[i].to);
                }
                assert_true(at == path.end);
                assert_int_equal(path.n_steps == 0, a == b);
            }
        }
        pld_truths_release(&truths);
        case_dataset_release(&dataset);
        case_release(&c);
    }
    assert_true(moved > 100);
}

static void protocols_by_name(void **state)
{
    (void)state;
    int count;
    const struct pld_protocol *const *rows = pld_protocol_list(&count);
    for (int i = 0; i < count; i++)
        assert_ptr_equal(pld_protocol_find(rows[i]->name), rows[i]);
    assert_ptr_equal(pld_protocol_find("ultralytics"), &pld_protocol_ultralytics83);
    assert_null(pld_protocol_find("lvis"));
}

static void many_lists(void **state)
{
    (void)state;
    enum { N = 5 };
    struct coco_case c = protocol_case(3);
    struct pld_dataset dataset = case_dataset(&c);
    struct pld_truths truths;
    struct pld_detections lists[N] = {0};
    struct pld_metric_result results[N];
    struct pld_pool *pool;
    for (size_t i = 0; i < N; i++)
        for (size_t d = i; d < c.dets.count; d += i + 1)
            assert_int_equal(pld_detections_add(&lists[i], &c.dets.items[d]), PLD_OK);
    assert_int_equal(pld_truths_init(&truths, &dataset, false), PLD_OK);
    assert_int_equal(pld_pool_new(&pool, 3, NULL), PLD_OK);
    assert_int_equal(
        pld_protocol_evaluate_many(results, &pld_protocol_voc12, &truths, lists, N, pool), PLD_OK);
    for (size_t i = 0; i < N; i++) {
        struct pld_metric_result one;
        assert_int_equal(pld_protocol_evaluate(&one, &pld_protocol_voc12, &truths, &lists[i], NULL),
                         PLD_OK);
        assert_true(one.metrics[0].value == results[i].metrics[0].value);
        assert_memory_equal(one.classes, results[i].classes,
                            (size_t)one.n_classes * sizeof *one.classes);
        pld_metric_result_release(&one);
        pld_metric_result_release(&results[i]);
    }
    /* One bad list, no results. */
    lists[2].items[0].image = 1000;
    assert_int_equal(
        pld_protocol_evaluate_many(results, &pld_protocol_voc12, &truths, lists, N, pool),
        PLD_EFAIL);
    for (size_t i = 0; i < N; i++) {
        assert_null(results[i].classes);
        pld_detections_release(&lists[i]);
    }
    pld_pool_free(pool);
    pld_truths_release(&truths);
    case_dataset_release(&dataset);
    case_release(&c);
}

int main(void)
{
    pld_log_set_level(PLD_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_cases),
        cmocka_unit_test(half_a_box_is_not_enough),
        cmocka_unit_test(first_of_equal_boxes_is_taken),
        cmocka_unit_test(difficult_boxes_count_neither_way),
        cmocka_unit_test(steps_lead_from_one_to_the_other),
        cmocka_unit_test(protocols_by_name),
        cmocka_unit_test(many_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
