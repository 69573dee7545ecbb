/* graph/ops: operators that move, repeat, reduce or contract axes, those that make constants, and
 * models exported for one image that run on several. */
#include "ops_fixture.h"

#include "backend/op.h"
#include "graph/graph.h"

static void test_transpose_and_blocks(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(1, 8, 4, 6));
    int n = NODE(g, PLD_OP_TRANSPOSE, 1, x);
    fx_expect(g, n, SHAPE(6, 4, 8, 1));
    SET_INTS(g, n, "perm", 0, 2, 3, 1);
    fx_expect(g, n, SHAPE(1, 4, 6, 8));
    SET_INTS(g, n, "perm", 0, 2, 2, 1);
    fx_refused(g, n, "permutation");
    SET_INTS(g, n, "perm", 0, 1);
    fx_refused(g, n, "perm");

    int d2s = NODE(g, PLD_OP_DEPTH_TO_SPACE, 1, x), s2d = NODE(g, PLD_OP_SPACE_TO_DEPTH, 1, x);
    fx_refused(g, d2s, "blocksize");
    SET_INT(g, d2s, "blocksize", 2);
    SET_INT(g, s2d, "blocksize", 2);
    SET_STRING(g, d2s, "mode", "CRD");
    fx_expect(g, d2s, SHAPE(1, 2, 8, 12));
    assert_int_equal(g->nodes[d2s].params.depth_space.crd, 1);
    fx_expect(g, s2d, SHAPE(1, 32, 2, 3));
    SET_INT(g, d2s, "blocksize", 3);
    SET_INT(g, s2d, "blocksize", 4);
    fx_refused(g, d2s, "8 channels");
    fx_refused(g, s2d, "4x6");
    pld_graph_free(g);
}

static void test_expand_and_tile(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(3, 1));
    fx_expect(g, NODE(g, PLD_OP_EXPAND, 1, x, INTS(g, 2, 1, 6)), SHAPE(2, 3, 6));
    fx_expect(g, NODE(g, PLD_OP_EXPAND, 1, x, INTS(g, 1)), SHAPE(3, 1));
    fx_refused(g, NODE(g, PLD_OP_EXPAND, 1, x, INTS(g, 4, 6)), "3x1 does not expand to 4x6");
    fx_refused(g, NODE(g, PLD_OP_EXPAND, 1, x, INTS(g, -1, 6)), "negative");
    fx_expect(g, NODE(g, PLD_OP_TILE, 1, x, INTS(g, 2, 5)), SHAPE(6, 5));
    fx_refused(g, NODE(g, PLD_OP_TILE, 1, x, INTS(g, 2)), "1 repeats");
    fx_refused(g, NODE(g, PLD_OP_TILE, 1, x, INTS(g, INT64_MAX, 1)), "repeats");
    pld_graph_free(g);
}

static void test_pad(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(18);
    int x = fx_x(g, SHAPE(1, 2, 5, 6));
    int input = NODE(g, PLD_OP_PAD, 1, x, INTS(g, 0, 0, 1, 2, 0, 0, 3, 4), FLOATS(g, 7));
    int axes = NODE(g, PLD_OP_PAD, 1, x, INTS(g, 2, 1, 4, 3), FLOATS(g, 7), INTS(g, -1, 2));
    int attr = NODE(g, PLD_OP_PAD, 1, x);
    SET_INTS(g, attr, "pads", 0, 0, 1, 2, 0, 0, 3, 4);
    SET_FLOAT(g, attr, "value", 7);
    fx_expect(g, input, SHAPE(1, 2, 9, 12));
    fx_expect(g, axes, SHAPE(1, 2, 9, 12));
    fx_infer(g, attr);
    fx_same_params(g, input, axes);
    fx_same_params(g, input, attr);
    SET_INTS(g, attr, "pads", 0, 0, -1, 0, 0, 0, -4, 0);
    fx_expect(g, attr, SHAPE(1, 2, 0, 6));
    SET_INTS(g, attr, "pads", 0, 0, -1, 0, 0, 0, -5, 0);
    fx_refused(g, attr, "axis 2");
    SET_INTS(g, attr, "pads", 0, 0, 5, 0, 0, 0, 0, 0);
    SET_STRING(g, attr, "mode", "reflect");
    fx_refused(g, attr, "reflect");
    SET_STRING(g, attr, "mode", "edge");
    fx_expect(g, attr, SHAPE(1, 2, 10, 6));
    SET_STRING(g, attr, "mode", "mirror");
    fx_refused(g, attr, "mirror");
    fx_refused(g, NODE(g, PLD_OP_PAD, 1, x, INTS(g, 1, 1)), "2 pads");
    pld_graph_free(g);
}

