/* run/eval_report: which images are worst, and a page that is whole, safe and of bounded size. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/log.h"
#include "core/rng.h"
#include "eval/image.h"
#include "html_checks.h"
#include "run/eval_report/eval_report.h"
#include "run/eval_report/worst.h"

#define HOSTILE "<img src=x onerror=\"a('1')\">&"

static char folder[] = "/tmp/pld_eval_report_XXXXXX";

static const char *in(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* ---- a dataset in memory ---- */

struct fixture {
    struct pld_dataset dataset;
    struct pld_detections found;
};

static void add_note(struct fixture *f, int image, int category, double x, double w)
{
    struct pld_annotation *a = &f->dataset.annotations[f->dataset.n_annotations++];
    *a = (struct pld_annotation){.id = f->dataset.n_annotations,
                                 .image = image,
                                 .category = category,
                                 .x = x,
                                 .y = 5,
                                 .w = w,
                                 .h = 20,
                                 .area = w * 20};
}

static void add_found(struct fixture *f, int image, int category, double x, double w, double score)
{
    struct pld_detection d = {
        .x = x, .y = 5, .w = w, .h = 20, .score = score, .image = image, .category = category};
    assert_int_equal(pld_detections_add(&f->found, &d), PLD_OK);
}

static void make_fixture(struct fixture *f, int images, int categories, int notes)
{
    *f = (struct fixture){.dataset = {.source = "set", .format = "coco", .has_labels = true}};
    struct pld_dataset *d = &f->dataset;
    d->images = pld_arena_array(&d->arena, (size_t)images, sizeof *d->images);
    d->categories = pld_arena_array(&d->arena, (size_t)categories, sizeof *d->categories);
    d->annotations = pld_arena_array(&d->arena, (size_t)notes, sizeof *d->annotations);
    d->n_images = images;
    d->n_categories = categories;
    for (int i = 0; i < images; i++)
        d->images[i] =
            (struct pld_image_entry){.id = i + 1,
                                     .name = pld_arena_printf(&d->arena, "picture %d <b>", i),
                                     .width = 100,
                                     .height = 50};
    for (int k = 0; k < categories; k++)
        d->categories[k] =
            (struct pld_category){k + 1, k ? pld_arena_printf(&d->arena, "class%d.", k) : HOSTILE};
}

static void release(struct fixture *f)
{
    pld_detections_release(&f->found);
    pld_dataset_release(&f->dataset);
}

/* Image 0: all right. 1: a box missed, a crowd not. 2: a wrong class (0.9) and so a miss, a
 * duplicate (0.5), and one below the confidence. 3: a wrong detection (0.4). */
static void make_small(struct fixture *f)
{
    make_fixture(f, 5, 3, 8);
    add_note(f, 0, 0, 10, 20);
    add_found(f, 0, 0, 10, 20, 0.25);
    add_note(f, 1, 1, 10, 20);
    add_note(f, 1, 1, 60, 20);
    f->dataset.annotations[2].crowd = true;
    add_note(f, 2, 0, 10, 20);
    add_note(f, 2, 1, 60, 20);
    add_found(f, 2, 1, 10, 20, 0.9);
    add_found(f, 2, 1, 60, 20, 0.8);
    add_found(f, 2, 1, 60, 19, 0.5);
    add_found(f, 2, 0, 80, 9, 0.24);
    add_found(f, 3, 0, 10, 20, 0.4);
}

