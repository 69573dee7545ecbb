/* Reading and writing COCO results files: exact numbers, and one line for everything wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/rng.h"
#include "eval/detection.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct pld_image_entry images[] = {
    {.id = -3, .name = "a"}, {.id = 7, .name = "b"}, {.id = 581929, .name = "c"}};
static struct pld_category categories[] = {{1, "person"}, {90, "toothbrush"}};
static const struct pld_dataset dataset = {
    .images = images, .n_images = 3, .categories = categories, .n_categories = 2};

static char path[] = "detections-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    strcpy(path, "detections-XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static pld_status read_text(struct pld_detections *out, const char *text)
{
    assert_int_equal(pld_file_write(path, text, strlen(text)), PLD_OK);
    return pld_detections_read(out, path, &dataset);
}

static void reads_a_results_file(void **state)
{
    (void)state;
    struct pld_detections list;
    assert_int_equal(
        read_text(&list,
                  "[{\"image_id\": 581929, \"category_id\": 90, \"bbox\": [1, 2.5, 3e1, 0.1],"
                  "  \"score\": 1, \"segmentation\": [], \"id\": \"any\"},\n"
                  " {\"score\": 0.30000000000000004, \"bbox\": [-1.5, -0.0, 1e-320, 1e300],"
                  "  \"category_id\": 1, \"image_id\": -3},\n"
                  " {\"image_id\": 7, \"image_id\": -3, \"category_id\": 1, \"bbox\": [0,0,0,0],"
                  "  \"score\": -2}]"),
        PLD_OK);
    assert_int_equal(list.count, 3);
    const struct pld_detection *d = list.items;
    assert_true(d[0].image == 2 && d[0].category == 1 && d[0].score == 1);
    assert_true(d[0].x == 1 && d[0].y == 2.5 && d[0].w == 30 && d[0].h == 0.1);
    assert_true(d[1].image == 0 && d[1].category == 0 && d[1].score == 0.1 + 0.2);
    assert_true(d[1].y == 0 && signbit(d[1].y) && d[1].w == 1e-320 && d[1].h == 1e300);
    assert_int_equal(d[2].image, 0); /* the last of two equal keys counts, as in Python */
    pld_detections_release(&list);
    assert_null(list.items);
}

static void empty_list_is_fine(void **state)
{
    (void)state;
    struct pld_detections list;
    assert_int_equal(read_text(&list, " [ ]\n"), PLD_OK);
    assert_int_equal(list.count, 0);
    pld_detections_release(&list);
}

static void every_fault_has_its_line(void **state)
{
    (void)state;
#define GOOD "{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":0.5}"
    static const char *const faults[][2] = {
        {"", "JSON"},
        {"[" GOOD, "JSON"},
        {"[" GOOD ",]", "JSON"},
        {"[" GOOD "] []", "JSON"},
        {"{}", "not a list"},
        {"3", "not a list"},
        {"{\"images\":[],\"annotations\":[]}", "annotations"},
        {"[" GOOD ",4]", "detection 1 (from 0): not an object"},
        {"[[]]", "detection 0 (from 0): not an object"},
        {"[{\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":1}]", "no \"image_id\""},
        {"[{\"image_id\":7,\"bbox\":[1,2,3,4],\"score\":1}]", "no \"category_id\""},
        {"[{\"image_id\":7,\"category_id\":1,\"score\":1}]", "no \"bbox\""},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,3,4]}]", "no \"score\""},
        {"[{\"image_id\":\"7\",\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":1}]",
         "\"image_id\" is not an integer"},
        {"[{\"image_id\":7.5,\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":1}]",
         "\"image_id\" is not an integer"},
        {"[{\"image_id\":18446744073709551615,\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":1}]",
         "\"image_id\" is not an integer"},
        {"[{\"image_id\":7,\"category_id\":null,\"bbox\":[1,2,3,4],\"score\":1}]",
         "\"category_id\" is not an integer"},
        {"[" GOOD ",{\"image_id\":8,\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":1}]",
         "detection 1 (from 0): image_id 8 is not in the dataset"},
        {"[{\"image_id\":7,\"category_id\":2,\"bbox\":[1,2,3,4],\"score\":1}]",
         "detection 0 (from 0): category_id 2 is not in the dataset"},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,3],\"score\":1}]", "\"bbox\" is not"},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,3,4,5],\"score\":1}]",
         "\"bbox\" is not"},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":{},\"score\":1}]", "\"bbox\" is not"},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,\"3\",4],\"score\":1}]", "no number"},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,null,4],\"score\":1}]", "no number"},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":\"1\"}]",
         "\"score\" is not a number"},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":true}]",
         "\"score\" is not a number"},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":NaN}]", "JSON"},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,3,Infinity],\"score\":1}]", "JSON"},
        {"[{\"image_id\":7,\"category_id\":1,\"bbox\":[1,2,3,1e999],\"score\":1}]", "JSON"},
    };
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct pld_detections list;
        assert_int_equal(read_text(&list, faults[i][0]), PLD_EDATA);
        assert_null(list.items);
        assert_int_equal(list.count, 0);
        const struct pld_error *error = pld_error_last();
        assert_string_equal(error->where, path);
        if (!strstr(error->message, faults[i][1]) || strchr(error->message, '\n'))
            fail_msg("%s: message is \"%s\"", faults[i][0], error->message);
    }
}

