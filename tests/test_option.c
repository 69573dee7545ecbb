/* core/option: the command line, the configuration file and the help text of one table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/option.h"

struct values {
    bool fast;
    int threads;
    uint64_t seed, memory;
    double conf;
    const char *device, *kind, *model;
    struct pld_words groups, inputs, rest;
    struct pld_ints size;
    struct pld_reals ratios;
};

static const char *const kinds[] = {"alpha", "beta", NULL};

#define AT(field) offsetof(struct values, field)

static const struct pld_option rows[] = {
    {.name = "fast", .letter = 'f', .type = PLD_OPT_FLAG, .offset = AT(fast), .help = "be fast"},
    {.name = "threads",
     .letter = 't',
     .type = PLD_OPT_INT,
     .offset = AT(threads),
     .initial = "2",
     .max = 64,
     .help = "workers"},
    {.name = "seed", .type = PLD_OPT_U64, .offset = AT(seed), .initial = "7", .help = "seed"},
    {.name = "memory", .type = PLD_OPT_SIZE, .offset = AT(memory), .help = "bytes"},
    {.name = "conf",
     .type = PLD_OPT_REAL,
     .offset = AT(conf),
     .initial = "0.25",
     .max = 1,
     .help = "threshold"},
    {.name = "device", .type = PLD_OPT_STRING, .offset = AT(device), .help = "where"},
    {.name = "kind", .type = PLD_OPT_CHOICE, .offset = AT(kind), .choices = kinds, .help = "which"},
    {.name = "groups", .type = PLD_OPT_WORDS, .offset = AT(groups), .help = "ids"},
    {.name = "input", .type = PLD_OPT_EACH, .offset = AT(inputs), .help = "files"},
    {.name = "imgsz",
     .type = PLD_OPT_INTS,
     .offset = AT(size),
     .min = 1,
     .max = 4096,
     .help = "size"},
    {.name = "ratios", .type = PLD_OPT_REALS, .offset = AT(ratios), .max = 1, .help = "shares"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL", .offset = AT(model), .help = "the model"},
    {.name = "REST", .offset = AT(rest), .many = true, .optional = true, .help = "more"},
    {.name = NULL},
};

struct fixture {
    struct values v;
    struct pld_options options;
};

static void begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->options.groups[0] = (struct pld_option_group){"Options", rows, &f->v};
    f->options.positionals = positionals;
    f->options.positional_target = &f->v;
    f->options.command = "test";
    assert_int_equal(pld_options_init(&f->options), PLD_OK);
}

/* Parses a line of words separated by blanks. The words stay valid in `line`. */
static pld_status parse(struct fixture *f, char *line)
{
    char *argv[32];
    int argc = 0;
    begin(f);
    for (char *word = strtok(line, " "); word && argc < 32; word = strtok(NULL, " "))
        argv[argc++] = word;
    return pld_options_parse(&f->options, argc, argv);
}

static void test_defaults(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(f.v.threads, 2);
    assert_int_equal(f.v.seed, 7);
    assert_true(f.v.conf == 0.25);
    assert_null(f.v.device);
    assert_false(pld_options_given(&f.options, "threads"));
    pld_options_release(&f.options);
}

static void test_forms(void **state)
{
    (void)state;
    struct fixture f;
    char line[] = "m.onnx --threads 4 --conf=0.5 -f --kind beta --memory 3M --seed "
                  "18446744073709551615 --groups a,b --groups c --input x=1,2.npy --input y.npy "
                  "--imgsz 320,640 more and";
    assert_int_equal(parse(&f, line), PLD_OK);
    assert_int_equal(pld_options_check(&f.options), PLD_OK);
    assert_string_equal(f.v.model, "m.onnx");
    assert_int_equal(f.v.rest.count, 2);
    assert_string_equal(f.v.rest.items[1], "and");
    assert_int_equal(f.v.threads, 4);
    assert_true(f.v.conf == 0.5);
    assert_true(f.v.fast);
    assert_string_equal(f.v.kind, "beta");
    assert_int_equal(f.v.memory, 3 << 20);
    assert_true(f.v.seed == UINT64_MAX);
    assert_int_equal(f.v.groups.count, 3);
    assert_string_equal(f.v.groups.items[2], "c");
    assert_int_equal(f.v.inputs.count, 2);
    assert_string_equal(f.v.inputs.items[0], "x=1,2.npy");
    assert_int_equal(f.v.size.count, 2);
    assert_int_equal(f.v.size.items[1], 640);
    assert_true(pld_options_given(&f.options, "threads"));
    pld_options_release(&f.options);
}

