/* graph/ops: what each operator says about its channels, to a receiver that only remembers. */
#include "channels_fixture.h"

#include "backend/op.h"
#include "graph/graph.h"
#include "graph/ops/ops.h"

static void test_conv(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(1, 4, 8, 8)), w = fx_weight(g, SHAPE(6, 4, 3, 1));
    int b = fx_weight(g, SHAPE(6)), n = NODE(g, PLD_OP_CONV, 1, x, w, b), y = fx_out(g, n, 0);
    fx_infer(g, n);
    rec_walk(&r, g);
    rec_assert_parallel(&r, y, 1, w, 0);
    rec_assert_parallel(&r, y, 1, b, 0);
    rec_assert_parallel(&r, x, 1, w, 1);
    assert_false(rec_tied(&r, x, 1, 0, y, 1, 0));
    assert_true(rec_consumed(&r, w, 1) && r.n_consumes == 1);
    assert_true(rec_produced(&r, w, 0) && r.n_produces == 1);
    assert_true(rec_locked(&r, x, 2, "spatial axis of a convolution"));
    assert_true(rec_locked(&r, y, 2, "spatial axis of a convolution"));
    rec_assert_parallel(&r, x, 3, y, 3); /* one cell wide: pointwise */
    assert_false(rec_locked(&r, x, 3, NULL));
    assert_true(rec_locked(&r, x, 0, "batch axis"));
    assert_false(rec_stuck(&r, x, 1, 0) || rec_stuck(&r, y, 1, 5));
    rec_release(&r);
    pld_graph_free(g);
}

static void test_grouped_conv(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(1, 6, 4, 4)), w = fx_weight(g, SHAPE(8, 3, 1, 1));
    int n = NODE(g, PLD_OP_CONV, 1, x, w), y = fx_out(g, n, 0);
    SET_INT(g, n, "group", 2);
    /* Depthwise with two filters a channel. */
    int dw = fx_weight(g, SHAPE(16, 1, 3, 3)), d = NODE(g, PLD_OP_CONV, 1, y, dw);
    SET_INT(g, d, "group", 8);
    /* One channel in, one group: an ordinary convolution. */
    int x1 = fx_x(g, SHAPE(1, 1, 4, 4)), w1 = fx_weight(g, SHAPE(3, 1, 1, 1));
    int one = NODE(g, PLD_OP_CONV, 1, x1, w1);
    fx_infer(g, n);
    fx_infer(g, d);
    fx_infer(g, one);
    rec_walk(&r, g);
    assert_true(rec_tied(&r, x, 1, 1, x, 1, 4) && rec_tied(&r, x, 1, 1, w, 1, 1));
    assert_false(rec_tied(&r, x, 1, 1, x, 1, 2));
    assert_int_equal(rec_count(&r, x, 1, w, 1, 2), 2);
    assert_true(rec_tied(&r, y, 1, 1, y, 1, 5) && rec_tied(&r, y, 1, 1, w, 0, 5));
    assert_false(rec_tied(&r, y, 1, 1, y, 1, 2));
    int z = fx_out(g, d, 0);
    assert_true(rec_tied(&r, y, 1, 1, z, 1, 2) && rec_tied(&r, y, 1, 1, z, 1, 3));
    assert_true(rec_tied(&r, y, 1, 5, dw, 0, 11) && !rec_tied(&r, y, 1, 1, z, 1, 4));
    assert_int_equal(rec_count(&r, z, 1, y, 1, 0), 4);
    assert_true(rec_produced(&r, dw, 0) && !rec_consumed(&r, dw, 1));
    assert_true(rec_consumed(&r, w1, 1));
    assert_false(rec_tied(&r, x1, 1, 0, fx_out(g, one, 0), 1, 0));
    rec_release(&r);
    pld_graph_free(g);
}

