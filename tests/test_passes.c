/* The passes one at a time: what each changes, and what it must leave alone. The layout pass is in
 * test_layout.c; that compiled graphs compute the same is test_passes_random.c. */
#include <string.h>

#include "cpu/cpu.h"
#include "graph/passes.h"

#include "pass_fixture.h"

/* ---- infer ---- */

static void test_infer_detector(void **state)
{
    (void)state;
    struct pld_graph *graph = load("detector.onnx");
    infer(graph, 0);
    assert_shape(graph, "p1", "1x8x8x8");
    assert_shape(graph, "s1", "1x4x8x8");
    assert_shape(graph, "down", "1x8x4x4");
    assert_shape(graph, "output0", "1x7x64");
    assert_int_equal(graph->batch, 1);
    int64_t macs = pld_graph_macs(graph);
    infer(graph, 3); /* again, for another batch */
    assert_shape(graph, "images", "3x3x16x16");
    assert_shape(graph, "up", "3x8x8x8");
    assert_shape(graph, "box.flat", "3x4x64");
    assert_shape(graph, "output0", "3x7x64");
    assert_int_equal(graph->batch, 3);
    assert_int_equal(pld_graph_macs(graph), macs); /* of one image */
    pld_graph_free(graph);
}

static void test_infer_dynamic(void **state)
{
    (void)state;
    struct pld_graph *graph = load("symbolic.onnx");
    struct pld_infer_options options = {0};
    assert_int_equal(pld_pass_infer(graph, cpu, &options), PLD_EMODEL);
    assert_string_equal(pld_error_last()->message,
                        "input 'image' has dynamic height/width: give --imgsz");
    options.height = 6;
    options.width = 5;
    assert_int_equal(pld_pass_infer(graph, cpu, &options), PLD_OK);
    assert_shape(graph, "out", "1x4x6x5");
    infer(graph, 2); /* keeps the size it was given */
    assert_shape(graph, "out", "2x4x6x5");
    pld_graph_free(graph);
}

static void test_infer_refuses(void **state)
{
    (void)state;
    int x;
    const struct pld_infer_options options = {0};
    struct pld_graph *graph = start(&x, 2, 4, 4);
    static const struct pld_declared named = {
        .rank = 4, .dim = {1, -1, 4, 4}, .axis_name = {NULL, "channels"}};
    pld_graph_add_output(graph, unary(graph, PLD_OP_RELU, "y", x));
    graph->values[x].declared = &named;
    assert_int_equal(pld_pass_infer(graph, cpu, &options), PLD_EMODEL);
    assert_string_equal(pld_error_last()->message, "input 'x': axis 1 ('channels') is dynamic");
    static const struct pld_declared nothing = {.rank = -1};
    graph->values[x].declared = &nothing;
    assert_int_equal(pld_pass_infer(graph, cpu, &options), PLD_EMODEL);
    assert_string_equal(pld_error_last()->message, "input 'x' does not state its shape");
    graph->values[x].desc.dtype = PLD_DTYPE_COUNT;
    assert_int_equal(pld_pass_infer(graph, cpu, &options), PLD_EMODEL);
    assert_string_equal(pld_error_last()->message, "input 'x' has a type that is not supported");
    pld_graph_free(graph);
    graph = load("unknown.onnx");
    assert_int_equal(pld_pass_infer(graph, cpu, &options), PLD_EMODEL);
    assert_non_null(strstr(pld_error_last()->message, "2 nodes use operators"));
    pld_graph_free(graph);
}

