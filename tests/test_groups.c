/* Channel groups: what is tied, what is locked and why, what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "prune/group.h"
#include "tiny_graph.h"

static struct pld_groups *groups_of(const struct tiny *t)
{
    struct pld_groups *groups;
    assert_int_equal(pld_groups_new(&groups, t->graph), PLD_OK);
    return groups;
}

static int prunable(const struct pld_groups *groups)
{
    int n = 0;
    for (int g = 0; g < groups->n_groups; g++)
        n += groups->groups[g].prunable;
    return n;
}

static const struct pld_member *member(const struct pld_group *group, enum pld_role role, int nth)
{
    for (int m = 0; m < group->n_members; m++)
        if (group->members[m].role == role && nth-- == 0) return &group->members[m];
    return NULL;
}

static void chain(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 1);
    int x = tiny_input(&t, 1, 3, 8, 8);
    int y = tiny_conv(&t, tiny_unary(&t, PLD_OP_RELU, tiny_conv(&t, x, 3, 10, 3, 1)), 10, 4, 1, 1);
    tiny_finish(&t, y);
    struct pld_groups *groups = groups_of(&t);
    assert_int_equal(groups->n_groups, 2);
    const struct pld_group *g = &groups->groups[0];
    assert_true(g->prunable);
    assert_int_equal(g->units, 10);
    assert_int_equal(g->n_producers, 1);
    assert_int_equal(g->n_consumers, 1);
    assert_int_equal(g->n_members, 3); /* filter, bias, column */
    assert_int_equal(member(g, PLD_ROLE_IN, 0)->axis, 1);
    /* One channel: a 3x3x3 filter and four 1x1 columns on 64 pixels; the bias is a parameter. */
    assert_int_equal(g->macs_per_unit, 64 * (27 + 4));
    assert_int_equal(g->params_per_unit, 27 + 1 + 4);
    assert_false(groups->groups[1].prunable);
    assert_non_null(strstr(groups->groups[1].reason, "output of the graph"));
    pld_groups_free(groups);
    tiny_close(&t);
}

static void residual_ties_both_producers(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 2);
    int x = tiny_input(&t, 1, 3, 8, 8);
    int a = tiny_conv(&t, x, 3, 6, 3, 1);
    int b = tiny_conv(&t, a, 6, 6, 3, 1);
    int y = tiny_conv(&t, tiny_binary(&t, PLD_OP_ADD, a, b), 6, 2, 1, 1);
    tiny_finish(&t, y);
    struct pld_groups *groups = groups_of(&t);
    assert_int_equal(prunable(groups), 1);
    const struct pld_group *g = &groups->groups[0];
    assert_int_equal(g->units, 6);
    assert_int_equal(g->n_producers, 2);
    assert_int_equal(g->n_consumers, 2);
    pld_groups_free(groups);
    tiny_close(&t);
}

static void concat_offsets_the_columns(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 3);
    int x = tiny_input(&t, 1, 3, 8, 8);
    int a = tiny_conv(&t, x, 3, 5, 1, 1), b = tiny_conv(&t, x, 3, 7, 1, 1);
    int y = tiny_conv(&t, tiny_concat(&t, a, b), 12, 2, 1, 1);
    tiny_finish(&t, y);
    struct pld_groups *groups = groups_of(&t);
    assert_int_equal(prunable(groups), 2);
    const struct pld_member *first = member(&groups->groups[0], PLD_ROLE_IN, 0);
    const struct pld_member *second = member(&groups->groups[1], PLD_ROLE_IN, 0);
    assert_int_equal(first->value, second->value);
    for (int u = 0; u < 5; u++)
        assert_int_equal(first->indices[u], u);
    for (int u = 0; u < 7; u++)
        assert_int_equal(second->indices[u], 5 + u);
    pld_groups_free(groups);
    tiny_close(&t);
}

/* The two halves of a C2f split have different fates, so one conv makes two groups. */
static void split_makes_two_groups(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 4);
    int x = tiny_input(&t, 1, 3, 8, 8), half[2];
    tiny_split(&t, tiny_conv(&t, x, 3, 10, 1, 1), 4, 6, half);
    int b = tiny_conv(&t, half[1], 6, 6, 3, 1);
    int residual = tiny_binary(&t, PLD_OP_ADD, half[1], b);
    int y = tiny_conv(&t, tiny_concat(&t, half[0], residual), 10, 2, 1, 1);
    tiny_finish(&t, y);
    struct pld_groups *groups = groups_of(&t);
    assert_int_equal(prunable(groups), 2);
    assert_int_equal(groups->groups[0].units, 4);
    assert_int_equal(groups->groups[1].units, 6);
    assert_int_equal(groups->groups[1].n_producers, 2);
    assert_int_equal(member(&groups->groups[1], PLD_ROLE_OUT, 0)->indices[0], 4);
    pld_groups_free(groups);
    tiny_close(&t);
}

