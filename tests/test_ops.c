/* graph/ops: shapes and parameters of every operator family, in attribute form and in input form,
 * across opsets, and the refusal of what is wrong or not supported. */
#include "ops_fixture.h"

#include <float.h>
#include <math.h>

#include "backend/op.h"
#include "graph/graph.h"

static void test_every_row_is_described(void **state)
{
    (void)state;
    for (int op = 0; op < PLD_OP_COUNT; op++) {
        const struct pld_op_desc *desc = pld_op_describe((enum pld_op)op);
        assert_non_null(desc);
        assert_non_null(desc->infer);
        assert_non_null(desc->channels);
    }
    assert_non_null(pld_op_describe(PLD_OP_CONV)->macs);
    assert_null(pld_op_describe(PLD_OP_ADD)->macs);
}

/* No operator may crash on a node without inputs or with inputs of unknown shape. */
static void test_missing_inputs(void **state)
{
    (void)state;
    for (int op = 0; op < PLD_OP_COUNT; op++) {
        struct pld_graph *g = fx_graph(13);
        int blank = pld_graph_add_value(g, "blank");
        int none = fx_node(g, (enum pld_op)op, 1, 0, NULL);
        int absent = NODE(g, (enum pld_op)op, 1, PLD_NONE, PLD_NONE, PLD_NONE);
        int unknown = NODE(g, (enum pld_op)op, 1, blank, blank, blank);
        assert_int_equal(fx_try(g, none), PLD_EMODEL);
        assert_int_equal(fx_try(g, absent), PLD_EMODEL);
        pld_status status = fx_try(g, unknown);
        assert_true(status == PLD_EMODEL || status == PLD_EINCOMPLETE);
        assert_string_equal(pld_error_last()->where, "n2");
        pld_graph_free(g);
    }
}

static void test_conv(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(11);
    int x = fx_x(g, SHAPE(2, 3, 32, 30)), w = fx_weight(g, SHAPE(8, 3, 3, 3));
    int plain = NODE(g, PLD_OP_CONV, 1, x, w);
    fx_expect(g, plain, SHAPE(2, 8, 30, 28));
    assert_int_equal(g->nodes[plain].n_data, 2);
    assert_int_equal(g->nodes[plain].params.conv.act.op, -1);
    assert_int_equal(g->nodes[plain].params.conv.window.kernel[0], 3);
    assert_int_equal(pld_node_macs(g, plain), 2LL * 8 * 30 * 28 * 27);

    int full = NODE(g, PLD_OP_CONV, 1, x, w, fx_weight(g, SHAPE(8)));
    SET_INTS(g, full, "strides", 2, 1);
    SET_INTS(g, full, "dilations", 2, 1);
    SET_INTS(g, full, "pads", 2, 1, 1, 1);
    fx_expect(g, full, SHAPE(2, 8, 16, 30));
    assert_int_equal(g->nodes[full].n_data, 3);

    int upper = NODE(g, PLD_OP_CONV, 1, x, w, PLD_NONE), lower = NODE(g, PLD_OP_CONV, 1, x, w);
    SET_INTS(g, upper, "strides", 2, 2);
    SET_INTS(g, lower, "strides", 2, 2);
    SET_STRING(g, upper, "auto_pad", "SAME_UPPER");
    SET_STRING(g, lower, "auto_pad", "SAME_LOWER");
    fx_expect(g, upper, SHAPE(2, 8, 16, 15));
    fx_expect(g, lower, SHAPE(2, 8, 16, 15));
    assert_int_equal(g->nodes[upper].n_data, 2);
    assert_int_equal(g->nodes[upper].params.conv.window.pad_begin[0], 0);
    assert_int_equal(g->nodes[upper].params.conv.window.pad_end[0], 1);
    assert_int_equal(g->nodes[lower].params.conv.window.pad_begin[0], 1);

    int line = NODE(g, PLD_OP_CONV, 1, fx_x(g, SHAPE(1, 4, 10)), fx_weight(g, SHAPE(6, 2, 3)));
    SET_INT(g, line, "group", 2);
    SET_INTS(g, line, "pads", 1, 0);
    fx_expect(g, line, SHAPE(1, 6, 9));
    assert_int_equal(g->nodes[line].params.conv.window.kernel[0], 1);
    assert_int_equal(g->nodes[line].params.conv.window.kernel[1], 3);
    assert_int_equal(g->nodes[line].params.conv.window.pad_begin[1], 1);
    pld_graph_free(g);
}

