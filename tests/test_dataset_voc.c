/* eval/dataset: Pascal VOC folders, and one line with file and line number for every way to be
 * wrong. */
#include "dataset_fixture.h"
#include "eval/dataset.h"

#define OBJECT(name, x0, y0, x1, y1, rest)                                                 \
    "<object><name>" name "</name><bndbox><xmin>" x0 "</xmin><ymin>" y0 "</ymin><xmax>" x1 \
    "</xmax><ymax>" y1 "</ymax></bndbox>" rest "</object>\n"
#define ANNOTATION(objects)                                                                       \
    "<annotation>\n<filename>ignored/a.pgm</filename><size><width>100</width><height>50</height>" \
    "<depth>3</depth></size>\n" objects "</annotation>\n"

static void put_voc(void)
{
    put("v/ImageSets/Main/val.txt", "000010\n000002  1\r\n\n");
    put("v/Annotations/000010.xml",
        ANNOTATION(OBJECT("dog", "11", "6", "30", "25", "<difficult>1</difficult>")
                       OBJECT(" person ", "1", "1", "100", "50",
                              "<part><name>head</name><bndbox><xmin>5</xmin></bndbox></part>"
                              "<truncated>1</truncated><difficult>0</difficult>")));
    put("v/Annotations/000002.xml",
        "<?xml version=\"1.0\"?><annotation><object><bndbox><xmin>1.5</xmin><ymin>2</ymin>"
        "<xmax>3.25</xmax><ymax>2</ymax></bndbox><name>cat</name></object></annotation>");
    put("v/Annotations/000003.xml", "never read");
    put_image("v/JPEGImages/a.pgm", 100, 50);
    put_image("v/JPEGImages/000002.png", 8, 8);
}

static void reads_a_folder(void **state)
{
    (void)state;
    put_voc();
    struct pld_dataset d = open_good("v", &(struct pld_dataset_options){.need_images = true});
    assert_string_equal(d.format, "voc");
    assert_int_equal(d.n_images, 2);
    assert_int_equal(d.images[0].id, 2);
    assert_int_equal(d.images[1].id, 10);
    assert_string_equal(d.images[0].name, "000002.png");
    assert_string_equal(d.images[1].name, "a.pgm");
    assert_int_equal(d.images[1].width, 100);
    assert_int_equal(d.n_categories, 20);
    assert_string_equal(d.categories[11].name, "dog");
    assert_int_equal(d.categories[11].id, 12);
    assert_int_equal(d.n_annotations, 3);
    const struct pld_annotation *a = d.annotations;
    assert_string_equal(d.categories[a[0].category].name, "cat");
    assert_true(a[0].x == 0.5 && a[0].y == 1 && a[0].w == 2.75 && a[0].h == 1);
    assert_true(a[1].image == 1 && a[1].category == 11 && a[1].difficult && !a[1].truncated);
    assert_true(a[1].x == 10 && a[1].y == 5 && a[1].w == 20 && a[1].h == 20 && a[1].area == 400);
    assert_true(a[2].x == 0 && a[2].w == 100 && a[2].h == 50); /* the whole picture */
    assert_true(!a[2].difficult && a[2].truncated);
    pld_dataset_release(&d);
    d = open_good("v", &(struct pld_dataset_options){.max_images = 1});
    assert_int_equal(d.n_images, 1);
    assert_int_equal(d.n_annotations, 1);
    pld_dataset_release(&d);
}

static void other_names_and_no_list(void **state)
{
    (void)state;
    put("w/Annotations/b_2.xml", ANNOTATION(OBJECT("zebra", "1", "1", "2", "2", "")));
    put("w/Annotations/b_1.xml", ANNOTATION(OBJECT("ant", "1", "1", "2", "2", "")));
    put("w/Annotations/notes.txt", "?");
    put_image("w/JPEGImages/b_1.jpg", 2, 2);
    struct pld_dataset d = open_good("w", NULL);
    assert_int_equal(d.n_images, 2);
    assert_int_equal(d.images[1].id, 2);
    assert_null(d.images[1].path);
    assert_string_equal(d.images[0].name, "b_1.jpg");
    assert_int_equal(d.n_categories, 2);
    assert_string_equal(d.categories[1].name, "zebra");
    pld_dataset_release(&d);
    check_bad("w", &(struct pld_dataset_options){.need_images = true}, NULL,
              "no image file for 'b_2' in JPEGImages");
}

static void every_fault_has_its_line(void **state)
{
    (void)state;
    static const char *const faults[][3] = {
        {"", "x/Annotations/a.xml:1", "invalid XML: 'no element found'"},
        {"<annotation>\n<object>\n", "x/Annotations/a.xml:3", "invalid XML"},
        {"<annotation>\n</object>", "x/Annotations/a.xml:2", "invalid XML"},
        {"<xml/>", "x/Annotations/a.xml:1", "the root element is 'xml'"},
        {"<!DOCTYPE a [<!ENTITY b \"cc\">]>\n<annotation/>", "x/Annotations/a.xml:1",
         "document type declarations"},
        {ANNOTATION("<object><name>a</name></object>"), "x/Annotations/a.xml:3",
         "without xmin, ymin, xmax and ymax: 'a'"},
        {ANNOTATION(OBJECT("", "1", "1", "2", "2", "")), "x/Annotations/a.xml:3", "without a name"},
        {ANNOTATION(OBJECT("a", "1", "one", "2", "2", "")), "x/Annotations/a.xml:3",
         "not a number: 'one'"},
        {ANNOTATION(OBJECT("a", "1", "nan", "2", "2", "")), "x/Annotations/a.xml:3",
         "not a number: 'nan'"},
        {ANNOTATION("\n" OBJECT("a", "3", "1", "1", "2", "")), "x/Annotations/a.xml:4",
         "ends before it begins ('a')"},
        {ANNOTATION(OBJECT("a", "1", "1", "2", "2", "<difficult>yes</difficult>")),
         "x/Annotations/a.xml:3", "neither 0 nor 1: 'yes'"},
        {"<annotation><size><width>-4</width></size></annotation>", "x/Annotations/a.xml:1",
         "not a number of pixels: '-4'"},
    };
    put("x/ImageSets/Main/val.txt", "a\n");
    put_image("x/JPEGImages/a.jpg", 2, 2);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        put("x/Annotations/a.xml", faults[i][0]);
        check_bad("x", NULL, faults[i][1], faults[i][2]);
    }
    put("x/ImageSets/Main/val.txt", "a\nb\n");
    put("x/Annotations/a.xml", "<annotation/>");
    check_bad("x", NULL, "x/Annotations/b.xml", "cannot open");
    put("x/ImageSets/Main/val.txt", "\n");
    check_bad("x", NULL, "x/ImageSets/Main/val.txt", "names no image");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_folder),
        cmocka_unit_test(other_names_and_no_list),
        cmocka_unit_test(every_fault_has_its_line),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
