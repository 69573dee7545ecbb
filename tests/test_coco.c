/* COCO evaluation against what pycocotools said (coco/make_expected.py), bit for bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "coco/coco_case.h"
#include "coco/expected.h"
#include "core/file.h"
#include "core/json.h"
#include "core/log.h"
#include "core/pool.h"
#include "core/str.h"
#include "eval/metrics/coco.h"
#include "eval/metrics/coco_impl.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- helpers ------------------------------------------------------------------------------- */

static void assert_same(const char *name, const char *what, const double *got, const double *want,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&got[i], &want[i], sizeof *got) != 0)
            fail_msg("%s: %s[%zu] is %.17g (%a), expected %.17g (%a)", name, what, i, got[i],
                     got[i], want[i], want[i]);
}

static struct pld_coco_result
evaluate(const struct coco_case *c, const struct pld_coco_options *options, struct pld_pool *pool)
{
    struct pld_dataset dataset = case_dataset(c);
    struct pld_coco_gt *gt;
    struct pld_coco_result result;
    assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_OK);
    assert_int_equal(pld_coco_evaluate(&result, gt, &c->dets, options, pool), PLD_OK);
    pld_coco_gt_free(gt);
    case_dataset_release(&dataset);
    return result;
}

/* SHA-256 as digest() of make_expected.py. */
static void digest(char out[65], const struct pld_coco_result *result, int n_categories)
{
    size_t k = (size_t)n_categories, cells = k * PLD_COCO_AREAS * PLD_COCO_LIMITS;
    size_t curves = PLD_COCO_IOUS * cells, values = PLD_COCO_RECALLS * curves, at = 0;
    double *all = malloc((2 * values + curves + 2 * k) * sizeof *all);
    assert_non_null(all);
    memcpy(all, result->precision, values * sizeof *all);
    at += values;
    memcpy(all + at, result->recall, curves * sizeof *all);
    at += curves;
    memcpy(all + at, result->scores, values * sizeof *all);
    at += values;
    for (size_t i = 0; i < k; i++) {
        all[at++] = result->classes[i].ap;
        all[at++] = result->classes[i].ap50;
    }
    pld_sha256_hex(out, all, at * sizeof *all);
    free(all);
}

/* With arrays and without: the short way must not differ. */
static void check_case(const char *name, const struct coco_case *c, const double *stats,
                       const char *arrays)
{
    char sha[65];
    struct pld_coco_options keep = {.keep_arrays = true};
    struct pld_coco_result full = evaluate(c, &keep, NULL), brief = evaluate(c, NULL, NULL);
    assert_same(name, "stats", full.stats, stats, PLD_COCO_STATS);
    assert_same(name, "stats without arrays", brief.stats, stats, PLD_COCO_STATS);
    assert_memory_equal(full.classes, brief.classes,
                        (size_t)c->n_categories * sizeof *full.classes);
    assert_null(brief.precision);
    digest(sha, &full, c->n_categories);
    if (strcmp(sha, arrays) != 0) fail_msg("%s: arrays differ from pycocotools", name);
    pld_coco_result_release(&full);
    pld_coco_result_release(&brief);
}

/* ---- equality with pycocotools ------------------------------------------------------------- */

static void named_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(expected_named); i++) {
        const struct expected_named *e = &expected_named[i];
        struct coco_case c = {.n_images = e->n_images, .n_categories = e->n_categories};
        c.n_notes = e->n_notes;
        c.notes = malloc((size_t)e->n_notes * sizeof *c.notes);
        assert_non_null(c.notes);
        memcpy(c.notes, e->notes, (size_t)e->n_notes * sizeof *c.notes);
        for (size_t d = 0; d < e->n_dets; d++)
            assert_int_equal(pld_detections_add(&c.dets, &e->dets[d]), PLD_OK);
        check_case(e->name, &c, e->stats, e->arrays);
        case_release(&c);
    }
}

static void random_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(expected_random); i++) {
        char name[32];
        snprintf(name, sizeof name, "random %zu", i);
        struct coco_case c = random_case(i);
        check_case(name, &c, expected_random[i].stats, expected_random[i].arrays);
        case_release(&c);
    }
}

