/* graph/ops/reshape_channels: merged and split axes. Which factor of a merged axis may lose indices
 * follows from what surrounds it; and for any pair of shapes, removing a unit must take the same
 * elements out of both. */
#include "channels_fixture.h"

#include "backend/op.h"
#include "core/rng.h"
#include "graph/graph.h"

static int reshape(struct pld_graph *g, int x, struct pld_shape to)
{
    int n = NODE(g, PLD_OP_RESHAPE, 1, x, fx_ints(g, to.rank, to.dim));
    fx_expect(g, n, to);
    return fx_out(g, n, 0);
}

static int transpose(struct pld_graph *g, int x, const int64_t *perm, int rank)
{
    int n = NODE(g, PLD_OP_TRANSPOSE, 1, x);
    assert_int_equal(pld_node_set_ints(g, n, "perm", perm, rank), PLD_OK);
    fx_infer(g, n);
    return fx_out(g, n, 0);
}

static int matmul(struct pld_graph *g, int a, int b)
{
    int n = NODE(g, PLD_OP_MATMUL, 1, a, b);
    fx_infer(g, n);
    return fx_out(g, n, 0);
}

static int conv(struct pld_graph *g, int x, int64_t out, int64_t kernel)
{
    int64_t in = g->values[x].desc.shape.dim[1];
    int n = NODE(g, PLD_OP_CONV, 1, x, fx_weight(g, SHAPE(out, in, kernel, kernel)));
    fx_infer(g, n);
    return fx_out(g, n, 0);
}

static int gemm(struct pld_graph *g, int x, int64_t out)
{
    int n = NODE(g, PLD_OP_GEMM, 1, x, fx_weight(g, SHAPE(g->values[x].desc.shape.dim[1], out)));
    fx_infer(g, n);
    return fx_out(g, n, 0);
}

static void test_ones_do_not_matter(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(2, 1, 3, 1, 5)), y = reshape(g, x, SHAPE(1, 2, 3, 5, 1));
    rec_walk(&r, g);
    rec_assert_parallel(&r, x, 0, y, 1);
    rec_assert_parallel(&r, x, 2, y, 2);
    rec_assert_parallel(&r, x, 4, y, 3);
    assert_int_equal(r.n_locks, 0);
    rec_release(&r);
    pld_graph_free(g);
}

/* Conv, flatten, Gemm: channel c is the block c*9 .. c*9+8 of the columns. */
static void test_flatten(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int image = fx_x(g, SHAPE(2, 3, 5, 5)), x = conv(g, image, 4, 3);
    int n = NODE(g, PLD_OP_FLATTEN, 1, x), y = fx_out(g, n, 0);
    fx_expect(g, n, SHAPE(2, 36));
    gemm(g, y, 7);
    rec_walk(&r, g);
    for (int i = 0; i < 36; i++)
        assert_true(rec_tied(&r, y, 1, i, x, 1, i / 9));
    assert_int_equal(rec_count(&r, y, 1, x, 1, 2), 9);
    assert_true(rec_locked(&r, x, 2, "merged with another axis by Reshape"));
    assert_true(rec_locked(&r, x, 3, "merged with another axis by Reshape"));
    for (int c = 0; c < 4; c++)
        assert_false(rec_stuck(&r, x, 1, c));
    rec_release(&r);
    pld_graph_free(g);
}

/* And back: Gemm, Reshape to an image, Conv. */
static void test_unflatten(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int f = gemm(g, fx_x(g, SHAPE(1, 10)), 4 * 25), x = reshape(g, f, SHAPE(1, 4, 5, 5));
    conv(g, x, 6, 3);
    rec_walk(&r, g);
    for (int i = 0; i < 100; i++)
        assert_true(rec_tied(&r, f, 1, i, x, 1, i / 25));
    assert_false(rec_tied(&r, x, 1, 0, x, 1, 1) || rec_stuck(&r, x, 1, 0));
    rec_release(&r);
    pld_graph_free(g);
}