static void test_conv_refusals(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(11);
    int x = fx_x(g, SHAPE(1, 4, 8, 8)), w = fx_weight(g, SHAPE(8, 4, 3, 3));
    fx_refused(g, NODE(g, PLD_OP_CONV, 1, x, fx_weight(g, SHAPE(8, 3, 3, 3))), "channels");
    fx_refused(g, NODE(g, PLD_OP_CONV, 1, x, fx_weight(g, SHAPE(8, 4, 9, 9))), "larger");
    fx_refused(g, NODE(g, PLD_OP_CONV, 1, x, fx_weight(g, SHAPE(8, 4, 3))), "rank");
    fx_refused(g, NODE(g, PLD_OP_CONV, 1, x, w, fx_weight(g, SHAPE(7))), "bias");
    int n = NODE(g, PLD_OP_CONV, 1, x, w);
    SET_INT(g, n, "group", 3);
    fx_refused(g, n, "group");
    SET_INT(g, n, "group", 0);
    fx_refused(g, n, "group");
    SET_INT(g, n, "group", 1);
    SET_INTS(g, n, "strides", 0, 1);
    fx_refused(g, n, "strides");
    SET_INTS(g, n, "strides", 1, 1);
    SET_INTS(g, n, "pads", 0, 0, -1, 0);
    fx_refused(g, n, "pads");
    SET_INTS(g, n, "pads", 0, 0, INT64_MAX, 0);
    fx_refused(g, n, "pads");
    SET_INTS(g, n, "pads", 0, 0);
    fx_refused(g, n, "pads");
    SET_INTS(g, n, "pads", 0, 0, 0, 0);
    SET_INTS(g, n, "kernel_shape", 2, 3);
    fx_refused(g, n, "kernel_shape");
    SET_STRING(g, n, "auto_pad", "SAME");
    SET_INTS(g, n, "kernel_shape", 3, 3);
    fx_refused(g, n, "auto_pad");
    pld_graph_free(g);
}

static void test_conv_transpose(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(11);
    int x = fx_x(g, SHAPE(1, 4, 3, 3)), w = fx_weight(g, SHAPE(4, 2, 3, 3));
    int n = NODE(g, PLD_OP_CONV_TRANSPOSE, 1, x, w);
    fx_expect(g, n, SHAPE(1, 2, 5, 5));
    assert_int_equal(pld_node_macs(g, n), 4 * 9 * 18);
    SET_INTS(g, n, "strides", 3, 2);
    SET_INTS(g, n, "pads", 1, 1, 1, 1);
    SET_INTS(g, n, "output_padding", 1, 0);
    SET_INT(g, n, "group", 2);
    fx_expect(g, n, SHAPE(1, 4, 8, 5));

    /* More than the natural 9x7: the rest is output padding. */
    int larger = NODE(g, PLD_OP_CONV_TRANSPOSE, 1, x, w);
    SET_INTS(g, larger, "strides", 3, 2);
    SET_INTS(g, larger, "output_shape", 10, 8);
    fx_expect(g, larger, SHAPE(1, 2, 10, 8));
    assert_int_equal(g->nodes[larger].params.conv.output_padding[0], 1);
    assert_int_equal(g->nodes[larger].params.conv.window.pad_begin[0], 0);

    int smaller = NODE(g, PLD_OP_CONV_TRANSPOSE, 1, x, w);
    SET_INTS(g, smaller, "strides", 3, 2);
    SET_INTS(g, smaller, "output_shape", 8, 6);
    fx_expect(g, smaller, SHAPE(1, 2, 8, 6));
    assert_int_equal(g->nodes[smaller].params.conv.window.pad_begin[0], 1);
    assert_int_equal(g->nodes[smaller].params.conv.window.pad_end[0], 0);
    SET_STRING(g, smaller, "auto_pad", "SAME_UPPER");
    fx_infer(g, smaller);
    assert_int_equal(g->nodes[smaller].params.conv.window.pad_begin[0], 0);
    assert_int_equal(g->nodes[smaller].params.conv.window.pad_end[0], 1);

    int same = NODE(g, PLD_OP_CONV_TRANSPOSE, 1, x, w);
    SET_INTS(g, same, "strides", 2, 2);
    SET_STRING(g, same, "auto_pad", "SAME_LOWER");
    fx_expect(g, same, SHAPE(1, 2, 6, 6));
    fx_refused(g, NODE(g, PLD_OP_CONV_TRANSPOSE, 1, x, fx_weight(g, SHAPE(2, 4, 3, 3))), "weight");
    pld_graph_free(g);
}

