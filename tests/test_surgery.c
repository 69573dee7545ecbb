/* Surgery: the physically smaller model against the masked one, on networks that hold every way of
 * speaking about widths, for random removals; and what a saved model keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "prune/mask.h"
#include "prune/surgery.h"
#include "tiny_graph.h"

/* Sigmoid, so that a dead channel's activation is act(bias) and not 0. */
static int act(struct tiny *t, int x)
{
    return tiny_unary(t, PLD_OP_SIGMOID, x);
}

static int ints(struct tiny *t, int n, const int64_t *values)
{
    struct pld_desc desc = {.dtype = PLD_I64, .shape = {.rank = 1, .dim = {n}}};
    return pld_graph_add_constant(t->graph, tiny_name(t, "i"), &desc, values);
}
#define INTS(t, ...)                                                   \
    ints(t, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), \
         (const int64_t[]){__VA_ARGS__})

static int reshape(struct tiny *t, int x, int target)
{
    return tiny_binary(t, PLD_OP_RESHAPE, x, target);
}

static int transpose(struct tiny *t, int x, const int64_t *perm, int n)
{
    int y = tiny_unary(t, PLD_OP_TRANSPOSE, x);
    assert_int_equal(pld_node_set_ints(t->graph, tiny_last(t), "perm", perm, n), PLD_OK);
    return y;
}

static int slice(struct tiny *t, int x, int64_t start, int64_t end, int64_t step)
{
    int in[5] = {x, INTS(t, start), INTS(t, end), INTS(t, 1), INTS(t, step)};
    return tiny_op(t, PLD_OP_SLICE, in, 5);
}

static int gather(struct tiny *t, int x, int list)
{
    int y = tiny_binary(t, PLD_OP_GATHER, x, list);
    assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "axis", 1), PLD_OK);
    return y;
}

/* Residual, concat, depthwise with a multiplier, and a grouped convolution. */
static void build_web(struct tiny *t)
{
    int x = tiny_input(t, 1, 3, 9, 7);
    int stem = act(t, tiny_conv(t, x, 3, 12, 3, 1));
    int a = act(t, tiny_conv(t, stem, 12, 12, 3, 1));
    int sum = tiny_binary(t, PLD_OP_ADD, stem, a);
    int deep = act(t, tiny_conv(t, act(t, tiny_conv(t, sum, 12, 6, 1, 1)), 6, 12, 3, 6));
    int grouped = act(t, tiny_conv(t, tiny_conv(t, deep, 12, 8, 1, 1), 8, 12, 3, 4));
    int cat = tiny_concat(t, grouped, sum);
    tiny_finish(t, tiny_conv(t, cat, 24, 5, 1, 1));
}

/* Channel shuffle, Split with and without sizes, Slice forwards and backwards, Gather. */
static void build_moves(struct tiny *t)
{
    int x = tiny_input(t, 1, 3, 4, 4), half[2];
    int c = act(t, tiny_conv(t, x, 3, 12, 3, 1));
    tiny_split(t, c, 5, 7, half);
    int left = act(t, tiny_conv(t, half[0], 5, 6, 1, 1));
    int cat = tiny_concat(t, left, act(t, tiny_conv(t, half[1], 7, 6, 1, 1)));
    static const int64_t shuffle[] = {0, 2, 1, 3, 4};
    int five = reshape(t, cat, INTS(t, 1, 2, 6, 4, 4));
    int shuffled = reshape(t, transpose(t, five, shuffle, 5), INTS(t, 0, 12, 4, 4));
    int parts[2] = {pld_graph_add_value(t->graph, "even"), pld_graph_add_value(t->graph, "odd")};
    assert_true(pld_graph_add_node(t->graph, PLD_OP_SPLIT, "equal", &shuffled, 1, parts, 2) >= 0);
    assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "axis", 1), PLD_OK);
    int back = act(t, tiny_conv(t, slice(t, parts[0], -1, -100, -1), 6, 8, 1, 1));
    int some = slice(t, parts[1], 1, INT64_MAX, 1);
    int picked = gather(t, back, INTS(t, 7, 1, -3, 1));
    int y = tiny_concat(t, tiny_conv(t, some, 5, 3, 1, 1), tiny_conv(t, picked, 4, 3, 1, 1));
    tiny_finish(t, y);
}

