/* eval/dataset_check and eval/dataset_stats: each fault is found once, and nothing in a good set.
 */
#include "dataset_fixture.h"
#include "eval/dataset_check.h"
#include "eval/dataset_stats.h"

static struct pld_findings findings;

static pld_status look(const char *name, struct pld_dataset_check_options options)
{
    struct pld_dataset dataset;
    pld_findings_release(&findings);
    struct pld_dataset_options open = {.need_images = true, .findings = &findings};
    pld_status status = pld_dataset_open(&dataset, in(name), &open);
    if (status == PLD_OK) status = pld_dataset_check(&findings, &dataset, &options);
    pld_dataset_release(&dataset);
    return status;
}

static void found(enum pld_finding_kind kind, size_t count, const char *message)
{
    if (findings.counts[kind] != count)
        fail_msg("%zu of '%s', expected %zu", findings.counts[kind], pld_finding_rows[kind].name,
                 count);
    for (size_t i = 0; i < count; i++)
        if (strstr(findings.items[kind][i].message, message)) return;
    if (count) fail_msg("first message is '%s'", findings.items[kind][0].message);
}

static size_t total(void)
{
    return pld_findings_count(&findings, PLD_FINDING_ERROR) +
           pld_findings_count(&findings, PLD_FINDING_WARNING) +
           pld_findings_count(&findings, PLD_FINDING_NOTE);
}

#define KIND(name) PLD_FINDING_KIND_##name

static void put_coco(const char *images, const char *annotations)
{
    char text[8192];
    put_image("c/images/a.pgm", 100, 50);
    put_image("c/images/b.pgm", 10, 20);
    snprintf(text, sizeof text,
             "{\"images\":[{\"id\":1,\"file_name\":\"a.pgm\",\"width\":100,\"height\":50},"
             "{\"id\":2,\"file_name\":\"b.pgm\",\"width\":10,\"height\":20}%s],"
             "\"categories\":[{\"id\":1,\"name\":\"cat\"},{\"id\":2,\"name\":\"dog\"}],"
             "\"annotations\":["
             "{\"id\":1,\"image_id\":1,\"category_id\":1,\"bbox\":[1,2,30,10],\"area\":300},"
             "{\"id\":2,\"image_id\":2,\"category_id\":2,\"bbox\":[0,0,10,20.5],\"area\":150}%s]}",
             images, annotations);
    put("c/a.json", text);
}

static void nothing_in_a_good_set(void **state)
{
    (void)state;
    static const char *const names[] = {"cat", "dog"};
    struct pld_dataset_check_options options = {
        .decode = true, .model = "m.onnx", .class_names = names, .n_classes = 2};
    put_coco("", "");
    assert_int_equal(look("c/a.json", options), PLD_OK);
    assert_int_equal(total(), 0);
}

static void faults_of_coco_files(void **state)
{
    (void)state;
    put_coco(",{\"id\":2,\"file_name\":\"c.pgm\"},{\"id\":3,\"file_name\":\"gone.pgm\"},"
             "{\"id\":\"4\"},{\"id\":5,\"file_name\":\"b.pgm\",\"width\":20,\"height\":10},"
             "{\"id\":6,\"file_name\":\"cut.pgm\"}",
#define BOX(id, image, class, box, area)                                             \
    ",{\"id\":" id ",\"image_id\":" image ",\"category_id\":" class ",\"bbox\":" box \
                                                                    ",\"area\":" area "}"
             BOX("3", "1", "1", "[90,40,30,10]", "300") BOX("4", "1", "1", "[5,5,0,7]", "0")
                 BOX("5", "9", "1", "[1,2,3,4]", "12") BOX("6", "1", "9", "[1,2,3,4]", "12")
                     BOX("7", "1", "1", "[1,2,3]", "12") BOX("7", "2", "2", "[1,2,3,4]", "12")
                         BOX("7", "2", "1", "[1,2,3,4]", "120")
                             BOX("8", "1", "1", "[1,2,30,10]", "300"));
    put("c/images/cut.pgm", "P5 9 9 255\nxxx");
    assert_int_equal(look("c/a.json", (struct pld_dataset_check_options){.decode = true}), PLD_OK);
    found(KIND(ENTRY), 1, "\"id\" is missing");
    found(KIND(DUPLICATE_ID), 2, "image id 2 comes twice ('b.pgm' and 'c.pgm')");
    found(KIND(DUPLICATE_ID), 2, "annotation id 7 comes twice");
    found(KIND(UNKNOWN_IMAGE), 1, "unknown image id 9");
    found(KIND(UNKNOWN_CATEGORY), 1, "unknown category id 9");
    found(KIND(BOX), 1, "four numbers");
    found(KIND(MISSING_IMAGE), 1, "'gone.pgm' (id 3)");
    found(KIND(BROKEN_IMAGE), 1, "truncated");
    found(KIND(WRONG_SIZE), 1, "is 10 x 20, annotated as 20 x 10");
    found(KIND(OUTSIDE), 1, "reaches 20 pixels out of 100 x 50");
    found(KIND(ZERO_AREA), 1, "box 4 ");
    found(KIND(AREA), 1, "is annotated with area 120");
    found(KIND(DUPLICATE_BOX), 1, "box 8 ");
    found(KIND(DUPLICATE_NAME), 1, "two images of the name 'b.pgm'");
    found(KIND(UNLABELLED), 3, "'gone.pgm' has no boxes");
    found(KIND(EMPTY_CATEGORY), 0, "");
    assert_int_equal(total(), 17);
}