static void test_pool(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(12);
    int x = fx_x(g, SHAPE(1, 2, 7, 8));
    int n = NODE(g, PLD_OP_MAX_POOL, 1, x);
    fx_refused(g, n, "kernel_shape");
    SET_INTS(g, n, "kernel_shape", 3, 3);
    SET_INTS(g, n, "strides", 2, 2);
    fx_expect(g, n, SHAPE(1, 2, 3, 3));
    SET_INT(g, n, "ceil_mode", 1);
    fx_expect(g, n, SHAPE(1, 2, 3, 4));
    assert_int_equal(g->nodes[n].params.pool.ceil_extra[0], 0);
    assert_int_equal(g->nodes[n].params.pool.ceil_extra[1], 1);
    assert_int_equal(g->nodes[n].params.pool.window.pad_end[1], 1);
    SET_INTS(g, n, "dilations", 2, 2);
    fx_expect(g, n, SHAPE(1, 2, 2, 3));

    /* The window that would start behind the input is left out. */
    int edge = NODE(g, PLD_OP_AVERAGE_POOL, 1, fx_x(g, SHAPE(1, 1, 4, 4)));
    SET_INTS(g, edge, "kernel_shape", 1, 1);
    SET_INTS(g, edge, "strides", 2, 2);
    SET_INTS(g, edge, "pads", 0, 0, 1, 1);
    SET_INT(g, edge, "ceil_mode", 1);
    SET_INT(g, edge, "count_include_pad", 1);
    fx_expect(g, edge, SHAPE(1, 1, 2, 2));
    assert_int_equal(g->nodes[edge].params.pool.count_include_pad, 1);

    int same = NODE(g, PLD_OP_AVERAGE_POOL, 1, x);
    SET_INTS(g, same, "kernel_shape", 3, 3);
    SET_INTS(g, same, "strides", 2, 2);
    SET_STRING(g, same, "auto_pad", "SAME_UPPER");
    fx_expect(g, same, SHAPE(1, 2, 4, 4));

    int line = NODE(g, PLD_OP_MAX_POOL, 1, fx_x(g, SHAPE(1, 2, 8)));
    SET_INTS(g, line, "kernel_shape", 2);
    SET_INTS(g, line, "strides", 2);
    fx_expect(g, line, SHAPE(1, 2, 4));

    int big = NODE(g, PLD_OP_MAX_POOL, 1, x);
    SET_INTS(g, big, "kernel_shape", 9, 9);
    fx_refused(g, big, "larger");
    int indices = NODE(g, PLD_OP_MAX_POOL, 2, x);
    SET_INTS(g, indices, "kernel_shape", 2, 2);
    fx_expect(g, indices, SHAPE(1, 2, 6, 7));
    assert_int_equal(g->values[fx_out(g, indices, 1)].desc.dtype, PLD_I64);
    int volume = NODE(g, PLD_OP_AVERAGE_POOL, 1, fx_x(g, SHAPE(1, 2, 5, 6, 7)));
    SET_INTS(g, volume, "kernel_shape", 3, 2, 1);
    SET_INTS(g, volume, "strides", 2, 1, 3);
    fx_expect(g, volume, SHAPE(1, 2, 2, 5, 3));
    assert_int_equal(g->nodes[volume].params.pool.window.kernel[2], 3); /* H, W, D */
    assert_int_equal(g->nodes[volume].params.pool.window.kernel[0], 2);

    fx_expect(g, NODE(g, PLD_OP_GLOBAL_AVERAGE_POOL, 1, x), SHAPE(1, 2, 1, 1));
    fx_expect(g, NODE(g, PLD_OP_GLOBAL_MAX_POOL, 1, fx_x(g, SHAPE(1, 2, 3, 4, 5))),
              SHAPE(1, 2, 1, 1, 1));
    pld_graph_free(g);
}