/* A gate after global pooling, zero-padded shortcut, Flatten, Gemm; weights behind a Transpose. */
static void build_classifier(struct tiny *t)
{
    int x = tiny_input(t, 1, 3, 6, 6);
    int a = act(t, tiny_conv(t, x, 3, 6, 3, 1)), b = act(t, tiny_conv(t, a, 6, 10, 1, 1));
    int pad[2] = {a, INTS(t, 0, 1, 0, 0, 0, 3, 0, 0)};
    int sum = tiny_binary(t, PLD_OP_ADD, tiny_op(t, PLD_OP_PAD, pad, 2), b);
    int pooled = tiny_unary(t, PLD_OP_GLOBAL_AVERAGE_POOL, sum);
    int gate = act(t, tiny_conv(t, act(t, tiny_conv(t, pooled, 10, 4, 1, 1)), 4, 10, 1, 1));
    int gated = tiny_binary(t, PLD_OP_MUL, sum, gate);
    int flat = tiny_unary(t, PLD_OP_FLATTEN, gated);
    static const int64_t swap[] = {1, 0};
    int w = transpose(t, tiny_weights(t, 2, 7, 360, 0, 0), swap, 2);
    int hidden = act(t, tiny_binary(t, PLD_OP_MATMUL, flat, w));
    int gemm[3] = {hidden, tiny_weights(t, 2, 7, 4, 0, 0), tiny_weights(t, 1, 4, 0, 0, 0)};
    tiny_finish(t, tiny_op(t, PLD_OP_GEMM, gemm, 3));
}

/* Three layers that store one bias, of which two are cut differently, and a tower whose weights
 * serve two levels. */
static void build_shared(struct tiny *t)
{
    int x = tiny_input(t, 1, 3, 6, 6);
    int a = tiny_conv(t, x, 3, 6, 3, 1), first = tiny_last(t);
    int b = tiny_conv(t, act(t, a), 6, 6, 3, 1), second = tiny_last(t);
    int c = tiny_conv(t, act(t, b), 6, 6, 1, 1), third = tiny_last(t);
    struct pld_node *nodes = t->graph->nodes;
    nodes[second].in[2] = nodes[third].in[2] = nodes[first].in[2];
    int sum = act(t, tiny_binary(t, PLD_OP_ADD, c, a));
    int pooled = tiny_unary(t, PLD_OP_GLOBAL_AVERAGE_POOL, sum);
    int fine = act(t, tiny_conv(t, sum, 6, 8, 1, 1)), w = t->graph->nodes[tiny_last(t) - 1].in[1];
    int coarse = act(t, tiny_conv(t, pooled, 6, 8, 1, 1));
    t->graph->nodes[tiny_last(t) - 1].in[1] = w;
    tiny_finish(t, tiny_conv(t, tiny_binary(t, PLD_OP_MUL, fine, coarse), 8, 4, 1, 1));
}

static void split3(struct tiny *t, int x, int64_t axis, int64_t a, int64_t b, int64_t c, int out[3])
{
    int in[2] = {x, INTS(t, a, b, c)};
    char name[32];
    for (int i = 0; i < 3; i++)
        out[i] = pld_graph_add_value(t->graph, tiny_name(t, "part"));
    snprintf(name, sizeof name, "%s", tiny_name(t, "Split"));
    assert_true(pld_graph_add_node(t->graph, PLD_OP_SPLIT, name, in, 2, out, 3) >= 0);
    assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "axis", axis), PLD_OK);
}

static int scalar(struct tiny *t, float value)
{
    struct pld_desc desc = {.dtype = PLD_F32};
    return pld_graph_add_constant(t->graph, tiny_name(t, "c"), &desc, &value);
}

/* The attention block of convolutional detectors: two heads of 4, 4 and 8 channels from one
 * convolution, positions through a depthwise one. */
static void build_conv_attention(struct tiny *t)
{
    static const int64_t swap[] = {0, 1, 3, 2};
    int x = tiny_input(t, 1, 3, 4, 3), part[3];
    int stem = act(t, tiny_conv(t, x, 3, 10, 3, 1));
    int qkv = reshape(t, tiny_conv(t, stem, 10, 32, 1, 1), INTS(t, 1, 2, 16, 12));
    split3(t, qkv, 2, 4, 4, 8, part);
    int logits = tiny_binary(t, PLD_OP_MATMUL, transpose(t, part[0], swap, 4), part[1]);
    int soft = tiny_unary(t, PLD_OP_SOFTMAX, tiny_binary(t, PLD_OP_MUL, logits, scalar(t, 0.5f)));
    assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "axis", -1), PLD_OK);
    int mixed = tiny_binary(t, PLD_OP_MATMUL, part[2], transpose(t, soft, swap, 4));
    int back = reshape(t, mixed, INTS(t, 1, 16, 4, 3));
    int place = tiny_conv(t, reshape(t, part[2], INTS(t, 1, 16, 4, 3)), 16, 16, 3, 16);
    int sum = tiny_binary(t, PLD_OP_ADD, back, place);
    tiny_finish(t, tiny_conv(t, tiny_conv(t, sum, 16, 6, 1, 1), 6, 4, 1, 1));
}