static void test_resize(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(1, 2, 10, 6)), none = fx_constant(g, PLD_F32, SHAPE(0), NULL);
    int n = NODE(g, PLD_OP_RESIZE, 1, x, none, FLOATS(g, 1, 1, 0.7f, 2));
    const struct pld_resize_params *p = &g->nodes[n].params.resize;
    fx_expect(g, n, SHAPE(1, 2, 7, 12)); /* 0.7f * 10 is 7 as a float, below 7 as a double */
    assert_int_equal(g->nodes[n].n_data, 1);
    assert_int_equal(p->mode, PLD_RESIZE_NEAREST);
    assert_int_equal(p->coord, PLD_COORD_HALF_PIXEL);
    assert_int_equal(p->nearest, PLD_NEAREST_ROUND_PREFER_FLOOR);
    assert_float_equal(p->scale[2], 0.7f, 0);
    assert_float_equal(p->cubic_a, -0.75f, 0);

    int sizes = NODE(g, PLD_OP_RESIZE, 1, x, none, none, INTS(g, 1, 2, 5, 9));
    SET_STRING(g, sizes, "mode", "linear");
    SET_STRING(g, sizes, "coordinate_transformation_mode", "align_corners");
    SET_STRING(g, sizes, "nearest_mode", "ceil");
    fx_expect(g, sizes, SHAPE(1, 2, 5, 9));
    p = &g->nodes[sizes].params.resize;
    assert_int_equal(p->coord, PLD_COORD_ALIGN_CORNERS);
    assert_float_equal(p->scale[3], 1.5f, 0);
    int axes = NODE(g, PLD_OP_RESIZE, 1, x, PLD_NONE, PLD_NONE, INTS(g, 9, 5));
    SET_INTS(g, axes, "axes", 3, 2);
    fx_expect(g, axes, SHAPE(1, 2, 5, 9));

    static const struct {
        const char *name, *value;
    } refused[] = {
        {"mode", "area"},
        {"nearest_mode", "simple"},
        {"coordinate_transformation_mode", "corners"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        int bad = NODE(g, PLD_OP_RESIZE, 1, x, none, FLOATS(g, 1, 1, 2, 2));
        SET_STRING(g, bad, refused[i].name, refused[i].value);
        fx_refused(g, bad, refused[i].value);
    }
    int blur = NODE(g, PLD_OP_RESIZE, 1, x, none, FLOATS(g, 1, 1, 0.5f, 0.5f));
    SET_INT(g, blur, "antialias", 1);
    fx_expect(g, blur, SHAPE(1, 2, 5, 3));
    assert_false(g->nodes[blur].params.resize.antialias); /* the nearest pixel is one pixel */
    SET_STRING(g, blur, "mode", "linear");
    fx_expect(g, blur, SHAPE(1, 2, 5, 3));
    assert_true(g->nodes[blur].params.resize.antialias);
    int kept = NODE(g, PLD_OP_RESIZE, 1, x, PLD_NONE, PLD_NONE, INTS(g, 20, 18));
    SET_INTS(g, kept, "axes", 2, 3);
    SET_STRING(g, kept, "keep_aspect_ratio_policy", "not_larger");
    fx_expect(g, kept, SHAPE(1, 2, 20, 12));
    SET_STRING(g, kept, "keep_aspect_ratio_policy", "not_smaller");
    fx_expect(g, kept, SHAPE(1, 2, 30, 18));
    fx_refused(g, NODE(g, PLD_OP_RESIZE, 1, x, none, none), "neither");
    fx_refused(g, NODE(g, PLD_OP_RESIZE, 1, x, none, FLOATS(g, 1, 1, 0, 2)), "scale");
    fx_refused(g, NODE(g, PLD_OP_RESIZE, 1, x, none, FLOATS(g, 1, 1, 2, 2), INTS(g, 1, 2, 5, 9)),
               "both");

    g->opset = 10; /* scales are input 1 */
    int old = NODE(g, PLD_OP_RESIZE, 1, x, FLOATS(g, 1, 1, 2, 3));
    fx_expect(g, old, SHAPE(1, 2, 20, 18));
    assert_int_equal(g->nodes[old].params.resize.coord, PLD_COORD_ASYMMETRIC);
    assert_int_equal(g->nodes[old].params.resize.nearest, PLD_NEAREST_FLOOR);
    int down = NODE(g, PLD_OP_RESIZE, 1, x, FLOATS(g, 1, 1, 0.5f, 0.5f));
    fx_expect(g, down, SHAPE(1, 2, 5, 3));
    assert_int_equal(g->nodes[down].params.resize.nearest, PLD_NEAREST_CEIL);
    fx_refused(g, NODE(g, PLD_OP_RESIZE, 1, x, FLOATS(g, 1, 1, 0.5f, 2)), "enlarges");
    g->opset = 9;
    int up = NODE(g, PLD_OP_UPSAMPLE, 1, x, FLOATS(g, 1, 1, 2, 3));
    SET_STRING(g, up, "mode", "linear");
    fx_expect(g, up, SHAPE(1, 2, 20, 18));
    assert_int_equal(g->nodes[up].params.resize.mode, PLD_RESIZE_LINEAR);
    fx_refused(g, NODE(g, PLD_OP_UPSAMPLE, 1, x), "neither");
    pld_graph_free(g);
}

