/* Sparse weights: counts, the 2:4 pattern, and permutations that change nothing but the order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>

#include "prune/sparsify.h"
#include "tiny_graph.h"

struct fixture {
    struct tiny t;
    struct pld_groups *groups;
};

/* Conv, depthwise, a residual sum and a concat: permutations have to go along everywhere. */
static void open_fixture(struct fixture *f)
{
    tiny_open(&f->t, 3);
    int x = tiny_input(&f->t, 1, 4, 6, 6);
    int a = tiny_unary(&f->t, PLD_OP_RELU, tiny_conv(&f->t, x, 4, 16, 3, 1));
    int d = tiny_conv(&f->t, a, 16, 16, 3, 16);
    int s = tiny_binary(&f->t, PLD_OP_ADD, tiny_conv(&f->t, d, 16, 16, 1, 1), a);
    int c = tiny_concat(&f->t, s, tiny_conv(&f->t, s, 16, 8, 1, 1));
    tiny_finish(&f->t, tiny_conv(&f->t, c, 24, 4, 3, 1));
    assert_int_equal(pld_groups_new(&f->groups, f->t.graph), PLD_OK);
}

static void close_fixture(struct fixture *f)
{
    pld_groups_free(f->groups);
    tiny_close(&f->t);
}

static double share(const struct pld_sparsified *s, int from, int to)
{
    int64_t zeros = 0, all = 0;
    for (int i = from; i < to; i++) {
        zeros += s->layers[i].zeros;
        all += s->layers[i].weights;
    }
    return (double)zeros / (double)all;
}

static void magnitudes(void **state)
{
    (void)state;
    struct fixture f;
    struct pld_sparsified s;
    open_fixture(&f);
    struct pld_sparse_options o = {.mode = PLD_SPARSE_LAYER, .amount = 0.3};
    assert_int_equal(pld_sparsify(&s, f.groups, &o), PLD_OK);
    for (int i = 0; i < s.n_layers; i++)
        assert_true(fabs(share(&s, i, i + 1) - 0.3) <= 0.5 / (double)s.layers[i].weights + 1e-12);
    pld_sparsified_release(&s);
    o.mode = PLD_SPARSE_GLOBAL;
    assert_int_equal(pld_sparsify(&s, f.groups, &o), PLD_OK);
    assert_true(fabs(share(&s, 0, s.n_layers) - 0.3) < 1e-3);
    double smallest_kept = INFINITY, largest_gone = 0;
    for (int i = 0; i < s.n_layers; i++) {
        const float *before = f.t.graph->values[s.layers[i].value].data;
        const float *after = s.graph->values[s.layers[i].value].data;
        for (int64_t k = 0; k < s.layers[i].weights; k++) {
            double m = fabs((double)before[k]);
            if (after[k] != 0) smallest_kept = fmin(smallest_kept, m);
            if (after[k] == 0) largest_gone = fmax(largest_gone, m);
            assert_true(after[k] == 0 || after[k] == before[k]);
        }
    }
    assert_true(largest_gone <= smallest_kept);
    pld_sparsified_release(&s);
    o = (struct pld_sparse_options){.mode = PLD_SPARSE_THRESHOLD, .amount = 0.25};
    assert_int_equal(pld_sparsify(&s, f.groups, &o), PLD_OK);
    assert_true(fabs(share(&s, 0, s.n_layers) - 0.5) < 0.05); /* weights are even in -0.5..0.5 */
    pld_sparsified_release(&s);
    close_fixture(&f);
}

static void two_of_four(void **state)
{
    (void)state;
    struct fixture f;
    struct pld_sparsified s;
    open_fixture(&f);
    struct pld_sparse_options o = {.mode = PLD_SPARSE_2_4};
    assert_int_equal(pld_sparsify(&s, f.groups, &o), PLD_OK);
    int dense = 0;
    for (int i = 0; i < s.n_layers; i++) {
        const struct pld_value *v = &s.graph->values[s.layers[i].value];
        const float *after = v->data, *before = f.t.graph->values[s.layers[i].value].data;
        int64_t c = v->desc.shape.dim[1], inner = s.layers[i].weights / (v->desc.shape.dim[0] * c);
        dense += s.layers[i].dense != NULL;
        if (s.layers[i].dense) continue;
        for (int64_t k = 0; k < s.layers[i].weights; k++) {
            if (k / inner % c % 4) continue;
            double kept = 0, m[4];
            int zeros = 0;
            for (int j = 0; j < 4; j++) {
                m[j] = fabs((double)before[k + j * inner]);
                zeros += after[k + j * inner] == 0;
                kept += fabs((double)after[k + j * inner]);
            }
            assert_int_equal(zeros, 2);
            for (int a = 0; a < 4; a++) /* no other pair is worth more */
                for (int b = a + 1; b < 4; b++)
                    assert_true(m[a] + m[b] <= kept);
        }
    }
    assert_int_equal(dense, 1); /* the depthwise filters have one input channel each */
    pld_sparsified_release(&s);
    close_fixture(&f);
}

