/* Darknet models: what the layers compute, what the head is told, and files that are wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/log.h"
#include "cpu/cpu.h"
#include "darknet/tiny.h"
#include "eval/head.h"
#include "graph/darknet.h"
#include "graph/passes.h"
#include "graph_eval.h"

static const char *tiny_path(const char *ending)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/tests/darknet/tiny%s", getenv("POLLARD_SOURCE_DIR"), ending);
    return path;
}

static void expect_close(const float *got, const float *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(got[i] - want[i]) <= 1e-4f * (1.0f + fabsf(want[i]))))
            fail_msg("element %zu is %g, not %g", i, (double)got[i], (double)want[i]);
}

/* Both outputs, in the order of the file. */
static void expect_outputs(struct pld_graph *graph, struct pld_backend *cpu)
{
    const struct pld_infer_options options = {0};
    struct graph_eval e;
    assert_int_equal(pld_pass_infer(graph, cpu, &options), PLD_OK);
    eval_new(&e, graph, cpu);
    eval_input(&e, 0, tiny_input);
    assert_int_equal(eval_run(&e), PLD_OK);
    assert_int_equal(graph->n_outputs, 2);
    expect_close(e.value[graph->outputs[0]], tiny_output0,
                 sizeof tiny_output0 / sizeof *tiny_output0);
    expect_close(e.value[graph->outputs[1]], tiny_output1,
                 sizeof tiny_output1 / sizeof *tiny_output1);
    eval_release(&e);
}

static void test_layers(void **state)
{
    (void)state;
    const struct pld_backend_options options = {.threads = 1, .reference = true};
    struct pld_backend *cpu;
    struct pld_graph *graph, *again;
    void *bytes;
    size_t size;
    assert_int_equal(pld_cpu_backend_api.open(&cpu, &options), PLD_OK);
    assert_int_equal(pld_graph_load(&graph, tiny_path(".cfg")), PLD_OK);
    expect_outputs(graph, cpu);
    assert_int_equal(pld_graph_serialise(&bytes, &size, graph), PLD_OK);
    assert_int_equal(pld_graph_parse(&again, bytes, size, "again"), PLD_OK);
    expect_outputs(again, cpu);
    free(bytes);
    pld_graph_free(again);
    pld_graph_free(graph);
    pld_backend_close(cpu);
}

static void test_head_is_told(void **state)
{
    (void)state;
    struct pld_graph *graph;
    struct pld_head_model model;
    assert_int_equal(pld_graph_load(&graph, tiny_path(".weights")), PLD_OK);
    const struct pld_infer_options options = {0};
    assert_int_equal(pld_pass_infer(graph, NULL, &options), PLD_OK);
    assert_int_equal(pld_head_bind(&model, graph, NULL, NULL, 0), PLD_OK);
    assert_string_equal(model.head->name, "yolov3");
    assert_string_equal(pld_graph_metadata(graph, PLD_META_PREPROCESS), "darknet-letterbox");
    assert_int_equal(model.classes, 1);
    assert_int_equal(model.n_levels, 2);
    assert_int_equal(model.score_maps[0].stride, 4);
    assert_int_equal(model.score_maps[0].output, 1);
    assert_int_equal(model.score_maps[1].stride, 8);
    assert_true(model.anchors[0][0] == 4 && model.anchors[2][1] == 9);
    assert_true(model.anchors[3][0] == 10 && model.anchors[5][1] == 15.5f);
    assert_true(model.xy_scale[0] == 1.0f && model.xy_scale[1] == 1.05f);
    pld_graph_free(graph);
}

static void expect_error(const char *cfg, size_t weights, const char *words)
{
    static unsigned char numbers[4096] = {0, 0, 0, 0, 2};
    struct pld_graph *graph;
    pld_status status = pld_darknet_parse(&graph, cfg, strlen(cfg), numbers, weights, "bad.cfg");
    assert_int_equal(status, PLD_EMODEL);
    if (!strstr(pld_error_last()->message, words))
        fail_msg("'%s' does not say '%s'", pld_error_last()->message, words);
}

#define NET  "[net]\nwidth=8\nheight=8\n"
#define CONV "[convolutional]\nfilters=18\nsize=1\n"
#define YOLO "[yolo]\nmask=0,1,2\nanchors=1,2,3,4,5,6\n"

static void test_errors(void **state)
{
    (void)state;
    pld_log_set_level(PLD_LOG_ERROR);
    expect_error("", 20, "[net]");
    expect_error("width=3\n", 20, "line 1: a key before");
    expect_error(NET "nonsense\n", 20, "line 4: neither");
    expect_error("[net\n", 20, "line 1: ']'");
    expect_error("[net]\nwidth=8\n", 20, "height=0");
    expect_error("[net]\nwidth=8.5\nheight=8\n", 20, "not a whole number");
    expect_error("[net]\nwidth=99999\nheight=8\n", 20, "not within");
    expect_error(NET, 11, "no header");
    expect_error(NET, 20, "no [yolo]");
    expect_error(NET CONV YOLO, 20 + 18 * 4, "ends here: 0 of 216 bytes left");
    expect_error(NET CONV CONV, 20 + 72 * 4 + 18 * 4, "line 7, [convolutional]: the .weights");
    expect_error(NET "[lstm]\n", 20, "[lstm]: this kind");
    expect_error(NET "[shortcut]\nfrom=-2\n", 20, "no layer -2");
    expect_error(NET "[route]\nlayers=0\n", 20, "no layer 0");
    expect_error(NET "[route]\n", 20, "layers= is missing");
    expect_error(NET "[convolutional]\nactivation=hardtan\n", 36, "'hardtan' is not supported");
    expect_error(NET "[convolutional]\nsize=9\n", 2000, "a window of 9 on 8");
    expect_error(NET "[convolutional]\nfilters=4\ngroups=2\n", 2000, "2 groups of 3");
    expect_error(NET "[convolutional]\nfilters=60000\nsize=255\n", 2000, "ends here");
    expect_error(NET "[maxpool]\nsize=2\npadding=9\n", 20, "too wide");
    expect_error(NET CONV "[yolo]\nmask=3\nanchors=1,2,3,4,5,6\n", 308, "no anchor 3");
    expect_error(NET CONV "[yolo]\nmask=0\nanchors=1,2,3,4,5,6\n", 308, "1 anchors a cell");
    expect_error(NET CONV YOLO YOLO, 308, "a second time");
}

static void test_missing_files(void **state)
{
    (void)state;
    struct pld_graph *graph;
    assert_int_equal(pld_graph_load(&graph, "nowhere.cfg"), PLD_EMODEL);
    assert_non_null(strstr(pld_error_last()->where, "nowhere.cfg"));
    assert_int_equal(pld_graph_load(&graph, "nowhere.weights"), PLD_EMODEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_head_is_told),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_missing_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
