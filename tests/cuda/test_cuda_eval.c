/* COCO evaluation on a device against that on the CPU, which tests/test_coco.c compares with
 * pycocotools: every array by its bytes. The device is the emulated one, or with PLD_TEST_GPU a GPU
 * through the plug-in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/evaluator.h"
#include "coco/coco_case.h"
#include "core/log.h"
#include "core/pool.h"
#include "eval/metrics/coco.h"
#ifdef PLD_TEST_GPU
#include "run/device.h"
#else
#include "cuda/emulation.h"
#endif

static struct pld_backend *device;

/* ---- helpers ------------------------------------------------------------------------------- */

static void assert_bytes(const char *name, const char *what, const double *got, const double *want,
                         size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&got[i], &want[i], sizeof *got) != 0)
            fail_msg("%s: %s[%zu] is %a, on the CPU %a", name, what, i, got[i], want[i]);
}

static void assert_equal(const char *name, const struct pld_coco_result *got,
                         const struct pld_coco_result *want, int n_categories)
{
    const size_t k = (size_t)n_categories;
    const size_t curves = k * PLD_COCO_IOUS * PLD_COCO_AREAS * PLD_COCO_LIMITS;
    assert_int_equal(got->blocks, want->blocks);
    assert_true(!got->precision == !want->precision);
    if (want->precision) {
        assert_bytes(name, "precision", got->precision, want->precision, curves * PLD_COCO_RECALLS);
        assert_bytes(name, "scores", got->scores, want->scores, curves * PLD_COCO_RECALLS);
        assert_bytes(name, "recall", got->recall, want->recall, curves);
    }
    assert_bytes(name, "stats", got->stats, want->stats, PLD_COCO_STATS);
    assert_bytes(name, "classes", &got->classes->ap, &want->classes->ap,
                 k * sizeof *want->classes / sizeof(double));
    if (want->blocks)
        assert_bytes(name, "jackknife", got->jackknife, want->jackknife, (size_t)want->blocks);
}

enum { LISTS = 7 };

/* Evaluates the lists in both places. */
static void check_lists(const char *name, const struct coco_case *c,
                        const struct pld_detections *lists, size_t n,
                        const struct pld_coco_options *options, struct pld_pool *pool)
{
    struct pld_dataset dataset = case_dataset(c);
    struct pld_coco_gt *gt;
    struct pld_coco_result *got = calloc(n, sizeof *got), *want = calloc(n, sizeof *want);
    assert_non_null(got);
    assert_non_null(want);
    assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_OK);
    assert_int_equal(pld_coco_evaluate_many(want, gt, lists, n, options, NULL), PLD_OK);
    if (pld_coco_evaluate_on(device, got, gt, lists, n, options, pool) != PLD_OK)
        fail_msg("%s: %s: %s", name, pld_error_last()->where, pld_error_last()->message);
    for (size_t i = 0; i < n; i++) {
        assert_equal(name, &got[i], &want[i], c->n_categories);
        pld_coco_result_release(&got[i]);
        pld_coco_result_release(&want[i]);
    }
    free(got);
    free(want);
    pld_coco_gt_free(gt);
    case_dataset_release(&dataset);
}

/* The case's own list, an empty one, and parts of it. */
static void check_case(const char *name, const struct coco_case *c)
{
    struct pld_coco_options plain = {.blocks = 0}, full = {.blocks = 3, .keep_arrays = true};
    struct pld_detections lists[LISTS] = {0};
    for (size_t i = 0; i < LISTS; i++)
        for (size_t d = 0; d < c->dets.count; d++)
            if (i == 0 || (i > 1 && d % i != 1)) pld_detections_add(&lists[i], &c->dets.items[d]);
    check_lists(name, c, lists, LISTS, &full, NULL);
    check_lists(name, c, lists, 1, &plain, NULL);
    for (size_t i = 0; i < LISTS; i++)
        pld_detections_release(&lists[i]);
}

/* ---- tests --------------------------------------------------------------------------------- */