static void worst_images_by_hand(void **state)
{
    (void)state;
    struct fixture f;
    struct pld_worst worst;
    make_small(&f);
    assert_int_equal(
        pld_worst_find(&worst, &f.dataset, &f.found, &pld_protocol_coco.rules, 0.25, 0.5, NULL),
        PLD_OK);
    static const unsigned char detections[] = {PLD_JUDGED_RIGHT, PLD_JUDGED_WRONG,
                                               PLD_JUDGED_RIGHT, PLD_JUDGED_WRONG,
                                               PLD_JUDGED_NOT,   PLD_JUDGED_WRONG};
    static const unsigned char boxes[] = {PLD_JUDGED_RIGHT, PLD_JUDGED_WRONG, PLD_JUDGED_NOT,
                                          PLD_JUDGED_WRONG, PLD_JUDGED_RIGHT};
    assert_memory_equal(worst.detections, detections, sizeof detections);
    assert_memory_equal(worst.boxes, boxes, sizeof boxes);
    assert_int_equal(worst.n_images, 3);
    static const struct pld_worst_image expected[] = {
        {2, 1, 2, 1, 1 + 0.9 + 0.5}, {1, 0, 0, 1, 1}, {3, 0, 1, 0, 0.4}};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(worst.images[i].image, expected[i].image);
        assert_int_equal(worst.images[i].right, expected[i].right);
        assert_int_equal(worst.images[i].wrong, expected[i].wrong);
        assert_int_equal(worst.images[i].missed, expected[i].missed);
        assert_true(fabs(worst.images[i].cost - expected[i].cost) < 1e-12);
    }
    pld_worst_release(&worst);
    release(&f);
}

/* ---- the page ---- */

/* Evaluates with all analyses and gives the page's text; caller frees. */
static char *page_of(const struct fixture *f, const char *protocol, bool class_agnostic,
                     const struct pld_detections *against)
{
    const char *all[] = {"all"};
    struct pld_eval_request request = {.protocol = protocol,
                                       .params = {.class_agnostic = class_agnostic},
                                       .analyze = {all, 1},
                                       .explain = class_agnostic ? NULL : "voc12",
                                       .bootstrap = 20,
                                       .seed = 1};
    struct pld_eval_result r = {.device = HOSTILE, .head = "", .preprocess = ""};
    assert_int_equal(
        pld_eval_measure(&r.metrics, &request, &f->dataset, &f->found, against, &r.arena, NULL),
        PLD_OK);
    r.images = f->dataset.n_images;
    r.detections = f->found.count;
    r.n_classes = class_agnostic ? 1 : f->dataset.n_categories;
    r.classes = pld_arena_array(&r.arena, (size_t)r.n_classes, sizeof *r.classes);
    for (int k = 0; k < r.n_classes; k++)
        r.classes[k] = (struct pld_eval_class){
            k + 1, class_agnostic ? "all" : f->dataset.categories[k].name, 1};
    struct pld_eval_page page = {.result = &r,
                                 .dataset = &f->dataset,
                                 .found = &f->found,
                                 .detections = "dir/" HOSTILE,
                                 .against = against ? HOSTILE : NULL,
                                 .command_line = "pollard eval " HOSTILE,
                                 .no_pictures = HOSTILE};
    assert_int_equal(pld_eval_page_write(in("page.html"), &page, NULL), PLD_OK);
    struct pld_bytes bytes;
    assert_int_equal(pld_file_read(&bytes, in("page.html"), PLD_EFAIL), PLD_OK);
    pld_eval_result_release(&r);
    return (char *)bytes.data;
}

static void expect_whole(const char *page)
{
    expect_balanced(page);
    expect_self_contained(page);
    assert_null(strstr(page, HOSTILE));
    assert_null(strstr(page, "<img src=x"));
}

static void page_has_everything(void **state)
{
    (void)state;
    struct fixture f;
    static const char *const texts[] = {"id=\"numbers\"",
                                        "id=\"classes\"",
                                        "id=\"curves\"",
                                        "id=\"confusion\"",
                                        "id=\"errors\"",
                                        "id=\"worst\"",
                                        "id=\"uncertainty\"",
                                        "id=\"compared\"",
                                        "id=\"explained\"",
                                        "id=\"repeat\"",
                                        "class1.",
                                        "&lt;img src=x onerror",
                                        "Nothing to find of: class2.",
                                        "1 found, 1 missed, 2 wrong; cost 2.4",
                                        "class1. 0.90, wrong class",
                                        "class1. 0.50, duplicate",
                                        "missed class1.",
                                        "picture 2 &lt;b&gt;",
                                        "small objects, below 32"};
    make_small(&f);
    char *page = page_of(&f, "coco", false, &f.found);
    expect_whole(page);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!strstr(page, texts[i])) fail_msg("the page lacks %s", texts[i]);
    assert_null(strstr(page, "data:image"));
    free(page);
    release(&f);
}