static void test_softmax_and_reduce(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(2, 3, 4));
    int n = NODE(g, PLD_OP_SOFTMAX, 1, x);
    fx_expect(g, n, SHAPE(2, 3, 4));
    assert_int_equal(g->nodes[n].params.softmax.axis, 2);
    assert_int_equal(g->nodes[n].params.softmax.flatten, 0);
    g->opset = 12;
    fx_infer(g, n);
    assert_int_equal(g->nodes[n].params.softmax.axis, 1);
    assert_int_equal(g->nodes[n].params.softmax.flatten, 1);
    SET_INT(g, n, "axis", 2);
    fx_infer(g, n);
    assert_int_equal(g->nodes[n].params.softmax.flatten, 0);
    SET_INT(g, n, "axis", -4);
    fx_refused(g, n, "axis -4");

    g->opset = 18;
    int input = NODE(g, PLD_OP_REDUCE_MEAN, 1, x, INTS(g, -1, 0));
    int attr = NODE(g, PLD_OP_REDUCE_MEAN, 1, x), all = NODE(g, PLD_OP_REDUCE_SUM, 1, x);
    SET_INTS(g, attr, "axes", 0, 2);
    fx_expect(g, input, SHAPE(1, 3, 1));
    fx_expect(g, attr, SHAPE(1, 3, 1));
    fx_same_params(g, input, attr);
    SET_INT(g, attr, "keepdims", 0);
    fx_expect(g, attr, SHAPE(3));
    fx_expect(g, all, SHAPE(1, 1, 1));
    SET_INT(g, all, "keepdims", 0);
    fx_expect(g, all, SCALAR);
    SET_INT(g, all, "noop_with_empty_axes", 1);
    fx_expect(g, all, SHAPE(2, 3, 4));
    int none = fx_constant(g, PLD_I64, SHAPE(0), NULL);
    int empty = NODE(g, PLD_OP_REDUCE_MAX, 1, x, none);
    fx_expect(g, empty, SHAPE(1, 1, 1));
    fx_refused(g, NODE(g, PLD_OP_REDUCE_MAX, 1, x, INTS(g, 3)), "axis 3");
    fx_refused(g, NODE(g, PLD_OP_REDUCE_MAX, 1, x, INTS(g, 1, -2)), "twice");
    pld_graph_free(g);
}