/* Shape, Gather, Concat, Reshape: what exporters write for a flatten. */
static void test_infer_folds_shapes(void **state)
{
    (void)state;
    int x;
    const int64_t zero = 0, rest = -1;
    const struct pld_desc one = {.dtype = PLD_I64, .shape = {1, {1}}};
    struct pld_graph *graph = start(&x, 3, 2, 5);
    int shape = unary(graph, PLD_OP_SHAPE, "shape", x);
    int first = apply(graph, PLD_OP_GATHER, "first",
                      (int[]){shape, pld_graph_add_constant(graph, "zero", &one, &zero)}, 2);
    int target = apply(graph, PLD_OP_CONCAT, "target",
                       (int[]){first, pld_graph_add_constant(graph, "rest", &one, &rest)}, 2);
    pld_node_set_int(graph, graph->n_nodes - 1, "axis", 0);
    pld_graph_add_output(graph, apply(graph, PLD_OP_RESHAPE, "y", (int[]){x, target}, 2));
    for (int64_t batch = 1; batch < 4; batch++) {
        infer(graph, batch);
        const int64_t *data = graph->values[target].data;
        assert_non_null(data);
        assert_int_equal(data[0], batch);
        assert_int_equal(data[1], -1);
        assert_true(graph->nodes[0].constant && graph->nodes[1].constant);
        assert_false(graph->nodes[3].constant);
        assert_int_equal(desc_of(graph, "y")->shape.dim[1], 30);
    }
    pld_graph_free(graph);
}

static void test_infer_folds_weights(void **state)
{
    (void)state;
    int x;
    struct pld_graph *graph = start(&x, 4, 3, 3);
    int w = weight(graph, "w", (struct pld_shape){4, {2, 4, 1, 1}});
    int twice = apply(graph, PLD_OP_ADD, "twice", (int[]){w, w}, 2);
    int same = unary(graph, PLD_OP_IDENTITY, "same", twice);
    pld_graph_add_output(graph, apply(graph, PLD_OP_CONV, "y", (int[]){x, same}, 2));
    infer(graph, 0);
    const float *from = graph->values[w].data, *to = graph->values[same].data;
    for (int i = 0; i < 8; i++)
        assert_float_equal(to[i], 2 * from[i], 0);
    assert_ptr_equal(to, graph->values[twice].data); /* Identity costs nothing */
    assert_int_equal(pld_graph_params(graph), 8);    /* found through what was folded */
    pld_graph_free(graph);
}

/* ---- fold_bn ---- */

static void check_fold(struct pld_graph *graph, const char *name)
{
    infer(graph, 0);
    struct pld_graph *folded;
    assert_int_equal(pld_graph_clone(&folded, graph), PLD_OK);
    assert_int_equal(pld_pass_fold_bn(folded), PLD_OK);
    assert_int_equal(count_op(folded, PLD_OP_BATCH_NORM), 0);
    assert_same_results(graph, folded);
    const struct pld_node *before = node_of(graph, name), *after = node_of(folded, name);
    const struct pld_value *w = &folded->values[after->in[1]];
    assert_int_equal(after->n_data, 3);
    assert_int_equal(w->origin, before->in[1]);
    assert_string_equal(w->name, graph->values[before->in[1]].name);
    assert_false(w->initializer);
    assert_true(pld_shape_equal(&w->desc.shape, &graph->values[before->in[1]].desc.shape));
    pld_graph_free(folded);
    pld_graph_free(graph);
}

static void test_fold_conv(void **state)
{
    (void)state;
    for (int bias = 0; bias < 2; bias++) {
        int x;
        struct pld_graph *graph = start(&x, 4, 5, 5);
        int in[3] = {x, weight(graph, "w", (struct pld_shape){4, {6, 2, 3, 3}}),
                     weight(graph, "b", (struct pld_shape){1, {6}})};
        int y = apply(graph, PLD_OP_CONV, "conv", in, 2 + bias);
        pld_node_set_int(graph, 0, "group", 2);
        pld_graph_add_output(graph, norm(graph, "two", norm(graph, "one", y, 6), 6));
        check_fold(graph, "conv");
    }
}

