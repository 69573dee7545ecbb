/* eval/dataset: Ultralytics data.yaml and its labels, and one line with file and line number for
 * every way to be wrong. */
#include "eval/dataset.h"
#include "dataset_fixture.h"

/* ---- Ultralytics ---- */

static void put_yolo(const char *yaml)
{
    put("y/data.yaml", yaml);
    put_image("y/images/val/b.pgm", 100, 50);
    put_image("y/images/val/a.pgm", 10, 20);
    put_image("y/images/val/deep/c.pgm", 8, 8);
    put("y/labels/val/b.txt", "1 0.5 0.5 0.2 0.4\n\n0 0.25 0.5 0.5 1\r\n");
    put("y/labels/val/deep/c.txt", "2 0.1 0.2 0.5 0.3 0.3 0.9\n");
}

static void test_yolo(void **state)
{
    (void)state;
    put_yolo("path: .\ntrain: nowhere\nval: images/val\nnames:\n  0: person\n  1: no\n  2: on\n");
    struct pld_dataset d = open_good("y/data.yaml", NULL);
    assert_string_equal(d.format, "yolo");
    assert_true(d.has_labels);
    assert_int_equal(d.n_images, 3);
    assert_int_equal(d.images[0].id, 1);
    assert_string_equal(d.images[0].name, "images/val/a.pgm");
    assert_string_equal(d.images[2].name, "images/val/deep/c.pgm");
    assert_int_equal(d.images[1].width, 100);
    assert_int_equal(d.images[1].height, 50);
    assert_int_equal(d.n_categories, 3);
    assert_int_equal(d.categories[2].id, 2);
    assert_string_equal(d.categories[1].name, "no");
    assert_int_equal(d.n_annotations, 3); /* a.pgm has no labels: background */
    const struct pld_annotation *a = d.annotations;
    assert_int_equal(a[0].image, 1);
    assert_int_equal(a[0].category, 1);
    assert_int_equal(a[0].id, 1);
    assert_float_equal(a[0].x, 40, 1e-9);
    assert_float_equal(a[0].y, 15, 1e-9);
    assert_float_equal(a[0].w, 20, 1e-9);
    assert_float_equal(a[0].area, 400, 1e-9);
    assert_int_equal(a[1].category, 0);
    assert_int_equal(a[2].image, 2); /* a polygon's box */
    assert_float_equal(a[2].x, 0.8, 1e-9);
    assert_float_equal(a[2].w, 3.2, 1e-9);
    assert_float_equal(a[2].h, 5.6, 1e-9);
    pld_dataset_release(&d);
    d = open_good("y/data.yaml", &(struct pld_dataset_options){.max_images = 2});
    assert_int_equal(d.n_images, 2);
    assert_int_equal(d.n_annotations, 2);
    pld_dataset_release(&d);
}

static void check_yolo_images(const char *yaml, int count)
{
    put("y/data.yaml", yaml);
    struct pld_dataset d = open_good("y/data.yaml", NULL);
    assert_int_equal(d.n_images, count);
    pld_dataset_release(&d);
}

static void test_yolo_lists(void **state)
{
    (void)state;
    char text[512];
    put_yolo("");
    put("y/list.txt", "./images/val/a.pgm\n\n images/val/b.pgm\r\n");
    put("y/lists/other.txt", "images/val/deep/c.pgm\n../images/val/a.pgm");
    check_yolo_images("val: list.txt\nnc: 3\n", 2);
    check_yolo_images("val: lists/other.txt\nnc: 3\n", 2);
    check_yolo_images("val: [list.txt, images/val/deep]\nnc: 3\n", 3);
    check_yolo_images("val:\n- list.txt\n- lists/other.txt\nnames: [a, b, c]\n", 4);
    check_yolo_images("val: ../images/val\nnc: 3\n", 3); /* some exporters' spelling */
    check_yolo_images("path:\nval: images\nnc: 3\n", 3);
    snprintf(text, sizeof text, "path: %s/y\nval: images\nnc: 3\n", folder);
    check_yolo_images(text, 3);
    pld_log_set_level(PLD_LOG_ERROR);
    check_yolo_images("path: ../no/such\nval: images\nnc: 3\n", 3);
    check_yolo_images("val: [images/val, images/val/deep]\nnc: 3\n", 3); /* c only once */
    pld_log_set_level(PLD_LOG_INFO);
}

/* Lines that repeat another one are one label; the rest keeps its order. */
static void test_yolo_repeated(void **state)
{
    (void)state;
    put_yolo("val: images/val\nnc: 3\n");
    put("y/labels/val/b.txt", "2 .5 .5 .1 .1\n0 .5 .5 .1 .1\n2 .5 .5 .1 .1\n1 .5 .5 .1 .1\n");
    pld_log_set_level(PLD_LOG_ERROR);
    struct pld_dataset d = open_good("y/data.yaml", NULL);
    pld_log_set_level(PLD_LOG_INFO);
    assert_int_equal(d.n_annotations, 4);
    assert_int_equal(d.annotations[0].category, 2);
    assert_int_equal(d.annotations[1].category, 0);
    assert_int_equal(d.annotations[2].category, 1);
    assert_string_equal(d.categories[1].name, "class_1");
    pld_dataset_release(&d);
}