static void test_products(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(13);
    int a = fx_x(g, SHAPE(5, 1, 2, 3)), b = fx_x(g, SHAPE(4, 3, 6)), v = fx_x(g, SHAPE(3));
    int n = NODE(g, PLD_OP_MATMUL, 1, a, b);
    fx_expect(g, n, SHAPE(5, 4, 2, 6));
    assert_int_equal(pld_node_macs(g, n), 5 * 4 * 2 * 6 * 3);
    fx_expect(g, NODE(g, PLD_OP_MATMUL, 1, v, b), SHAPE(4, 6));
    fx_expect(g, NODE(g, PLD_OP_MATMUL, 1, a, v), SHAPE(5, 1, 2));
    int dot = NODE(g, PLD_OP_MATMUL, 1, v, v);
    fx_expect(g, dot, SCALAR);
    assert_int_equal(pld_node_macs(g, dot), 3);
    fx_refused(g, NODE(g, PLD_OP_MATMUL, 1, b, a), "4x3x6 and 5x1x2x3 do not multiply");
    fx_refused(g, NODE(g, PLD_OP_MATMUL, 1, a, fx_x(g, SCALAR)), "scalar");

    int x = fx_x(g, SHAPE(7, 3)), w = fx_weight(g, SHAPE(3, 5)), c = fx_weight(g, SHAPE(5));
    int gemm = NODE(g, PLD_OP_GEMM, 1, x, w, c);
    fx_expect(g, gemm, SHAPE(7, 5));
    assert_int_equal(g->nodes[gemm].n_data, 3);
    assert_float_equal(g->nodes[gemm].params.gemm.alpha, 1, 0);
    assert_int_equal(pld_node_macs(g, gemm), 7 * 3 * 5);
    int turned = NODE(g, PLD_OP_GEMM, 1, w, x, PLD_NONE);
    fx_refused(g, turned, "contracts 5 against 7");
    SET_INT(g, turned, "transA", 1);
    SET_INT(g, turned, "transB", 1);
    fx_expect(g, turned, SHAPE(5, 7));
    assert_int_equal(g->nodes[turned].n_data, 2);
    assert_int_equal(pld_node_macs(g, turned), 7 * 3 * 5);
    fx_refused(g, NODE(g, PLD_OP_GEMM, 1, x, w, fx_weight(g, SHAPE(7))), "broadcast");
    fx_refused(g, NODE(g, PLD_OP_GEMM, 1, b, w), "rank");
    pld_graph_free(g);
}

static void test_gather(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(2, 5, 3)), i = fx_tensor(g, PLD_I64, SHAPE(4, 6));
    int n = NODE(g, PLD_OP_GATHER, 1, x, i);
    fx_expect(g, n, SHAPE(4, 6, 5, 3));
    SET_INT(g, n, "axis", -2);
    fx_expect(g, n, SHAPE(2, 4, 6, 3));
    assert_int_equal(g->nodes[n].params.axis.axis, 1);
    assert_int_equal(g->nodes[n].n_data, 2);
    int one = fx_constant(g, PLD_I64, SCALAR, (int64_t[]){-2});
    fx_expect(g, NODE(g, PLD_OP_GATHER, 1, x, one), SHAPE(5, 3));
    fx_refused(g, NODE(g, PLD_OP_GATHER, 1, x, INTS(g, 0, 2)), "index 2");
    fx_refused(g, NODE(g, PLD_OP_GATHER, 1, x, INTS(g, -3)), "index -3");
    fx_refused(g, NODE(g, PLD_OP_GATHER, 1, x, x), "indices");
    int deep = fx_tensor(g, PLD_I64, SHAPE(1, 1, 1, 1, 1, 1, 1));
    fx_refused(g, NODE(g, PLD_OP_GATHER, 1, x, deep), "rank 9");
    pld_graph_free(g);
}

static const int64_t *longs(const struct pld_graph *g, int node)
{
    return g->values[fx_out(g, node, 0)].data;
}

