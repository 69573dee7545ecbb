/* run/report: reading a sweep's folder, whole or torn; the numbers derived; safe and complete
 * pages. */
#include <math.h>
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
#include "core/log.h"
#include "core/str.h"
#include "html_checks.h"
#include "run/report/data.h"
#include "run/report/format.h"
#include "run/report/report.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    pld_log_set_level(PLD_LOG_ERROR);
    strcpy(folder, "/tmp/pld_report_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void put_bytes(const char *name, const void *data, size_t size)
{
    char path[256];
    assert_int_equal(pld_path_join(path, sizeof path, folder, name), PLD_OK);
    assert_int_equal(pld_file_write(path, data, size), PLD_OK);
}

static void put(const char *name, const char *text)
{
    put_bytes(name, text, strlen(text));
}

static char *get(const char *name)
{
    char path[256];
    struct pld_bytes bytes;
    assert_int_equal(pld_path_join(path, sizeof path, folder, name), PLD_OK);
    assert_int_equal(pld_file_read(&bytes, path, PLD_EFAIL), PLD_OK);
    return (char *)bytes.data;
}

/* Writes the page and gives its text; caller frees. */
static char *page_of(const struct pld_report *report)
{
    char path[256];
    assert_int_equal(pld_path_join(path, sizeof path, folder, "report.html"), PLD_OK);
    assert_int_equal(pld_report_write_html(report, path), PLD_OK);
    return get("report.html");
}

#define BASELINE \
    "{\"group\":null,\"macs\":1000,\"params\":200,\"metrics\":{\"AP\":0.4,\"AP50\":0.6}}\n"

static const char small_journal[] = BASELINE
    "{\"group\":\"g0\",\"ratio\":0.3,\"units\":10,\"removed\":3,\"macs\":700,\"params\":170,"
    "\"metrics\":{\"AP\":0.391},\"drop\":0.009,\"ci95\":[0.004,0.014],\"status\":\"full\"}\n"
    "{\"group\":\"g0\",\"ratio\":0.1,\"units\":10,\"removed\":1,\"macs\":900,\"params\":190,"
    "\"metrics\":{\"AP\":0.399},\"drop\":0.001,\"ci95\":[-0.001,0.003],\"status\":\"full\"}\n"
    "{\"group\":\"g0\",\"ratio\":0.2,\"units\":10,\"removed\":2,\"macs\":800,\"params\":180,"
    "\"metrics\":{\"AP\":0.397},\"drop\":0.003,\"ci95\":[0.001,0.007],\"status\":\"full\"}\n"
    "{\"group\":\"g1\",\"ratio\":0.3,\"units\":8,\"removed\":2,\"macs\":950,\"params\":199,"
    "\"metrics\":{\"AP\":0.399},\"drop\":0.001,\"ci95\":[0,0.002],\"status\":\"stopped\"}\n";

static const char small_groups[] =
    "{\"groups\":[{\"id\":\"g0\",\"name\":\"/model.0/conv/Conv\",\"units\":10,\"prunable\":true,"
    "\"reason\":null,\"macs_per_unit\":100,\"params_per_unit\":10},"
    "{\"id\":\"g1\",\"name\":\"a,\\\"b\\\"\",\"units\":8,\"prunable\":true,\"reason\":null},"
    "{\"id\":\"g2\",\"name\":\"out\",\"units\":4,\"prunable\":false,\"reason\":\"graph output\"}]}";

static struct pld_report *load_small(void)
{
    struct pld_report *report;
    put("results.jsonl", small_journal);
    put("groups.json", small_groups);
    put("manifest.json", "{\"protocol\":\"coco\",\"ratios\":[0.1,0.2,0.3],\"points_total\":6,"
                         "\"command\":[\"pollard sweep 'my model.onnx'\"]}");
    assert_int_equal(pld_report_load(&report, folder), PLD_OK);
    return report;
}

static void expect_near(double value, double expected)
{
    assert_true(fabs(value - expected) < 1e-9);
}

static void test_numbers(void **state)
{
    (void)state;
    struct pld_report *r = load_small();
    assert_int_equal(r->n_groups, 3);
    assert_int_equal(r->n_points, 4);
    assert_int_equal(r->points_total, 6);
    assert_int_equal(r->n_prunable, 2);
    assert_int_equal(r->n_locked, 1);
    assert_int_equal(r->n_ratios, 3);
    expect_near(r->ratios[r->focus_ratio], 0.3);
    assert_int_equal(r->n_tolerant, 1);
    assert_int_equal(r->n_sure, 1);
    /* 0.003 at 0.2 and 0.009 at 0.3: 0.005 is a third of the way; the intervals end at 0.003 and
     * 0.007, half way from 0.1 to 0.2 */
    const struct pld_report_group *g = &r->groups[0];
    expect_near(g->removable, 0.2 + 0.1 / 3);
    expect_near(g->removable_sure, 0.15);
    expect_near(g->saved_macs, 200 + 100.0 / 3);
    expect_near(g->saved_params, 20 + 10.0 / 3);
    assert_true(g->reaches);
    assert_false(r->groups[1].reaches);
    expect_near(r->groups[1].removable, 0.3);
    assert_int_equal(r->by_saving[0], 0);
    assert_int_equal(r->by_drop[0], 0);
    assert_string_equal(g->label, "model.0");
    pld_report_set_tolerance(r, 0.02);
    assert_false(g->reaches);
    assert_int_equal(r->n_tolerant, 2);
    pld_report_free(r);
}

/* A dip behind the crossing is luck, not room. */
static void test_crossing_uses_running_maximum(void **state)
{
    (void)state;
    struct pld_report *r;
    put("results.jsonl", BASELINE "{\"group\":\"g0\",\"ratio\":0.1,\"macs\":900,\"drop\":0.01}\n"
                                  "{\"group\":\"g0\",\"ratio\":0.5,\"macs\":500,\"drop\":0.001}\n"
                                  "{\"group\":\"g1\",\"ratio\":0.5,\"macs\":500,\"drop\":-0.01}\n");
    assert_int_equal(pld_report_load(&r, folder), PLD_OK);
    expect_near(r->groups[0].removable, 0.05);
    expect_near(r->groups[0].saved_macs, 50);
    expect_near(r->groups[1].removable, 0.5);
    pld_report_free(r);
}

static void test_bins(void **state)
{
    (void)state;
    struct pld_report *r = load_small();
    static const double drops[] = {-0.1, 0, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16};
    for (int i = 0; i < PLD_REPORT_BINS; i++)
        assert_int_equal(pld_report_bin(r, drops[i]), i);
    assert_int_equal(pld_report_bin(r, NAN), -1);
    pld_report_free(r);
}

static void test_csv(void **state)
{
    (void)state;
    char path[256];
    struct pld_report *r = load_small();
    assert_int_equal(pld_path_join(path, sizeof path, folder, "sensitivity.csv"), PLD_OK);
    assert_int_equal(pld_report_write_csv(r, path), PLD_OK);
    char *csv = get("sensitivity.csv");
    assert_non_null(strstr(csv, "group,name,ratio,removed,AP,drop,ci_lo,ci_hi,macs,params,status\n"
                                "g0,/model.0/conv/Conv,0.1,1,0.39900000000000002,0.001,-0.001,"
                                "0.0030000000000000001,900,190,full\n"));
    assert_non_null(strstr(csv, "\ng1,\"a,\"\"b\"\"\",0.3,2,"));
    assert_non_null(strstr(csv, ",stopped\n"));
    free(csv);
    pld_report_free(r);
}

/* kill -9 leaves half a line; a resume may have written behind one. */
static void test_torn_journal(void **state)
{
    (void)state;
    struct pld_report *r;
    struct pld_str text = {0};
    pld_str_append(&text, small_journal);
    pld_str_append(&text, "{\"group\":\"g1\",\"ratio\":0.1,\"dr");
    put("results.jsonl", text.data);
    assert_int_equal(pld_report_load(&r, folder), PLD_OK);
    assert_int_equal(r->bad_lines, 0);
    assert_int_equal(r->n_points, 4);
    pld_report_free(r);
    pld_str_append(&text, "{\"group\":\"g1\",\"ratio\":0.1,\"drop\":0}\nnull\n\n"
                          "{\"group\":\"g1\",\"ratio\":0.3,\"drop\":0.002}\n"
                          "{\"group\":\"g1\",\"ratio\":7,\"drop\":0.002}\n");
    put("results.jsonl", text.data);
    assert_int_equal(pld_report_load(&r, folder), PLD_OK);
    assert_int_equal(r->bad_lines, 3);
    assert_int_equal(r->n_points, 4);
    expect_near(r->groups[1].points[0].drop, 0.002); /* the later line counts */
    char *page = page_of(r);
    assert_non_null(strstr(page, "3 unreadable lines of"));
    free(page);
    pld_report_free(r);
    pld_str_release(&text);
}

/* Cuts a journal everywhere: any prefix that has the baseline is a report. */
static void test_every_prefix(void **state)
{
    (void)state;
    size_t first = strlen(BASELINE);
    for (size_t n = 0; n < sizeof small_journal - 1; n += 7) {
        struct pld_report *r;
        put_bytes("results.jsonl", small_journal, n);
        pld_status status = pld_report_load(&r, folder);
        assert_int_equal(status, n + 1 < first ? PLD_EINCOMPLETE : PLD_OK);
        if (status == PLD_OK) free(page_of(r));
        pld_report_free(r);
    }
}

static void test_errors(void **state)
{
    (void)state;
    struct pld_report *r;
    assert_int_equal(pld_report_load(&r, "/nonexistent/sweep"), PLD_EDATA);
    assert_null(r);
    assert_int_equal(pld_report_load(&r, folder), PLD_EDATA); /* no journal */
    put("results.jsonl", "");
    assert_int_equal(pld_report_load(&r, folder), PLD_EINCOMPLETE);
    put("results.jsonl", small_journal);
    put("manifest.json", "{\"a\":");
    assert_int_equal(pld_report_load(&r, folder), PLD_EDATA);
    put("manifest.json", "[1]");
    put("groups.json", "{}");
    assert_int_equal(pld_report_load(&r, folder), PLD_EDATA);
    put("groups.json", "{\"groups\":[{\"name\":\"x\"}]}");
    assert_int_equal(pld_report_load(&r, folder), PLD_EDATA);
}

static void test_page(void **state)
{
    (void)state;
    struct pld_report *r = load_small();
    char *page = page_of(r);
    expect_balanced(page);
    expect_self_contained(page);
    assert_non_null(strstr(page,
                           "1 of 2 groups can lose 30\xC2\xA0% of their channels, each alone, "
                           "for less than 0.5 points of mAP."));
    assert_non_null(strstr(page, "incomplete: 4 of 6 points"));
    assert_non_null(strstr(page, "graph output"));
    assert_non_null(strstr(page, "<code>pollard sweep &#39;my model.onnx&#39;</code>"));
    assert_non_null(strstr(page, "prefers-color-scheme:dark"));
    free(page);
    pld_report_free(r);
}

/* Names come from a model file, captions from anywhere. */
static void test_hostile_text(void **state)
{
    (void)state;
    struct pld_report *r;
    put("results.jsonl",
        BASELINE "{\"group\":\"<b>\",\"ratio\":0.3,\"drop\":1e308,\"ci95\":[-1e308,1e308]}\n"
                 "{\"group\":\"x\",\"ratio\":0.3,\"units\":-5,\"removed\":-9,\"drop\":-1e300}\n");
    put("groups.json", "{\"groups\":[{\"id\":\"<b>\",\"name\":\"\\\"><script>alert('1')&\\u0001\","
                       "\"reason\":\"</td>\"},{\"id\":\"\",\"name\":\"\",\"prunable\":false}]}");
    put("manifest.json",
        "{\"model\":{\"path\":\"a/</title><script>\"},\"command\":[\"a'b\",\"<\",3],"
        "\"protocol\":\"<i>\",\"\\\"<\":{\"<\":[\"<\"]},\"points_total\":1e300,"
        "\"seconds\":-1,\"ratios\":[0,\"x\",2,0.3,1e-300]}");
    assert_int_equal(pld_report_load(&r, folder), PLD_OK);
    char *page = page_of(r);
    expect_balanced(page);
    expect_self_contained(page);
    assert_non_null(strstr(page, "&lt;script&gt;"));
    assert_non_null(strstr(page, "<code>&#39;a&#39;\\&#39;&#39;b&#39; &#39;&lt;&#39;"));
    free(page);
    assert_int_equal(pld_report_write_plots(r, folder), PLD_OK);
    char *svg = get("curves.svg");
    expect_balanced(svg);
    free(svg);
    pld_report_free(r);
}

static void test_examples(void **state)
{
    (void)state;
    struct pld_report *r;
    char path[256];
    static unsigned char jpeg[70000] = {0xFF, 0xD8, 0xFF, 0xE0};
    assert_int_equal(pld_path_join(path, sizeof path, folder, "examples"), PLD_OK);
    assert_int_equal(pld_dir_make(path), PLD_OK);
    put_bytes("examples/good.jpg", jpeg, 5);
    put_bytes("examples/large.jpg", jpeg, sizeof jpeg);
    put("examples/text.jpg", "not a picture");
    put_bytes("outside.jpg", jpeg, 5);
    put("results.jsonl", small_journal);
    put("manifest.json",
        "{\"examples\":[{\"file\":\"good.jpg\",\"caption\":\"<one>\"},{\"file\":\"large.jpg\"},"
        "{\"file\":\"text.jpg\"},{\"file\":\"../outside.jpg\"},{\"file\":\"absent.jpg\"},{},7]}");
    assert_int_equal(pld_report_load(&r, folder), PLD_OK);
    char *page = page_of(r);
    expect_balanced(page);
    char *found = strstr(page, "data:image/jpeg;base64,/9j/4AA=\"");
    assert_non_null(found);
    assert_null(strstr(found + 1, "data:image"));
    assert_non_null(strstr(page, "&lt;one&gt;"));
    free(page);
    pld_report_free(r);
}

static void test_voc_and_bare_folder(void **state)
{
    (void)state;
    struct pld_report *r;
    put("results.jsonl", "{\"group\":null,\"metrics\":{\"AP50\":0.7}}\n"
                         "{\"group\":\"g7\",\"ratio\":0.5,\"units\":4,\"removed\":2,\"metrics\":"
                         "{\"AP50\":0.6}}");
    assert_int_equal(pld_report_load(&r, folder), PLD_OK); /* no manifest, no groups */
    assert_int_equal(r->metric, 1);
    expect_near(r->groups[0].points[0].drop, 0.1);
    char *page = page_of(r);
    expect_balanced(page);
    expect_self_contained(page);
    assert_non_null(strstr(page, "AP50 (protocol not stated)"));
    assert_non_null(strstr(page, "no confidence intervals"));
    free(page);
    pld_report_free(r);
}

/* The largest sweep that the page's budget of 3 MB is stated for. */
static void write_large(int groups, int ratios)
{
    struct pld_str lines = {0}, list = {0};
    pld_str_append(&lines, BASELINE);
    pld_str_append(&list, "{\"groups\":[");
    for (int g = 0; g < groups; g++) {
        pld_str_printf(&list, "%s{\"id\":\"g%d\",\"name\":\"/model.%d/cv2.0/cv2.0.1/conv/Conv\",",
                       g ? "," : "", g, g);
        pld_str_append(&list, "\"units\":256,\"prunable\":true,\"macs_per_unit\":3}");
        for (int k = 1; k <= ratios; k++) {
            double ratio = k / (ratios + 1.0), drop = ratio * ratio * (g % 9) * 0.05;
            pld_str_printf(&lines,
                           "{\"group\":\"g%d\",\"ratio\":%.17g,\"units\":256,\"removed\":%d,"
                           "\"macs\":%d,\"params\":%d,\"metrics\":{\"AP\":%.17g},\"drop\":%.17g,"
                           "\"ci95\":[%.17g,%.17g],\"status\":\"full\"}\n",
                           g, ratio, 25 * k, 1000 - k, 200 - k, 0.4 - drop, drop, drop - 0.003,
                           drop + 0.003);
        }
    }
    pld_str_append(&list, "]}");
    put("results.jsonl", lines.data);
    put("groups.json", list.data);
    pld_str_release(&lines);
    pld_str_release(&list);
}

static void test_large(void **state)
{
    (void)state;
    static const char *const plots[] = {"heatmap.svg", "curves.svg", "extremes.svg",
                                        "tradeoff.svg"};
    struct pld_report *r;
    write_large(80, 9);
    assert_int_equal(pld_report_load(&r, folder), PLD_OK);
    assert_int_equal(r->n_points, 720);
    char *page = page_of(r);
    expect_balanced(page);
    assert_true(strlen(page) < 3u << 20);
    free(page);
    assert_int_equal(pld_report_write_plots(r, folder), PLD_OK);
    for (size_t i = 0; i < sizeof plots / sizeof *plots; i++) {
        char *svg = get(plots[i]);
        assert_int_equal(strncmp(svg, "<?xml", 5), 0);
        expect_balanced(svg);
        free(svg);
    }
    pld_report_free(r);
}

static void test_print(void **state)
{
    (void)state;
    struct pld_report *r = load_small();
    char path[256];
    assert_int_equal(pld_path_join(path, sizeof path, folder, "out.txt"), PLD_OK);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(pld_report_print(r, out), PLD_OK);
    fclose(out);
    char *text = get("out.txt");
    assert_null(strchr(text, '\033')); /* a file is no terminal */
    assert_non_null(strstr(text, "incomplete: 4 of 6 points\n1 of 2 groups can lose"));
    assert_non_null(strstr(text, "▁▂▃")); /* g0: 0.1, 0.3, 0.9 points */
    assert_non_null(strstr(text, "··▁")); /* g1: only the last ratio */
    assert_non_null(strstr(text, "Baseline mAP (coco) 0.400"));
    free(text);
    pld_report_free(r);
}

static void test_format(void **state)
{
    (void)state;
    struct pld_arena arena = {0};
    assert_string_equal(pld_short_name(&arena, "/model.22/cv2.0/cv2.0.1/conv/Conv"),
                        "model.22.cv2.0.1");
    assert_string_equal(pld_short_name(&arena, "/conv/Conv"), "conv");
    assert_string_equal(pld_short_name(&arena, "Conv_12"), "Conv_12");
    assert_string_equal(pld_short_name(&arena, "///"), "///");
    assert_string_equal(pld_fmt_points(-0.00001).text, "0.00");
    assert_string_equal(pld_fmt_points(0.123).text, "12.3");
    assert_string_equal(pld_fmt_points(-0.0123).text, "\xE2\x88\x92"
                                                      "1.23");
    assert_string_equal(pld_fmt_si(4368000000).text, "4.37\xC2\xA0G");
    assert_string_equal(pld_fmt_si(999600).text, "1.00\xC2\xA0M");
    assert_string_equal(pld_fmt_seconds(83.4).text, "1\xC2\xA0min 23\xC2\xA0s");
    assert_string_equal(pld_fmt_percent(0.025).text, "2.5\xC2\xA0%");
    assert_string_equal(pld_fmt_coord(-0.01).text, "0");
    assert_string_equal(pld_fmt_map(NAN).text, "n/a");
    assert_string_equal(pld_clip("abcdefghij", 7).text, "ab\xE2\x80\xA6ghij");
    assert_string_equal(pld_clip("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", 3).text,
                        "\xE2\x80\xA6\xC3\xA9\xC3\xA9");
    pld_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_numbers, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_crossing_uses_running_maximum, make_folder,
                                        drop_folder),
        cmocka_unit_test_setup_teardown(test_bins, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_csv, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_torn_journal, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_every_prefix, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_errors, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_page, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_hostile_text, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_examples, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_voc_and_bare_folder, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_large, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(test_print, make_folder, drop_folder),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
