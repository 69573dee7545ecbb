/* Forwards on a team of threads have the bits of a forward on one; shortcuts fused into
 * convolutions keep the numbers of plain kernels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <unistd.h>

#include "run/runner.h"
#include "tiny_graph.h"

static struct pld_runner *run_model(const char *model, int threads, bool reference)
{
    static struct pld_session_options options;
    struct pld_runner *runner;
    options = (struct pld_session_options){
        .device = "cpu", .threads = threads, .seed = 7, .reference = reference, .quiet = true};
    pld_status status = pld_runner_new(&runner, &options, model);
    if (status == PLD_OK) status = pld_runner_run(runner);
    if (status != PLD_OK) fail_msg("%s: %s", pld_error_last()->where, pld_error_last()->message);
    return runner;
}

static int64_t output_count(const struct pld_runner *r, int i)
{
    return pld_shape_count(&r->graph->values[r->graph->outputs[i]].desc.shape);
}

static void check_teams(const char *model)
{
    struct pld_runner *alone = run_model(model, 1, false);
    assert_null(alone->team);
    for (int threads = 2; threads <= 5; threads++) {
        struct pld_runner *team = run_model(model, threads, false);
        assert_non_null(team->team);
        for (int i = 0; i < alone->graph->n_outputs; i++)
            assert_memory_equal(alone->outputs[i], team->outputs[i],
                                (size_t)output_count(alone, i) * sizeof(float));
        pld_runner_free(team);
    }
    pld_runner_free(alone);
}

static void shipped_detector(void **state)
{
    (void)state;
    char model[4096];
    const char *source = getenv("POLLARD_SOURCE_DIR");
    assert_non_null(source);
    snprintf(model, sizeof model, "%s/configs/demo/panels.onnx", source);
    check_teams(model);
}

/* Early and late additions, of a shortcut that comes from before and from beside, around windows of
 * every kind of kernel; the channels of some fill no vector. */
static int residual_blocks(struct tiny *t, int x)
{
    int stem = tiny_unary(t, PLD_OP_RELU, tiny_conv(t, x, 3, 24, 3, 1));
    int body = tiny_conv(t, stem, 24, 24, 3, 1);
    int early = tiny_unary(t, PLD_OP_RELU, tiny_binary(t, PLD_OP_ADD, body, stem));
    int narrow = tiny_conv(t, early, 24, 13, 1, 1);
    int beside = tiny_conv(t, early, 24, 13, 3, 1);
    int both = tiny_binary(t, PLD_OP_SUM, narrow, beside);
    int wide = tiny_conv(t, both, 13, 24, 1, 1);
    int deep = tiny_unary(t, PLD_OP_SIGMOID, tiny_conv(t, wide, 24, 24, 5, 24));
    return tiny_binary(t, PLD_OP_ADD, early, deep);
}

static void fused_shortcuts(void **state)
{
    (void)state;
    char model[] = "/tmp/pollard-team-XXXXXX";
    struct tiny t;
    tiny_open(&t, 3);
    tiny_finish(&t, residual_blocks(&t, tiny_input(&t, 1, 3, 37, 29)));
    int file = mkstemp(model);
    assert_true(file >= 0);
    close(file);
    assert_int_equal(pld_graph_save(t.graph, model), PLD_OK);
    struct pld_runner *fast = run_model(model, 1, false), *plain = run_model(model, 1, true);
    int fused = 0;
    for (int i = 0; i < fast->graph->n_nodes; i++) {
        const struct pld_node *node = &fast->graph->nodes[i];
        if (!pld_node_live(node)) continue;
        assert_true(node->op != PLD_OP_ADD && node->op != PLD_OP_SUM && node->op != PLD_OP_RELU);
        fused += node->op == PLD_OP_CONV && node->params.conv.add != PLD_CONV_ADD_NONE;
    }
    assert_int_equal(fused, 3);
    const float *got = fast->outputs[0], *want = plain->outputs[0];
    for (int64_t i = 0; i < output_count(fast, 0); i++)
        if (fabsf(got[i] - want[i]) > 1e-4f * (1 + fabsf(want[i])))
            fail_msg("element %lld: %g instead of %g", (long long)i, (double)got[i],
                     (double)want[i]);
    pld_runner_free(fast);
    pld_runner_free(plain);
    check_teams(model);
    unlink(model);
    tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_detector),
        cmocka_unit_test(fused_shortcuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
