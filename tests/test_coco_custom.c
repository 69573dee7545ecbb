/* COCO with params of one's own against what pycocotools said (coco/make_custom_expected.py), bit
 * for bit, and the general matcher against the fast evaluator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"
#include "eval/metrics/coco_custom.h"
#include "eval/metrics/protocol.h"
#include "coco/coco_case.h"
#include "coco/custom_expected.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_same(const char *what, unsigned seed, const double *got, const double *want,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&got[i], &want[i], sizeof *got) != 0)
            fail_msg("case %u: %s[%zu] is %.17g, expected %.17g", seed, what, i, got[i], want[i]);
}

static void digest(char out[65], const struct pld_coco_table *table)
{
    size_t curves = (size_t)table->n_iou * (size_t)table->n_classes * (size_t)table->n_areas *
                    (size_t)table->n_limits;
    size_t values = curves * PLD_CURVE_POINTS;
    double *all = malloc((2 * values + curves) * sizeof *all);
    assert_non_null(all);
    memcpy(all, table->precision, values * sizeof *all);
    memcpy(all + values, table->recall, curves * sizeof *all);
    memcpy(all + values + curves, table->scores, values * sizeof *all);
    pld_sha256_hex(out, all, (2 * values + curves) * sizeof *all);
    free(all);
}

static void params_of_ones_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(custom_expected); i++) {
        const struct custom_expected *e = &custom_expected[i];
        struct coco_case c = random_case(e->seed);
        struct pld_dataset dataset = case_dataset(&c);
        struct pld_coco_table table;
        char sha[65];
        assert_int_equal(
            pld_coco_evaluate_custom(&table, &dataset, &c.dets, &custom_params[e->params], NULL),
            PLD_OK);
        assert_same("stats", e->seed, table.stats, e->stats, PLD_COCO_STATS);
        digest(sha, &table);
        if (strcmp(sha, e->arrays) != 0)
            fail_msg("case %u, params %u: arrays differ from pycocotools", e->seed, e->params);
        pld_coco_table_release(&table);
        case_dataset_release(&dataset);
        case_release(&c);
    }
}

static bool ids_repeat(const struct coco_case *c)
{
    for (int i = 0; i < c->n_notes; i++)
        for (int j = 0; j < i; j++)
            if (c->notes[i].id == c->notes[j].id) return true;
    return false;
}

/* Two ways to the same arrays: all forty curves at once, and the rules one at a time. */
static void general_matcher_equals_the_fast_one(void **state)
{
    (void)state;
    struct pld_coco_params params;
    struct pld_coco_options keep = {.keep_arrays = true};
    pld_coco_params_init(&params);
    for (unsigned seed = 100; seed < 220; seed++) {
        struct coco_case c = random_case(seed);
        struct pld_dataset dataset = case_dataset(&c);
        struct pld_coco_gt *gt;
        struct pld_coco_result fast;
        struct pld_coco_table table;
        size_t curves = (size_t)c.n_categories * 10 * 4 * 3;
        if (!ids_repeat(&c)) {
            assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_OK);
            assert_int_equal(pld_coco_evaluate(&fast, gt, &c.dets, &keep, NULL), PLD_OK);
            assert_int_equal(pld_coco_evaluate_custom(&table, &dataset, &c.dets, &params, NULL),
                             PLD_OK);
            assert_same("stats", seed, table.stats, fast.stats, PLD_COCO_STATS);
            assert_same("precision", seed, table.precision, fast.precision, curves * 101);
            assert_same("scores", seed, table.scores, fast.scores, curves * 101);
            assert_same("recall", seed, table.recall, fast.recall, curves);
            pld_coco_table_release(&table);
            pld_coco_result_release(&fast);
            pld_coco_gt_free(gt);
        }
        case_dataset_release(&dataset);
        case_release(&c);
    }
}

/* A class's sizes are the means of its curves, as pycocotools users take them from the arrays. */
static void sizes_of_a_class(void **state)
{
    (void)state;
    struct coco_case c = random_case(3);
    struct pld_dataset dataset = case_dataset(&c);
    struct pld_coco_gt *gt;
    struct pld_coco_result result;
    struct pld_coco_options keep = {.keep_arrays = true};
    assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_OK);
    assert_int_equal(pld_coco_evaluate(&result, gt, &c.dets, &keep, NULL), PLD_OK);
    size_t n = (size_t)c.n_categories, present = 0;
    for (size_t k = 0; k < n; k++) {
        for (size_t a = 1; a < 4; a++) {
            double sum = 0;
            for (size_t i = 0; i < 1010; i++)
                sum += result.precision[((i * n + k) * 4 + a) * 3 + 2];
            double want = sum < 0 ? -1 : sum / 1010;
            assert_true(fabs(result.classes[k].size[a - 1] - want) < 1e-12);
            present += want >= 0;
        }
    }
    assert_true(present > 2);
    pld_coco_result_release(&result);
    pld_coco_gt_free(gt);
    case_dataset_release(&dataset);
    case_release(&c);
}

static void bad_params_are_refused(void **state)
{
    (void)state;
    struct pld_coco_params params;
    pld_coco_params_init(&params);
    assert_int_equal(pld_coco_params_check(&params), PLD_OK);
    params.iou[3] = 1.5;
    assert_int_equal(pld_coco_params_check(&params), PLD_EUSAGE);
    pld_coco_params_init(&params);
    params.limits[1] = 1;
    assert_int_equal(pld_coco_params_check(&params), PLD_EUSAGE);
    pld_coco_params_init(&params);
    params.areas[2].high = 1000;
    assert_int_equal(pld_coco_params_check(&params), PLD_EUSAGE);
    pld_coco_params_init(&params);
    params.areas[2].label = "small";
    assert_int_equal(pld_coco_params_check(&params), PLD_EUSAGE);
    pld_coco_params_init(&params);
    params.n_iou = 0;
    assert_int_equal(pld_coco_params_check(&params), PLD_EUSAGE);
}

int main(void)
{
    pld_log_set_level(PLD_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(params_of_ones_own),
        cmocka_unit_test(general_matcher_equals_the_fast_one),
        cmocka_unit_test(sizes_of_a_class),
        cmocka_unit_test(bad_params_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