static void test_conv_transpose(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(1, 6, 4, 4)), w = fx_weight(g, SHAPE(6, 5, 2, 2));
    int b = fx_weight(g, SHAPE(5)), n = NODE(g, PLD_OP_CONV_TRANSPOSE, 1, x, w, b);
    int w2 = fx_weight(g, SHAPE(6, 4, 2, 2)), n2 = NODE(g, PLD_OP_CONV_TRANSPOSE, 1, x, w2);
    SET_INT(g, n2, "group", 2);
    fx_infer(g, n);
    fx_infer(g, n2);
    int y = fx_out(g, n, 0), z = fx_out(g, n2, 0);
    rec_walk(&r, g);
    rec_assert_parallel(&r, y, 1, w, 1);
    rec_assert_parallel(&r, y, 1, b, 0);
    assert_true(rec_tied(&r, x, 1, 2, w, 0, 2));
    assert_true(rec_consumed(&r, w, 0) && rec_produced(&r, w, 1));
    assert_true(rec_tied(&r, z, 1, 1, z, 1, 5) && rec_tied(&r, z, 1, 5, w2, 1, 1));
    assert_true(rec_tied(&r, w2, 0, 0, w2, 0, 3) && rec_tied(&r, x, 1, 0, x, 1, 3));
    rec_release(&r);
    pld_graph_free(g);

    g = fx_graph(13);
    x = fx_x(g, SHAPE(1, 3, 4, 4));
    w = fx_weight(g, SHAPE(3, 2, 2, 2));
    n = NODE(g, PLD_OP_CONV_TRANSPOSE, 1, x, w);
    SET_INT(g, n, "group", 3);
    fx_infer(g, n);
    y = fx_out(g, n, 0);
    rec_walk(&r, g);
    assert_true(rec_tied(&r, x, 1, 1, y, 1, 2) && rec_tied(&r, x, 1, 1, y, 1, 3));
    assert_true(rec_tied(&r, x, 1, 1, w, 0, 1) && rec_produced(&r, w, 0));
    assert_int_equal(r.n_consumes, 0);
    assert_int_equal(rec_count(&r, y, 1, x, 1, 1), 2);
    rec_release(&r);
    pld_graph_free(g);
}

static void test_elementwise(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(2, 3, 4, 4)), gate = fx_x(g, SHAPE(2, 3, 1, 1));
    int scale = fx_weight(g, SHAPE(3, 1, 1)), slope = fx_weight(g, SHAPE(3, 1, 1));
    int p = fx_weight(g, SHAPE(3)), m = fx_tensor(g, PLD_BOOL, SHAPE(2, 1, 4, 4));
    int mul = NODE(g, PLD_OP_MUL, 1, x, gate), add = NODE(g, PLD_OP_ADD, 1, scale, x);
    int prelu = NODE(g, PLD_OP_PRELU, 1, x, slope);
    int clip = NODE(g, PLD_OP_CLIP, 1, x, FLOATS(g, 0));
    int bn = NODE(g, PLD_OP_BATCH_NORM, 1, x, p, p, p, p),
        where = NODE(g, PLD_OP_WHERE, 1, m, x, gate);
    int nodes[] = {mul, add, prelu, clip, bn, where};
    for (int i = 0; i < 6; i++)
        fx_infer(g, nodes[i]);
    rec_walk(&r, g);
    for (int i = 0; i < 6; i++)
        for (int a = 0; a < 4; a++)
            rec_assert_parallel(&r, x, a, fx_out(g, nodes[i], 0), a);
    rec_assert_parallel(&r, x, 1, gate, 1);
    rec_assert_parallel(&r, x, 1, scale, 0);
    rec_assert_parallel(&r, x, 1, slope, 0);
    rec_assert_parallel(&r, x, 1, p, 0);
    rec_assert_parallel(&r, x, 3, m, 3);
    assert_false(rec_tied(&r, x, 2, 0, gate, 2, 0));
    assert_false(rec_tied(&r, x, 1, 0, m, 1, 0));
    assert_int_equal(r.n_locks, 0);
    rec_release(&r);
    pld_graph_free(g);
}