static void depthwise_goes_along(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 5);
    int x = tiny_input(&t, 1, 3, 8, 8);
    int a = tiny_conv(&t, x, 3, 8, 1, 1);
    int y = tiny_conv(&t, tiny_conv(&t, a, 8, 8, 3, 8), 8, 2, 1, 1);
    tiny_finish(&t, y);
    struct pld_groups *groups = groups_of(&t);
    assert_int_equal(prunable(groups), 1);
    const struct pld_group *g = &groups->groups[0];
    assert_int_equal(g->n_producers, 1);
    assert_int_equal(g->n_consumers, 1);
    assert_int_equal(g->macs_per_unit, 64 * (3 + 9 + 2));
    pld_groups_free(groups);
    tiny_close(&t);
}

/* Two channels of a four-channel, two-group conv stand or fall together. */
static void grouped_conv_keeps_equal_counts(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 6);
    int x = tiny_input(&t, 1, 3, 4, 4);
    int a = tiny_conv(&t, x, 3, 8, 1, 1);
    int y = tiny_conv(&t, tiny_conv(&t, a, 8, 4, 1, 2), 4, 2, 1, 1);
    tiny_finish(&t, y);
    struct pld_groups *groups = groups_of(&t);
    assert_int_equal(prunable(groups), 2);
    assert_int_equal(groups->groups[0].units, 4);
    const struct pld_member *out = member(&groups->groups[0], PLD_ROLE_OUT, 0);
    assert_int_equal(out->per_unit, 2);
    assert_int_equal(out->indices[1], 4);
    pld_groups_free(groups);
    tiny_close(&t);
}

static void softmax_locks_by_name(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 7);
    int x = tiny_input(&t, 1, 3, 4, 4);
    int s = tiny_unary(&t, PLD_OP_SOFTMAX, tiny_conv(&t, x, 3, 6, 1, 1));
    assert_int_equal(pld_node_set_int(t.graph, tiny_last(&t), "axis", 1), PLD_OK);
    const char *node = t.graph->nodes[tiny_last(&t)].name;
    int y = tiny_conv(&t, s, 6, 2, 1, 1);
    tiny_finish(&t, y);
    struct pld_groups *groups = groups_of(&t);
    assert_int_equal(prunable(groups), 0);
    assert_non_null(strstr(groups->groups[0].reason, "softmax"));
    assert_non_null(strstr(groups->groups[0].reason, node));
    struct pld_str text = {0};
    assert_int_equal(pld_groups_why(&text, groups, "g0"), PLD_OK);
    assert_non_null(strstr(text.data, node));
    pld_str_release(&text);
    assert_int_equal(pld_groups_why(&text, groups, "nonsense"), PLD_EUSAGE);
    pld_str_release(&text);
    pld_groups_free(groups);
    tiny_close(&t);
}

static void counts_round_half_up_and_leave_one(void **state)
{
    (void)state;
    assert_int_equal(pld_ratio_count(0.5, 5), 3);
    assert_int_equal(pld_ratio_count(0.35, 10), 4);
    assert_int_equal(pld_ratio_count(0.1, 4), 0);
    assert_int_equal(pld_ratio_count(0.9, 4), 3);
    assert_int_equal(pld_ratio_count(0.9, 1), 0);
    for (int units = 1; units < 300; units++)
        for (int tenth = 1; tenth < 10; tenth++) {
            int exact = (2 * tenth * units + 10) / 20; /* round half up in integers */
            if (exact > units - 1) exact = units - 1;
            assert_int_equal(pld_ratio_count(tenth / 10.0, units), exact);
        }
}

/* Exact costs against counting the layers of the smaller network by hand. */
static void cost_is_bilinear(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 8);
    int x = tiny_input(&t, 1, 3, 8, 8);
    int a = tiny_conv(&t, x, 3, 10, 3, 1), b = tiny_conv(&t, a, 10, 20, 3, 1);
    tiny_finish(&t, tiny_conv(&t, b, 20, 4, 1, 1));
    struct pld_groups *groups = groups_of(&t);
    assert_int_equal(prunable(groups), 2);
    for (int p = 0; p < 10; p++)
        for (int q = 0; q < 20; q++) {
            int removed[3] = {p, q, 0};
            int64_t macs, params, na = 10 - p, nb = 20 - q;
            assert_int_equal(pld_groups_cost(&macs, &params, groups, removed), PLD_OK);
            assert_int_equal(macs, 64 * (27 * na + 9 * na * nb + 4 * nb));
            assert_int_equal(params, 27 * na + na + 9 * na * nb + nb + 4 * nb + 4);
        }
    pld_groups_free(groups);
    tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain),
        cmocka_unit_test(residual_ties_both_producers),
        cmocka_unit_test(concat_offsets_the_columns),
        cmocka_unit_test(split_makes_two_groups),
        cmocka_unit_test(depthwise_goes_along),
        cmocka_unit_test(grouped_conv_keeps_equal_counts),
        cmocka_unit_test(softmax_locks_by_name),
        cmocka_unit_test(counts_round_half_up_and_leave_one),
        cmocka_unit_test(cost_is_bilinear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