static int linear(struct tiny *t, int x, int64_t in, int64_t out)
{
    int y = tiny_binary(t, PLD_OP_MATMUL, x, tiny_weights(t, 2, in, out, 0, 0));
    return tiny_binary(t, PLD_OP_ADD, y, tiny_weights(t, 1, out, 0, 0, 0));
}

/* Multi-head attention as transformers have it: tokens, three projections, a residual web. */
static void build_token_attention(struct tiny *t)
{
    static const int64_t tokens[] = {0, 2, 1}, heads[] = {0, 2, 1, 3}, keys[] = {0, 2, 3, 1};
    int x = tiny_input(t, 1, 3, 3, 3);
    int map = reshape(t, tiny_conv(t, x, 3, 8, 1, 1), INTS(t, 1, 8, 9));
    int seq = transpose(t, map, tokens, 3), four = INTS(t, 0, 0, 2, 6), out = INTS(t, 0, 0, -1);
    int q = transpose(t, reshape(t, linear(t, seq, 8, 12), four), heads, 4);
    int k = transpose(t, reshape(t, linear(t, seq, 8, 12), four), keys, 4);
    int v = transpose(t, reshape(t, linear(t, seq, 8, 12), four), heads, 4);
    int soft = tiny_unary(t, PLD_OP_SOFTMAX, tiny_binary(t, PLD_OP_MATMUL, q, k));
    assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "axis", -1), PLD_OK);
    int mixed = transpose(t, tiny_binary(t, PLD_OP_MATMUL, soft, v), heads, 4);
    int sum = tiny_binary(t, PLD_OP_ADD, seq, linear(t, reshape(t, mixed, out), 12, 8));
    tiny_finish(t, linear(t, act(t, linear(t, sum, 8, 7)), 7, 5));
}

static int einsum(struct tiny *t, const char *equation, int a, int b)
{
    int y = tiny_binary(t, PLD_OP_EINSUM, a, b);
    assert_int_equal(pld_node_set_string(t->graph, tiny_last(t), "equation", equation), PLD_OK);
    return y;
}

/* Two heads of attention, spelled with Einsum: projections, scores, mixture, and the way back. */
static void build_einsum_attention(struct tiny *t)
{
    static const int64_t tokens[] = {0, 2, 1};
    int x = tiny_input(t, 1, 3, 3, 3);
    int map = reshape(t, tiny_conv(t, x, 3, 8, 1, 1), INTS(t, 1, 8, 9));
    int seq = transpose(t, map, tokens, 3);
    int q = einsum(t, "bsd,dhk->bhsk", seq, tiny_weights(t, 3, 8, 2, 4, 0));
    int k = einsum(t, "bsd,dhk->bhsk", seq, tiny_weights(t, 3, 8, 2, 4, 0));
    int v = einsum(t, "dhk,bsd->bhsk", tiny_weights(t, 3, 8, 2, 6, 0), seq);
    int soft = tiny_unary(t, PLD_OP_SOFTMAX, einsum(t, "bhqd,bhkd->bhqk", q, k));
    assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "axis", -1), PLD_OK);
    int mixed = einsum(t, "bhqk,bhkd->bhqd", soft, v);
    int back = einsum(t, "bhsk,hkd->bsd", mixed, tiny_weights(t, 3, 2, 6, 8, 0));
    int hidden = act(t, linear(t, tiny_binary(t, PLD_OP_ADD, seq, back), 8, 7));
    tiny_finish(t, einsum(t, "...d,dc->...c", hidden, tiny_weights(t, 2, 7, 5, 0, 0)));
}