static void missing_file_is_a_data_error(void **state)
{
    (void)state;
    struct pld_detections list;
    assert_int_equal(pld_detections_read(&list, "no/such/file.json", &dataset), PLD_EDATA);
    assert_string_equal(pld_error_last()->where, "no/such/file.json");
}

/* Doubles of every size and shape: any 64 bits that are a finite number. */
static double any_double(struct pld_rng *rng)
{
    double value;
    do {
        uint64_t bits = pld_rng_next(rng);
        memcpy(&value, &bits, sizeof value);
    } while (!isfinite(value));
    return value;
}

static void written_numbers_read_back_exactly(void **state)
{
    (void)state;
    struct pld_rng rng;
    struct pld_detections list = {0}, back;
    const double edges[] = {0.0, -0.0,    5e-324, -DBL_MIN,          DBL_MAX,
                            0.1, 1.0 / 3, 1e15,   9007199254740993.0};
    pld_rng_init(&rng, 9);
    for (size_t i = 0; i < 20000; i++) {
        struct pld_detection d = {.image = (int32_t)pld_rng_below(&rng, 3),
                                  .category = (int32_t)pld_rng_below(&rng, 2),
                                  .x = any_double(&rng),
                                  .y = edges[i % COUNT(edges)],
                                  .w = pld_rng_unit(&rng) * 640,
                                  .h = (float)pld_rng_unit(&rng),
                                  .score = pld_rng_unit(&rng)};
        assert_int_equal(pld_detections_add(&list, &d), PLD_OK);
    }
    assert_int_equal(pld_detections_write(path, &list, &dataset), PLD_OK);
    assert_int_equal(pld_detections_read(&back, path, &dataset), PLD_OK);
    assert_int_equal(back.count, list.count);
    assert_memory_equal(back.items, list.items, list.count * sizeof *list.items);
    pld_detections_release(&back);
    pld_detections_release(&list);
    assert_int_equal(pld_detections_write(path, &list, &dataset), PLD_OK);
    assert_int_equal(pld_detections_read(&back, path, &dataset), PLD_OK);
    assert_int_equal(back.count, 0);
    pld_detections_release(&back);
}

static void failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    struct pld_detections list = {0}, back;
    const struct pld_detection good = {1, 2, 3, 4, 0.5, 1, 1};
    struct pld_detection bad[] = {good, good, good, good};
    bad[0].score = NAN;
    bad[1].w = INFINITY;
    bad[2].image = 3;
    bad[3].category = -1;
    pld_detections_add(&list, &good);
    assert_int_equal(pld_detections_write(path, &list, &dataset), PLD_OK);
    for (size_t i = 0; i < COUNT(bad); i++) {
        list.count = 1;
        pld_detections_add(&list, &bad[i]);
        assert_int_equal(pld_detections_write(path, &list, &dataset), PLD_EFAIL);
        assert_non_null(strstr(pld_error_last()->message, "detection 1"));
        assert_int_equal(pld_detections_read(&back, path, &dataset), PLD_OK);
        assert_int_equal(back.count, 1);
        pld_detections_release(&back);
    }
    list.count = 1;
    assert_int_equal(pld_detections_write("no/such/folder/f.json", &list, &dataset), PLD_EFAIL);
    pld_detections_release(&list);
}

int main(void)
{
#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, make_file, remove_file)
    const struct CMUnitTest tests[] = {
        FILE_TEST(reads_a_results_file),
        FILE_TEST(empty_list_is_fine),
        FILE_TEST(every_fault_has_its_line),
        cmocka_unit_test(missing_file_is_a_data_error),
        FILE_TEST(written_numbers_read_back_exactly),
        FILE_TEST(failed_write_leaves_the_old_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