static void test_fold_conv_transpose(void **state)
{
    (void)state;
    int x;
    struct pld_graph *graph = start(&x, 4, 3, 3);
    int w = weight(graph, "w", (struct pld_shape){4, {4, 3, 2, 2}});
    int y = apply(graph, PLD_OP_CONV_TRANSPOSE, "up", (int[]){x, w}, 2);
    pld_node_set_int(graph, 0, "group", 2);
    pld_graph_add_output(graph, norm(graph, "norm", y, 6));
    check_fold(graph, "up");
}

static void test_fold_gemm(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        int x, trans = kind % 2;
        struct pld_graph *graph = start(&x, 4, 1, 1);
        int flat = unary(graph, PLD_OP_FLATTEN, "flat", x);
        int w = weight(graph, "w",
                       trans ? (struct pld_shape){2, {3, 4}} : (struct pld_shape){2, {4, 3}});
        int b = weight(graph, "b", (struct pld_shape){1, {kind < 2 ? 3 : 1}});
        int y = apply(graph, PLD_OP_GEMM, "gemm", (int[]){flat, w, b}, kind < 4 ? 3 : 2);
        pld_node_set_int(graph, 1, "transB", trans);
        pld_node_set_float(graph, 1, "alpha", 0.5f);
        pld_node_set_float(graph, 1, "beta", 2.0f);
        pld_graph_add_output(graph, norm(graph, "norm", y, 3));
        check_fold(graph, "gemm");
    }
}

/* Scale and shift spelled out, from either side, as one number or one a channel. */
static void test_fold_binary(void **state)
{
    (void)state;
    static const enum pld_op kinds[] = {PLD_OP_MUL, PLD_OP_ADD, PLD_OP_SUB, PLD_OP_DIV};
    static const struct pld_shape shapes[] = {
        {0}, {1, {1}}, {3, {6, 1, 1}}, {4, {1, 6, 1, 1}}, {3, {1, 5, 1}}, {1, {5}}};
    for (int i = 0; i < 4 * 6 * 2; i++) {
        int x, kind = i % 4, shape = i / 4 % 6, side = i / 24;
        struct pld_graph *graph = start(&x, 4, 5, 5);
        int in[2] = {conv(graph, "conv", x, 4, 6), weight(graph, "k", shapes[shape])};
        if (side) in[0] = in[1], in[1] = graph->nodes[0].out[0];
        pld_graph_add_output(graph, apply(graph, kinds[kind], "y", in, 2));
        bool folds = shape < 4 && !(kinds[kind] == PLD_OP_DIV && side);
        infer(graph, 0);
        struct pld_graph *folded;
        assert_int_equal(pld_graph_clone(&folded, graph), PLD_OK);
        assert_int_equal(pld_pass_fold_bn(folded), PLD_OK);
        assert_int_equal(count_op(folded, kinds[kind]), folds ? 0 : 1);
        assert_same_results(graph, folded);
        pld_graph_free(folded);
        pld_graph_free(graph);
    }
}

/* A second reader of the convolution, a graph output, or weights that vary forbid the fold. */
static void test_fold_leaves(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        int x, other;
        struct pld_graph *graph = start(&x, 2, 3, 3);
        int y = kind == 2 ? PLD_NONE : conv(graph, "conv", x, 2, 2);
        if (kind == 2) {
            other = pld_graph_add_value(graph, "w");
            graph->values[other].desc =
                (struct pld_desc){.dtype = PLD_F32, .shape = {4, {2, 2, 1, 1}}};
            pld_graph_add_input(graph, other);
            y = apply(graph, PLD_OP_CONV, "conv", (int[]){x, other}, 2);
        }
        pld_graph_add_output(graph, norm(graph, "norm", y, 2));
        if (kind == 0) pld_graph_add_output(graph, unary(graph, PLD_OP_NEG, "neg", y));
        if (kind == 1) pld_graph_add_output(graph, y);
        infer(graph, 0);
        assert_int_equal(pld_pass_fold_bn(graph), PLD_OK);
        assert_int_equal(count_op(graph, PLD_OP_BATCH_NORM), 1);
        pld_graph_free(graph);
    }
}