/* Channel shuffle: every channel goes on its own, to its new place; what lies in between is no
 * concern of it. */
static void test_channel_shuffle(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = conv(g, fx_x(g, SHAPE(1, 3, 6, 6)), 12, 3);
    int a = reshape(g, x, SHAPE(1, 2, 6, 4, 4));
    int b = transpose(g, a, (int64_t[]){0, 2, 1, 3, 4}, 5), y = reshape(g, b, SHAPE(1, 12, 4, 4));
    conv(g, y, 5, 3);
    rec_walk(&r, g);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 6; j++) {
            assert_true(rec_tied(&r, x, 1, i * 6 + j, y, 1, j * 2 + i));
            assert_false(rec_stuck(&r, x, 1, i * 6 + j));
        }
    assert_false(rec_tied(&r, x, 1, 0, x, 1, 6));
    assert_false(rec_tied(&r, x, 1, 0, a, 2, 0));
    rec_release(&r);
    pld_graph_free(g);
}

/* Attention over 5 tokens with 2 heads of 3: whole heads can go, in q, k, v and the projection. */
static void test_attention_heads(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(1, 5, 4)), part[3], w[3];
    assert_int_equal(pld_graph_add_input(g, x), PLD_OK);
    for (int i = 0; i < 3; i++) {
        w[i] = fx_weight(g, SHAPE(4, 6));
        int split = reshape(g, matmul(g, x, w[i]), SHAPE(1, 5, 2, 3));
        part[i] =
            transpose(g, split, i == 1 ? (int64_t[]){0, 2, 3, 1} : (int64_t[]){0, 2, 1, 3}, 4);
    }
    int softmax = NODE(g, PLD_OP_SOFTMAX, 1, matmul(g, part[0], part[1]));
    fx_infer(g, softmax);
    int heads = matmul(g, fx_out(g, softmax, 0), part[2]);
    int y = reshape(g, transpose(g, heads, (int64_t[]){0, 2, 1, 3}, 4), SHAPE(1, 5, 6));
    int proj = fx_weight(g, SHAPE(6, 4)), out = matmul(g, y, proj);
    assert_int_equal(pld_graph_add_output(g, out), PLD_OK);
    rec_walk(&r, g);
    for (int c = 0; c < 6; c++) {
        for (int i = 0; i < 3; i++)
            assert_true(rec_tied(&r, w[i], 1, c, w[0], 1, c / 3 * 3));
        assert_true(rec_tied(&r, proj, 0, c, w[0], 1, c / 3 * 3));
        assert_false(rec_stuck(&r, w[0], 1, c));
    }
    assert_false(rec_tied(&r, w[0], 1, 0, w[0], 1, 3));
    rec_release(&r);
    pld_graph_free(g);
}

/* The head of a detector: 3 anchors of 7 numbers, laid out by anchor for the output. */
static void test_anchors_reach_the_output(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = conv(g, fx_x(g, SHAPE(1, 3, 6, 6)), 21, 3), a = reshape(g, x, SHAPE(1, 3, 7, 4, 4));
    int b = transpose(g, a, (int64_t[]){0, 1, 3, 4, 2}, 5), y = reshape(g, b, SHAPE(1, 48, 7));
    assert_int_equal(pld_graph_add_output(g, y), PLD_OK);
    rec_walk(&r, g);
    /* The receiver locks the output, and through it everything else. */
    for (int c = 0; c < 21; c++)
        assert_true(rec_tied(&r, x, 1, c, y, 1, c / 7 * 16) || rec_tied(&r, x, 1, c, y, 2, c % 7));
    rec_release(&r);
    pld_graph_free(g);
}