static void stat_names(void **state)
{
    (void)state;
    static const char *const names[] = {"AP",  "AP50", "AP75",  "APs", "APm", "APl",
                                        "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"};
    for (int i = 0; i < PLD_COCO_STATS; i++)
        assert_string_equal(pld_coco_stat_names[i], names[i]);
}

/* The fewest true positives that reach a recall, against the definition: neighbours of 70 * 0.01
 * and the like must not slip. */
static void recall_steps(void **state)
{
    (void)state;
    static const uint32_t large[] = {9999, 10000, 12345, 65536, 262144, 1000000, 1000003};
    for (uint32_t i = 1; i < 1500 + COUNT(large); i++) {
        uint32_t n = i < 1500 ? i : large[i - 1500], need[PLD_COCO_RECALLS];
        pld_coco_need(need, n);
        for (int r = 0; r < PLD_COCO_RECALLS; r++) {
            double recall = pld_coco_recall(r);
            if ((double)need[r] / n < recall || (need[r] && (double)(need[r] - 1) / n >= recall))
                fail_msg("%u positives, recall %d: %u", n, r, need[r]);
        }
    }
}

/* ---- threads and batches ------------------------------------------------------------------- */

static void assert_results_equal(const struct pld_coco_result *a, const struct pld_coco_result *b,
                                 int n_categories)
{
    char sha[2][65];
    assert_memory_equal(a->stats, b->stats, sizeof a->stats);
    assert_int_equal(a->blocks, b->blocks);
    if (a->blocks)
        assert_memory_equal(a->jackknife, b->jackknife, (size_t)a->blocks * sizeof(double));
    digest(sha[0], a, n_categories);
    digest(sha[1], b, n_categories);
    assert_string_equal(sha[0], sha[1]);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    struct pld_coco_options options = {.blocks = 4, .keep_arrays = true};
    for (int threads = 1; threads <= 5; threads += 2) {
        struct pld_pool *pool;
        assert_int_equal(pld_pool_new(&pool, threads, NULL), PLD_OK);
        for (uint64_t seed = 500; seed < 530; seed++) {
            struct coco_case c = random_case(seed);
            struct pld_coco_result alone = evaluate(&c, &options, NULL);
            struct pld_coco_result shared = evaluate(&c, &options, pool);
            assert_results_equal(&alone, &shared, c.n_categories);
            pld_coco_result_release(&alone);
            pld_coco_result_release(&shared);
            case_release(&c);
        }
        pld_pool_free(pool);
    }
}

/* Many lists against one ground truth, of very different lengths: a worker's memory is used again.
 */
static void many_lists(void **state)
{
    (void)state;
    enum { N = 12 };
    struct pld_coco_options options = {.blocks = 3, .keep_arrays = true};
    struct coco_case c = random_case(21);
    struct pld_dataset dataset = case_dataset(&c);
    struct pld_detections lists[N] = {0};
    struct pld_coco_result results[N], single;
    struct pld_coco_gt *gt;
    for (size_t i = 0; i < N; i++)
        for (size_t d = 0; d < c.dets.count; d++)
            if (i && d % i != 1) pld_detections_add(&lists[i], &c.dets.items[d]);
    assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_OK);
    static const int threads[] = {0, 1, 3, N + 1};
    for (size_t t = 0; t < COUNT(threads); t++) {
        struct pld_pool *pool = NULL;
        if (threads[t]) assert_int_equal(pld_pool_new(&pool, threads[t], NULL), PLD_OK);
        assert_int_equal(pld_coco_evaluate_many(results, gt, lists, N, &options, pool), PLD_OK);
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(pld_coco_evaluate(&single, gt, &lists[i], &options, NULL), PLD_OK);
            assert_results_equal(&single, &results[i], c.n_categories);
            pld_coco_result_release(&single);
            pld_coco_result_release(&results[i]);
        }
        pld_pool_free(pool);
    }
    for (size_t i = 0; i < N; i++)
        pld_detections_release(&lists[i]);
    pld_coco_gt_free(gt);
    case_dataset_release(&dataset);
    case_release(&c);
}

/* ---- jackknife ----------------------------------------------------------------------------- */