static void random_cases(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 120; seed++) {
        char name[32];
        snprintf(name, sizeof name, "random %d", (int)seed);
        struct coco_case c = random_case(seed);
        check_case(name, &c);
        case_release(&c);
    }
}

/* Values that compare or round in odd ways, in boxes and scores, among ordinary ones. */
static void odd_numbers(void **state)
{
    (void)state;
    static const double odd[] = {0,     -0.0, NAN,   INFINITY, -INFINITY, 1e-200,
                                 1e200, -5,   1e308, 5e-324,   32,        96};
    enum { ODD = sizeof odd / sizeof *odd };
    for (uint64_t seed = 3000; seed < 3080; seed++) {
        char name[32];
        struct pld_rng rng;
        struct coco_case c = random_case(seed);
        snprintf(name, sizeof name, "odd %d", (int)seed);
        pld_rng_init(&rng, seed);
        for (size_t d = 0; d < c.dets.count; d++) {
            struct pld_detection *det = &c.dets.items[d];
            double *fields[] = {&det->x, &det->y, &det->w, &det->h, &det->score};
            if (pld_rng_below(&rng, 3) == 0)
                *fields[pld_rng_below(&rng, 5)] = odd[pld_rng_below(&rng, ODD)];
            if (pld_rng_below(&rng, 8) == 0) det->w = det->h = 1e-170; /* overlaps of 0 / 0 */
        }
        for (int i = 0; i < c.n_notes; i++) {
            if (pld_rng_below(&rng, 4) == 0) c.notes[i].w = c.notes[i].h = 1e-170;
            if (pld_rng_below(&rng, 8) == 0) c.notes[i].area = odd[pld_rng_below(&rng, ODD)];
            if (pld_rng_below(&rng, 8) == 0) c.notes[i].w = 0;
            if (pld_rng_below(&rng, 12) == 0) c.notes[i].id = 0;
        }
        check_case(name, &c);
        case_release(&c);
    }
}

/* One cell with far more detections than take part, many of one score, and truths that repeat. */
static void crowded_cell(void **state)
{
    (void)state;
    enum { TRUTHS = 90, DETECTIONS = 350 };
    struct pld_rng rng;
    pld_rng_init(&rng, 7);
    struct coco_case c = {.n_images = 3, .n_categories = 2, .n_notes = TRUTHS};
    c.notes = calloc(TRUTHS, sizeof *c.notes);
    assert_non_null(c.notes);
    for (int i = 0; i < TRUTHS; i++) {
        double side = 20 + 4 * (double)pld_rng_below(&rng, 8);
        c.notes[i] = (struct pld_annotation){.id = i, .image = i % 9 == 0, .category = i % 11 == 0};
        c.notes[i].x = 3 * (double)pld_rng_below(&rng, 40);
        c.notes[i].w = c.notes[i].h = side;
        c.notes[i].area = side * side;
        c.notes[i].crowd = i % 13 == 0;
    }
    for (int i = 0; i < DETECTIONS; i++) {
        struct pld_detection det = {.image = i % 7 == 0, .category = i % 10 == 0};
        det.x = 3 * (double)pld_rng_below(&rng, 40);
        det.w = det.h = 20 + 4 * (double)pld_rng_below(&rng, 8);
        det.score = (double)pld_rng_below(&rng, 5) / 4;
        pld_detections_add(&c.dets, &det);
    }
    check_case("crowded", &c);
    case_release(&c);
}

static void nothing_to_find(void **state)
{
    (void)state;
    struct coco_case c = {.n_images = 2, .n_categories = 2};
    struct pld_detection det = {1, 2, 3, 4, 0.5, 0, 0};
    pld_detections_add(&c.dets, &det);
    check_case("no truths", &c);
    c.dets.count = 0;
    check_case("nothing at all", &c);
    case_release(&c);
}