static void test_batch_norm_and_lrn(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(14);
    int x = fx_x(g, SHAPE(2, 5, 4, 4)), p = fx_weight(g, SHAPE(5));
    int n = NODE(g, PLD_OP_BATCH_NORM, 1, x, p, p, p, p);
    fx_expect(g, n, SHAPE(2, 5, 4, 4));
    assert_int_equal(g->nodes[n].n_data, 5);
    assert_float_equal(g->nodes[n].params.norm.epsilon, 1e-5f, 0);
    SET_INT(g, n, "training_mode", 1);
    fx_refused(g, n, "training_mode");
    int wrong = fx_weight(g, SHAPE(4));
    fx_refused(g, NODE(g, PLD_OP_BATCH_NORM, 1, x, p, p, wrong, p), "list of 5");
    int more = NODE(g, PLD_OP_BATCH_NORM, 2, x, p, p, p, p);
    fx_infer(g, more);
    assert_int_equal(pld_graph_add_output(g, fx_out(g, more, 1)), PLD_OK);
    fx_refused(g, more, "mean");

    int lrn = NODE(g, PLD_OP_LRN, 1, x);
    fx_refused(g, lrn, "size");
    SET_INT(g, lrn, "size", 3);
    fx_expect(g, lrn, SHAPE(2, 5, 4, 4));
    assert_float_equal(g->nodes[lrn].params.lrn.alpha, 1e-4f, 0);
    assert_float_equal(g->nodes[lrn].params.lrn.beta, 0.75f, 0);
    assert_float_equal(g->nodes[lrn].params.lrn.bias, 1, 0);
    pld_graph_free(g);
}

static void test_unary(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(2, 3));
    int leaky = NODE(g, PLD_OP_LEAKY_RELU, 1, x), sigmoid = NODE(g, PLD_OP_HARD_SIGMOID, 1, x);
    fx_expect(g, leaky, SHAPE(2, 3));
    fx_infer(g, sigmoid);
    assert_int_equal(g->nodes[leaky].params.act.op, PLD_OP_LEAKY_RELU);
    assert_float_equal(g->nodes[leaky].params.act.alpha, 0.01f, 0);
    assert_float_equal(g->nodes[sigmoid].params.act.alpha, 0.2f, 0);
    assert_float_equal(g->nodes[sigmoid].params.act.beta, 0.5f, 0);
    SET_FLOAT(g, leaky, "alpha", 0.1f);
    fx_infer(g, leaky);
    assert_float_equal(g->nodes[leaky].params.act.alpha, 0.1f, 0);

    /* Clip: bounds as inputs, as attributes, one of them, none, not constant. */
    int lo = fx_constant(g, PLD_F32, SCALAR, (float[]){0}), hi = FLOATS(g, 6);
    int inputs = NODE(g, PLD_OP_CLIP, 1, x, lo, hi), attrs = NODE(g, PLD_OP_CLIP, 1, x);
    int upper = NODE(g, PLD_OP_CLIP, 1, x, PLD_NONE, hi), open = NODE(g, PLD_OP_CLIP, 1, x);
    SET_FLOAT(g, attrs, "min", 0);
    SET_FLOAT(g, attrs, "max", 6);
    fx_infer(g, inputs);
    fx_infer(g, attrs);
    fx_same_params(g, inputs, attrs);
    assert_int_equal(g->nodes[inputs].n_data, 1);
    fx_infer(g, upper);
    assert_float_equal(g->nodes[upper].params.act.alpha, -FLT_MAX, 0);
    assert_float_equal(g->nodes[upper].params.act.beta, 6, 0);
    fx_infer(g, open);
    assert_float_equal(g->nodes[open].params.act.beta, FLT_MAX, 0);
    fx_refused(g, NODE(g, PLD_OP_CLIP, 1, x, fx_x(g, SCALAR)), "constant");
    uint16_t half[] = {0x4600, 0xfc00, 0x0001, 0x7e00}; /* 6, -inf, 2^-24, NaN */
    float halves[4];
    int count, twos = fx_constant(g, PLD_F16, SHAPE(4), half);
    int any = NODE(g, PLD_OP_CLIP, 1, x, twos);
    assert_int_equal(pld_infer_floats(halves, &count, 4, g, &g->nodes[any], 1), PLD_OK);
    assert_true(count == 4 && halves[0] == 6 && halves[1] == -INFINITY && halves[2] == 0x1p-24f);
    assert_true(isnan(halves[3]));

    int dropout = NODE(g, PLD_OP_DROPOUT, 2, x, FLOATS(g, 0.5f));
    fx_expect(g, dropout, SHAPE(2, 3));
    assert_int_equal(g->nodes[dropout].n_data, 1);
    assert_int_equal(g->values[fx_out(g, dropout, 1)].desc.dtype, PLD_BOOL);
    int yes = fx_constant(g, PLD_BOOL, SCALAR, (uint8_t[]){1});
    fx_refused(g, NODE(g, PLD_OP_DROPOUT, 1, x, PLD_NONE, yes), "training_mode");

    int cast = NODE(g, PLD_OP_CAST, 1, x);
    SET_INT(g, cast, "to", 7);
    fx_expect(g, cast, SHAPE(2, 3));
    assert_int_equal(g->values[fx_out(g, cast, 0)].desc.dtype, PLD_I64);
    SET_INT(g, cast, "to", 8);
    fx_refused(g, cast, "type 8");
    pld_graph_free(g);
}