/* The case without the images [first, last): what is left, evaluated for itself. */
static double ap_without(const struct coco_case *c, int first, int last)
{
    struct coco_case rest = {.n_images = c->n_images, .n_categories = c->n_categories};
    rest.notes = calloc((size_t)c->n_notes + 1, sizeof *rest.notes);
    assert_non_null(rest.notes);
    for (int i = 0; i < c->n_notes; i++)
        if (c->notes[i].image < first || c->notes[i].image >= last)
            rest.notes[rest.n_notes++] = c->notes[i];
    for (size_t d = 0; d < c->dets.count; d++)
        if (c->dets.items[d].image < first || c->dets.items[d].image >= last)
            pld_detections_add(&rest.dets, &c->dets.items[d]);
    struct pld_coco_result result = evaluate(&rest, NULL, NULL);
    double ap = result.stats[0];
    pld_coco_result_release(&result);
    case_release(&rest);
    return ap;
}

/* Images are left empty rather than removed, which is the same. Repeated ids would move
 * annotations between images, so such cases are left out. */
static bool ids_repeat(const struct coco_case *c)
{
    for (int i = 0; i < c->n_notes; i++)
        for (int j = 0; j < i; j++)
            if (c->notes[i].id == c->notes[j].id) return true;
    return false;
}

static void jackknife_equals_evaluation_of_the_rest(void **state)
{
    (void)state;
    int compared = 0;
    for (uint64_t seed = 1000; seed < 1150; seed++) {
        struct coco_case c = random_case(seed);
        int want = 1 + (int)(seed % 12), blocks = want < c.n_images ? want : c.n_images;
        struct pld_coco_options options = {.blocks = want};
        struct pld_coco_result result = evaluate(&c, &options, NULL);
        assert_int_equal(result.blocks, blocks);
        for (int j = 0; j < blocks && !ids_repeat(&c); j++) {
            int first = c.n_images, last = 0;
            for (int i = 0; i < c.n_images; i++) {
                if (i * blocks / c.n_images != j) continue;
                if (i < first) first = i;
                last = i + 1;
            }
            double ap = ap_without(&c, first, last);
            assert_same("jackknife", "ap", &result.jackknife[j], &ap, 1);
            compared += ap > 0;
        }
        pld_coco_result_release(&result);
        case_release(&c);
    }
    assert_true(compared > 300);
}

/* ---- odd input ----------------------------------------------------------------------------- */

static void box_that_is_not_finite_matches_nothing(void **state)
{
    (void)state;
    const double odd[] = {NAN, INFINITY, -INFINITY};
    struct pld_annotation note = {.id = 1, .x = 10, .y = 10, .w = 50, .h = 50, .area = 2500};
    for (size_t i = 0; i < COUNT(odd); i++) {
        for (int field = 0; field < 4; field++) {
            struct coco_case c = {.n_images = 1, .n_categories = 1, .notes = &note, .n_notes = 1};
            double box[4] = {10, 10, 50, 50};
            box[field] = odd[i];
            struct pld_detection bad = {box[0], box[1], box[2], box[3], 0.9, 0, 0};
            struct pld_detection good = {10, 10, 50, 50, 0.5, 0, 0};
            pld_detections_add(&c.dets, &bad);
            struct pld_coco_result result = evaluate(&c, NULL, NULL);
            assert_true(result.stats[0] == 0 && result.stats[8] == 0);
            pld_coco_result_release(&result);
            pld_detections_add(&c.dets, &good);
            result = evaluate(&c, NULL, NULL);
            assert_true(result.stats[0] >= 0.5 && result.stats[8] == 1);
            pld_coco_result_release(&result);
            pld_detections_release(&c.dets);
        }
    }
}

static void score_that_is_not_a_number_comes_last(void **state)
{
    (void)state;
    struct pld_annotation note = {.id = 1, .x = 10, .y = 10, .w = 50, .h = 50, .area = 2500};
    struct coco_case c = {.n_images = 1, .n_categories = 1, .notes = &note, .n_notes = 1};
    struct pld_detection bad = {300, 300, 5, 5, NAN, 0, 0};
    struct pld_detection good = {10, 10, 50, 50, -INFINITY, 0, 0};
    pld_detections_add(&c.dets, &bad);
    pld_detections_add(&c.dets, &good);
    struct pld_coco_result result = evaluate(&c, NULL, NULL);
    assert_true(result.stats[0] == 0x1.ffffffffffffep-1);
    pld_coco_result_release(&result);
    pld_detections_release(&c.dets);
}

