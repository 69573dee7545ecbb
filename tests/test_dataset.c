/* eval/dataset: COCO annotations and plain folders, and one line with file and entry for every way
 * to be wrong. */
#include "eval/dataset.h"
#include "dataset_fixture.h"

/* ---- COCO ---- */

static const char *const small_coco =
    "{\"info\": {}, \"images\": ["
    "{\"id\": 30, \"file_name\": \"sub/c.ppm\", \"width\": 8, \"height\": 6},"
    "{\"id\": 10, \"file_name\": \"a.ppm\", \"width\": 4, \"height\": 4},"
    "{\"id\": 20, \"file_name\": \"b.ppm\"}],"
    "\"categories\": [{\"id\": 7, \"name\": \"dog\"}, {\"id\": 3, \"name\": \"cat\"}],"
    "\"annotations\": ["
    "{\"id\": 0, \"image_id\": 30, \"category_id\": 7, \"bbox\": [1, 2.5, 3, 4], \"area\": 9.75,"
    " \"iscrowd\": 1, \"segmentation\": [[1, 2, 3, 4]]},"
    "{\"id\": 5, \"image_id\": 10, \"category_id\": 3, \"bbox\": [-1, 0, 2, 0], \"area\": 0},"
    "{\"id\": 4, \"image_id\": 30, \"category_id\": 3, \"bbox\": [0, 0, 1, 1], \"area\": 1,"
    " \"iscrowd\": false}]}";

static void check_small_coco(const struct pld_dataset *d)
{
    assert_string_equal(d->format, "coco");
    assert_int_equal(d->n_images, 3);
    assert_int_equal(d->n_categories, 2);
    assert_int_equal(d->n_annotations, 3);
    assert_true(d->has_labels);
    assert_int_equal(d->images[0].id, 10);
    assert_int_equal(d->images[2].id, 30);
    assert_string_equal(d->images[2].name, "sub/c.ppm");
    assert_int_equal(d->images[2].width, 8);
    assert_int_equal(d->images[1].width, 0);
    assert_int_equal(d->categories[0].id, 3);
    assert_string_equal(d->categories[0].name, "cat");
    const struct pld_annotation *a = d->annotations; /* order of the file */
    assert_int_equal(a[0].id, 0);
    assert_int_equal(a[0].image, 2);
    assert_int_equal(a[0].category, 1);
    assert_true(a[0].y == 2.5 && a[0].h == 4 && a[0].area == 9.75 && a[0].crowd);
    assert_int_equal(a[1].id, 5);
    assert_true(a[1].x == -1 && !a[1].crowd && !a[1].difficult);
    assert_int_equal(a[2].image, 2);
    assert_int_equal(pld_dataset_image(d, 20), 1);
    assert_int_equal(pld_dataset_image(d, 21), -1);
    assert_int_equal(pld_dataset_image(d, 99), -1);
    assert_int_equal(pld_dataset_category(d, 7), 1);
    assert_int_equal(pld_dataset_category(d, 1), -1);
}

static void test_coco(void **state)
{
    (void)state;
    put("c/gt.json", small_coco);
    struct pld_dataset d = open_good("c/gt.json", NULL);
    check_small_coco(&d);
    assert_null(d.images[0].path);
    pld_dataset_release(&d);
    /* By content, where the name says nothing. */
    put("c/gt", small_coco);
    d = open_good("c/gt", NULL);
    check_small_coco(&d);
    pld_dataset_release(&d);
}

static void test_coco_limit(void **state)
{
    (void)state;
    put("c/gt.json", small_coco);
    struct pld_dataset d = open_good("c/gt.json", &(struct pld_dataset_options){.max_images = 2});
    assert_int_equal(d.n_images, 2);
    assert_int_equal(d.n_annotations, 1);
    assert_int_equal(d.annotations[0].id, 5);
    assert_int_equal(d.n_categories, 2);
    pld_dataset_release(&d);
    d = open_good("c/gt.json", &(struct pld_dataset_options){.max_images = 100});
    check_small_coco(&d);
    pld_dataset_release(&d);
}

static void put_coco_images(const char *dir)
{
    static const char *const names[] = {"a.ppm", "b.ppm", "sub/c.ppm"};
    char path[256];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        put_image(path, 4, 4);
    }
}