static void test_ranges(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(1, 6, 4)), y = fx_x(g, SHAPE(1, 2, 4));
    int concat = NODE(g, PLD_OP_CONCAT, 1, x, y, x),
        split = NODE(g, PLD_OP_SPLIT, 2, x, INTS(g, 2, 4));
    int slice = NODE(g, PLD_OP_SLICE, 1, x, INTS(g, 5), INTS(g, 0), INTS(g, 1), INTS(g, -2));
    int pad = NODE(g, PLD_OP_PAD, 1, y, INTS(g, 0, 3, 0, 0, 1, 0));
    SET_INT(g, split, "axis", 1);
    fx_infer(g, concat);
    fx_infer(g, split);
    fx_infer(g, slice);
    fx_infer(g, pad);
    rec_walk(&r, g);
    int c = fx_out(g, concat, 0), s0 = fx_out(g, split, 0), s1 = fx_out(g, split, 1);
    assert_true(rec_tied(&r, c, 1, 3, x, 1, 3) && rec_tied(&r, c, 1, 11, x, 1, 3));
    assert_true(rec_tied(&r, c, 1, 7, y, 1, 1) && !rec_tied(&r, c, 1, 7, x, 1, 1));
    rec_assert_parallel(&r, c, 2, x, 2);
    assert_true(rec_tied(&r, s0, 1, 1, x, 1, 1) && rec_tied(&r, s1, 1, 0, x, 1, 2));
    rec_assert_parallel(&r, s1, 2, x, 2);
    int l = fx_out(g, slice, 0); /* 5, 3, 1 */
    fx_assert_shape(g, l, SHAPE(1, 3, 4));
    assert_true(rec_tied(&r, l, 1, 0, x, 1, 5) && rec_tied(&r, l, 1, 2, x, 1, 1));
    int q = fx_out(g, pad, 0);
    assert_true(rec_tied(&r, q, 1, 3, y, 1, 0) && rec_tied(&r, q, 1, 4, y, 1, 1));
    assert_int_equal(rec_count(&r, y, 1, q, 1, 0), 0);
    assert_int_equal(r.n_locks, 0);
    rec_release(&r);
    pld_graph_free(g);
}

static void test_gather(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(2, 7, 3)), z = fx_x(g, SHAPE(2, 7, 3)),
        k = fx_tensor(g, PLD_I64, SHAPE(5));
    int list = NODE(g, PLD_OP_GATHER, 1, x, INTS(g, 6, 4, 2, 0, 1, -4, 5));
    int one = fx_constant(g, PLD_I64, SCALAR, (int64_t[]){1}),
        pick = NODE(g, PLD_OP_GATHER, 1, z, one);
    int table = fx_weight(g, SHAPE(9, 4)), embed = NODE(g, PLD_OP_GATHER, 1, table, k);
    SET_INT(g, list, "axis", 1);
    SET_INT(g, pick, "axis", 1);
    fx_infer(g, list);
    fx_infer(g, pick);
    fx_infer(g, embed);
    rec_walk(&r, g);
    static const int want[] = {6, 4, 2, 0, 1, 3, 5};
    for (int i = 0; i < 7; i++)
        assert_true(rec_tied(&r, fx_out(g, list, 0), 1, i, x, 1, want[i]));
    rec_assert_parallel(&r, fx_out(g, list, 0), 2, x, 2);
    assert_false(rec_locked(&r, x, 1, NULL));
    assert_true(rec_locked(&r, z, 1, "a fixed index is picked from the axis"));
    rec_assert_parallel(&r, fx_out(g, pick, 0), 1, z, 2);
    rec_assert_parallel(&r, fx_out(g, embed, 0), 0, k, 0);
    rec_assert_parallel(&r, fx_out(g, embed, 0), 1, table, 1);
    assert_true(rec_locked(&r, table, 0, NULL));
    rec_release(&r);
    pld_graph_free(g);
}