/* ---- fuse_act ---- */

static struct pld_graph *gated(enum pld_op gate, bool gate_first, int *out)
{
    int x;
    struct pld_graph *graph = start(&x, 2, 3, 3);
    int y = conv(graph, "conv", x, 2, 2);
    int g = gate == PLD_OP_TANH ? unary(graph, PLD_OP_SOFTPLUS, "soft", y) : y;
    g = unary(graph, gate, "gate", g);
    if (gate == PLD_OP_HARD_SIGMOID)
        pld_node_set_float(graph, graph->n_nodes - 1, "alpha", 1.0f / 6);
    int in[2] = {gate_first ? g : y, gate_first ? y : g};
    *out = apply(graph, PLD_OP_MUL, "mul", in, 2);
    pld_graph_add_output(graph, *out);
    return graph;
}

static void test_fuse_gates(void **state)
{
    (void)state;
    static const struct {
        enum pld_op gate, kind;
    } cases[] = {{PLD_OP_SIGMOID, PLD_OP_SILU},
                 {PLD_OP_HARD_SIGMOID, PLD_OP_HARD_SWISH},
                 {PLD_OP_TANH, PLD_OP_MISH}};
    for (int i = 0; i < 6; i++) {
        int out;
        struct pld_graph *graph = gated(cases[i / 2].gate, i % 2, &out), *fused;
        infer(graph, 0);
        assert_int_equal(pld_graph_clone(&fused, graph), PLD_OK);
        assert_int_equal(pld_pass_fuse_act(fused), PLD_OK);
        const struct pld_node *c = node_of(fused, "conv");
        assert_int_equal(c->params.conv.act.op, cases[i / 2].kind);
        assert_int_equal(c->out[0], out);
        assert_int_equal(fused->values[out].producer, 0);
        for (int k = 1; k < fused->n_nodes; k++)
            assert_true(fused->nodes[k].dead);
        assert_same_results(graph, fused);
        pld_graph_free(fused);
        pld_graph_free(graph);
    }
}

/* HardSwish and HardSigmoid as exporters without those operators write them. */
static void test_fuse_six(void **state)
{
    (void)state;
    for (int form = 0; form < 5; form++) {
        int x;
        struct pld_graph *graph = start(&x, 2, 3, 3), *fused;
        const float numbers[] = {3, 0, 6, 1.0f / 6};
        const struct pld_desc one = {.dtype = PLD_F32};
        int k[4];
        for (int i = 0; i < 4; i++)
            k[i] = pld_graph_add_constant(graph, "k", &one, &numbers[i]);
        int y = conv(graph, "conv", x, 2, 2);
        /* Twice the size, so that the clip is felt; by an operator that is not folded away. */
        y = unary(graph, PLD_OP_NEG, "neg", apply(graph, PLD_OP_ADD, "twice", (int[]){y, y}, 2));
        int z = apply(graph, PLD_OP_ADD, "plus", form % 2 ? (int[]){y, k[0]} : (int[]){k[0], y}, 2);
        z = apply(graph, PLD_OP_CLIP, "clip", (int[]){z, k[1], k[2]}, 3);
        if (form < 2) z = apply(graph, PLD_OP_MUL, "mul", (int[]){y, z}, 2);
        z = form % 2 ? apply(graph, PLD_OP_DIV, "div", (int[]){z, k[2]}, 2)
                     : apply(graph, PLD_OP_MUL, "sixth", (int[]){k[3], z}, 2);
        if (form == 2 || form == 3) z = apply(graph, PLD_OP_MUL, "mul", (int[]){z, y}, 2);
        pld_graph_add_output(graph, z);
        infer(graph, 0);
        assert_int_equal(pld_graph_clone(&fused, graph), PLD_OK);
        assert_int_equal(pld_pass_fuse_act(fused), PLD_OK);
        assert_int_equal(count_op(fused, PLD_OP_CLIP), 0);
        assert_int_equal(count_op(fused, PLD_OP_MUL) + count_op(fused, PLD_OP_DIV), 0);
        assert_int_equal(count_op(fused, PLD_OP_HARD_SWISH), form < 4 ? 1 : 0);
        assert_int_equal(count_op(fused, PLD_OP_HARD_SIGMOID), form < 4 ? 0 : 1);
        assert_same_results(graph, fused);
        pld_graph_free(fused);
        pld_graph_free(graph);
    }
}

