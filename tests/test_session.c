/* run/class_map and run/device: classes to categories, devices by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/log.h"
#include "run/class_map.h"
#include "run/device.h"

static struct pld_category categories[] = {{1, "Cat"}, {5, "dog"}, {9, "bird"}};

static struct pld_annotation labels[] = {{.id = 1, .category = 2}};

static struct pld_dataset dataset(int n_categories)
{
    return (struct pld_dataset){
        .source = "set.json",
        .categories = categories,
        .n_categories = n_categories,
        .annotations = labels,
        .n_annotations = n_categories > 2 ? 1 : 0,
        .has_labels = true,
    };
}

static void expect_map(const struct pld_head_model *model, const struct pld_dataset *data,
                       const int32_t *wanted)
{
    int32_t *map;
    assert_int_equal(pld_class_map_new(&map, model, data), PLD_OK);
    for (int i = 0; i < model->classes; i++)
        assert_int_equal(map[i], wanted[i]);
    free(map);
}

static void expect_error(const struct pld_head_model *model, const struct pld_dataset *data,
                         const char *message)
{
    int32_t *map;
    assert_int_equal(pld_class_map_new(&map, model, data), PLD_EDATA);
    assert_null(map);
    assert_string_equal(pld_error_last()->where, "set.json");
    if (!strstr(pld_error_last()->message, message))
        fail_msg("'%s' does not have '%s'", pld_error_last()->message, message);
}

static void test_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"DOG", "unicorn", "cat", "dog"};
    static const int32_t wanted[] = {1, -1, 0, -1};
    struct pld_dataset three = dataset(3);
    struct pld_head_model model = {.classes = 4, .class_names = names};
    expect_map(&model, &three, wanted);
}

static void test_no_common_name(void **state)
{
    (void)state;
    static const char *const names[] = {"class0", "class1"};
    struct pld_dataset three = dataset(3);
    struct pld_head_model model = {.classes = 2, .class_names = names};
    expect_error(&model, &three, "none of the model's 2 classes ('class0', ...)");
}

static void test_by_order(void **state)
{
    (void)state;
    static const int32_t same[] = {0, 1, 2}, fewer[] = {0, 1, 2, -1};
    struct pld_dataset three = dataset(3), none = dataset(0);
    struct pld_head_model model = {.classes = 3};
    expect_map(&model, &three, same);
    model.classes = 4;
    expect_map(&model, &three, fewer);
    model.classes = 2;
    expect_error(&model, &three, "3 categories, but the model has 2 classes");
    expect_error(&model, &none, "no categories");
}

static void test_device_names(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "gpu",    "",
        "cpu:",   "cpu:x",
        "cpu:-1", "cuda:99999",
        ":0",     "a name that is longer than any name of a device could ever be"};
    struct pld_backend *backend;
    struct pld_backend_options options = {.threads = 1};
    assert_int_equal(pld_device_open(&backend, "cpu", &options), PLD_OK);
    assert_string_equal(backend->api->name, "cpu");
    assert_int_equal(backend->lanes, 1);
    pld_backend_close(backend);
    assert_int_equal(pld_device_open(&backend, "auto", NULL), PLD_OK);
    pld_backend_close(backend);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(pld_device_open(&backend, bad[i], NULL), PLD_EUSAGE);
        assert_null(backend);
    }
    assert_string_equal(pld_device_name(1), "cpu");
    assert_null(pld_device_name(-1));
    assert_null(pld_device_name(99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_name),
        cmocka_unit_test(test_no_common_name),
        cmocka_unit_test(test_by_order),
        cmocka_unit_test(test_device_names),
    };
    pld_log_set_level(PLD_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