static void empty_datasets(void **state)
{
    (void)state;
    struct coco_case nothing = {.n_images = 0, .n_categories = 0};
    struct coco_case images = {.n_images = 3, .n_categories = 2};
    struct pld_coco_options options = {.blocks = 2, .keep_arrays = true};
    struct pld_coco_result result = evaluate(&nothing, &options, NULL);
    assert_true(result.stats[0] == -1 && result.stats[11] == -1);
    assert_int_equal(result.blocks, 0);
    pld_coco_result_release(&result);
    result = evaluate(&images, &options, NULL);
    assert_true(result.stats[0] == -1 && result.classes[1].ap == -1);
    assert_true(result.jackknife[0] == -1 && result.jackknife[1] == -1);
    pld_coco_result_release(&result);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    struct pld_annotation note = {.id = 7, .w = 5, .h = 5, .area = 25};
    struct coco_case c = {.n_images = 2, .n_categories = 1, .notes = &note, .n_notes = 1};
    struct pld_dataset dataset = case_dataset(&c);
    struct pld_coco_gt *gt;
    struct pld_coco_result results[2];
    struct pld_detection det = {0, 0, 5, 5, 0.5, 0, 0};
    struct pld_detections lists[2] = {0};
    pld_detections_add(&lists[0], &det);
    assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_OK);
    const int32_t wrong[][2] = {{2, 0}, {-1, 0}, {0, 1}, {0, -1}};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        det.image = wrong[i][0];
        det.category = wrong[i][1];
        lists[1].count = 0;
        pld_detections_add(&lists[1], &det);
        assert_int_equal(pld_coco_evaluate(results, gt, &lists[1], NULL, NULL), PLD_EFAIL);
        assert_null(results[0].classes);
        assert_int_equal(pld_coco_evaluate_many(results, gt, lists, 2, NULL, NULL), PLD_EFAIL);
        assert_null(results[0].classes);
    }
    pld_coco_gt_free(gt);
    note.h = NAN;
    assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_EDATA);
    assert_non_null(strstr(pld_error_last()->message, "annotation 7"));
    note.h = 5;
    note.image = 2;
    assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_EDATA);
    assert_null(gt);
    pld_detections_release(&lists[0]);
    pld_detections_release(&lists[1]);
    case_dataset_release(&dataset);
}

/* ---- real files ---------------------------------------------------------------------------- */

static bool data_path(char *out, size_t size, const char *name)
{
    const char *data = getenv("POLLARD_DATA"), *root = getenv("POLLARD_SOURCE_DIR");
    if (data)
        snprintf(out, size, "%s/coco-eval/%s", data, name);
    else
        snprintf(out, size, "%s/../shared/data/coco-eval/%s", root ? root : ".", name);
    return pld_file_exists(out);
}

/* The twelve numbers of a results file, compared with `want`. */
static void check_files(const char *name, const char *gt_path, const char *dt_path,
                        yyjson_val *want)
{
    struct pld_dataset dataset;
    struct pld_dataset_options options = {.need_labels = true};
    struct pld_detections dets;
    struct pld_coco_gt *gt;
    struct pld_coco_result result;
    if (pld_dataset_open(&dataset, gt_path, &options) != PLD_OK ||
        pld_detections_read(&dets, dt_path, &dataset) != PLD_OK ||
        pld_coco_gt_new(&gt, &dataset) != PLD_OK)
        fail_msg("%s: %s: %s", name, pld_error_last()->where, pld_error_last()->message);
    assert_int_equal(pld_coco_evaluate(&result, gt, &dets, NULL, NULL), PLD_OK);
    for (size_t i = 0; i < PLD_COCO_STATS; i++) {
        double stat = yyjson_get_num(yyjson_arr_get(want, i));
        assert_same(name, "stats", &result.stats[i], &stat, 1);
    }
    pld_coco_result_release(&result);
    pld_coco_gt_free(gt);
    pld_detections_release(&dets);
    pld_dataset_release(&dataset);
}