static void test_ragged(void **state)
{
    (void)state;
    struct record r;
    struct pld_graph *g = fx_graph(13);
    int x = fx_x(g, SHAPE(5, 4, 6)), y = reshape(g, x, SHAPE(5, 3, 8));
    rec_walk(&r, g);
    rec_assert_parallel(&r, x, 0, y, 0);
    for (int a = 1; a < 3; a++) {
        assert_true(rec_locked(&r, x, a, "merged with another axis by Reshape"));
        assert_true(rec_locked(&r, y, a, "merged with another axis by Reshape"));
    }
    rec_release(&r);
    pld_graph_free(g);
}

/* ---- any pair of shapes ---- */

/* Marks the elements of `value` that lie at an index of the unit along any axis. */
static void mark(uint8_t *gone, const struct record *r, int value, int root)
{
    const struct pld_shape *shape = &r->graph->values[value].desc.shape;
    int64_t total = pld_shape_count(shape);
    for (int64_t e = 0; e < total; e++) {
        int64_t rest = e;
        gone[e] = 0;
        for (int a = shape->rank - 1; a >= 0; a--) {
            int64_t i = rest % shape->dim[a];
            rest /= shape->dim[a];
            gone[e] |= rec_root(r, rec_element(r, value, a, i)) == root;
        }
    }
}

/* Every unit that no lock holds takes the same elements out of both tensors. */
static int check_units(const struct record *r, int x, int y)
{
    static uint8_t from_x[4096], from_y[4096];
    const struct pld_shape *shape = &r->graph->values[x].desc.shape;
    int free_units = 0;
    assert_true(pld_shape_count(shape) <= 4096);
    for (int v = 0; v < 2; v++) {
        int value = v ? y : x;
        const struct pld_shape *s = &r->graph->values[value].desc.shape;
        for (int a = 0; a < s->rank; a++)
            for (int64_t i = 0; s->dim[a] > 1 && i < s->dim[a]; i++) {
                if (rec_stuck(r, value, a, i)) continue;
                int root = rec_root(r, rec_element(r, value, a, i));
                mark(from_x, r, x, root);
                mark(from_y, r, y, root);
                assert_memory_equal(from_x, from_y, (size_t)pld_shape_count(shape));
                free_units++;
            }
    }
    return free_units;
}

/* Random factors, grouped into axes in two ways. */
static struct pld_shape grouped(struct pld_rng *rng, const int64_t *factor, int n)
{
    struct pld_shape shape = {0};
    for (int i = 0; i < n; i++) {
        bool apart = shape.rank == 0 || (shape.rank < 6 && pld_rng_below(rng, 2));
        if (apart) shape.dim[shape.rank++] = 1;
        shape.dim[shape.rank - 1] *= factor[i];
    }
    return shape;
}

static void test_any_shapes(void **state)
{
    (void)state;
    struct pld_rng rng;
    struct record r;
    int free_units = 0;
    pld_rng_init(&rng, 7);
    for (int round = 0; round < 400; round++) {
        int64_t factor[5];
        int n = 1 + (int)pld_rng_below(&rng, 5);
        for (int i = 0; i < n; i++)
            factor[i] = 1 + (int64_t)pld_rng_below(&rng, 4);
        struct pld_graph *g = fx_graph(13);
        struct pld_shape from = grouped(&rng, factor, n);
        if (pld_rng_below(&rng, 3) == 0) { /* now and then sizes that have no common factors */
            int64_t swap = factor[0];
            factor[0] = factor[n - 1];
            factor[n - 1] = swap;
        }
        int x = fx_x(g, from), y = reshape(g, x, grouped(&rng, factor, n));
        rec_walk(&r, g);
        free_units += check_units(&r, x, y);
        rec_release(&r);
        pld_graph_free(g);
    }
    assert_true(free_units > 1000); /* the rule must not win by locking everything */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ones_do_not_matter),
        cmocka_unit_test(test_flatten),
        cmocka_unit_test(test_unflatten),
        cmocka_unit_test(test_channel_shuffle),
        cmocka_unit_test(test_attention_heads),
        cmocka_unit_test(test_anchors_reach_the_output),
        cmocka_unit_test(test_ragged),
        cmocka_unit_test(test_any_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