static void test_axes_that_lock(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(12);
    int x[8];
    for (int i = 0; i < 8; i++)
        x[i] = fx_x(g, SHAPE(2, 3, 4, 5));
    int softmax = NODE(g, PLD_OP_SOFTMAX, 1, x[0]), mean = NODE(g, PLD_OP_REDUCE_MEAN, 1, x[1]);
    int lrn = NODE(g, PLD_OP_LRN, 1, x[2]), pool = NODE(g, PLD_OP_MAX_POOL, 1, x[3]);
    int global = NODE(g, PLD_OP_GLOBAL_AVERAGE_POOL, 1, x[4]);
    int resize = NODE(g, PLD_OP_RESIZE, 1, x[5], PLD_NONE, FLOATS(g, 1, 1, 2, 1));
    int pad = NODE(g, PLD_OP_PAD, 1, x[6], INTS(g, 0, 0, 1, 0, 0, 0, 0, 0));
    int tile = NODE(g, PLD_OP_TILE, 1, x[7], INTS(g, 1, 2, 1, 1));
    SET_INT(g, softmax, "axis", 2);
    SET_INTS(g, mean, "axes", 1);
    SET_INT(g, mean, "keepdims", 0);
    SET_INT(g, lrn, "size", 3);
    SET_INTS(g, pool, "kernel_shape", 2, 2);
    int nodes[] = {softmax, mean, lrn, pool, global, resize, pad, tile};
    for (int i = 0; i < 8; i++)
        fx_infer(g, nodes[i]);
    rec_walk(&r, g);
    static const char *const why[8][4] = {
        {NULL, NULL, "softmax over the axis", "softmax over the axis"}, /* flattened: opset 12 */
        {NULL, "mean over the axis", NULL, NULL},
        {NULL, "normalised over neighbouring channels", NULL, NULL},
        {NULL, NULL, "spatial axis of a pooling window", "spatial axis of a pooling window"},
        {NULL, NULL, "mean over the axis", "mean over the axis"},
        {NULL, NULL, "the axis is resized", NULL},
        {NULL, NULL, "the axis is padded", NULL},
        {NULL, "the axis is repeated", NULL, NULL},
    };
    for (int i = 0; i < 8; i++)
        for (int a = 0; a < 4; a++) {
            int y = fx_out(g, nodes[i], 0), b = i == 1 && a > 1 ? a - 1 : a;
            assert_int_equal(rec_locked(&r, x[i], a, why[i][a]), why[i][a] != NULL);
            if (!why[i][a]) rec_assert_parallel(&r, x[i], a, y, b);
        }
    rec_release(&r);
    pld_graph_free(g);
}

static void test_moves(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(1, 8, 2, 3)), e = fx_x(g, SHAPE(3, 1));
    int t = NODE(g, PLD_OP_TRANSPOSE, 1, x), dcr = NODE(g, PLD_OP_DEPTH_TO_SPACE, 1, x);
    int crd = NODE(g, PLD_OP_DEPTH_TO_SPACE, 1, fx_x(g, SHAPE(1, 8, 2, 3)));
    int s2d = NODE(g, PLD_OP_SPACE_TO_DEPTH, 1, fx_x(g, SHAPE(1, 2, 4, 6)));
    int expand = NODE(g, PLD_OP_EXPAND, 1, e, INTS(g, 2, 3, 4));
    SET_INTS(g, t, "perm", 0, 2, 3, 1);
    SET_INT(g, dcr, "blocksize", 2);
    SET_INT(g, crd, "blocksize", 2);
    SET_INT(g, s2d, "blocksize", 2);
    SET_STRING(g, crd, "mode", "CRD");
    int nodes[] = {t, dcr, crd, s2d, expand};
    for (int i = 0; i < 5; i++)
        fx_infer(g, nodes[i]);
    rec_walk(&r, g);
    rec_assert_parallel(&r, x, 1, fx_out(g, t, 0), 3);
    rec_assert_parallel(&r, x, 3, fx_out(g, t, 0), 2);
    int y = fx_out(g, dcr, 0), u = g->nodes[crd].in[0], v = fx_out(g, crd, 0);
    for (int c = 0; c < 8; c++) {
        assert_true(rec_tied(&r, x, 1, c, y, 1, c % 2)); /* (b, b, C): channel last */
        assert_true(rec_tied(&r, u, 1, c, v, 1, c / 4)); /* (C, b, b): channel first */
    }
    for (int h = 0; h < 4; h++)
        assert_true(rec_tied(&r, x, 2, h / 2, y, 2, h));
    assert_false(rec_tied(&r, y, 1, 0, y, 1, 1) || rec_tied(&r, v, 1, 0, v, 1, 1));
    int p = g->nodes[s2d].in[0], q = fx_out(g, s2d, 0);
    for (int c = 0; c < 8; c++)
        assert_true(rec_tied(&r, q, 1, c, p, 1, c % 2));
    assert_true(rec_tied(&r, p, 3, 5, q, 3, 2) && !rec_tied(&r, p, 3, 5, q, 3, 1));
    rec_assert_parallel(&r, e, 0, fx_out(g, expand, 0), 1);
    assert_int_equal(rec_count(&r, e, 1, fx_out(g, expand, 0), 2, 0), 0);
    assert_int_equal(r.n_locks, 0);
    rec_release(&r);
    pld_graph_free(g);
}