/* The last "images" folder counts; without one the label lies beside its image. */
static void test_yolo_label_paths(void **state)
{
    (void)state;
    put("z/data.yaml", "val: .\nnc: 1\n");
    put_image("z/images/x/images/i.pgm", 4, 4);
    put("z/images/x/labels/i.txt", "0 .5 .5 1 1\n");
    put_image("z/flat/j.k.pgm", 4, 4);
    put("z/flat/j.k.txt", "0 .5 .5 .5 .5\n");
    struct pld_dataset d = open_good("z/data.yaml", NULL);
    assert_int_equal(d.n_images, 2);
    assert_int_equal(d.n_annotations, 2);
    pld_dataset_release(&d);
}

static void test_yolo_bad_yaml(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *where, *message;
    } cases[] = {
        {"", "y/data.yaml", "no keys"},
        {"- a\n", "y/data.yaml", "no keys"},
        {"val: [", "y/data.yaml:2", "invalid YAML"},
        {"val: images/val\n", "y/data.yaml", "neither names nor nc"},
        {"nc: 3\n", "y/data.yaml", "no val"},
        {"nc: three\nval: x\n", "y/data.yaml:1", "nc must be a whole number"},
        {"nc: 0\nval: x\n", "y/data.yaml:1", "nc must be from 1"},
        {"nc: 99999999\nval: x\n", "y/data.yaml:1", "nc must be from 1"},
        {"nc: 2\nnames: [a]\nval: x\n", "y/data.yaml:2", "1 names, but nc is 2"},
        {"names: a\nval: x\n", "y/data.yaml:1", "names must be a list"},
        {"names: []\nval: x\n", "y/data.yaml:1", "names must be a list"},
        {"names: [a, [b]]\nval: x\n", "y/data.yaml:1", "a class must be a string"},
        {"names:\n  0: a\n  2: b\nval: x\n", "y/data.yaml:3",
         "class number '2' is not one of 0 .. 1"},
        {"names:\n  0: a\n  x: b\nval: x\n", "y/data.yaml:3", "class number 'x'"},
        {"names:\n  1: a\n  01: b\nval: x\n", "y/data.yaml:3", "class 1 comes twice"},
        {"nc: 3\nval: nowhere\n", "y/data.yaml:2", "does not exist"},
        {"nc: 3\nval: data.yaml\n", "y/data.yaml:2", "neither a folder nor a .txt"},
        {"nc: 3\nval: {a: b}\n", "y/data.yaml:2", "val must be a string"},
        {"nc: 3\npath: [a]\nval: images\n", "y/data.yaml:2", "path must be a string"},
        {"nc: 3\nval: labels\n", "y/data.yaml:2", "no images there"},
        {"nc: 3\nval: bad.txt\n", "y/bad.txt:2", "no such image: images/val/zz.pgm"},
        {"nc: 1\nval: images/val\n", "y/labels/val/b.txt:1", "class 1, but there are 1 classes"},
    };
    put_yolo("");
    put("y/bad.txt", "images/val/a.pgm\nimages/val/zz.pgm\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put("y/data.yaml", cases[i].yaml);
        check_bad("y/data.yaml", NULL, cases[i].where, cases[i].message);
    }
}

static void test_yolo_bad_labels(void **state)
{
    (void)state;
    static const struct {
        const char *label, *where, *message;
    } cases[] = {
        {"0 .5 .5 .1 .1\n3 .5 .5 .1 .1\n", "y/labels/val/b.txt:2", "class 3, but there are 3"},
        {"-1 .5 .5 .1 .1\n", "y/labels/val/b.txt:1", "does not begin with a class number"},
        {"0.5 .5 .5 .1 .1\n", "y/labels/val/b.txt:1", "does not begin with a class number"},
        {"cat .5 .5 .1 .1\n", "y/labels/val/b.txt:1", "does not begin with a class number"},
        {"0 .5 .5 .1\n", "y/labels/val/b.txt:1", "4 columns"},
        {"0 .5 .5 .1 .1 .9\n", "y/labels/val/b.txt:1", "6 columns"},
        {"0\n", "y/labels/val/b.txt:1", "1 columns"},
        {"0 .5 .5 .1 x\n", "y/labels/val/b.txt:1", "'x' is not a number"},
        {"0 .5,.5 .1 .1\n", "y/labels/val/b.txt:1", "is not a number"},
        {"0 nan .5 .1 .1\n", "y/labels/val/b.txt:1", "is not a number"},
        {"0 12 30 40 50\n", "y/labels/val/b.txt:1", "coordinate 12 is not in 0..1"},
        {"0 -.2 .5 .1 .1\n", "y/labels/val/b.txt:1", "coordinate -0.2 is not in 0..1"},
        {"0 .5 .5 .1 -.001\n", "y/labels/val/b.txt:1", "negative size"},
    };
    put_yolo("val: images/val\nnc: 3\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put("y/labels/val/b.txt", cases[i].label);
        check_bad("y/data.yaml", NULL, cases[i].where, cases[i].message);
    }
    assert_int_equal(pld_file_write(in("y/labels/val/b.txt"), "0 \0", 3), PLD_OK);
    check_bad("y/data.yaml", NULL, "y/labels/val/b.txt", "not a text file");
    put("y/labels/val/b.txt", "0 .5 .5 1.00001 1\n"); /* rounding of a tool */
    struct pld_dataset d = open_good("y/data.yaml", NULL);
    pld_dataset_release(&d);
    put("y/images/val/d.jpg", "no image");
    check_bad("y/data.yaml", NULL, "y/images/val/d.jpg", "not an image");
    assert_int_equal(remove(in("y/images/val/d.jpg")), 0);
}