/* GroupNormalization of two, three and one channels together. */
static void build_group_norms(struct tiny *t)
{
    int x = tiny_input(t, 1, 3, 5, 4), y = x;
    static const int64_t channels[] = {12, 9, 8}, each[] = {2, 3, 1};
    t->graph->opset = 21;
    for (int i = 0; i < 3; i++) {
        int64_t n = channels[i];
        int in[3] = {tiny_conv(t, y, i ? channels[i - 1] : 3, n, 3, 1),
                     tiny_weights(t, 1, n, 0, 0, 0), tiny_weights(t, 1, n, 0, 0, 0)};
        int norm = tiny_op(t, PLD_OP_GROUP_NORM, in, 3);
        assert_int_equal(pld_node_set_int(t->graph, tiny_last(t), "num_groups", n / each[i]),
                         PLD_OK);
        y = act(t, norm);
    }
    tiny_finish(t, tiny_conv(t, y, 8, 4, 1, 1));
}

struct plan {
    int **units, *removed;
};

static struct plan draw(struct tiny *t, const struct pld_groups *groups, int only)
{
    struct plan plan = {calloc((size_t)groups->n_groups + 1, sizeof(int *)),
                        calloc((size_t)groups->n_groups + 1, sizeof(int))};
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        plan.units[g] = calloc((size_t)group->units, sizeof(int));
        if (!group->prunable || (only >= 0 && g != only)) continue;
        for (int u = 0; u < group->units && plan.removed[g] < group->units - 1; u++)
            if (pld_rng_below(&t->rng, 2)) plan.units[g][plan.removed[g]++] = u;
    }
    return plan;
}

static void plan_free(struct plan *plan, int n)
{
    for (int g = 0; g < n; g++)
        free(plan->units[g]);
    free(plan->units);
    free(plan->removed);
}

static struct pld_graph *pruned_of(const struct tiny *t, const struct pld_groups *groups,
                                   const struct plan *plan)
{
    struct pld_graph *pruned;
    pld_status status = pld_surgery(&pruned, groups, plan->units, plan->removed, t->cpu);
    if (status != PLD_OK) fail_msg("%s: %s", pld_error_last()->where, pld_error_last()->message);
    return pruned;
}

static void assert_same_outputs(struct tiny *t, const struct pld_groups *groups,
                                const struct plan *plan)
{
    struct pld_graph *masked, *pruned = pruned_of(t, groups, plan);
    assert_int_equal(pld_graph_clone(&masked, t->graph), PLD_OK);
    for (int g = 0; g < groups->n_groups; g++)
        if (plan->removed[g])
            assert_int_equal(pld_mask_model(masked, groups, g, plan->units[g], plan->removed[g]),
                             PLD_OK);
    int64_t n, n2;
    float *a = tiny_run(t, masked, 5, &n), *b = tiny_run(t, pruned, 5, &n2);
    assert_int_equal(n, n2);
    for (int64_t i = 0; i < n; i++)
        if (fabsf(a[i] - b[i]) > 1e-5f * (1 + fabsf(a[i])))
            fail_msg("element %lld: masked %.9g, pruned %.9g", (long long)i, (double)a[i],
                     (double)b[i]);
    int64_t macs, params;
    assert_int_equal(pld_groups_cost(&macs, &params, groups, plan->removed), PLD_OK);
    assert_int_equal(macs, pld_graph_macs(pruned));
    assert_int_equal(params, pld_graph_params(pruned));
    free(a);
    free(b);
    pld_graph_free(masked);
    pld_graph_free(pruned);
}

/* Every group alone, and random plans over all. */
static void check_network(void (*build)(struct tiny *), int prunable)
{
    struct tiny t;
    tiny_open(&t, 21);
    build(&t);
    struct pld_groups *groups;
    int found = 0;
    assert_int_equal(pld_groups_new(&groups, t.graph), PLD_OK);
    for (int g = 0; g < groups->n_groups; g++)
        found += groups->groups[g].prunable;
    assert_int_equal(found, prunable);
    for (int round = 0; round < 20; round++) {
        struct plan plan = draw(&t, groups, round < groups->n_groups ? round : -1);
        assert_same_outputs(&t, groups, &plan);
        plan_free(&plan, groups->n_groups);
    }
    pld_groups_free(groups);
    tiny_close(&t);
}

static void web(void **state)
{
    (void)state;
    check_network(build_web, 4);
}

static void moves(void **state)
{
    (void)state;
    check_network(build_moves, 8);
}

static void classifier(void **state)
{
    (void)state;
    check_network(build_classifier, 4);
}

static void shared_constants(void **state)
{
    (void)state;
    check_network(build_shared, 3); /* a and c, b, tower */
}