/* Outputs of a model for an input of pseudo-random numbers; caller frees. */
static float *run(int64_t *count, struct pld_backend *cpu, const struct pld_graph *model)
{
    struct pld_graph *compiled;
    struct pld_engine *engine;
    struct pld_program *program;
    struct pld_lane *lane;
    struct pld_rng rng;
    assert_int_equal(pld_graph_compile(&compiled, model, cpu, cpu, 1), PLD_OK);
    assert_int_equal(pld_engine_new(&engine, compiled, cpu), PLD_OK);
    assert_int_equal(pld_program_new(&program, engine, NULL), PLD_OK);
    assert_int_equal(pld_lane_new(&lane, engine, pld_program_slab(program)), PLD_OK);
    const struct pld_desc *in = &compiled->values[compiled->inputs[0]].desc;
    const struct pld_desc *out = &compiled->values[compiled->outputs[0]].desc;
    float *x = malloc(pld_desc_bytes(in)), *y = malloc(pld_desc_bytes(out));
    pld_rng_init(&rng, 1);
    for (int64_t i = 0; i < pld_shape_count(&in->shape); i++)
        x[i] = (float)pld_rng_unit(&rng);
    pld_lane_bind(lane, compiled->inputs[0], x);
    assert_int_equal(pld_lane_run(lane, program, NULL, NULL, 0), PLD_OK);
    memcpy(y, pld_lane_value(lane, compiled->outputs[0]), pld_desc_bytes(out));
    *count = pld_shape_count(&out->shape);
    free(x);
    pld_lane_free(lane);
    pld_program_free(program);
    pld_engine_free(engine);
    pld_graph_free(compiled);
    return y;
}

static void permute_and_compare(struct pld_backend *cpu, const struct pld_groups *groups)
{
    struct pld_graph *permuted;
    int64_t n;
    assert_int_equal(pld_graph_clone(&permuted, groups->graph), PLD_OK);
    assert_int_equal(pld_sparse_permute(permuted, groups, 1), PLD_OK);
    float *before = run(&n, cpu, groups->graph), *after = run(&n, cpu, permuted);
    double norm = 0, off = 0;
    for (int64_t i = 0; i < n; i++) {
        norm += (double)before[i] * (double)before[i];
        off += ((double)before[i] - (double)after[i]) * ((double)before[i] - (double)after[i]);
    }
    if (!(off <= 1e-8 * norm)) fail_msg("%s: off by %g of %g", groups->graph->path, off, norm);
    free(before);
    free(after);
    pld_graph_free(permuted);
}

/* Splits and concats of a real detector; a channel shuffle where that model is at hand. */
static void permutation_of_detectors(void **state)
{
    (void)state;
    const char *source = getenv("POLLARD_SOURCE_DIR"), *data = getenv("POLLARD_DATA");
    const char *files[] = {"%s/configs/demo/panels.onnx",
                           data ? "%s/models/nanodet_m_320.onnx"
                                : "%s/../shared/data/models/nanodet_m_320.onnx"};
    for (int i = 0; i < 2; i++) {
        struct tiny t;
        struct pld_graph *model;
        struct pld_groups *groups;
        char path[4096];
        snprintf(path, sizeof path, files[i], i && data ? data : source ? source : ".");
        tiny_open(&t, 1);
        if (pld_graph_load(&model, path) != PLD_OK) {
            printf("[  SKIPPED ] %s is not there\n", path);
            tiny_close(&t);
            continue;
        }
        struct pld_infer_options infer = {0};
        assert_int_equal(pld_pass_infer(model, t.cpu, &infer), PLD_OK);
        assert_int_equal(pld_groups_new(&groups, model), PLD_OK);
        permute_and_compare(t.cpu, groups);
        pld_groups_free(groups);
        pld_graph_free(model);
        tiny_close(&t);
    }
}

static void permutation_keeps_outputs_and_more_weights(void **state)
{
    (void)state;
    struct fixture f;
    struct pld_sparsified plain, better;
    open_fixture(&f);
    permute_and_compare(f.t.cpu, f.groups);
    struct pld_sparse_options o = {.mode = PLD_SPARSE_2_4};
    assert_int_equal(pld_sparsify(&plain, f.groups, &o), PLD_OK);
    o.permute = true;
    assert_int_equal(pld_sparsify(&better, f.groups, &o), PLD_OK);
    double a = 0, b = 0;
    for (int i = 0; i < plain.n_layers; i++) {
        a += plain.layers[i].kept;
        b += better.layers[i].kept;
    }
    assert_true(b > a);
    pld_sparsified_release(&plain);
    pld_sparsified_release(&better);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(magnitudes),
        cmocka_unit_test(two_of_four),
        cmocka_unit_test(permutation_keeps_outputs_and_more_weights),
        cmocka_unit_test(permutation_of_detectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