static void faults_of_other_formats(void **state)
{
    (void)state;
    put("y/data.yaml", "val: images\nnames: [a, b, A]\n");
    put_image("y/images/1.pgm", 100, 50);
    put("y/images/2.pgm", "no image");
    put("y/labels/1.txt", "0 .5 .5 .1 .1\n3 .5 .5 .1 .1\n0 .5 .5 .1 .1\n1 .5 .5 2 .1\n");
    put("y/labels/2.txt", "0 .5 .5 .1 .1\n");
    assert_int_equal(look("y/data.yaml", (struct pld_dataset_check_options){0}), PLD_OK);
    found(KIND(ENTRY), 2, "class 3, but there are 3 classes");
    found(KIND(DUPLICATE_BOX), 1, "repeats");
    found(KIND(BROKEN_IMAGE), 1, "not an image");
    found(KIND(DUPLICATE_NAME), 1, "two categories of the name");
    put("v/Annotations/1.xml", "<annotation><object></annotation>");
    put("v/Annotations/2.xml",
        "<annotation><size><width>9</width><height>9</height></size><object><name>q</name><bndbox>"
        "<xmin>1</xmin><ymin>1</ymin><xmax>12</xmax><ymax>9</ymax></bndbox></object></annotation>");
    put_image("v/JPEGImages/1.png", 9, 9);
    assert_int_equal(look("v", (struct pld_dataset_check_options){0}), PLD_OK);
    found(KIND(ENTRY), 1, "invalid XML");
    found(KIND(MISSING_IMAGE), 1, "no image file for '2' in JPEGImages");
    found(KIND(OUTSIDE), 1, "reaches 3 pixels");
    assert_int_equal(look("nowhere.json", (struct pld_dataset_check_options){0}), PLD_EDATA);
}

static void classes_of_a_model(void **state)
{
    (void)state;
    static const char *const swapped[] = {"Dog", "Cat"}, *const other[] = {"cat", "bird", "dog"};
    put_coco("", "");
    struct pld_dataset_check_options options = {
        .model = "m.onnx", .class_names = swapped, .n_classes = 2};
    assert_int_equal(look("c/a.json", options), PLD_OK);
    found(KIND(CLASS_ORDER), 2, "class 0 of the model, 'Dog', is category number 1");
    options.class_names = other;
    options.n_classes = 3;
    assert_int_equal(look("c/a.json", options), PLD_OK);
    found(KIND(CLASS_ORDER), 2, "'bird', is no category");
    options.class_names = NULL;
    assert_int_equal(look("c/a.json", options), PLD_OK);
    found(KIND(CLASS_ORDER), 1, "3 classes without names for 2 categories");
}

static void counts_by_hand(void **state)
{
    (void)state;
    put_coco("", BOX("3", "1", "1", "[0,0,40,40]", "1600") BOX("4", "1", "1", "[0,0,4,1]", "4"));
    struct pld_dataset d = open_good("c/a.json", NULL);
    struct pld_dataset_stats s;
    assert_int_equal(pld_dataset_stats(&s, &d), PLD_OK);
    assert_true(s.all.boxes == 4 && s.all.images == 2 && s.all.small == 3 && s.all.medium == 1);
    assert_true(s.classes[0].boxes == 3 && s.classes[0].images == 1 && s.classes[1].boxes == 1);
    assert_true(s.boxes_per_image.min == 1 && s.boxes_per_image.max == 3);
    assert_true(s.boxes_per_image.mean == 2 && s.boxes_per_image.median == 1);
    assert_true(s.aspect.max == 4 && s.aspect.count == 4 && s.side.min == 2);
    assert_true(s.width.min == 10 && s.width.max == 100 && s.height.max == 50);
    assert_true(s.part.max == 205. / 200);
    pld_dataset_stats_release(&s);
    pld_dataset_release(&d);
}

static int release(void **state)
{
    pld_findings_release(&findings);
    return remove_folder(state);
}

int main(void)
{
    pld_log_set_level(PLD_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_in_a_good_set),   cmocka_unit_test(faults_of_coco_files),
        cmocka_unit_test(faults_of_other_formats), cmocka_unit_test(classes_of_a_model),
        cmocka_unit_test(counts_by_hand),
    };
    return cmocka_run_group_tests(tests, make_folder, release);
}
