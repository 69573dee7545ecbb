/* The proof behind every number of a sweep: zeroed columns compute what a network without those
 * channels computes, and running only the suffix on cached activations changes no bit of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "prune/group.h"
#include "prune/mask.h"
#include "tiny_graph.h"

/* Sigmoid, so that a dead channel's activation is act(bias) and not 0. */
static int act(struct tiny *t, int x)
{
    return tiny_unary(t, PLD_OP_SIGMOID, x);
}

/* Residual, concat and depthwise in one network. */
static void build_web(struct tiny *t)
{
    int x = tiny_input(t, 1, 3, 9, 7);
    int stem = act(t, tiny_conv(t, x, 3, 12, 3, 1));
    int a = act(t, tiny_conv(t, stem, 12, 12, 3, 1));
    int sum = tiny_binary(t, PLD_OP_ADD, stem, a);
    int deep = act(t, tiny_conv(t, act(t, tiny_conv(t, sum, 12, 10, 1, 1)), 10, 10, 3, 10));
    int side = act(t, tiny_conv(t, deep, 10, 6, 1, 1));
    int cat = tiny_concat(t, side, sum);
    int gate = act(t, tiny_conv(t, cat, 18, 8, 1, 1));
    int gated = tiny_binary(t, PLD_OP_MUL, gate, act(t, tiny_conv(t, deep, 10, 8, 3, 1)));
    tiny_finish(t, tiny_conv(t, gated, 8, 5, 1, 1));
}

/* A model in which the units are really gone: every member is sliced. */
static struct pld_graph *sliced(const struct tiny *t, const struct pld_group *group,
                                const int *units, int n)
{
    struct pld_graph *model;
    assert_int_equal(pld_graph_clone(&model, t->graph), PLD_OK);
    for (int m = 0; m < group->n_members; m++) {
        const struct pld_member *member = &group->members[m];
        struct pld_value *value = &model->values[member->value];
        struct pld_shape shape = value->desc.shape;
        int64_t outer = 1, inner = 1, size = shape.dim[member->axis], kept = 0;
        bool *gone = calloc((size_t)size, sizeof *gone);
        for (int u = 0; u < n; u++)
            for (int k = 0; k < member->per_unit; k++)
                gone[member->indices[units[u] * member->per_unit + k]] = true;
        for (int a = 0; a < member->axis; a++)
            outer *= shape.dim[a];
        for (int a = member->axis + 1; a < shape.rank; a++)
            inner *= shape.dim[a];
        float *data = pld_arena_alloc(&model->arena, pld_desc_bytes(&value->desc));
        int64_t out = 0;
        for (int64_t o = 0; o < outer; o++)
            for (int64_t i = 0; i < size; i++)
                for (int64_t k = 0; k < inner && !gone[i]; k++)
                    data[out++] = ((const float *)value->data)[(o * size + i) * inner + k];
        for (int64_t i = 0; i < size; i++)
            kept += !gone[i];
        value->data = data;
        value->desc.shape.dim[member->axis] = kept;
        free(gone);
    }
    for (int i = 0; i < model->n_nodes; i++) {
        const struct pld_node *node = &model->nodes[i];
        if (node->op != PLD_OP_CONV || pld_node_int(node, "group", 1) == 1) continue;
        int64_t channels = model->values[node->in[1]].desc.shape.dim[0];
        assert_int_equal(pld_node_set_int(model, i, "group", channels), PLD_OK);
    }
    struct pld_infer_options options = {.batch = 1};
    assert_int_equal(pld_pass_infer(model, t->cpu, &options), PLD_OK);
    return model;
}

static void assert_near(const float *a, const float *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (fabsf(a[i] - b[i]) > 1e-5f * (1 + fabsf(b[i])))
            fail_msg("element %lld: %.9g and %.9g", (long long)i, (double)a[i], (double)b[i]);
}

static int choose_units(int *units, struct pld_rng *rng, int count)
{
    int n = 0;
    for (int u = 0; u < count; u++)
        if (pld_rng_below(rng, 2) && n < count - 1) units[n++] = u;
    return n;
}

static void masked_equals_removed(void **state)
{
    (void)state;
    struct tiny t;
    tiny_open(&t, 11);
    build_web(&t);
    struct pld_groups *groups;
    assert_int_equal(pld_groups_new(&groups, t.graph), PLD_OK);
    int tried = 0;
    for (int round = 0; round < 6; round++)
        for (int g = 0; g < groups->n_groups; g++) {
            const struct pld_group *group = &groups->groups[g];
            int units[64], n = choose_units(units, &t.rng, group->units);
            if (!group->prunable || !n) continue;
            struct pld_graph *masked, *smaller = sliced(&t, group, units, n);
            assert_int_equal(pld_graph_clone(&masked, t.graph), PLD_OK);
            assert_int_equal(pld_mask_model(masked, groups, g, units, n), PLD_OK);
            int64_t count, count2;
            float *a = tiny_run(&t, masked, 5, &count), *b = tiny_run(&t, smaller, 5, &count2);
            assert_int_equal(count, count2);
            assert_near(a, b, count);
            free(a);
            free(b);
            pld_graph_free(masked);
            pld_graph_free(smaller);
            tried++;
        }
    assert_true(tried > 20);
    pld_groups_free(groups);
    tiny_close(&t);
}

/* A pointwise convolution without bias, and a BatchNormalization that compiling folds into it. */
static int normed(struct tiny *t, int x, int64_t in, int64_t out)
{
    int conv[2] = {x, tiny_weights(t, 4, out, in, 1, 1)},
        bn[5] = {tiny_op(t, PLD_OP_CONV, conv, 2)};
    for (int i = 1; i < 5; i++)
        bn[i] = tiny_weights(t, 1, out, 0, 0, 0);
    float *variance = (float *)(uintptr_t)t->graph->values[bn[4]].data;
    for (int64_t i = 0; i < out; i++)
        variance[i] += 1;
    return tiny_op(t, PLD_OP_BATCH_NORM, bn, 5);
}