static void test_elementwise(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(13);
    int a = fx_x(g, SHAPE(2, 3, 1)), b = fx_x(g, SHAPE(3, 4)), c = fx_x(g, SHAPE(5));
    int i = fx_tensor(g, PLD_I64, SHAPE(3, 4)), m = fx_tensor(g, PLD_BOOL, SHAPE(2, 1, 1));
    fx_expect(g, NODE(g, PLD_OP_ADD, 1, a, b), SHAPE(2, 3, 4));
    fx_refused(g, NODE(g, PLD_OP_MUL, 1, b, c), "broadcast");
    fx_refused(g, NODE(g, PLD_OP_SUB, 1, a, i), "types");
    fx_expect(g, NODE(g, PLD_OP_POW, 1, a, i), SHAPE(2, 3, 4));
    fx_refused(g, NODE(g, PLD_OP_DIV, 1, a, b, b), "inputs");
    fx_expect(g, NODE(g, PLD_OP_MAX, 1, a, b, b), SHAPE(2, 3, 4));
    fx_expect(g, NODE(g, PLD_OP_MIN, 1, a), SHAPE(2, 3, 1));
    int less = NODE(g, PLD_OP_LESS, 1, a, b);
    fx_expect(g, less, SHAPE(2, 3, 4));
    assert_int_equal(g->values[fx_out(g, less, 0)].desc.dtype, PLD_BOOL);
    fx_expect(g, NODE(g, PLD_OP_WHERE, 1, m, a, b), SHAPE(2, 3, 4));
    fx_refused(g, NODE(g, PLD_OP_WHERE, 1, a, a, b), "types");
    fx_expect(g, NODE(g, PLD_OP_PRELU, 1, b, fx_weight(g, SHAPE(3, 1))), SHAPE(3, 4));
    fx_refused(g, NODE(g, PLD_OP_PRELU, 1, fx_x(g, SHAPE(3, 1)), b), "slope");
    pld_graph_free(g);
}