/* The gate has a second reader: the product stays, and so does the gate. */
static void test_fuse_leaves_shared_gate(void **state)
{
    (void)state;
    int out;
    struct pld_graph *graph = gated(PLD_OP_SIGMOID, false, &out);
    pld_graph_add_output(graph, pld_graph_find_value(graph, "gate"));
    infer(graph, 0);
    assert_int_equal(pld_pass_fuse_act(graph), PLD_OK);
    assert_int_equal(count_op(graph, PLD_OP_MUL), 1);
    assert_int_equal(node_of(graph, "conv")->params.conv.act.op, -1);
    pld_graph_free(graph);
}

static void test_fuse_activations(void **state)
{
    (void)state;
    static const enum pld_op kinds[] = {PLD_OP_RELU,    PLD_OP_LEAKY_RELU, PLD_OP_CLIP,
                                        PLD_OP_SIGMOID, PLD_OP_TANH,       PLD_OP_HARD_SWISH};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (int output = 0; output < 2; output++) {
            int x;
            struct pld_graph *graph = start(&x, 2, 3, 3), *fused;
            int y = conv(graph, "conv", x, 2, 2);
            pld_graph_add_output(graph, unary(graph, kinds[i], "act", y));
            if (output) pld_graph_add_output(graph, y);
            infer(graph, 0);
            assert_int_equal(pld_graph_clone(&fused, graph), PLD_OK);
            assert_int_equal(pld_pass_fuse_act(fused), PLD_OK);
            assert_int_equal(count_op(fused, kinds[i]), output);
            assert_same_results(graph, fused);
            pld_graph_free(fused);
            pld_graph_free(graph);
        }
}

/* ---- dead ---- */

static void test_dead(void **state)
{
    (void)state;
    int x;
    struct pld_graph *graph = start(&x, 2, 3, 3);
    int a = unary(graph, PLD_OP_IDENTITY, "a", unary(graph, PLD_OP_DROPOUT, "drop", x));
    int y = unary(graph, PLD_OP_RELU, "y", a);
    unary(graph, PLD_OP_NEG, "unused", y);
    pld_graph_add_output(graph, unary(graph, PLD_OP_IDENTITY, "out", y));
    infer(graph, 0);
    assert_int_equal(pld_pass_dead(graph), PLD_OK);
    assert_int_equal(node_of(graph, "y")->in[0], x);
    assert_true(node_of(graph, "drop")->dead && node_of(graph, "a")->dead);
    assert_true(node_of(graph, "unused")->dead);
    assert_false(node_of(graph, "out")->dead); /* outputs keep their names */
    pld_graph_free(graph);
}

/* ---- compile ---- */

static void test_compile_refuses_mixed_batch(void **state)
{
    (void)state;
    struct pld_graph *model = load("squashed.onnx"), *graph;
    infer(model, 0);
    graph = compile(model, 1);
    pld_graph_free(graph);
    assert_int_equal(pld_graph_compile(&graph, model, cpu, cpu, 2), PLD_EMODEL);
    assert_null(graph);
    assert_non_null(strstr(pld_error_last()->message, "does not run on a batch of 2"));
    pld_graph_free(model);
}

/* Every shape fits, but the images end up where the channels were; and a shuffle in which they take
 * a detour and come back. */