static void conv_attention(void **state)
{
    (void)state;
    check_network(build_conv_attention, 4); /* stem, query-key, value, projection */
}

static void token_attention(void **state)
{
    (void)state;
    check_network(build_token_attention, 3); /* stream, whole heads, hidden */
}

static void einsum_attention(void **state)
{
    (void)state;
    /* stream, whole heads, dims of queries and keys, dims of values, hidden */
    check_network(build_einsum_attention, 5);
}

/* Normalisation sees whole groups: their number falls with the channels. */
static void group_norms(void **state)
{
    (void)state;
    check_network(build_group_norms, 3);
    struct tiny t;
    tiny_open(&t, 24);
    build_group_norms(&t);
    struct pld_groups *groups;
    assert_int_equal(pld_groups_new(&groups, t.graph), PLD_OK);
    struct plan plan = draw(&t, groups, groups->n_groups);
    plan.removed[0] = 1; /* unit 0 of the first: two of twelve channels, one of six groups */
    assert_int_equal(groups->groups[0].units, 6);
    struct pld_graph *pruned = pruned_of(&t, groups, &plan);
    static const int left[] = {5, 3, 8};
    for (int i = 0, seen = 0; i < pruned->n_nodes; i++)
        if (pruned->nodes[i].op == PLD_OP_GROUP_NORM)
            assert_int_equal(pld_node_int(&pruned->nodes[i], "num_groups", 0), left[seen++]);
    plan_free(&plan, groups->n_groups);
    pld_graph_free(pruned);
    pld_groups_free(groups);
    tiny_close(&t);
}

/* A saved model keeps its names and metadata, loads again, and computes the same. */
static void saves(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 22);
    build_classifier(&t);
    assert_int_equal(pld_graph_set_metadata(t.graph, "author", "nobody"), PLD_OK);
    struct pld_groups *groups;
    assert_int_equal(pld_groups_new(&groups, t.graph), PLD_OK);
    struct plan plan = draw(&t, groups, -1);
    struct pld_graph *pruned = pruned_of(&t, groups, &plan), *again;
    void *data;
    size_t size;
    assert_int_equal(pld_graph_serialise(&data, &size, pruned), PLD_OK);
    assert_int_equal(pld_graph_parse(&again, data, size, "pruned"), PLD_OK);
    struct pld_infer_options options = {.batch = 1};
    assert_int_equal(pld_pass_infer(again, t.cpu, &options), PLD_OK);
    assert_string_equal(pld_graph_metadata(again, "author"), "nobody");
    for (int i = 0; i < t.graph->n_nodes; i++)
        assert_true(pld_graph_find_node(again, t.graph->nodes[i].name) != PLD_NONE);
    int64_t n, n2;
    float *a = tiny_run(&t, pruned, 5, &n), *b = tiny_run(&t, again, 5, &n2);
    assert_int_equal(n, n2);
    assert_memory_equal(a, b, (size_t)n * sizeof *a);
    free(a);
    free(b);
    free(data);
    plan_free(&plan, groups->n_groups);
    pld_graph_free(again);
    pld_graph_free(pruned);
    pld_groups_free(groups);
    tiny_close(&t);
}

static void refuses(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 23);
    build_web(&t);
    struct pld_groups *groups;
    struct pld_graph *pruned;
    assert_int_equal(pld_groups_new(&groups, t.graph), PLD_OK);
    struct plan plan = draw(&t, groups, groups->n_groups);
    int locked = 0, open = 0;
    while (groups->groups[locked].prunable)
        locked++;
    while (!groups->groups[open].prunable)
        open++;
    plan.removed[locked] = 1;
    assert_int_equal(pld_surgery(&pruned, groups, plan.units, plan.removed, t.cpu), PLD_EUSAGE);
    plan.removed[locked] = 0;
    plan.removed[open] = groups->groups[open].units;
    assert_int_equal(pld_surgery(&pruned, groups, plan.units, plan.removed, t.cpu), PLD_EUSAGE);
    plan_free(&plan, groups->n_groups);
    pld_groups_free(groups);
    tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(web),
        cmocka_unit_test(moves),
        cmocka_unit_test(classifier),
        cmocka_unit_test(shared_constants),
        cmocka_unit_test(conv_attention),
        cmocka_unit_test(token_attention),
        cmocka_unit_test(einsum_attention),
        cmocka_unit_test(group_norms),
        cmocka_unit_test(saves),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
