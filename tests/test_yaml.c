/* core/yaml: the node tree, and one line with file and line number for every kind of bad file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/yaml.h"

static pld_status parse(struct pld_yaml *yaml, const char *text)
{
    return pld_yaml_parse(yaml, text, strlen(text), "f.yaml", PLD_EUSAGE);
}

static void test_tree(void **state)
{
    (void)state;
    struct pld_yaml yaml;
    assert_int_equal(parse(&yaml, "# comment\n"
                                  "path: ../data set\n"
                                  "names: [a, 'b', no]\n"
                                  "deep:\n"
                                  "  - x: 1\n"
                                  "    y: 2\n"),
                     PLD_OK);
    assert_int_equal(yaml.root->kind, PLD_YAML_MAPPING);
    assert_int_equal(yaml.root->count, 3);
    assert_string_equal(pld_yaml_get(yaml.root, "path")->text, "../data set");
    const struct pld_yaml_node *names = pld_yaml_get(yaml.root, "names");
    assert_int_equal(names->kind, PLD_YAML_SEQUENCE);
    assert_int_equal(names->count, 3);
    assert_null(names->items[0].key);
    assert_true(names->items[0].value->plain);
    assert_false(names->items[1].value->plain);
    assert_int_equal(names->line, 3);
    const struct pld_yaml_node *deep = pld_yaml_get(yaml.root, "deep");
    const struct pld_yaml_node *y = pld_yaml_get(deep->items[0].value, "y");
    assert_string_equal(y->text, "2");
    assert_int_equal(y->line, 6);
    assert_null(pld_yaml_get(yaml.root, "absent"));
    assert_null(pld_yaml_get(names, "path"));
    assert_null(pld_yaml_get(NULL, "path"));
    pld_yaml_release(&yaml);
}

/* The YAML 1.1 traps: these are class names, not booleans, numbers or nothing. */
static void test_scalars_stay_text(void **state)
{
    (void)state;
    static const char *const words[] = {"no", "on", "Off", "yes", "012", "0x1F", "1_000", "1e3"};
    struct pld_yaml yaml;
    assert_int_equal(parse(&yaml, "[no, on, Off, yes, 012, 0x1F, 1_000, 1e3]"), PLD_OK);
    for (int i = 0; i < 8; i++)
        assert_string_equal(yaml.root->items[i].value->text, words[i]);
    pld_yaml_release(&yaml);
}

static void test_null(void **state)
{
    (void)state;
    struct pld_yaml yaml;
    assert_int_equal(parse(&yaml, "a:\nb: ~\nc: null\nd: ''\ne: 'null'\nf: []\n"), PLD_OK);
    assert_true(pld_yaml_is_null(pld_yaml_get(yaml.root, "a")));
    assert_true(pld_yaml_is_null(pld_yaml_get(yaml.root, "b")));
    assert_true(pld_yaml_is_null(pld_yaml_get(yaml.root, "c")));
    assert_false(pld_yaml_is_null(pld_yaml_get(yaml.root, "d")));
    assert_false(pld_yaml_is_null(pld_yaml_get(yaml.root, "e")));
    assert_false(pld_yaml_is_null(pld_yaml_get(yaml.root, "f")));
    assert_true(pld_yaml_is_null(NULL));
    pld_yaml_release(&yaml);
}

static void test_conversions(void **state)
{
    (void)state;
    struct pld_yaml yaml;
    const char *text;
    long long number;
    assert_int_equal(parse(&yaml, "n: 80\ns: word\nl: [1]\nz:\n"), PLD_OK);
    const struct pld_yaml_node *root = yaml.root;
    assert_int_equal(pld_yaml_i64(&number, &yaml, pld_yaml_get(root, "n"), "nc"), PLD_OK);
    assert_int_equal(number, 80);
    assert_int_equal(pld_yaml_string(&text, &yaml, pld_yaml_get(root, "s"), "s"), PLD_OK);
    assert_string_equal(text, "word");
    assert_int_equal(pld_yaml_i64(&number, &yaml, pld_yaml_get(root, "s"), "nc"), PLD_EUSAGE);
    assert_string_equal(pld_error_last()->where, "f.yaml:2");
    assert_string_equal(pld_error_last()->message, "nc must be a whole number");
    assert_int_equal(pld_yaml_string(&text, &yaml, pld_yaml_get(root, "l"), "l"), PLD_EUSAGE);
    assert_int_equal(pld_yaml_string(&text, &yaml, pld_yaml_get(root, "z"), "z"), PLD_EUSAGE);
    pld_yaml_release(&yaml);
}