static void real_files(void **state)
{
    (void)state;
    static const char *const sets[][3] = {
        {"cocoapi/fakebbox100", "cocoapi/instances_val2014_100.json",
         "cocoapi/instances_val2014_fakebbox100_results.json"},
        {"faster_coco_eval/dt_dataset.json", "faster_coco_eval/gt_dataset.json",
         "faster_coco_eval/dt_dataset.json"},
        {"hotcoco/fixtures/dt.json", "hotcoco/fixtures/gt.json", "hotcoco/fixtures/dt.json"},
        {"hotcoco/fixtures/edge_dt.json", "hotcoco/fixtures/edge_gt.json",
         "hotcoco/fixtures/edge_dt.json"},
        {"hotcoco/fixtures/zero_dt.json", "hotcoco/fixtures/zero_gt.json",
         "hotcoco/fixtures/zero_dt.json"},
    };
    char path[4096], gt_path[4096], dt_path[4096];
    if (!data_path(path, sizeof path, "expected_12stats_refcoco.json")) {
        print_message("skipped: %s is absent\n", path);
        skip();
    }
    yyjson_doc *expected;
    assert_int_equal(pld_json_read(&expected, path, PLD_EDATA), PLD_OK);
    for (size_t i = 0; i < COUNT(sets); i++) {
        assert_true(data_path(gt_path, sizeof gt_path, sets[i][1]));
        assert_true(data_path(dt_path, sizeof dt_path, sets[i][2]));
        yyjson_val *entry = yyjson_obj_get(yyjson_doc_get_root(expected), sets[i][0]);
        assert_non_null(entry);
        check_files(sets[i][0], gt_path, dt_path, yyjson_obj_get(entry, "stats"));
    }
    yyjson_doc_free(expected);
}

/* Writes one part of a file that holds ground truth and detections side by side. */
static void split_file(const char *path, yyjson_doc *doc, const char *list)
{
    yyjson_mut_doc *copy = yyjson_mut_doc_new(NULL);
    yyjson_val *root = yyjson_doc_get_root(doc);
    yyjson_mut_doc_set_root(copy,
                            yyjson_val_mut_copy(copy, list ? yyjson_obj_get(root, list) : root));
    assert_int_equal(pld_json_write(path, copy, false), PLD_OK);
    yyjson_mut_doc_free(copy);
}

static void adversarial_files(void **state)
{
    (void)state;
    static const char prefix[] = "hotcoco/adversarial/";
    char path[4096], gt_path[] = "coco-gt-XXXXXX", dt_path[] = "coco-dt-XXXXXX";
    if (!data_path(path, sizeof path, "expected_12stats_refcoco.json")) {
        print_message("skipped: %s is absent\n", path);
        skip();
    }
    close(mkstemp(gt_path));
    close(mkstemp(dt_path));
    yyjson_doc *expected;
    assert_int_equal(pld_json_read(&expected, path, PLD_EDATA), PLD_OK);
    size_t i, n, checked = 0;
    yyjson_val *key, *entry;
    yyjson_obj_foreach(yyjson_doc_get_root(expected), i, n, key, entry)
    {
        const char *name = yyjson_get_str(key);
        yyjson_val *stats = yyjson_obj_get(entry, "stats");
        /* "dt_unknown" files hold categories that the ground truth lacks: refused here. */
        if (strncmp(name, prefix, sizeof prefix - 1) != 0 || strstr(name, "dt_unknown") || !stats)
            continue;
        if (!data_path(path, sizeof path, name)) continue;
        yyjson_doc *doc;
        assert_int_equal(pld_json_read(&doc, path, PLD_EDATA), PLD_OK);
        split_file(gt_path, doc, NULL);
        split_file(dt_path, doc, "detections");
        yyjson_doc_free(doc);
        check_files(name, gt_path, dt_path, stats);
        checked++;
    }
    assert_true(checked > 20);
    unlink(gt_path);
    unlink(dt_path);
    yyjson_doc_free(expected);
}

int main(void)
{
    pld_log_set_level(PLD_LOG_ERROR); /* repeated ids are on purpose */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_cases),
        cmocka_unit_test(random_cases),
        cmocka_unit_test(stat_names),
        cmocka_unit_test(recall_steps),
        cmocka_unit_test(any_number_of_threads),
        cmocka_unit_test(many_lists),
        cmocka_unit_test(jackknife_equals_evaluation_of_the_rest),
        cmocka_unit_test(box_that_is_not_finite_matches_nothing),
        cmocka_unit_test(score_that_is_not_a_number_comes_last),
        cmocka_unit_test(empty_datasets),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(real_files),
        cmocka_unit_test(adversarial_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