/* Every place where images are looked for. */
static void test_coco_image_folders(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"p1/gt.json", "p1"},
        {"p2/gt.json", "p2/images"},
        {"p3/annotations/gt.json", "p3/images"},
        {"p4/annotations/instances_val2017.json", "p4/val2017"},
        {"p5/annotations/instances_val2017.json", "p5/images/val2017"},
    };
    const struct pld_dataset_options need = {.need_images = true};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(cases[i][0], small_coco);
        check_bad(cases[i][0], &need, NULL, "image file 'a.ppm' (id 10)");
        put_coco_images(cases[i][1]);
        struct pld_dataset d = open_good(cases[i][0], &need);
        for (int k = 0; k < d.n_images; k++)
            assert_true(pld_file_exists(d.images[k].path));
        pld_dataset_release(&d);
    }
}

static void test_coco_images_option(void **state)
{
    (void)state;
    char dir[256];
    put("q/gt.json", small_coco);
    put_coco_images("elsewhere");
    snprintf(dir, sizeof dir, "%s/elsewhere", folder);
    const struct pld_dataset_options need = {.need_images = true, .images_dir = dir};
    struct pld_dataset d = open_good("q/gt.json", &need);
    pld_dataset_release(&d);
    assert_int_equal(remove(in("elsewhere/sub/c.ppm")), 0);
    check_bad("q/gt.json", &need, NULL, "image file 'sub/c.ppm' (id 30) is not in");
    assert_int_equal(remove(in("elsewhere/a.ppm")), 0);
    check_bad("q/gt.json", &need, NULL, "image file 'a.ppm' (id 10) is not in");
    strcat(dir, "/no");
    check_bad("q/gt.json", &need, "elsewhere/no", "no such folder");
    assert_int_equal(pld_dataset_open(&d, in("elsewhere"), &need), PLD_EUSAGE);
    pld_dataset_release(&d);
}

/* {IMAGES} and so on with one part replaced. */
static void put_coco(const char *name, const char *images, const char *categories,
                     const char *annotations)
{
    char text[4096];
    snprintf(text, sizeof text, "{\"images\": %s, \"categories\": %s, \"annotations\": %s}",
             images ? images : "[{\"id\": 1, \"file_name\": \"a.jpg\"}]",
             categories ? categories : "[{\"id\": 1, \"name\": \"x\"}]",
             annotations ? annotations : "[]");
    put(name, text);
}

static void test_coco_bad_lists(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"images\": [", "invalid JSON at line 1"},
        {"", "invalid JSON"},
        {"[]", "a list, not COCO annotations"},
        {"3", "not an object"},
        {"{}", "no \"images\" list"},
        {"{\"images\": 3}", "\"images\" is not a list"},
        {"{\"images\": [], \"annotations\": [], \"categories\": []}", "\"images\" is empty"},
        {"{\"images\": [{\"id\": 1}], \"annotations\": []}", "no \"categories\" list"},
        {"{\"images\": [{\"id\": 1}], \"annotations\": {}}", "\"annotations\" is not a list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put("bad.json", cases[i].text);
        check_bad("bad.json", NULL, NULL, cases[i].message);
    }
}