static void test_concat_and_split(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(13);
    int a = fx_x(g, SHAPE(1, 3, 4)), b = fx_x(g, SHAPE(1, 5, 4));
    int n = NODE(g, PLD_OP_CONCAT, 1, a, b, a);
    SET_INT(g, n, "axis", -2);
    fx_expect(g, n, SHAPE(1, 11, 4));
    assert_int_equal(g->nodes[n].params.axis.axis, 1);
    assert_int_equal(g->nodes[n].n_data, 3);
    SET_INT(g, n, "axis", 2);
    fx_refused(g, n, "input 1");
    SET_INT(g, n, "axis", 3);
    fx_refused(g, n, "axis 3");

    int x = fx_x(g, SHAPE(2, 10));
    int input = NODE(g, PLD_OP_SPLIT, 3, x, INTS(g, 2, 5, 3)), attr = NODE(g, PLD_OP_SPLIT, 3, x);
    SET_INT(g, input, "axis", -1);
    SET_INT(g, attr, "axis", 1);
    SET_INTS(g, attr, "split", 2, 5, 3);
    fx_expect(g, input, SHAPE(2, 2));
    fx_assert_shape(g, fx_out(g, input, 2), SHAPE(2, 3));
    fx_infer(g, attr);
    fx_same_params(g, input, attr);
    assert_int_equal(g->nodes[attr].params.split.begin[2], 7);
    SET_INTS(g, attr, "split", 2, 5, 4);
    fx_refused(g, attr, "add up");
    SET_INTS(g, attr, "split", 2, 5, 2);
    fx_refused(g, attr, "add up");
    SET_INTS(g, attr, "split", 5, 5);
    fx_refused(g, attr, "2 sizes");

    int equal = NODE(g, PLD_OP_SPLIT, 5, x), uneven = NODE(g, PLD_OP_SPLIT, 4, x);
    SET_INT(g, equal, "axis", 1);
    SET_INT(g, uneven, "axis", 1);
    fx_expect(g, equal, SHAPE(2, 2));
    fx_refused(g, uneven, "divide");
    g->opset = 18;
    SET_INT(g, uneven, "num_outputs", 4);
    fx_expect(g, uneven, SHAPE(2, 3));
    fx_assert_shape(g, fx_out(g, uneven, 3), SHAPE(2, 1));
    SET_INT(g, uneven, "num_outputs", 3);
    fx_refused(g, uneven, "num_outputs");
    fx_refused(g, NODE(g, PLD_OP_SPLIT, 2, x, fx_tensor(g, PLD_I64, SHAPE(2))), "constant");
    pld_graph_free(g);
}

static void test_slice(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(10, 20));
    int starts = INTS(g, 1, -5), ends = INTS(g, 1000, INT64_MAX), axes = INTS(g, 0, -1);
    int input = NODE(g, PLD_OP_SLICE, 1, x, starts, ends, axes), attr = NODE(g, PLD_OP_SLICE, 1, x);
    SET_INTS(g, attr, "starts", 1, 15);
    SET_INTS(g, attr, "ends", 10, 20);
    fx_expect(g, input, SHAPE(9, 5));
    fx_expect(g, attr, SHAPE(9, 5));
    fx_same_params(g, input, attr);

    static const struct {
        int64_t start, end, step, count, first;
    } cases[] = {
        {0, 10, 3, 4, 0},   {9, -11, -1, 10, 9},     {-1, INT64_MIN, -1, 10, 9},
        {100, 0, -2, 5, 9}, {3, 3, 1, 0, 3},         {5, 2, 1, 0, 5},
        {-100, 2, 1, 2, 0}, {2, 9, INT64_MAX, 1, 2}, {8, 0, INT64_MIN, 1, 8},
        {20, 30, 1, 0, 10}, {INT64_MIN, 3, 2, 2, 0}, {0, 5, -1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int n = NODE(g, PLD_OP_SLICE, 1, x, INTS(g, cases[i].start), INTS(g, cases[i].end),
                     INTS(g, 0), INTS(g, cases[i].step));
        fx_expect(g, n, SHAPE(cases[i].count, 20));
        assert_int_equal(g->nodes[n].params.slice.start[0], cases[i].first);
        assert_int_equal(g->nodes[n].params.slice.step[1], 1);
    }
    int empty = NODE(g, PLD_OP_SLICE, 1, fx_x(g, SHAPE(0, 4)), INTS(g, 0), INTS(g, -9), PLD_NONE,
                     INTS(g, -1));
    fx_expect(g, empty, SHAPE(0, 4));
    fx_refused(g, NODE(g, PLD_OP_SLICE, 1, x, INTS(g, 0), INTS(g, 1), INTS(g, 0), INTS(g, 0)),
               "step");
    fx_refused(g, NODE(g, PLD_OP_SLICE, 1, x, starts, ends, INTS(g, 1, -1)), "twice");
    fx_refused(g, NODE(g, PLD_OP_SLICE, 1, x, starts, INTS(g, 1)), "length");
    fx_refused(g, NODE(g, PLD_OP_SLICE, 1, x, fx_tensor(g, PLD_I64, SHAPE(1)), ends), "constant");
    pld_graph_free(g);
}