static void pages_of_other_requests(void **state)
{
    (void)state;
    static const char *const protocols[] = {"voc07", "ultralytics-8.4", "coco"};
    struct fixture f;
    make_small(&f);
    for (int i = 0; i < 3; i++) {
        char *page = page_of(&f, protocols[i], i == 2, NULL);
        expect_whole(page);
        assert_null(strstr(page, "id=\"compared\""));
        assert_non_null(strstr(page, protocols[i]));
        free(page);
    }
    f.found.count = 0; /* nothing found at all */
    char *page = page_of(&f, "coco", false, NULL);
    expect_whole(page);
    assert_non_null(strstr(page, "0 found, 1 missed, 0 wrong; cost 1.0"));
    free(page);
    f.dataset.n_annotations = 0; /* and nothing to find */
    page = page_of(&f, "coco", false, NULL);
    expect_whole(page);
    assert_null(strstr(page, "id=\"worst\""));
    free(page);
    release(&f);
}

static void pictures_are_inside(void **state)
{
    (void)state;
    struct fixture f;
    struct pld_image image = {.width = 1300, .height = 650};
    make_small(&f);
    image.rgb = malloc(1300 * 650 * 3);
    assert_non_null(image.rgb);
    for (size_t i = 0; i < 1300 * 650 * 3; i++)
        image.rgb[i] = (uint8_t)(i / 1000);
    assert_int_equal(pld_image_write_jpeg(in("a.jpg"), &image, 90), PLD_OK);
    pld_image_release(&image);
    f.dataset.images[2].path = pld_arena_strdup(&f.dataset.arena, in("a.jpg"));
    assert_int_equal(pld_file_write(in("b.jpg"), "broken", 6), PLD_OK);
    f.dataset.images[1].path = pld_arena_strdup(&f.dataset.arena, in("b.jpg"));
    char *page = page_of(&f, "coco", false, NULL);
    expect_whole(page);
    char *first = strstr(page, "href=\"data:image/jpeg;base64,/9j/");
    assert_non_null(first);
    assert_null(strstr(first + 9, "data:image"));
    assert_true(strcspn(first + 6, "\"") < 60000);
    /* The box at x = 10 of 1300 pixels, on a canvas of 480. */
    assert_non_null(strstr(page, "x=\"3.7\""));
    free(page);
    release(&f);
}

/* Every class is there, and the page stays small: 1,200 classes, 300,000 errors. */
static void large_page(void **state)
{
    (void)state;
    enum { CLASSES = 1200, IMAGES = 50, NOTES = 20000 };
    struct fixture f;
    struct pld_rng rng;
    char name[32];
    pld_rng_init(&rng, 5);
    make_fixture(&f, IMAGES, CLASSES, NOTES);
    for (int i = 0; i < NOTES; i++) {
        int class = i % CLASSES;
        add_note(&f, i * 7 % IMAGES, class, pld_rng_unit(&rng) * 70, 10);
        add_found(&f, i * 7 % IMAGES, (class + i % 3) % CLASSES, pld_rng_unit(&rng) * 70, 10,
                  pld_rng_unit(&rng));
    }
    char *page = page_of(&f, "coco", false, NULL);
    expect_whole(page);
    assert_true(strlen(page) < 3u << 20);
    for (int k = 1; k < CLASSES; k++) {
        snprintf(name, sizeof name, ">class%d.<", k);
        if (!strstr(page, name)) fail_msg("no %s", name);
    }
    free(page);
    release(&f);
}

static int make_folder(void **state)
{
    (void)state;
    pld_log_set_level(PLD_LOG_ERROR);
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    unlink(in("page.html"));
    unlink(in("a.jpg"));
    unlink(in("b.jpg"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worst_images_by_hand),
        cmocka_unit_test(page_has_everything),
        cmocka_unit_test(pages_of_other_requests),
        cmocka_unit_test(pictures_are_inside),
        cmocka_unit_test(large_page),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