static void test_compile_follows_images(void **state)
{
    (void)state;
    static const int64_t mixed[2][3] = {{5, -1}, {1, 16, 5}};
    static const int64_t shuffled[2][5] = {{3, 2, 16}, {2, -1, 3, 4, 4}};
    const struct pld_desc two = {.dtype = PLD_I64, .shape = {1, {2}}};
    const struct pld_desc three = {.dtype = PLD_I64, .shape = {1, {3}}};
    const struct pld_desc five = {.dtype = PLD_I64, .shape = {1, {5}}};
    const int64_t zero = 0;
    for (int good = 0; good < 2; good++) {
        int x;
        struct pld_graph *model = start(&x, 2, 4, 4), *graph = NULL;
        int y = conv(model, "conv", x, 2, good ? 6 : 5);
        int to = pld_graph_add_constant(model, "to", good ? &three : &two,
                                        good ? shuffled[0] : mixed[0]);
        y = apply(model, PLD_OP_RESHAPE, "out", (int[]){y, to}, 2);
        y = unary(model, PLD_OP_TRANSPOSE, "turn", y);
        const int64_t perm[] = {1, 0, 2};
        pld_node_set_ints(model, model->n_nodes - 1, "perm", perm, good ? 3 : 2);
        to = pld_graph_add_constant(model, "back", good ? &five : &three,
                                    good ? shuffled[1] : mixed[1]);
        y = apply(model, PLD_OP_RESHAPE, "in", (int[]){y, to}, 2);
        const struct pld_desc scalar = {.dtype = PLD_I64};
        if (good)
            y = apply(model, PLD_OP_GATHER, "half",
                      (int[]){y, pld_graph_add_constant(model, "zero", &scalar, &zero)}, 2);
        pld_graph_add_output(model, y);
        infer(model, 0);
        assert_int_equal(pld_graph_compile(&graph, model, cpu, cpu, 2), good ? PLD_OK : PLD_EMODEL);
        if (!good && !strstr(pld_error_last()->message, "does not run on a batch of 2"))
            fail_msg("%s", pld_error_last()->message);
        pld_graph_free(graph);
        pld_graph_free(model);
    }
}

/* Compiling leaves the model as it was. */
static void test_compile_keeps_model(void **state)
{
    (void)state;
    struct pld_graph *model = load("detector.onnx");
    void *before, *after;
    size_t n_before, n_after;
    infer(model, 0);
    assert_int_equal(pld_graph_serialise(&before, &n_before, model), PLD_OK);
    struct pld_graph *graph = compile(model, 2);
    assert_int_equal(pld_graph_serialise(&after, &n_after, model), PLD_OK);
    assert_int_equal(n_before, n_after);
    assert_memory_equal(before, after, n_before);
    assert_shape(model, "output0", "1x7x64");
    assert_shape(graph, "output0", "2x7x64");
    for (int v = 0; v < model->n_values; v++) /* indices carry over */
        assert_string_equal(model->values[v].name, graph->values[v].name);
    free(before);
    free(after);
    pld_graph_free(graph);
    pld_graph_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_infer_detector),
        cmocka_unit_test(test_infer_dynamic),
        cmocka_unit_test(test_infer_refuses),
        cmocka_unit_test(test_infer_folds_shapes),
        cmocka_unit_test(test_infer_folds_weights),
        cmocka_unit_test(test_fold_conv),
        cmocka_unit_test(test_fold_conv_transpose),
        cmocka_unit_test(test_fold_gemm),
        cmocka_unit_test(test_fold_binary),
        cmocka_unit_test(test_fold_leaves),
        cmocka_unit_test(test_fuse_gates),
        cmocka_unit_test(test_fuse_six),
        cmocka_unit_test(test_fuse_leaves_shared_gate),
        cmocka_unit_test(test_fuse_activations),
        cmocka_unit_test(test_dead),
        cmocka_unit_test(test_compile_refuses_mixed_batch),
        cmocka_unit_test(test_compile_follows_images),
        cmocka_unit_test(test_compile_keeps_model),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