static int flat(struct tiny *t, int x, int64_t channels, int64_t cells)
{
    int64_t target[3] = {1, channels, cells};
    struct pld_desc desc = {.dtype = PLD_I64, .shape = {.rank = 1, .dim = {3}}};
    int shape = pld_graph_add_constant(t->graph, tiny_name(t, "i"), &desc, target);
    return tiny_binary(t, PLD_OP_RESHAPE, x, shape);
}

/* Scores of attention: the channels of queries and keys are terms of a sum, and are masked where
 * they are made; the compiled model has their biases from the normalisation alone. */
static void build_scores(struct tiny *t)
{
    static const int64_t swap[] = {0, 2, 1};
    int x = act(t, tiny_conv(t, tiny_input(t, 1, 3, 4, 3), 3, 6, 3, 1));
    int q = tiny_unary(t, PLD_OP_TRANSPOSE, flat(t, normed(t, x, 6, 8), 8, 12));
    assert_int_equal(pld_node_set_ints(t->graph, tiny_last(t), "perm", swap, 3), PLD_OK);
    tiny_finish(t, tiny_binary(t, PLD_OP_MATMUL, q, flat(t, normed(t, x, 6, 8), 8, 12)));
}

/* The suffix of a group on the base's activations, against the whole masked model: equal bits.
 * Returns how many groups were checked. */
static int check_suffixes(void (*build)(struct tiny *), int *biases)
{
    struct tiny t;
    tiny_open(&t, 12);
    build(&t);
    struct pld_groups *groups;
    struct pld_graph *compiled;
    struct pld_engine *engine;
    struct pld_program *whole;
    struct pld_lane *lane;
    assert_int_equal(pld_groups_new(&groups, t.graph), PLD_OK);
    assert_int_equal(pld_graph_compile(&compiled, t.graph, t.cpu, t.cpu, 1), PLD_OK);
    assert_int_equal(pld_engine_new(&engine, compiled, t.cpu), PLD_OK);
    struct pld_program_options keep_all = {.keep_all = true};
    assert_int_equal(pld_program_new(&whole, engine, &keep_all), PLD_OK);
    assert_int_equal(pld_lane_new(&lane, engine, pld_program_slab(whole)), PLD_OK);
    float *picture = tiny_picture(&compiled->values[compiled->inputs[0]], 5);
    pld_lane_bind(lane, compiled->inputs[0], picture);
    int checked = 0;
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        int units[64], n = choose_units(units, &t.rng, group->units);
        if (!group->prunable || !n) continue;
        struct pld_mask_weights weights;
        assert_int_equal(pld_mask_weights_init(&weights, engine, groups, g), PLD_OK);
        assert_int_equal(pld_mask_weights_fill(&weights, units, n), PLD_OK);
        bool *nodes = calloc((size_t)compiled->n_nodes, sizeof *nodes);
        bool *dirty = calloc((size_t)compiled->n_values, sizeof *dirty);
        for (int i = 0; i < weights.n; i++) {
            nodes[weights.overrides[i].node] = true;
            *biases += weights.overrides[i].input == 2;
        }
        for (int i = 0; i < compiled->n_nodes; i++) {
            const struct pld_node *node = &compiled->nodes[i];
            if (!pld_node_live(node)) continue;
            for (int k = 0; k < node->n_data; k++)
                if (node->in[k] >= 0 && dirty[node->in[k]]) nodes[i] = true;
            for (int k = 0; k < node->n_out && nodes[i]; k++)
                dirty[node->out[k]] = true;
        }
        struct pld_program_options options = {.nodes = nodes};
        struct pld_program *suffix;
        assert_int_equal(pld_program_new(&suffix, engine, &options), PLD_OK);
        assert_true(pld_program_macs(suffix) < pld_program_macs(whole));
        void *slab = aligned_alloc(64, pld_program_slab(suffix) + 64);
        assert_int_equal(pld_lane_run(lane, whole, NULL, NULL, 0), PLD_OK);
        assert_int_equal(pld_lane_run(lane, suffix, slab, weights.overrides, weights.n), PLD_OK);

        struct pld_graph *masked;
        int64_t count;
        assert_int_equal(pld_graph_clone(&masked, t.graph), PLD_OK);
        assert_int_equal(pld_mask_model(masked, groups, g, units, n), PLD_OK);
        float *full = tiny_run(&t, masked, 5, &count);
        assert_memory_equal(full, pld_lane_value(lane, compiled->outputs[0]),
                            (size_t)count * sizeof *full);
        free(full);
        free(slab);
        free(nodes);
        free(dirty);
        pld_graph_free(masked);
        pld_program_free(suffix);
        pld_mask_weights_release(&weights);
        checked++;
    }
    free(picture);
    pld_lane_free(lane);
    pld_program_free(whole);
    pld_engine_free(engine);
    pld_graph_free(compiled);
    pld_groups_free(groups);
    tiny_close(&t);
    return checked;
}

static void suffix_equals_full_run(void **state)
{
    (void)state;
    int biases = 0;
    assert_true(check_suffixes(build_web, &biases) >= 4);
    assert_int_equal(biases, 0); /* columns are enough */
}

static void derived_bias_is_masked(void **state)
{
    (void)state;
    int biases = 0;
    assert_int_equal(check_suffixes(build_scores, &biases), 2); /* stem; queries and keys */
    assert_int_equal(biases, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masked_equals_removed),
        cmocka_unit_test(suffix_equals_full_run),
        cmocka_unit_test(derived_bias_is_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