static void test_aliases_are_shared(void **state)
{
    (void)state;
    struct pld_yaml yaml;
    assert_int_equal(parse(&yaml, "a: &n [x, y]\nb: *n\n"), PLD_OK);
    assert_ptr_equal(pld_yaml_get(yaml.root, "a"), pld_yaml_get(yaml.root, "b"));
    pld_yaml_release(&yaml);
}

/* Ten aliases of ten aliases of ...: shared nodes keep this small. */
static void test_billion_laughs(void **state)
{
    (void)state;
    char text[4096] = "l0: &l0 [lol]\n";
    for (int i = 1; i < 30; i++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "l%d: &l%d [*l%d,*l%d,*l%d,*l%d,*l%d]\n", i, i, i - 1,
                 i - 1, i - 1, i - 1, i - 1);
    }
    struct pld_yaml yaml;
    assert_int_equal(parse(&yaml, text), PLD_OK);
    assert_int_equal(yaml.root->count, 30);
    pld_yaml_release(&yaml);
}

static void test_empty(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n\n", "# only a comment\n"};
    for (size_t i = 0; i < 3; i++) {
        struct pld_yaml yaml;
        assert_int_equal(parse(&yaml, texts[i]), PLD_OK);
        assert_null(yaml.root);
        pld_yaml_release(&yaml);
    }
}

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *text, *where, *message;
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", "f.yaml:3", "already given on line 1"},
        {"a: [1, 2\nb: 3\n", "f.yaml:2", "invalid YAML"},
        {"a: 'open\n", "f.yaml:2", "invalid YAML"},
        {"a: 1\n\tb: 2\n", "f.yaml:2", "invalid YAML"},
        {"? [x, y]\n: 1\n", "f.yaml:1", "a key must be"},
        {"a: 1\n---\nb: 2\n", "f.yaml:3", "second document"},
        {"a: &x [1, *x]\n", "f.yaml:1", "contains it"},
        {"a: \"x\\0y\"\n", "f.yaml:1", "zero byte"},
        {"a: *unknown\n", "f.yaml:1", "invalid YAML"},
        {"a: \xff\xfe\n", "f.yaml", "invalid YAML at byte"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pld_yaml yaml;
        assert_int_equal(parse(&yaml, cases[i].text), PLD_EUSAGE);
        assert_null(yaml.root);
        assert_string_equal(pld_error_last()->where, cases[i].where);
        assert_non_null(strstr(pld_error_last()->message, cases[i].message));
        pld_yaml_release(&yaml);
    }
}

static void test_depth(void **state)
{
    (void)state;
    char text[201];
    memset(text, '[', 100);
    memset(text + 100, ']', 100);
    text[200] = '\0';
    struct pld_yaml yaml;
    assert_int_equal(parse(&yaml, text), PLD_EUSAGE);
    assert_non_null(strstr(pld_error_last()->message, "nested deeper"));
    pld_yaml_release(&yaml);
}

static void test_file(void **state)
{
    (void)state;
    char path[] = "/tmp/pld_yaml_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(pld_file_write(path, "k: v\n", 5), PLD_OK);
    struct pld_yaml yaml;
    assert_int_equal(pld_yaml_read(&yaml, path, PLD_EDATA), PLD_OK);
    assert_string_equal(yaml.name, path);
    assert_string_equal(pld_yaml_get(yaml.root, "k")->text, "v");
    pld_yaml_release(&yaml);
    unlink(path);
    assert_int_equal(pld_yaml_read(&yaml, path, PLD_EDATA), PLD_EDATA);
    assert_string_equal(pld_error_last()->where, path);
    pld_yaml_release(&yaml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_scalars_stay_text),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_conversions),
        cmocka_unit_test(test_aliases_are_shared),
        cmocka_unit_test(test_billion_laughs),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