/* More candidates than go at once, with the threads of a pool. */
static void many_candidates(void **state)
{
    (void)state;
    enum { MANY = 150 };
    struct pld_coco_options options = {.blocks = 2};
    struct coco_case c = random_case(33);
    struct pld_detections lists[MANY] = {0};
    struct pld_pool *pool;
    for (size_t i = 0; i < MANY; i++)
        for (size_t d = 0; d < c.dets.count; d++)
            if ((d + i) % (2 + i % 5)) pld_detections_add(&lists[i], &c.dets.items[d]);
    assert_int_equal(pld_pool_new(&pool, 3, NULL), PLD_OK);
    check_lists("many", &c, lists, MANY, &options, pool);
    check_lists("none", &c, lists, 0, &options, pool);
    pld_pool_free(pool);
    for (size_t i = 0; i < MANY; i++)
        pld_detections_release(&lists[i]);
    case_release(&c);
}

static void bad_index_is_refused(void **state)
{
    (void)state;
    struct coco_case c = random_case(1);
    struct pld_dataset dataset = case_dataset(&c);
    struct pld_coco_gt *gt;
    struct pld_coco_result result;
    c.dets.items[0].image = c.n_images;
    assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_OK);
    assert_int_equal(pld_coco_evaluate_on(device, &result, gt, &c.dets, 1, NULL, NULL), PLD_EFAIL);
    assert_null(result.classes);
    pld_coco_gt_free(gt);
    case_dataset_release(&dataset);
    case_release(&c);
}

#ifndef PLD_TEST_GPU
/* With little memory fewer candidates go at once; the result is the same, and too little is an
 * error that says so. */
static void little_memory(void **state)
{
    (void)state;
    size_t all = pld_emulation_free_memory;
    struct coco_case c = random_case(12);
    for (size_t kib = 1024; kib <= 65536; kib *= 2) {
        struct pld_dataset dataset = case_dataset(&c);
        struct pld_detections lists[3] = {c.dets, c.dets, c.dets};
        struct pld_coco_result got[3], want;
        struct pld_coco_gt *gt;
        assert_int_equal(pld_coco_gt_new(&gt, &dataset), PLD_OK);
        assert_int_equal(pld_coco_evaluate(&want, gt, &c.dets, NULL, NULL), PLD_OK);
        pld_emulation_free_memory = kib << 10;
        assert_int_equal(pld_coco_evaluate_on(device, got, gt, lists, 3, NULL, NULL), PLD_OK);
        for (size_t i = 0; i < 3; i++) {
            assert_equal("little memory", &got[i], &want, c.n_categories);
            pld_coco_result_release(&got[i]);
        }
        pld_emulation_free_memory = 4096;
        assert_int_equal(pld_coco_evaluate_on(device, got, gt, lists, 3, NULL, NULL), PLD_EDEVICE);
        assert_non_null(strstr(pld_error_last()->message, "device memory"));
        assert_null(got[0].classes);
        pld_coco_result_release(&want);
        pld_coco_gt_free(gt);
        case_dataset_release(&dataset);
    }
    pld_emulation_free_memory = all;
    case_release(&c);
}
#endif

/* 77, which ctest knows as skipped, where there is no GPU. */
static int open_device(void)
{
#ifdef PLD_TEST_GPU
    if (pld_device_open(&device, "cuda", NULL) == PLD_OK) return 0;
    printf("skipped: %s\n", pld_error_last()->message);
    return 77;
#else
    device = pld_emulation_new();
    return device ? 0 : 1;
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_cases),    cmocka_unit_test(odd_numbers),
        cmocka_unit_test(crowded_cell),    cmocka_unit_test(nothing_to_find),
        cmocka_unit_test(many_candidates), cmocka_unit_test(bad_index_is_refused),
#ifndef PLD_TEST_GPU
        cmocka_unit_test(little_memory),
#endif
    };
    int status = open_device();
    if (status) return status;
    pld_log_set_level(PLD_LOG_ERROR); /* repeated ids are on purpose */
    assert_non_null(device->evaluator);
    status = cmocka_run_group_tests(tests, NULL, NULL);
    pld_backend_close(device);
    return status;
}