static void test_products(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(2, 4, 6)), w = fx_weight(g, SHAPE(6, 5)), wl = fx_weight(g, SHAPE(7, 4));
    int q = fx_x(g, SHAPE(2, 3, 4)), k = fx_x(g, SHAPE(2, 4, 5)), f = fx_x(g, SHAPE(1, 6));
    int wt = fx_weight(g, SHAPE(5, 6)), b = fx_weight(g, SHAPE(5));
    int right = NODE(g, PLD_OP_MATMUL, 1, x, w), left = NODE(g, PLD_OP_MATMUL, 1, wl, x);
    int both = NODE(g, PLD_OP_MATMUL, 1, q, k), gemm = NODE(g, PLD_OP_GEMM, 1, f, wt, b);
    SET_INT(g, gemm, "transB", 1);
    int nodes[] = {right, left, both, gemm};
    for (int i = 0; i < 4; i++)
        fx_infer(g, nodes[i]);
    rec_walk(&r, g);
    int yr = fx_out(g, right, 0), yl = fx_out(g, left, 0), yb = fx_out(g, both, 0);
    rec_assert_parallel(&r, x, 2, w, 0);
    rec_assert_parallel(&r, yr, 2, w, 1);
    rec_assert_parallel(&r, x, 0, yr, 0);
    rec_assert_parallel(&r, x, 1, yr, 1);
    assert_true(rec_consumed(&r, w, 0) && rec_produced(&r, w, 1));
    rec_assert_parallel(&r, x, 1, wl, 1);
    rec_assert_parallel(&r, yl, 1, wl, 0);
    rec_assert_parallel(&r, yl, 2, x, 2);
    assert_true(rec_consumed(&r, wl, 1) && rec_produced(&r, wl, 0));
    assert_int_equal(r.n_contracts, 2);
    assert_true(r.contracts[0].value == q && r.contracts[0].axis == 2);
    assert_true(r.contracts[1].value == k && r.contracts[1].axis == 1);
    assert_false(rec_locked(&r, q, 2, NULL));
    rec_assert_parallel(&r, q, 1, yb, 1);
    rec_assert_parallel(&r, k, 2, yb, 2);
    int yg = fx_out(g, gemm, 0);
    rec_assert_parallel(&r, f, 1, wt, 1);
    rec_assert_parallel(&r, yg, 1, wt, 0);
    rec_assert_parallel(&r, yg, 1, b, 0);
    assert_true(rec_consumed(&r, wt, 1) && rec_produced(&r, wt, 0));
    assert_int_equal(r.n_consumes, 3);
    rec_release(&r);
    pld_graph_free(g);
}

/* Einsum as a product: with weights on either side, and of two activations. */
static void test_einsum(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(2, 4, 6)), w = fx_weight(g, SHAPE(6, 5, 3)),
        wl = fx_weight(g, SHAPE(7, 4));
    int q = fx_x(g, SHAPE(2, 3, 4)), k = fx_x(g, SHAPE(2, 5, 4));
    int right = NODE(g, PLD_OP_EINSUM, 1, x, w), left = NODE(g, PLD_OP_EINSUM, 1, wl, x);
    int both = NODE(g, PLD_OP_EINSUM, 1, q, k), sum = NODE(g, PLD_OP_EINSUM, 1, q);
    SET_STRING(g, right, "equation", "bsd,dhk->bshk");
    SET_STRING(g, left, "equation", "os,bsd->bod");
    SET_STRING(g, both, "equation", "bqd,bkd->bqk");
    SET_STRING(g, sum, "equation", "bqd->bd");
    int nodes[] = {right, left, both, sum};
    for (int i = 0; i < 4; i++)
        fx_infer(g, nodes[i]);
    rec_walk(&r, g);
    int yr = fx_out(g, right, 0), yl = fx_out(g, left, 0), yb = fx_out(g, both, 0);
    rec_assert_parallel(&r, x, 2, w, 0);
    rec_assert_parallel(&r, yr, 2, w, 1);
    rec_assert_parallel(&r, yr, 3, w, 2);
    assert_true(rec_consumed(&r, w, 0) && rec_produced(&r, w, 1) && rec_produced(&r, w, 2));
    rec_assert_parallel(&r, x, 1, wl, 1);
    rec_assert_parallel(&r, yl, 1, wl, 0);
    assert_true(rec_consumed(&r, wl, 1) && rec_produced(&r, wl, 0));
    assert_true(r.n_contracts == 2 && r.n_consumes == 2 && r.n_produces == 3);
    assert_true(r.contracts[0].value == q && r.contracts[0].axis == 2);
    assert_true(r.contracts[1].value == k && r.contracts[1].axis == 2);
    rec_assert_parallel(&r, q, 2, k, 2);
    rec_assert_parallel(&r, k, 1, yb, 2);
    assert_true(rec_locked(&r, q, 1, "sum over the index")); /* only one input has it */
    assert_int_equal(r.n_locks, 1);
    rec_release(&r);
    pld_graph_free(g);
}