static void test_yolo_without_labels(void **state)
{
    (void)state;
    put("u/data.yaml", "val: images\nnc: 1\n");
    put_image("u/images/a.pgm", 4, 4);
    struct pld_dataset d = open_good("u/data.yaml", NULL);
    assert_false(d.has_labels);
    pld_dataset_release(&d);
    check_bad("u/data.yaml", &(struct pld_dataset_options){.need_labels = true}, NULL,
              "u/labels/a.txt");
}

/* ---- real data ---- */

/* The same labels by way of YOLO files come back as the same boxes. */
static void write_as_yolo(const struct pld_dataset *d)
{
    char name[512], line[256];
    for (int i = 0; i < d->n_images; i++) {
        const struct pld_image_entry *image = &d->images[i];
        struct {
            char text[65536];
            size_t n;
        } labels = {.n = 0};
        labels.text[0] = '\0';
        for (int k = 0; k < d->n_annotations; k++) {
            const struct pld_annotation *a = &d->annotations[k];
            if (a->image != i) continue;
            snprintf(line, sizeof line, "%d %.17g %.17g %.17g %.17g\n", a->category,
                     (a->x + a->w / 2) / image->width, (a->y + a->h / 2) / image->height,
                     a->w / image->width, a->h / image->height);
            labels.n +=
                (size_t)snprintf(labels.text + labels.n, sizeof labels.text - labels.n, "%s", line);
        }
        snprintf(name, sizeof name, "r/labels/%.*s.txt", 12, image->name);
        put(name, labels.text);
        snprintf(name, sizeof name, "r/images/%s", image->name);
        assert_int_equal(symlink(image->path, in(name)), 0);
    }
}

static void test_shared_as_yolo(void **state)
{
    (void)state;
    char path[4096], full[4096];
    if (!find_shared(path, sizeof path, "images/val128/annotations.json")) skip();
    assert_non_null(realpath(path, full));
    struct pld_dataset coco, yolo;
    const struct pld_dataset_options all = {.need_images = true, .need_labels = true};
    assert_int_equal(pld_dataset_open(&coco, full, &all), PLD_OK);
    put("r/images/.keep", "");
    put("r/data.yaml", "val: images\nnc: 80\n");
    write_as_yolo(&coco);
    yolo = open_good("r/data.yaml", &all);
    assert_int_equal(yolo.n_images, coco.n_images);
    assert_int_equal(yolo.n_annotations, coco.n_annotations);
    for (int i = 0; i < coco.n_images; i++) {
        assert_int_equal(yolo.images[i].width, coco.images[i].width);
        assert_int_equal(yolo.images[i].height, coco.images[i].height);
    }
    for (int i = 0, k = 0; i < coco.n_images; i++) /* the COCO file need not be in image order */
        for (int j = 0; j < coco.n_annotations; j++) {
            const struct pld_annotation *a = &coco.annotations[j], *b = &yolo.annotations[k];
            if (a->image != i) continue;
            assert_int_equal(b->image, i);
            assert_int_equal(b->category, a->category);
            assert_float_equal(b->x, a->x, 1e-9);
            assert_float_equal(b->y, a->y, 1e-9);
            assert_float_equal(b->w, a->w, 1e-9);
            assert_float_equal(b->h, a->h, 1e-9);
            k++;
        }
    pld_dataset_release(&yolo);
    pld_dataset_release(&coco);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yolo),
        cmocka_unit_test(test_yolo_lists),
        cmocka_unit_test(test_yolo_repeated),
        cmocka_unit_test(test_yolo_label_paths),
        cmocka_unit_test(test_yolo_bad_yaml),
        cmocka_unit_test(test_yolo_bad_labels),
        cmocka_unit_test(test_yolo_without_labels),
        cmocka_unit_test(test_shared_as_yolo),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