static void set_tensor(struct pld_graph *g, int node, const char *name, enum pld_dtype dtype,
                       struct pld_shape shape, const void *data)
{
    struct pld_attr *attr = pld_arena_alloc(&g->arena, sizeof *attr);
    assert_non_null(attr);
    *attr = (struct pld_attr){.name = name,
                              .type = PLD_ATTR_TENSOR,
                              .tensor = {.dtype = dtype, .shape = shape},
                              .tensor_data = data};
    g->nodes[node].attrs = attr;
    g->nodes[node].n_attrs = 1;
}

static void test_constants(void **state)
{
    (void)state;
    struct pld_graph *g = fx_graph(15);
    int x = fx_x(g, SHAPE(2, 3, 4));
    int n = NODE(g, PLD_OP_SHAPE, 1, x);
    fx_expect(g, n, SHAPE(3));
    assert_true(longs(g, n)[0] == 2 && longs(g, n)[1] == 3 && longs(g, n)[2] == 4);
    SET_INT(g, n, "start", -2);
    SET_INT(g, n, "end", -1);
    fx_expect(g, n, SHAPE(1));
    assert_int_equal(longs(g, n)[0], 3);
    SET_INT(g, n, "start", 9);
    fx_expect(g, n, SHAPE(0));

    int list = fx_node(g, PLD_OP_CONSTANT, 1, 0, NULL),
        one = fx_node(g, PLD_OP_CONSTANT, 1, 0, NULL);
    SET_INTS(g, list, "value_ints", 5, 6);
    SET_FLOAT(g, one, "value_float", 1.5f);
    fx_expect(g, list, SHAPE(2));
    assert_int_equal(longs(g, list)[1], 6);
    fx_expect(g, one, SCALAR);
    assert_float_equal(*(const float *)g->values[fx_out(g, one, 0)].data, 1.5f, 0);
    int words = fx_node(g, PLD_OP_CONSTANT, 1, 0, NULL);
    SET_STRING(g, words, "value_string", "x");
    fx_refused(g, words, "number");

    int filled = NODE(g, PLD_OP_CONSTANT_OF_SHAPE, 1, INTS(g, 2, 2));
    fx_expect(g, filled, SHAPE(2, 2));
    assert_int_equal(g->values[fx_out(g, filled, 0)].desc.dtype, PLD_F32);
    const int64_t seven = 7;
    set_tensor(g, filled, "value", PLD_I64, SHAPE(1), &seven);
    fx_infer(g, filled);
    assert_true(longs(g, filled)[0] == 7 && longs(g, filled)[3] == 7);
    set_tensor(g, filled, "value", PLD_I64, SHAPE(2), &seven);
    fx_refused(g, filled, "one element");
    fx_refused(g, NODE(g, PLD_OP_CONSTANT_OF_SHAPE, 1, INTS(g, 1 << 20, 1 << 20)), "too large");

    int range = NODE(g, PLD_OP_RANGE, 1, FLOATS(g, 1), FLOATS(g, 2), FLOATS(g, 0.3f));
    fx_expect(g, range, SHAPE(4));
    assert_int_equal(g->nodes[range].n_data, 3);
    fx_expect(g, NODE(g, PLD_OP_RANGE, 1, INTS(g, 5), INTS(g, 0), INTS(g, -2)), SHAPE(3));
    fx_expect(g, NODE(g, PLD_OP_RANGE, 1, INTS(g, 5), INTS(g, 0), INTS(g, 2)), SHAPE(0));
    fx_refused(g, NODE(g, PLD_OP_RANGE, 1, INTS(g, 5), INTS(g, 0), INTS(g, 0)), "range");
    fx_refused(g, NODE(g, PLD_OP_RANGE, 1, INTS(g, 5), FLOATS(g, 0), INTS(g, 1)), "type");
    fx_refused(g, NODE(g, PLD_OP_RANGE, 1, x, INTS(g, 0), INTS(g, 1)), "constant");
    pld_graph_free(g);
}