/* Weights that the network computes have no columns to remove: a channel is a term of a sum. */
static void test_computed_weights(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(1, 4, 8, 8)), w = fx_x(g, SHAPE(6, 4, 1, 1));
    int n = NODE(g, PLD_OP_CONV, 1, x, w);
    fx_infer(g, n);
    rec_walk(&r, g);
    assert_true(r.n_contracts == 2 && r.contracts[0].value == x && r.contracts[1].value == w);
    assert_false(rec_locked(&r, x, 1, NULL));
    assert_int_equal(r.n_consumes + r.n_produces, 0);
    rec_assert_parallel(&r, w, 0, fx_out(g, n, 0), 1);
    rec_release(&r);
    pld_graph_free(g);
}

/* An operator we do not know locks what it touches; dead and folded nodes say nothing. */
static void test_walk(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(2, 3)), w = fx_weight(g, SHAPE(3)), z = fx_x(g, SHAPE(3));
    int odd = NODE(g, PLD_OP_ADD, 1, x, w), dead = NODE(g, PLD_OP_NEG, 1, z);
    int folded = NODE(g, PLD_OP_NEG, 1, z);
    fx_infer(g, odd);
    fx_infer(g, dead);
    fx_infer(g, folded);
    g->nodes[odd].op = PLD_NONE;
    g->nodes[dead].dead = true;
    g->nodes[folded].constant = true;
    rec_walk(&r, g);
    int y = fx_out(g, odd, 0);
    static const char why[] = "an unknown operator has no channel rule";
    assert_true(rec_locked(&r, x, 0, why) && rec_locked(&r, x, 1, why) &&
                rec_locked(&r, y, 1, why));
    assert_false(rec_locked(&r, w, 0, NULL));
    assert_int_equal(r.n_locks, 4);
    assert_int_equal(r.n_ties, 0);
    rec_release(&r);
    pld_graph_free(g);
}

/* Every operator of op.def relates its axes, or stands here with the reason why it has nothing to
 * relate. */
static void test_every_operator_has_a_rule(void **state)
{
    (void)state;
    static const char *const silent[PLD_OP_COUNT] = {
        [PLD_OP_SHAPE] = "gives sizes, which surgery makes anew",
        [PLD_OP_SIZE] = "gives a size, which surgery makes anew",
        [PLD_OP_CONSTANT] = "reads no axis",
        [PLD_OP_CONSTANT_OF_SHAPE] = "reads no axis",
        [PLD_OP_RANGE] = "reads no axis",
        [PLD_OP_NON_MAX_SUPPRESSION] = "dynamic: the walk locks all its axes",
        [PLD_OP_NON_ZERO] = "dynamic: the walk locks all its axes",
        [PLD_OP_COMPRESS] = "dynamic: the walk locks all its axes",
        [PLD_OP_UNIQUE] = "dynamic: the walk locks all its axes",
    };
    for (int op = 0; op < PLD_OP_COUNT; op++) {
        const struct pld_op_desc *desc = pld_op_describe((enum pld_op)op);
        assert_non_null(desc);
        if (!desc->channels) fail_msg("%s has no channel rule", pld_op_name((enum pld_op)op));
        if ((desc->channels == pld_op_channels_none) != (silent[op] != NULL))
            fail_msg("%s: its rule and the list of silent ones differ",
                     pld_op_name((enum pld_op)op));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conv),
        cmocka_unit_test(test_grouped_conv),
        cmocka_unit_test(test_conv_transpose),
        cmocka_unit_test(test_elementwise),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_gather),
        cmocka_unit_test(test_axes_that_lock),
        cmocka_unit_test(test_moves),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_computed_weights),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_einsum),
        cmocka_unit_test(test_every_operator_has_a_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