static void test_reshape(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(14);
    int x = fx_x(g, SHAPE(2, 6, 4));
    fx_expect(g, NODE(g, PLD_OP_RESHAPE, 1, x, INTS(g, 0, 3, -1)), SHAPE(2, 3, 8));
    fx_expect(g, NODE(g, PLD_OP_RESHAPE, 1, x, INTS(g, 48)), SHAPE(48));
    fx_refused(g, NODE(g, PLD_OP_RESHAPE, 1, x, INTS(g, 7, -1)), "2x6x4 does not become 7x-1");
    fx_refused(g, NODE(g, PLD_OP_RESHAPE, 1, x, INTS(g, -1, -1)), "more than one");
    fx_refused(g, NODE(g, PLD_OP_RESHAPE, 1, x, INTS(g, 2, 6, 4, 0)), "no axis to copy");
    fx_refused(g, NODE(g, PLD_OP_RESHAPE, 1, x, INTS(g, -2, 24)), "axis 0");
    fx_refused(g, NODE(g, PLD_OP_RESHAPE, 1, x, INTS(g, INT64_MAX, 3)), "axis 1");
    fx_refused(g, NODE(g, PLD_OP_RESHAPE, 1, x, fx_tensor(g, PLD_I64, SHAPE(2))), "constant");
    int zero = NODE(g, PLD_OP_RESHAPE, 1, fx_x(g, SHAPE(0, 3)), INTS(g, 5, 0));
    SET_INT(g, zero, "allowzero", 1);
    fx_expect(g, zero, SHAPE(5, 0));

    int flat = NODE(g, PLD_OP_FLATTEN, 1, x);
    fx_expect(g, flat, SHAPE(2, 24));
    SET_INT(g, flat, "axis", -1);
    fx_expect(g, flat, SHAPE(12, 4));
    SET_INT(g, flat, "axis", 3);
    fx_expect(g, flat, SHAPE(48, 1));
    SET_INT(g, flat, "axis", 4);
    fx_refused(g, flat, "axis 4");

    int y = fx_x(g, SHAPE(1, 3, 1, 2));
    int all = NODE(g, PLD_OP_SQUEEZE, 1, y), attr = NODE(g, PLD_OP_SQUEEZE, 1, y);
    SET_INTS(g, attr, "axes", -2);
    fx_expect(g, all, SHAPE(3, 2));
    fx_expect(g, attr, SHAPE(1, 3, 2));
    fx_expect(g, NODE(g, PLD_OP_SQUEEZE, 1, y, INTS(g, 0, 2)), SHAPE(3, 2));
    fx_refused(g, NODE(g, PLD_OP_SQUEEZE, 1, y, INTS(g, 1)), "size 3");

    int lift = NODE(g, PLD_OP_UNSQUEEZE, 1, y);
    fx_refused(g, lift, "axes");
    SET_INTS(g, lift, "axes", 0, 5);
    fx_expect(g, lift, SHAPE(1, 1, 3, 1, 2, 1));
    fx_expect(g, NODE(g, PLD_OP_UNSQUEEZE, 1, y, INTS(g, -1)), SHAPE(1, 3, 1, 2, 1));
    fx_refused(g, NODE(g, PLD_OP_UNSQUEEZE, 1, y, INTS(g, 0, 0)), "twice");
    fx_refused(g, NODE(g, PLD_OP_UNSQUEEZE, 1, y, INTS(g, 0, 1, 2, 3, 4)), "rank 9");
    fx_expect(g, NODE(g, PLD_OP_UNSQUEEZE, 1, fx_x(g, SCALAR), INTS(g, 0)), SHAPE(1));
    pld_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_is_described),
        cmocka_unit_test(test_missing_inputs),
        cmocka_unit_test(test_conv),
        cmocka_unit_test(test_conv_refusals),
        cmocka_unit_test(test_conv_transpose),
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_batch_norm_and_lrn),
        cmocka_unit_test(test_unary),
        cmocka_unit_test(test_elementwise),
        cmocka_unit_test(test_concat_and_split),
        cmocka_unit_test(test_slice),
        cmocka_unit_test(test_reshape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