/* A graph whose input is a batch of three where the exporter saw one image. */
static struct pld_graph *batched(int *x, struct pld_shape shape)
{
    struct pld_graph *g = fx_graph(13);
    g->batch = 3;
    *x = fx_x(g, shape);
    assert_int_equal(pld_graph_add_input(g, *x), PLD_OK);
    return g;
}

static int reshape(struct pld_graph *g, int x, int target, struct pld_shape want)
{
    int n = NODE(g, PLD_OP_RESHAPE, 1, x, target);
    fx_expect(g, n, want);
    return fx_out(g, n, 0);
}

static int transpose(struct pld_graph *g, int x, const int64_t *perm, int n)
{
    int node = NODE(g, PLD_OP_TRANSPOSE, 1, x);
    assert_int_equal(pld_node_set_ints(g, node, "perm", perm, n), PLD_OK);
    fx_infer(g, node);
    return fx_out(g, node, 0);
}

static void test_widened_batch(void **state)
{
    (void)state;
    int x;
    struct pld_graph *g = batched(&x, SHAPE(3, 12, 2, 5));
    reshape(g, x, INTS(g, 1, 120), SHAPE(3, 120));
    reshape(g, x, INTS(g, 1, -1), SHAPE(3, 120));
    reshape(g, x, INTS(g, 1, 12, -1), SHAPE(3, 12, 10));
    reshape(g, x, INTS(g, -1, 120), SHAPE(3, 120));
    reshape(g, x, INTS(g, 0, -1), SHAPE(3, 120));
    reshape(g, x, INTS(g, 3, -1), SHAPE(9, 40)); /* 3x40 of one image, not three images */
    /* A channel shuffle that puts the batch in front of, and then behind, another axis. */
    int a = reshape(g, x, INTS(g, 6, 2, 10), SHAPE(18, 2, 10));
    int b = transpose(g, a, (int64_t[]){1, 0, 2}, 3);
    reshape(g, b, INTS(g, 2, -1, 6, 2, 5), SHAPE(2, 3, 6, 2, 5));
    reshape(g, b, INTS(g, 2, 1, 6, 10), SHAPE(2, 3, 6, 10));
    reshape(g, b, INTS(g, 1, 2, 60), SHAPE(1, 2, 180));
    fx_refused(g, NODE(g, PLD_OP_RESHAPE, 1, b, INTS(g, 1, 4, 30)), "does not become");
    /* Constants are the same for any number of images. */
    fx_refused(g, NODE(g, PLD_OP_RESHAPE, 1, fx_weight(g, SHAPE(3, 4)), INTS(g, 1, 4)),
               "does not become");
    int conv = NODE(g, PLD_OP_CONV, 1, x, fx_weight(g, SHAPE(8, 12, 1, 1)));
    fx_infer(g, conv);
    int mean = NODE(g, PLD_OP_REDUCE_MEAN, 1, fx_out(g, conv, 0));
    SET_INTS(g, mean, "axes", 2, 3);
    SET_INT(g, mean, "keepdims", 0);
    fx_expect(g, mean, SHAPE(3, 8));
    reshape(g, fx_out(g, mean, 0), INTS(g, 1, 8, 1, 1), SHAPE(3, 8, 1, 1));
    int resize = NODE(g, PLD_OP_RESIZE, 1, x, PLD_NONE, PLD_NONE, INTS(g, 1, 12, 4, 10));
    fx_expect(g, resize, SHAPE(3, 12, 4, 10));
    pld_graph_free(g);

    /* Exported for three images: 3 is the batch, and 1 is just 1. */
    g = batched(&x, SHAPE(3, 12, 2, 5));
    struct pld_declared declared = {.rank = 4, .dim = {3, 12, 2, 5}};
    g->values[x].declared = &declared;
    reshape(g, x, INTS(g, 3, -1), SHAPE(3, 120));
    reshape(g, x, INTS(g, 1, -1), SHAPE(1, 360));
    pld_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transpose_and_blocks),
        cmocka_unit_test(test_expand_and_tile),
        cmocka_unit_test(test_pad),
        cmocka_unit_test(test_resize),
        cmocka_unit_test(test_softmax_and_reduce),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_gather),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_widened_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
