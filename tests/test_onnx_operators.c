/* Single operators against ONNX Runtime: tests/onnx/operators.onnx has nodes with constant inputs
 * and, for each output NAME, an initializer NAME.want (written by make_operators.py). Inference
 * computes them all. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "backend/element.h"
#include "cpu/cpu.h"
#include "graph/graph.h"
#include "graph/passes.h"

/* Both sides compute in their own order; a few units in the last place of the largest element. */
static bool agrees(const struct pld_value *got, const struct pld_value *want)
{
    enum pld_dtype dtype = want->desc.dtype;
    int64_t n = pld_shape_count(&want->desc.shape);
    double scale = 1;
    if (!got->data || got->desc.dtype != dtype ||
        !pld_shape_equal(&got->desc.shape, &want->desc.shape))
        return false;
    for (int64_t i = 0; i < n; i++) {
        double v = fabs(pld_load(dtype, want->data, i));
        if (isfinite(v) && v > scale) scale = v;
    }
    for (int64_t i = 0; i < n; i++) {
        double a = pld_load(dtype, got->data, i), b = pld_load(dtype, want->data, i);
        if (a == b || (isnan(a) && isnan(b))) continue;
        if (!pld_dtype_is_float(dtype) || !(fabs(a - b) <= 4e-6 * scale)) return false;
    }
    return true;
}

static void check_operators(bool reference)
{
    const struct pld_backend_options options = {.threads = 1, .reference = reference};
    const struct pld_infer_options infer = {0};
    const char *source = getenv("POLLARD_SOURCE_DIR");
    char path[4096], want[256];
    struct pld_backend *backend;
    struct pld_graph *graph;
    int wrong = 0;
    snprintf(path, sizeof path, "%s/tests/onnx/operators.onnx", source ? source : ".");
    assert_int_equal(pld_cpu_backend_api.open(&backend, &options), PLD_OK);
    if (pld_graph_load(&graph, path) != PLD_OK || pld_pass_infer(graph, backend, &infer) != PLD_OK)
        fail_msg("%s: %s", pld_error_last()->where, pld_error_last()->message);
    for (int i = 0; i < graph->n_outputs; i++) {
        const struct pld_value *value = &graph->values[graph->outputs[i]];
        snprintf(want, sizeof want, "%s.want", value->name);
        int v = pld_graph_find_value(graph, want);
        assert_int_not_equal(v, PLD_NONE);
        if (agrees(value, &graph->values[v])) continue;
        print_error("%s differs\n", value->name);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    assert_true(graph->n_outputs > 120);
    pld_graph_free(graph);
    pld_backend_close(backend);
}

static void test_operators(void **state)
{
    (void)state;
    check_operators(false);
}

static void test_operators_reference(void **state)
{
    (void)state;
    check_operators(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_operators),
                                       cmocka_unit_test(test_operators_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