static void test_flags(void **state)
{
    (void)state;
    struct fixture f;
    char off[] = "m --fast --no-fast", value[] = "m --fast=off", cluster[] = "m -ft9",
         dashes[] = "m -- --fast";
    assert_int_equal(parse(&f, off), PLD_OK);
    assert_false(f.v.fast);
    pld_options_release(&f.options);
    assert_int_equal(parse(&f, value), PLD_OK);
    assert_false(f.v.fast);
    pld_options_release(&f.options);
    assert_int_equal(parse(&f, cluster), PLD_OK);
    assert_true(f.v.fast);
    assert_int_equal(f.v.threads, 9);
    pld_options_release(&f.options);
    assert_int_equal(parse(&f, dashes), PLD_OK);
    assert_false(f.v.fast);
    assert_string_equal(f.v.rest.items[0], "--fast");
    pld_options_release(&f.options);
}

/* 0.1:0.9:0.1 must give the doubles that a user would have typed. */
static void test_ranges(void **state)
{
    (void)state;
    static const double nine[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
    struct fixture f;
    char range[] = "m --ratios 0.1:0.9:0.1", list[] = "m --ratios 0.2,0.5",
         one[] = "m --ratios 0.5:0.5:0.1";
    assert_int_equal(parse(&f, range), PLD_OK);
    assert_int_equal(f.v.ratios.count, 9);
    for (int i = 0; i < 9; i++)
        assert_true(f.v.ratios.items[i] == nine[i]);
    pld_options_release(&f.options);
    assert_int_equal(parse(&f, list), PLD_OK);
    assert_int_equal(f.v.ratios.count, 2);
    pld_options_release(&f.options);
    assert_int_equal(parse(&f, one), PLD_OK);
    assert_int_equal(f.v.ratios.count, 1);
    pld_options_release(&f.options);
}

static void expect_failure(const char *line, const char *where, const char *message)
{
    struct fixture f;
    char copy[256];
    snprintf(copy, sizeof copy, "%s", line);
    pld_status status = parse(&f, copy);
    if (status == PLD_OK) status = pld_options_check(&f.options);
    if (status != PLD_EUSAGE) fail_msg("%s: status %d", line, (int)status);
    if (strcmp(pld_error_last()->where, where) != 0 || !strstr(pld_error_last()->message, message))
        fail_msg("%s: '%s: %s' does not have '%s: %s'", line, pld_error_last()->where,
                 pld_error_last()->message, where, message);
    pld_options_release(&f.options);
}

static void test_errors(void **state)
{
    (void)state;
    expect_failure("m --thread 3", "--thread", "did you mean --threads?");
    expect_failure("m -conf 3", "-conf", "did you mean --conf?");
    expect_failure("m -z", "-z", "unknown option");
    expect_failure("m --zzzzzzz", "--zzzzzzz", "unknown option");
    expect_failure("m --threads", "--threads", "a value is missing");
    expect_failure("m --threads x", "--threads", "'x' is not a whole number");
    expect_failure("m --threads 2.5", "--threads", "not a whole number");
    expect_failure("m --threads -1", "--threads", "'-1' is out of range, 0 to 64 is allowed");
    expect_failure("m --threads 99999999999999999999", "--threads", "not a whole number");
    expect_failure("m --conf 2", "--conf", "'2' is out of range, 0 to 1 is allowed");
    expect_failure("m --conf nan", "--conf", "not a finite number");
    expect_failure("m --seed -1", "--seed", "not a non-negative number");
    expect_failure("m --seed 18446744073709551616", "--seed", "not a non-negative number");
    expect_failure("m --memory 12X", "--memory", "not a size");
    expect_failure("m --memory 99999999999T", "--memory", "not a size");
    expect_failure("m --kind alpa", "--kind", "did you mean alpha?");
    expect_failure("m --ratios 1.5", "--ratios", "'1.5' is out of range, 0 to 1 is allowed");
    expect_failure("m --ratios 0.1,,0.2", "--ratios", "empty element");
    expect_failure("m --ratios 0.1:0.9", "--ratios", "first:last:step");
    expect_failure("m --ratios 0.9:0.1:0.1", "--ratios", "first <= last");
    expect_failure("m --ratios 0:1:0", "--ratios", "step > 0");
    expect_failure("m --ratios 0:1:1e-9", "--ratios", "too many values");
    expect_failure("m --fast=maybe", "--fast", "not true or false");
    expect_failure("m --imgsz 0", "--imgsz", "out of range");
    expect_failure("", "test", "MODEL is missing");
}

/* ---- configuration files ---- */

static pld_status load(struct fixture *f, char *line, const char *text)
{
    char path[] = "test_option.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
    pld_status status = parse(f, line);
    assert_int_equal(status, PLD_OK);
    status = pld_options_load(&f->options, path);
    unlink(path);
    return status;
}

static void test_config(void **state)
{
    (void)state;
    struct fixture f;
    char line[] = "--threads 5", other[] = "given.onnx";
    assert_int_equal(load(&f, line,
                          "# all of it\nmodel: m.onnx\nthreads: 9\nfast: true\nconf: 0.5\n"
                          "ratios: [0.1, 0.2]\ngroups: [g1, g2]\ninput: ['a,b', c]\nimgsz: 64\n"),
                     PLD_OK);
    assert_int_equal(pld_options_check(&f.options), PLD_OK);
    assert_string_equal(f.v.model, "m.onnx");
    assert_int_equal(f.v.threads, 5);
    assert_true(f.v.fast);
    assert_true(f.v.conf == 0.5);
    assert_int_equal(f.v.ratios.count, 2);
    assert_int_equal(f.v.groups.count, 2);
    assert_int_equal(f.v.inputs.count, 2);
    assert_string_equal(f.v.inputs.items[0], "a,b");
    assert_int_equal(f.v.size.items[0], 64);
    assert_true(pld_options_given(&f.options, "conf"));
    pld_options_release(&f.options);
    assert_int_equal(load(&f, other, "model: m.onnx\n"), PLD_OK);
    assert_string_equal(f.v.model, "given.onnx");
    pld_options_release(&f.options);
}

static void expect_config_failure(const char *text, const char *where, const char *message)
{
    struct fixture f;
    char line[] = "m";
    assert_int_equal(load(&f, line, text), PLD_EUSAGE);
    if (!strstr(pld_error_last()->where, where) || !strstr(pld_error_last()->message, message))
        fail_msg("'%s: %s' does not have '%s' and '%s'", pld_error_last()->where,
                 pld_error_last()->message, where, message);
    pld_options_release(&f.options);
}

static void test_config_errors(void **state)
{
    (void)state;
    expect_config_failure("fast: true\nthreds: 3\n", ":2",
                          "unknown key 'threds'; did you mean threads?");
    expect_config_failure("threads: many\n", ":1: threads", "not a whole number");
    expect_config_failure("conf: 7\n", ":1: conf", "out of range");
    expect_config_failure("threads: [1, 2]\n", ":1", "takes one value");
    expect_config_failure("threads: {a: 1}\n", ":1", "string");
    expect_config_failure("- a\n- b\n", ":1", "mapping");
    struct fixture f;
    begin(&f);
    assert_int_equal(pld_options_load(&f.options, "there/is/none.yaml"), PLD_EUSAGE);
    assert_string_equal(pld_error_last()->where, "there/is/none.yaml");
    pld_options_release(&f.options);
}

static void test_help(void **state)
{
    (void)state;
    struct fixture f;
    char line[] = "m --help --nonsense";
    assert_int_equal(parse(&f, line), PLD_OK);
    assert_true(f.options.help);
    struct pld_str text = {0};
    pld_options_help(&text, &f.options);
    for (const struct pld_option *row = rows; row->name; row++) {
        char name[64];
        snprintf(name, sizeof name, "--%s", row->name);
        assert_non_null(strstr(text.data, name));
    }
    assert_non_null(strstr(text.data, "[default: 0.25]"));
    assert_non_null(strstr(text.data, "[0 to 64]"));
    assert_non_null(strstr(text.data, "(alpha, beta)"));
    assert_non_null(strstr(text.data, "-t, --threads N"));
    for (const char *at = text.data; *at;) {
        size_t n = strcspn(at, "\n");
        assert_true(n <= 100);
        at += n + (at[n] != '\0');
    }
    pld_str_release(&text);
    pld_options_release(&f.options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),      cmocka_unit_test(test_forms),
        cmocka_unit_test(test_flags),         cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_errors),        cmocka_unit_test(test_config),
        cmocka_unit_test(test_config_errors), cmocka_unit_test(test_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
