/* Suffix reuse against full runs of the masked models: the same detections, bit for bit, for every
 * prunable group of the shipped detector and of real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "eval/synth/synth.h"
#include "run/suffix.h"
#include "run/sweep_points.h"

static void check(pld_status status)
{
    if (status == PLD_OK) return;
    fail_msg("%s: %s", pld_error_last()->where, pld_error_last()->message);
}

/* Lanes finish in any order; inside an image the order is that of the scores. */
static int by_image(const void *a, const void *b)
{
    const struct pld_detection *x = a, *y = b;
    if (x->image != y->image) return x->image < y->image ? -1 : 1;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return memcmp(x, y, sizeof *x);
}

static void assert_same(struct pld_detections *a, struct pld_detections *b, const char *group)
{
    if (a->count != b->count)
        fail_msg("%s: %zu detections from the suffix, %zu from the whole", group, a->count,
                 b->count);
    qsort(a->items, a->count, sizeof *a->items, by_image);
    qsort(b->items, b->count, sizeof *b->items, by_image);
    for (size_t i = 0; i < a->count; i++)
        if (memcmp(&a->items[i], &b->items[i], sizeof a->items[i]) != 0)
            fail_msg("%s: detection %zu differs", group, i);
}

static void compare_group(const struct pld_session *session, const struct pld_groups *groups,
                          const struct pld_suffix *item, struct pld_detections *suffix)
{
    struct pld_graph *masked;
    struct pld_detector *whole;
    struct pld_detections found = {0};
    check(pld_graph_clone(&masked, session->model));
    check(pld_mask_model(masked, groups, item->group, item->order, item->removed[0]));
    check(pld_detector_new(&whole, session, masked));
    check(pld_detector_run(&found, whole, NULL));
    assert_same(suffix, &found, groups->groups[item->group].id);
    pld_detections_release(&found);
    pld_detector_free(whole);
    pld_graph_free(masked);
}

static void compare_model(const char *model, const char *data, double ratio, int images, int batch,
                          int at_least)
{
    struct pld_session_options options = {.device = "cpu",
                                          .threads = 2,
                                          .batch = batch,
                                          .conf = -1,
                                          .iou = -1,
                                          .max_images = images,
                                          .quiet = true};
    struct pld_session session;
    struct pld_groups *groups;
    struct pld_detector *detector;
    struct pld_sweep_points points;
    struct pld_suffixes *suffixes;
    struct pld_scorer scorer;
    struct pld_score_options l1 = {.criterion = "l1"};
    struct pld_words all = {0};
    struct pld_reals ratios = {&ratio, 1};
    struct pld_points nothing = {0};
    check(pld_session_prepare(&session, &options, model, data));
    check(pld_groups_new(&groups, session.model));
    check(pld_scorer_init(&scorer, groups, &l1));
    check(pld_sweep_points_init(&points, groups, &all, &scorer));
    check(pld_sweep_points_missing(&points, groups, &ratios, &nothing));
    check(pld_detector_new(&detector, &session, session.model));
    check(pld_suffixes_new(&suffixes, detector, groups, points.items, points.n_items));
    assert_true(points.n_items >= at_least);
    assert_true(suffixes->macs < suffixes->naive_macs);
    for (int c = 0; c < suffixes->n_chunks; c++) {
        const struct pld_chunk *chunk = &suffixes->chunks[c];
        struct pld_detections *found = calloc((size_t)chunk->candidates, sizeof *found);
        check(pld_suffixes_run(found, suffixes, chunk, NULL, NULL));
        for (int i = 0; i < chunk->count; i++) {
            compare_group(&session, groups, &points.items[chunk->first + i], &found[i]);
            pld_detections_release(&found[i]);
        }
        free(found);
    }
    pld_suffixes_free(suffixes);
    pld_detector_free(detector);
    pld_sweep_points_release(&points);
    pld_scorer_release(&scorer);
    pld_groups_free(groups);
    pld_session_close(&session);
}

static void shipped_detector(void **state)
{
    (void)state;
    const char *source = getenv("POLLARD_SOURCE_DIR");
    assert_non_null(source);
    char dir[] = "/tmp/pollard-suffix-XXXXXX", model[4096], data[4096], command[4200];
    assert_non_null(mkdtemp(dir));
    check(pld_synth_write_dataset(dir, 3, 0, 5));
    snprintf(model, sizeof model, "%s/configs/demo/panels.onnx", source);
    snprintf(data, sizeof data, "%s/annotations.json", dir);
    compare_model(model, data, 0.5, 0, 1, 30);
    compare_model(model, data, 0.3, 0, 2, 30); /* a batch that the images do not fill */
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

static void real_model(const char *name, int at_least)
{
    const char *source = getenv("POLLARD_SOURCE_DIR"), *root = getenv("POLLARD_DATA");
    char folder[4096], model[4352], data[4352];
    if (root)
        snprintf(folder, sizeof folder, "%s", root);
    else
        snprintf(folder, sizeof folder, "%s/../shared/data", source ? source : ".");
    snprintf(model, sizeof model, "%s/models/%s.onnx", folder, name);
    snprintf(data, sizeof data, "%s/images/val128/annotations.json", folder);
    if (!pld_file_exists(model) || !pld_file_exists(data)) {
        print_message("no %s\n", model);
        skip();
    }
    compare_model(model, data, 0.5, 2, 1, at_least);
}

static void yolox_nano(void **state)
{
    (void)state;
    real_model("yolox_nano", 60);
}

static void yolov8n(void **state)
{
    (void)state;
    real_model("copyleft/yolov8n_640_fp32_from_int8", 59);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_detector),
        cmocka_unit_test(yolox_nano),
        cmocka_unit_test(yolov8n),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