static void test_coco_bad_images(void **state)
{
    (void)state;
    static const struct {
        const char *images, *message;
    } cases[] = {
        {"[3]", "images[0] is not an object"},
        {"[{\"file_name\": \"a\"}]", "images[0]: \"id\" is missing"},
        {"[{\"id\": 1}, {\"id\": \"2\"}]", "images[1]: \"id\" is missing or not a whole number"},
        {"[{\"id\": 1.5}]", "images[0]: \"id\""},
        {"[{\"id\": 18446744073709551615}]", "images[0]: \"id\""},
        {"[{\"id\": 4, \"width\": -3}]", "images[0] (id 4): \"width\""},
        {"[{\"id\": 4, \"height\": 0}]", "images[0] (id 4): \"width\""},
        {"[{\"id\": 4, \"height\": \"9\"}]", "images[0] (id 4): \"width\""},
        {"[{\"id\": 4, \"file_name\": 7}]", "images[0] (id 4): \"file_name\""},
        {"[{\"id\": 4, \"file_name\": \"\"}]", "images[0] (id 4): \"file_name\""},
        {"[{\"id\": 4, \"file_name\": \"a\\u0000b\"}]", "images[0] (id 4): \"file_name\""},
        {"[{\"id\": 4, \"file_name\": \"a\"}, {\"id\": 4, \"file_name\": \"b\"}]",
         "image id 4 comes twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_coco("bad.json", cases[i].images, NULL, NULL);
        check_bad("bad.json", NULL, NULL, cases[i].message);
    }
    put_coco("bad.json", "[{\"id\": 4}]", NULL, NULL);
    struct pld_dataset d = open_good("bad.json", NULL); /* fine where no image is opened */
    assert_string_equal(d.images[0].name, "image 4");
    pld_dataset_release(&d);
    check_bad("bad.json", &(struct pld_dataset_options){.need_images = true}, NULL,
              "\"file_name\" is missing");
}

static void test_coco_bad_categories(void **state)
{
    (void)state;
    put_coco("bad.json", NULL, "[{\"id\": 1}, {\"id\": null}]", NULL);
    check_bad("bad.json", NULL, NULL, "categories[1]: \"id\" is missing");
    put_coco("bad.json", NULL, "[{\"id\": 1, \"name\": 3}]", NULL);
    check_bad("bad.json", NULL, NULL, "categories[0] (id 1): \"name\" is not a string");
    put_coco("bad.json", NULL, "[{\"id\": 1, \"name\": \"x\"}, {\"id\": 1, \"name\": \"y\"}]",
             NULL);
    check_bad("bad.json", NULL, NULL, "category id 1 comes twice");
    put_coco("bad.json", NULL, "[{\"id\": 1}]", NULL);
    struct pld_dataset d = open_good("bad.json", NULL);
    assert_string_equal(d.categories[0].name, "category 1");
    pld_dataset_release(&d);
}

static void test_coco_bad_annotations(void **state)
{
    (void)state;
#define ANN(rest) "[{\"id\": 8, \"image_id\": 1, \"category_id\": 1, " rest "}]"
    static const struct {
        const char *annotations, *message;
    } cases[] = {
        {"[[]]", "annotations[0] is not an object"},
        {"[{\"id\": true}]", "annotations[0]: \"id\" is missing"},
        {"[{\"id\": 8}]", "annotations[0] (id 8): \"image_id\" is missing"},
        {"[{\"id\": 8, \"image_id\": 2}]", "annotations[0] (id 8): unknown image id 2"},
        {"[{\"id\": 8, \"image_id\": 1}]", "\"category_id\" is missing"},
        {"[{\"id\": 8, \"image_id\": 1, \"category_id\": 5}]",
         "annotations[0] (id 8): unknown category id 5"},
        {ANN("\"area\": 1"), "annotations[0] (id 8): \"bbox\""},
        {ANN("\"bbox\": [1, 2, 3]"), "\"bbox\" is not a list of four numbers"},
        {ANN("\"bbox\": [1, 2, 3, \"4\"]"), "\"bbox\" is not a list of four numbers"},
        {ANN("\"bbox\": {\"x\": 1}"), "\"bbox\" is not a list of four numbers"},
        {ANN("\"bbox\": [1, 2, -3, 4]"), "\"bbox\" has a negative size"},
        {ANN("\"bbox\": [1, 2, 3, 4], \"area\": -1"), "\"area\" is not a number of 0 or more"},
        {ANN("\"bbox\": [1, 2, 3, 4], \"area\": \"1\""), "\"area\""},
        {ANN("\"bbox\": [1, 2, 3, 4], \"area\": 1, \"iscrowd\": 2"), "\"iscrowd\""},
        {ANN("\"bbox\": [1, 2, 3, 4], \"area\": 1, \"iscrowd\": \"0\""), "\"iscrowd\""},
        {ANN("\"bbox\": [1, 2, NaN, 4], \"area\": 1"), "invalid JSON"},
        {ANN("\"bbox\": [1, 2, 1e999, 4], \"area\": 1"), "invalid JSON"},
        {"[{\"id\": 8, \"image_id\": 1, \"category_id\": 1, \"bbox\": [0, 0, 1, 1], \"area\": 1},"
         " {\"id\": 8, \"image_id\": 1, \"category_id\": 1, \"bbox\": [0, 0, 2, 2], \"area\": 4}]",
         "annotation id 8 comes twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_coco("bad.json", NULL, NULL, cases[i].annotations);
        check_bad("bad.json", NULL, NULL, cases[i].message);
    }
    pld_log_set_level(PLD_LOG_ERROR);
    put_coco("kind.json", NULL, NULL, ANN("\"bbox\": [1, 2, 3, 4]"));
    struct pld_dataset d = open_good("kind.json", NULL);
    assert_true(d.annotations[0].area == 12 && !d.annotations[0].crowd);
    pld_dataset_release(&d);
    pld_log_set_level(PLD_LOG_INFO);
#undef ANN
}

static void test_coco_drop_unknown(void **state)
{
    (void)state;
    pld_log_set_level(PLD_LOG_ERROR);
    put_coco("drop.json", NULL, NULL,
             "[{\"id\": 1, \"image_id\": 9, \"category_id\": 1, \"bbox\": [0,0,1,1], \"area\": 1},"
             "{\"id\": 2, \"image_id\": 1, \"category_id\": 9, \"bbox\": [0,0,1,1], \"area\": 1},"
             "{\"id\": 3, \"image_id\": 1, \"category_id\": 1, \"bbox\": [0,0,1,1], \"area\": 1}]");
    check_bad("drop.json", NULL, NULL, "unknown image id 9");
    struct pld_dataset d =
        open_good("drop.json", &(struct pld_dataset_options){.drop_unknown = true});
    assert_int_equal(d.n_annotations, 1);
    assert_int_equal(d.annotations[0].id, 3);
    pld_dataset_release(&d);
    pld_log_set_level(PLD_LOG_INFO);
}

/* A file of images alone, as test splits are. */
static void test_coco_without_labels(void **state)
{
    (void)state;
    put("info.json", "{\"images\": [{\"id\": 1, \"file_name\": \"a\"}]}");
    struct pld_dataset d = open_good("info.json", NULL);
    assert_false(d.has_labels);
    pld_dataset_release(&d);
    check_bad("info.json", &(struct pld_dataset_options){.need_labels = true}, NULL,
              "no \"annotations\" list");
}

/* The digest is about content: not about spaces and the order of images and categories. */
static void test_digest(void **state)
{
    (void)state;
    static const char *const one =
        "{\"images\":[{\"id\":1,\"file_name\":\"a\"},{\"id\":2,\"file_name\":\"b\"}],"
        "\"categories\":[{\"id\":1,\"name\":\"x\"}],\"annotations\":[{\"id\":1,\"image_id\":1,"
        "\"category_id\":1,\"bbox\":[0,0,1,2],\"area\":2,\"iscrowd\":0}]}";
    static const char *const same =
        "{\"annotations\": [{\"iscrowd\": 0, \"id\": 1, \"image_id\": 1, \"category_id\": 1,"
        " \"bbox\": [0.0, 0, 1, 2], \"area\": 2}],\n \"categories\": [{\"id\": 1, \"name\": "
        "\"x\"}],"
        " \"images\": [{\"id\": 2, \"file_name\": \"b\"}, {\"id\": 1, \"file_name\": \"a\"}]}";
    char text[1024], digest[65];
    put("d.json", one);
    struct pld_dataset d = open_good("d.json", NULL);
    memcpy(digest, d.sha256, sizeof digest);
    pld_dataset_release(&d);
    put("e.json", same);
    d = open_good("e.json", NULL);
    assert_string_equal(d.sha256, digest);
    pld_dataset_release(&d);
    static const char *const changes[][2] = {
        {"\"id\":2,", "\"id\":3,"}, {"\"b\"", "\"c\""},           {"\"x\"", "\"y\""},
        {",2],", ",3],"},           {"\"area\":2", "\"area\":3"}, {"crowd\":0", "crowd\":1"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *at = strstr(one, changes[i][0]);
        assert_non_null(at);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - one), one, changes[i][1],
                 at + strlen(changes[i][0]));
        put("d.json", text);
        d = open_good("d.json", NULL);
        assert_string_not_equal(d.sha256, digest);
        pld_dataset_release(&d);
    }
}

/* ---- a folder of images, and what is no dataset ---- */

static void test_folder(void **state)
{
    (void)state;
    put_image("f/b.png", 2, 2);
    put_image("f/A.JPG", 2, 2);
    put_image("f/sub/c.bmp", 2, 2);
    put("f/notes.txt", "not an image");
    put("f/.hidden.jpg", "not seen");
    assert_int_equal(symlink(".", in("f/loop")), 0);
    const struct pld_dataset_options need = {.need_images = true};
    struct pld_dataset d = open_good("f", &need);
    assert_string_equal(d.format, "images");
    assert_false(d.has_labels);
    assert_int_equal(d.n_images, 3);
    assert_string_equal(d.images[0].name, "A.JPG");
    assert_string_equal(d.images[1].name, "b.png");
    assert_string_equal(d.images[2].name, "sub/c.bmp");
    assert_string_equal(d.images[2].path, in("f/sub/c.bmp"));
    assert_int_equal(d.images[2].id, 3);
    assert_int_equal(d.images[2].width, 0);
    assert_int_equal(d.n_categories, 0);
    pld_dataset_release(&d);
    d = open_good("f/", &(struct pld_dataset_options){.max_images = 1});
    assert_int_equal(d.n_images, 1);
    assert_string_equal(d.images[0].name, "A.JPG");
    pld_dataset_release(&d);
    check_bad("f", &(struct pld_dataset_options){.need_labels = true}, NULL, "has no labels");
    put("f/annotations.json", "{}");
    check_bad("f", &(struct pld_dataset_options){.need_labels = true}, NULL,
              "it holds annotations.json, which may be what you meant");
}

static void test_no_dataset(void **state)
{
    (void)state;
    check_bad("absent", NULL, NULL, "no such file or folder");
    put("empty/readme.txt", "hello");
    check_bad("empty", NULL, NULL, "no images in this folder");
    check_bad("empty/readme.txt", NULL, NULL, "not a dataset");
    put("voc/Annotations/a.xml", "<annotation/>");
    put_image("voc/JPEGImages/a.jpg", 2, 2);
    check_bad("voc/Annotations/a.xml", NULL, NULL, "give the Pascal VOC folder");
    put_image("broken/a.jpg", 2, 2);
    assert_int_equal(symlink("nowhere", in("broken/b.jpg")), 0);
    check_bad("broken", NULL, "broken/b.jpg", "cannot stat");
}

/* ---- real data ---- */

static void test_shared_coco(void **state)
{
    (void)state;
    char path[4096];
    if (!find_shared(path, sizeof path, "images/val128/annotations.json")) skip();
    struct pld_dataset d;
    const struct pld_dataset_options all = {.need_images = true, .need_labels = true};
    assert_int_equal(pld_dataset_open(&d, path, &all), PLD_OK);
    assert_int_equal(d.n_images, 128);
    assert_int_equal(d.n_annotations, 906);
    assert_int_equal(d.n_categories, 80);
    assert_int_equal(pld_dataset_category(&d, 90), 79);
    int crowds = 0;
    for (int i = 0; i < d.n_annotations; i++)
        crowds += d.annotations[i].crowd;
    assert_int_equal(crowds, 8);
    pld_dataset_release(&d);
}

static void test_shared_folder(void **state)
{
    (void)state;
    char path[4096];
    if (!find_shared(path, sizeof path, "images/calib64")) skip();
    struct pld_dataset d;
    assert_int_equal(pld_dataset_open(&d, path, NULL), PLD_OK);
    assert_int_equal(d.n_images, 64);
    assert_string_equal(d.images[0].name, "000000013774.jpg");
    pld_dataset_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coco),
        cmocka_unit_test(test_coco_limit),
        cmocka_unit_test(test_coco_image_folders),
        cmocka_unit_test(test_coco_images_option),
        cmocka_unit_test(test_coco_bad_lists),
        cmocka_unit_test(test_coco_bad_images),
        cmocka_unit_test(test_coco_bad_categories),
        cmocka_unit_test(test_coco_bad_annotations),
        cmocka_unit_test(test_coco_drop_unknown),
        cmocka_unit_test(test_coco_without_labels),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_folder),
        cmocka_unit_test(test_no_dataset),
        cmocka_unit_test(test_shared_coco),
        cmocka_unit_test(test_shared_folder),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
