/* The layout pass: where copies between layouts end up, and that they change nothing. */
#include <string.h>

#include "cpu/cpu.h"
#include "graph/passes.h"

#include "pass_fixture.h"

static void check_order(const struct pld_graph *graph)
{
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        if (!pld_node_live(node)) continue;
        for (int k = 0; k < node->n_data; k++) {
            if (node->in[k] == PLD_NONE) continue;
            const struct pld_value *value = &graph->values[node->in[k]];
            assert_true(value->producer < i);
            if (value->producer != PLD_NONE && !value->data)
                assert_false(graph->nodes[value->producer].dead);
        }
        for (int k = 0; k < node->n_out; k++)
            if (node->out[k] != PLD_NONE) assert_int_equal(graph->values[node->out[k]].producer, i);
    }
    for (int i = 0; i < graph->n_outputs; i++)
        assert_int_equal(graph->values[graph->outputs[i]].desc.layout, PLD_ROW_MAJOR);
}

static void test_layout_detector(void **state)
{
    (void)state;
    struct pld_graph *model = load("detector.onnx");
    infer(model, 0);
    struct pld_graph *graph = compile(model, 0);
    check_order(graph);
    /* One for each of the two Reshapes, and none inside the network. */
    assert_int_equal(count_op(graph, PLD_OP_REORDER), 2);
    assert_int_equal(desc_of(graph, "images")->layout, PLD_CHANNELS_LAST);
    assert_int_equal(desc_of(graph, "s3")->layout, PLD_CHANNELS_LAST); /* Add between two convs */
    assert_int_equal(desc_of(graph, "output0")->layout, PLD_ROW_MAJOR);
    assert_int_equal(count_op(graph, PLD_OP_BATCH_NORM), 0);
    assert_int_equal(count_op(graph, PLD_OP_MUL), 0);
    assert_same_results(model, graph);
    pld_graph_free(graph);
    pld_graph_free(model);
}

/* An output that others read too: one value in each layout, one copy. */
static void test_layout_output_read(void **state)
{
    (void)state;
    int x;
    struct pld_graph *model = start(&x, 3, 4, 4);
    int a = conv(model, "a", x, 3, 5);
    pld_graph_add_output(model, a);
    pld_graph_add_output(model, conv(model, "b", a, 5, 2));
    pld_graph_add_output(model, unary(model, PLD_OP_FLATTEN, "flat", a));
    infer(model, 0);
    struct pld_graph *graph = compile(model, 0);
    check_order(graph);
    assert_int_equal(count_op(graph, PLD_OP_REORDER), 2);
    assert_same_results(model, graph);
    pld_graph_free(graph);
    pld_graph_free(model);
}

/* Readers that want the same other layout share one copy. */
static void test_layout_shared(void **state)
{
    (void)state;
    int x;
    struct pld_graph *model = start(&x, 3, 4, 4);
    int a = conv(model, "a", x, 3, 5);
    pld_graph_add_output(model, unary(model, PLD_OP_FLATTEN, "one", a));
    pld_graph_add_output(model, unary(model, PLD_OP_FLATTEN, "two", a));
    pld_graph_add_output(model, conv(model, "three", a, 5, 2));
    infer(model, 0);
    struct pld_graph *graph = compile(model, 0);
    check_order(graph);
    assert_int_equal(count_op(graph, PLD_OP_REORDER), 2); /* of a, and of the output */
    assert_same_results(model, graph);
    pld_graph_free(graph);
    pld_graph_free(model);
}

/* An image that elementwise nodes touch first goes channels-last from the start; one that is
 * flattened does not. */
static void test_layout_inputs(void **state)
{
    (void)state;
    for (int flat = 0; flat < 2; flat++) {
        int x;
        struct pld_graph *model = start(&x, 3, 4, 4);
        int a = unary(model, PLD_OP_NEG, "neg", x);
        if (flat)
            a = unary(model, PLD_OP_FLATTEN, "y", a);
        else
            a = unary(model, PLD_OP_FLATTEN, "y", conv(model, "conv", a, 3, 2));
        pld_graph_add_output(model, a);
        infer(model, 0);
        struct pld_graph *graph = compile(model, 0);
        assert_int_equal(desc_of(graph, "x")->layout, flat ? PLD_ROW_MAJOR : PLD_CHANNELS_LAST);
        assert_int_equal(count_op(graph, PLD_OP_REORDER), flat ? 0 : 1);
        assert_same_results(model, graph);
        pld_graph_free(graph);
        pld_graph_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_detector),
        cmocka_unit_test(test_layout_output_read),
        cmocka_unit_test(test_layout_shared),
        cmocka_unit_test(test_layout_inputs),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
