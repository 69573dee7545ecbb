/* graph/shuffle: which chains of Reshape, Transpose and Gather pick channels, and which, against
 * the numbers that the chain itself computes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "graph/shuffle.h"
#include "tiny_graph.h"

static int reshape(struct tiny *t, int x, int n, const int64_t *target)
{
    struct pld_desc desc = {.dtype = PLD_I64, .shape = {.rank = 1, .dim = {n}}};
    int shape = pld_graph_add_constant(t->graph, tiny_name(t, "i"), &desc, target);
    return tiny_binary(t, PLD_OP_RESHAPE, x, shape);
}
#define RESHAPE(t, x, ...)                                                   \
    reshape(t, x, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), \
            (const int64_t[]){__VA_ARGS__})

static int transpose(struct tiny *t, int x, const int64_t *perm, int n)
{
    int y = tiny_unary(t, PLD_OP_TRANSPOSE, x);
    assert_int_equal(pld_node_set_ints(t->graph, tiny_last(t), "perm", perm, n), PLD_OK);
    return y;
}

/* One index of an axis, as exporters take the halves of a shuffle apart. */
static int pick_one(struct tiny *t, int x, int64_t index, int64_t axis)
{
    struct pld_desc desc = {.dtype = PLD_I64};
    int y = tiny_binary(t, PLD_OP_GATHER, x,
                        pld_graph_add_constant(t->graph, tiny_name(t, "i"), &desc, &index));
    assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "axis", axis), PLD_OK);
    return y;
}

static struct pld_shuffles find(struct tiny *t, struct pld_arena *arena)
{
    struct pld_shuffles shuffles;
    assert_int_equal(pld_shuffles_find(&shuffles, arena, t->graph), PLD_OK);
    return shuffles;
}

/* The graph has one input, the first output is the end of a pick: channel i of what the graph
 * computes is channel index[i] of the picture. */
static void assert_picks(struct tiny *t, const struct pld_pick *pick)
{
    const struct pld_shape *from = &t->graph->values[pick->from].desc.shape;
    int64_t count, cells = from->dim[2] * from->dim[3];
    assert_int_equal(pick->from, t->graph->inputs[0]);
    float *picture = tiny_picture(&t->graph->values[pick->from], 5);
    float *out = tiny_run(t, t->graph, 5, &count);
    assert_int_equal(count, pick->n * cells);
    for (int64_t i = 0; i < pick->n; i++)
        assert_memory_equal(out + i * cells, picture + pick->index[i] * cells,
                            (size_t)cells * sizeof *out);
    free(picture);
    free(out);
}

static void shuffle_of_three(void **state)
{
    (void)state;
    static const int64_t swap[] = {0, 2, 1, 3, 4};
    struct tiny t;
    struct pld_arena arena = {0};
    tiny_open(&t, 1);
    int five = RESHAPE(&t, tiny_input(&t, 1, 12, 2, 3), 1, 3, 4, 2, 3), first = tiny_last(&t);
    tiny_finish(&t, RESHAPE(&t, transpose(&t, five, swap, 5), 1, 12, 2, 3));
    struct pld_shuffles s = find(&t, &arena);
    assert_int_equal(s.n_picks, 1);
    assert_int_equal(s.picks[0].node, tiny_last(&t));
    assert_int_equal(s.picks[0].n, 12);
    for (int i = 0; i < 12; i++)
        assert_int_equal(s.picks[0].index[i], i % 3 * 4 + i / 3);
    assert_int_equal(s.pick_of_node[first], -1);
    assert_int_equal(s.pick_of_node[tiny_last(&t)], 1);
    assert_picks(&t, &s.picks[0]);
    pld_arena_release(&arena);
    tiny_close(&t);
}

/* The same with rows and columns merged on the way, and two halves taken by Gather. */
static void halves_by_gather(void **state)
{
    (void)state;
    static const int64_t swap[] = {1, 0, 2};
    struct tiny t;
    struct pld_arena arena = {0};
    tiny_open(&t, 2);
    int x = tiny_input(&t, 1, 8, 2, 3);
    int three = transpose(&t, RESHAPE(&t, x, 4, 2, 6), swap, 3);
    int five = RESHAPE(&t, three, 2, 1, 4, 2, 3);
    int even = pick_one(&t, five, 0, 0), odd = pick_one(&t, five, -1, 0), end = tiny_last(&t);
    assert_int_equal(pld_graph_add_output(t.graph, odd), PLD_OK);
    tiny_finish(&t, even);
    struct pld_shuffles s = find(&t, &arena);
    assert_int_equal(s.n_picks, 2);
    for (int p = 0; p < 2; p++) {
        assert_int_equal(s.picks[p].n, 4);
        for (int i = 0; i < 4; i++)
            assert_int_equal(s.picks[p].index[i], 2 * i + (s.picks[p].node == end));
    }
    assert_picks(&t, &s.picks[s.picks[0].node == end ? 0 : 1]); /* the first output */
    pld_arena_release(&arena);
    tiny_close(&t);
}

/* What mixes cells into channels is no shuffle, nor is one whose inside is read by another node or
 * leaves the graph. */
static void no_shuffles(void **state)
{
    (void)state;
    static const int64_t swap[] = {0, 2, 1, 3, 4}, cells[] = {0, 3, 2, 1};
    for (int kind = 0; kind < 3; kind++) {
        struct tiny t;
        struct pld_arena arena = {0};
        tiny_open(&t, 3);
        int x = tiny_input(&t, 1, 6, 6, 6);
        if (kind == 0) {
            tiny_finish(
                &t, RESHAPE(&t, transpose(&t, RESHAPE(&t, x, 1, 6, 6, 6), cells, 4), 1, 6, 6, 6));
        } else {
            int five = RESHAPE(&t, x, 1, 2, 3, 6, 6);
            if (kind == 1)
                assert_int_equal(pld_graph_add_output(t.graph, tiny_unary(&t, PLD_OP_RELU, five)),
                                 PLD_OK);
            if (kind == 2) assert_int_equal(pld_graph_add_output(t.graph, five), PLD_OK);
            tiny_finish(&t, RESHAPE(&t, transpose(&t, five, swap, 5), 1, 6, 6, 6));
        }
        struct pld_shuffles s = find(&t, &arena);
        if (kind > 0) assert_int_equal(s.n_picks, 0);
        for (int p = 0; p < s.n_picks; p++) /* a Reshape to the same shape picks all, in order */
            for (int64_t i = 0; i < s.picks[p].n; i++)
                assert_int_equal(s.picks[p].index[i], i);
        pld_arena_release(&arena);
        tiny_close(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffle_of_three),
        cmocka_unit_test(halves_by_gather),
        cmocka_unit_test(no_shuffles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
