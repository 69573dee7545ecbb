/* Closed-form recovery: moments of patches, fits, block OBS, and what compensation writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "prune/recover/obs.h"
#include "recover_fixture.h"

/* Every kind of consumer: dense, strided and dilated windows, a grouped and a transposed
 * convolution, a concatenation, a depthwise filter in between. */
static int build_web(struct tiny *t)
{
    int x = tiny_input(t, 1, 3, 9, 8);
    int stem = tiny_unary(t, PLD_OP_SIGMOID, tiny_conv(t, x, 3, 8, 3, 1));
    int a = tiny_unary(t, PLD_OP_RELU, tiny_conv(t, stem, 8, 6, 3, 1));
    int64_t two[2] = {2, 2};
    int strided = tiny_conv(t, a, 6, 6, 3, 1);
    assert_int_equal(pld_node_set_ints(t->graph, tiny_last(t), "dilations", two, 2), PLD_OK);
    int64_t pads[4] = {2, 1, 2, 3};
    assert_int_equal(pld_node_set_ints(t->graph, tiny_last(t), "pads", pads, 4), PLD_OK);
    int deep = tiny_unary(t, PLD_OP_RELU, tiny_conv(t, strided, 6, 6, 3, 6));
    int grouped = tiny_unary(t, PLD_OP_RELU, tiny_conv(t, deep, 6, 8, 1, 2));
    int cat = tiny_concat(t, grouped, a);
    int args[3] = {cat, tiny_weights(t, 4, 14, 5, 2, 2), tiny_weights(t, 1, 5, 0, 0, 0)};
    int up = tiny_op(t, PLD_OP_CONV_TRANSPOSE, args, 3);
    assert_int_equal(pld_node_set_ints(t->graph, tiny_last(t), "strides", two, 2), PLD_OK);
    return tiny_conv(t, tiny_unary(t, PLD_OP_RELU, up), 5, 4, 3, 1);
}

/* ---- moments ---- */

static double element(const struct net *n, int value, int64_t c, int64_t y, int64_t x)
{
    const struct pld_desc *desc = &n->compiled->values[value].desc;
    const struct pld_shape *s = &desc->shape;
    int64_t strides[PLD_MAX_RANK];
    if (y < 0 || x < 0 || y >= s->dim[2] || x >= s->dim[3]) return 0;
    pld_desc_strides(strides, desc);
    const float *data = pld_lane_value(n->lane, value);
    return (double)data[c * strides[1] + y * strides[2] + x * strides[3]];
}

/* One element of a patch, by definition. */
static double patch_element(const struct net *n, const struct pld_tap *t, int64_t y, int64_t x,
                            int64_t column)
{
    const struct pld_window *w = &t->window;
    int64_t taps = w->kernel[0] * w->kernel[1], k = column % taps;
    return element(n, t->value, t->channel0 + column / taps,
                   y * w->stride[0] + k / w->kernel[1] * w->dilation[0] - w->pad_begin[0],
                   x * w->stride[1] + k % w->kernel[1] * w->dilation[1] - w->pad_begin[1]);
}

static void assert_moments(struct net *n, const struct pld_gram *g, const struct pld_tap *t,
                           int pictures)
{
    const struct pld_value *y = &n->compiled->values[n->compiled->nodes[t->node].out[0]];
    const struct pld_value *in = &n->compiled->values[t->value];
    const struct pld_shape *s = t->windowed ? &y->desc.shape : &in->desc.shape;
    int64_t cols = g->n;
    double *sum = calloc((size_t)(cols * cols + cols), sizeof *sum), *mean = sum + cols * cols;
    double rows = (double)(s->dim[2] * s->dim[3] * pictures);
    assert_true(g->rows == rows);
    for (int pass = 0; pass < 2; pass++) /* means first */
        for (int i = 0; i < pictures; i++) {
            run_picture(n, 100 + (uint64_t)i);
            for (int64_t p = 0; p < s->dim[2] * s->dim[3]; p++)
                for (int64_t a = 0; a < cols; a++) {
                    double xa = patch_element(n, t, p / s->dim[3], p % s->dim[3], a);
                    if (pass == 0) mean[a] += xa / rows;
                    for (int64_t b = 0; b < cols && pass == 1; b += 5) {
                        double xb = patch_element(n, t, p / s->dim[3], p % s->dim[3], b);
                        sum[a * cols + b] += (xa - mean[a]) * (xb - mean[b]) / rows;
                    }
                }
        }
    for (int64_t a = 0; a < cols; a++) {
        assert_true(fabs(mean[a] - g->mean[a]) < 1e-6);
        for (int64_t b = 0; b < cols; b += 5)
            if (fabs(sum[a * cols + b] - g->cov[a * cols + b]) > 2e-6)
                fail_msg("covariance %lld,%lld: %g and %g", (long long)a, (long long)b,
                         sum[a * cols + b], g->cov[a * cols + b]);
    }
    free(sum);
}

static void moments_equal_definition(void **state)
{
    (void)state;
    struct net n = {0};
    struct pld_moments m;
    tiny_open(&n.t, 21);
    open_net(&n, build_web(&n.t));
    measure(&m, &n, 3, false);
    assert_true(n.sites->n_patches >= 6);
    for (int p = 0; p < n.sites->n_patches; p++)
        assert_moments(&n, &m.fit[p], &n.sites->patches[p].taps[0], 3);
    pld_moments_release(&m);
    close_net(&n);
}

static void joined_moments_are_those_of_all(void **state)
{
    (void)state;
    struct net n = {0};
    struct pld_moments all, parts;
    tiny_open(&n.t, 22);
    open_net(&n, build_web(&n.t));
    measure(&all, &n, 10, false);
    measure(&parts, &n, 10, true);
    pld_moments_join(&parts);
    for (int p = 0; p < n.sites->n_patches; p++)
        for (int64_t i = 0; i < all.fit[p].n * all.fit[p].n; i++)
            assert_true(fabs(all.fit[p].cov[i] - parts.fit[p].cov[i]) < 1e-9);
    pld_moments_release(&all);
    pld_moments_release(&parts);
    close_net(&n);
}

static void draws_are_a_sorted_subset(void **state)
{
    (void)state;
    struct pld_rng rng;
    int64_t positions[64];
    int hits[100] = {0};
    pld_rng_init(&rng, 5);
    for (int round = 0; round < 2000; round++) {
        assert_int_equal(pld_tap_draw(positions, 25, 100, &rng), 25);
        for (int i = 0; i < 25; i++) {
            assert_true(i == 0 || positions[i] > positions[i - 1]);
            assert_in_range(positions[i], 0, 99);
            hits[positions[i]]++;
        }
    }
    for (int i = 0; i < 100; i++) /* 500 expected, 19.4 the standard deviation */
        assert_in_range(hits[i], 400, 600);
}

/* ---- fits ---- */

static void remove_some(struct net *n, struct pld_rng *rng)
{
    for (int g = 0; g < n->groups->n_groups; g++)
        for (int u = 1; u < n->groups->groups[g].units && n->groups->groups[g].prunable; u++)
            n->gone[n->sites->first_unit[g] + u] = pld_rng_below(rng, 3) == 0;
}

static void nothing_removed_changes_nothing(void **state)
{
    (void)state;
    struct net n = {0};
    struct pld_moments m;
    struct pld_compensation c = {0};
    struct pld_compensate_options options = {.rung = PLD_RUNG_LS};
    struct pld_graph *clone;
    tiny_open(&n.t, 23);
    open_net(&n, build_web(&n.t));
    measure(&m, &n, 10, true);
    assert_int_equal(pld_graph_clone(&clone, n.t.graph), PLD_OK);
    assert_int_equal(pld_compensate(&c, clone, n.sites, &m, n.gone, &options), PLD_OK);
    assert_int_equal(c.count, 0);
    for (int v = 0; v < n.t.graph->n_values; v++)
        assert_ptr_equal(clone->values[v].data, n.t.graph->values[v].data);
    for (int s = 0; s < n.sites->count; s++) { /* and the solution itself is the identity */
        const struct pld_site *site = &n.sites->items[s];
        size_t count = (size_t)(site->rows * site->cols);
        double *w = calloc(2 * count + (size_t)site->rows, sizeof *w), *out = w + count;
        bool *none = calloc((size_t)site->cols, sizeof *none);
        pld_site_read(w, site, n.t.graph, site->weight);
        struct pld_layer layer = {"layer", site->rows, site->cols, w, none, true};
        assert_int_equal(
            pld_fit(out, out + count, &layer, &m.fit[site->patches], PLD_RUNG_LS, 1e-3), PLD_OK);
        assert_memory_equal(w, out, count * sizeof *w);
        free(none);
        free(w);
    }
    pld_compensation_release(&c);
    pld_graph_free(clone);
    pld_moments_release(&m);
    close_net(&n);
}

/* The normal equations hold: the gradient of the ridge objective at the solution is 0. */
static void fit_solves_the_normal_equations(void **state)
{
    (void)state;
    struct net n = {0};
    struct pld_moments m;
    tiny_open(&n.t, 24);
    open_net(&n, build_web(&n.t));
    measure(&m, &n, 6, false);
    remove_some(&n, &n.t.rng);
    for (int s = 0; s < n.sites->count; s++) {
        const struct pld_site *site = &n.sites->items[s];
        const struct pld_gram *g = &m.fit[site->patches];
        size_t count = (size_t)(site->rows * site->cols);
        double *w = calloc(2 * count + (size_t)site->rows, sizeof *w), *out = w + count, trace = 0;
        bool *gone = calloc((size_t)site->cols, sizeof *gone);
        pld_site_read(w, site, n.t.graph, site->weight);
        for (int64_t c = 0; c < site->cols; c++) {
            gone[c] = site->col_unit[c] != PLD_NONE && n.gone[site->col_unit[c]];
            trace += g->cov[c * g->n + c];
        }
        struct pld_layer layer = {"layer", site->rows, site->cols, w, gone, true};
        assert_int_equal(pld_fit(out, out + count, &layer, g, PLD_RUNG_LS, 1e-2), PLD_OK);
        for (int64_t r = 0; r < site->rows; r++)
            for (int64_t c = 0; c < site->cols; c++) {
                const double *a = out + r * site->cols, *b = w + r * site->cols;
                double gradient = 1e-2 * trace / (double)site->cols * (a[c] - b[c]);
                for (int64_t k = 0; k < site->cols; k++)
                    gradient += (a[k] - b[k]) * g->cov[k * g->n + c];
                if (gone[c])
                    assert_true(a[c] == 0);
                else
                    assert_true(fabs(gradient) < 1e-12);
            }
        free(gone);
        free(w);
    }
    pld_moments_release(&m);
    close_net(&n);
}

/* Where the inputs did not change, measured targets lead to the solution that is computed. */
static void fit_to_targets_agrees_with_fit(void **state)
{
    (void)state;
    enum { ROWS = 3, COLS = 6, COUNT = 400, N = ROWS + COLS };
    struct pld_rng rng;
    struct pld_gram x = {0}, joint = {0};
    double w[ROWS * COLS], a[ROWS * COLS], b[ROWS * COLS], shift_a[ROWS], shift_b[ROWS];
    bool gone[COLS] = {false, true, false, false, true, false};
    static float rows[COUNT * COLS], both[COUNT * N];
    pld_rng_init(&rng, 31);
    for (int i = 0; i < ROWS * COLS; i++)
        w[i] = pld_rng_unit(&rng) - 0.5;
    for (int r = 0; r < COUNT; r++) {
        float common = (float)pld_rng_unit(&rng);
        for (int c = 0; c < COLS; c++)
            rows[r * COLS + c] = both[r * N + ROWS + c] = common + (float)pld_rng_unit(&rng);
        for (int o = 0; o < ROWS; o++) {
            double y = 0;
            for (int c = 0; c < COLS; c++)
                y += w[o * COLS + c] * (double)rows[r * COLS + c];
            both[r * N + o] = (float)y;
        }
    }
    void *scratch = malloc(pld_gram_scratch(N));
    assert_int_equal(pld_gram_init(&x, COLS), PLD_OK);
    assert_int_equal(pld_gram_init(&joint, N), PLD_OK);
    pld_gram_add(&x, rows, COUNT, scratch);
    pld_gram_add(&joint, both, COUNT, scratch);
    assert_int_equal(pld_gram_finish(&x, "x"), PLD_OK);
    assert_int_equal(pld_gram_finish(&joint, "joint"), PLD_OK);
    struct pld_layer layer = {"layer", ROWS, COLS, w, gone, true};
    double errors[2][3];
    const enum pld_rung rungs[3] = {PLD_RUNG_PLAIN, PLD_RUNG_AFFINE, PLD_RUNG_LS};
    for (int k = 0; k < 3; k++) {
        assert_int_equal(pld_fit(a, shift_a, &layer, &x, rungs[k], 1e-9), PLD_OK);
        assert_int_equal(pld_fit_targets(b, shift_b, &layer, &joint, rungs[k], 1e-9), PLD_OK);
        for (int i = 0; i < ROWS * COLS; i++)
            assert_true(fabs(a[i] - b[i]) < 1e-5);
        for (int o = 0; o < ROWS; o++)
            assert_true(fabs(shift_a[o] - shift_b[o]) < 1e-5);
        assert_int_equal(pld_fit_error(&errors[0][k], a, shift_a, &layer, &x), PLD_OK);
        assert_int_equal(pld_fit_targets_error(&errors[1][k], b, shift_b, &layer, &joint), PLD_OK);
        assert_true(fabs(errors[0][k] - errors[1][k]) < 1e-5);
        assert_true(k == 0 || errors[0][k] < errors[0][k - 1]);
    }
    free(scratch);
    pld_gram_release(&x);
    pld_gram_release(&joint);
}

/* ---- block OBS ---- */

static void sequence_equals_joint_solution(void **state)
{
    (void)state;
    struct net n = {0};
    struct pld_moments m;
    struct pld_obs *obs;
    struct pld_obs_options options = {.ridge = 1e-2, .max_ratio = 0.7, .min_keep = 1, .align = 1};
    tiny_open(&n.t, 25);
    open_net(&n, build_web(&n.t));
    measure(&m, &n, 6, false);
    double *omega = calloc((size_t)n.sites->count, sizeof *omega);
    for (int s = 0; s < n.sites->count; s++)
        omega[s] = 1;
    assert_int_equal(pld_obs_new(&obs, n.sites, &m, omega, NULL, &options, NULL), PLD_OK);
    assert_int_equal(pld_obs_run(obs, 0), PLD_EGATE); /* until caps stop it */
    int count, compared = 0;
    const struct pld_obs_step *trace = pld_obs_trace(obs, &count);
    assert_true(count >= 12);
    for (int i = 0; i < count; i++) {
        n.gone[trace[i].unit] = true;
        assert_true(i == 0 || trace[i].macs < trace[i - 1].macs);
    }
    for (int s = 0; s < n.sites->count; s++) {
        const struct pld_site *site = &n.sites->items[s];
        size_t size = (size_t)(site->rows * site->cols);
        double *w = calloc(2 * size + (size_t)site->rows, sizeof *w), *joint = w + size;
        bool *gone = calloc((size_t)site->cols, sizeof *gone);
        pld_site_read(w, site, n.compiled, pld_site_compiled_weight(n.sites, site));
        for (int64_t c = 0; c < site->cols; c++)
            gone[c] = site->col_unit[c] != PLD_NONE && n.gone[site->col_unit[c]];
        struct pld_layer layer = {"layer", site->rows, site->cols, w, gone, true};
        assert_int_equal(
            pld_fit(joint, joint + size, &layer, &m.fit[site->patches], PLD_RUNG_LS, 1e-2), PLD_OK);
        for (int64_t r = 0; r < site->rows; r++)
            for (int64_t c = 0; c < site->cols; c++) {
                bool dropped = site->row_unit[r] != PLD_NONE && n.gone[site->row_unit[r]];
                double want = dropped ? 0 : joint[r * site->cols + c];
                assert_true(fabs(pld_obs_weights(obs, s)[r * site->cols + c] - want) < 1e-10);
                compared++;
            }
        free(gone);
        free(w);
    }
    assert_true(compared > 500);
    pld_obs_free(obs);
    free(omega);
    pld_moments_release(&m);
    close_net(&n);
}

/* Continuing a removal from its middle, with what is gone given at the start, goes on the same. */
static void trace_can_be_continued(void **state)
{
    (void)state;
    struct net n = {0};
    struct pld_moments m;
    struct pld_obs *whole, *rest;
    struct pld_obs_options options = {.ridge = 1e-2, .max_ratio = 0.6, .min_keep = 1, .align = 2};
    tiny_open(&n.t, 26);
    open_net(&n, build_web(&n.t));
    measure(&m, &n, 6, false);
    double *omega = calloc((size_t)n.sites->count, sizeof *omega);
    for (int s = 0; s < n.sites->count; s++)
        omega[s] = 1 + s;
    assert_int_equal(pld_obs_new(&whole, n.sites, &m, omega, NULL, &options, NULL), PLD_OK);
    assert_int_equal(pld_obs_run(whole, 0), PLD_EGATE);
    int count, left;
    const struct pld_obs_step *trace = pld_obs_trace(whole, &count);
    for (int i = 0; i < count; i++)
        n.gone[trace[i].unit] = true;
    for (int g = 0; g < n.groups->n_groups; g++) { /* aligned counts */
        int kept = 0;
        for (int u = n.sites->first_unit[g]; u < n.sites->first_unit[g + 1]; u++)
            kept += !n.gone[u];
        assert_true(kept == n.groups->groups[g].units || kept % 2 == 0);
    }
    assert_int_equal(pld_obs_new(&rest, n.sites, &m, omega, n.gone, &options, NULL), PLD_OK);
    assert_int_equal(pld_obs_run(rest, 0), PLD_EGATE); /* caps count what was gone before */
    pld_obs_trace(rest, &left);
    assert_int_equal(left, 0);
    pld_obs_free(whole);
    pld_obs_free(rest);
    free(omega);
    pld_moments_release(&m);
    close_net(&n);
}

/* ---- recovery ---- */

/* A linear network in which channel 5 is a mixture of others, and a constant where the consumer can
 * take that into a bias: without it, nothing is lost. `op` is the consumer. */
static void redundant_channel(enum pld_op op)
{
    struct net n = {0};
    struct pld_moments m;
    struct pld_compensation c = {0};
    struct pld_compensate_options options = {.rung = PLD_RUNG_LS, .ridge = 1e-10};
    tiny_open(&n.t, 27);
    int x = tiny_input(&n.t, 1, 3, 6, 6), mid = tiny_conv(&n.t, x, 3, 8, 3, 1);
    const struct pld_node *first = &n.t.graph->nodes[tiny_last(&n.t)];
    float *w = (float *)(uintptr_t)n.t.graph->values[first->in[1]].data;
    float *b = (float *)(uintptr_t)n.t.graph->values[first->in[2]].data;
    for (int i = 0; i < 27; i++)
        w[5 * 27 + i] = 2 * w[i] - w[27 + i];
    b[5] = 2 * b[0] - b[1] + (op == PLD_OP_CONV ? 0.3f : 0);
    int args[2] = {mid, op == PLD_OP_CONV ? tiny_weights(&n.t, 4, 4, 8, 1, 1)
                                          : tiny_weights(&n.t, 4, 8, 4, 2, 2)};
    int y = tiny_op(&n.t, op, args, 2); /* no bias: one is added where it helps */
    open_net(&n, y);
    int g = pld_groups_find(n.groups, "g0");
    assert_true(g >= 0 && n.groups->groups[g].prunable && n.groups->groups[g].units == 8);
    n.gone[n.sites->first_unit[g] + 5] = true;
    struct pld_graph *clone;
    bool changed;
    measure(&m, &n, 10, true);
    assert_int_equal(pld_graph_clone(&clone, n.t.graph), PLD_OK);
    assert_int_equal(pld_compensate_prepare(&changed, clone, n.sites, n.gone), PLD_OK);
    assert_int_equal(changed, op == PLD_OP_CONV);
    assert_int_equal(pld_compensate(&c, clone, n.sites, &m, n.gone, &options), PLD_OK);
    assert_int_equal(c.count, 1);
    assert_int_equal(c.layers[0].used, PLD_RUNG_LS);
    assert_true(c.layers[0].error[PLD_RUNG_PLAIN] > 1e-3);
    if (c.layers[0].error[PLD_RUNG_LS] > 1e-6) fail_msg("error %g", c.layers[0].error[PLD_RUNG_LS]);
    assert_true(c.layers[0].error[PLD_RUNG_AFFINE] <= c.layers[0].error[PLD_RUNG_PLAIN] * 1.5);
    struct pld_infer_options infer = {.batch = 1};
    assert_int_equal(pld_pass_infer(clone, n.t.cpu, &infer), PLD_OK);
    int64_t count, same;
    float *want = tiny_run(&n.t, n.t.graph, 900, &count), *got = tiny_run(&n.t, clone, 900, &same);
    assert_int_equal(count, same);
    for (int64_t i = 0; i < count; i++)
        assert_true(fabsf(want[i] - got[i]) < 1e-4f);
    free(want);
    free(got);
    pld_compensation_release(&c);
    pld_graph_free(clone);
    pld_moments_release(&m);
    close_net(&n);
}

static void redundant_channels_are_recovered(void **state)
{
    (void)state;
    redundant_channel(PLD_OP_CONV);
    redundant_channel(PLD_OP_CONV_TRANSPOSE);
}

/* The same for a matrix product, which can have no bias: a channel that is twice another. */
static void products_are_recovered_without_bias(void **state)
{
    (void)state;
    struct net n = {0};
    struct pld_moments m;
    struct pld_compensation c = {0};
    struct pld_compensate_options options = {.rung = PLD_RUNG_LS, .ridge = 1e-10};
    tiny_open(&n.t, 28);
    int x = tiny_input(&n.t, 1, 1, 40, 6), row[2] = {x, tiny_weights(&n.t, 2, 6, 7, 0, 0)};
    float *w = (float *)(uintptr_t)n.t.graph->values[row[1]].data;
    for (int i = 0; i < 6; i++)
        w[i * 7 + 3] = 2 * w[i * 7 + 1];
    int next[2] = {tiny_op(&n.t, PLD_OP_MATMUL, row, 2), tiny_weights(&n.t, 2, 7, 4, 0, 0)};
    open_net(&n, tiny_op(&n.t, PLD_OP_MATMUL, next, 2));
    assert_int_equal(n.sites->count, 1);
    n.gone[n.sites->items[0].col_unit[3]] = true;
    measure(&m, &n, 10, true);
    assert_int_equal(pld_compensate(&c, n.t.graph, n.sites, &m, n.gone, &options), PLD_OK);
    assert_int_equal(c.layers[0].used, PLD_RUNG_LS);
    assert_true(c.layers[0].error[PLD_RUNG_LS] < 1e-9);
    pld_compensation_release(&c);
    pld_moments_release(&m);
    close_net(&n);
}

/* Noise in place of a signal: the fit on few rows is worse than nothing on the images held out, and
 * the report says so. */
static void guard_refuses_a_bad_fit(void **state)
{
    (void)state;
    struct net n = {0};
    struct pld_moments m;
    struct pld_compensation c = {0};
    struct pld_compensate_options options = {.rung = PLD_RUNG_LS, .ridge = 1e-5};
    tiny_open(&n.t, 29);
    int x = tiny_input(&n.t, 1, 64, 2, 2), mid = tiny_conv(&n.t, x, 64, 48, 1, 1);
    float *w = (float *)(uintptr_t)n.t.graph->values[n.t.graph->nodes[0].in[1]].data;
    for (int i = 0; i < 48 * 64; i++) /* independent channels */
        w[i] = i / 64 == i % 64;
    open_net(&n, tiny_conv(&n.t, mid, 48, 4, 1, 1));
    for (int u = 0; u < 8; u++)
        n.gone[u] = true;
    measure(&m, &n, 10, true); /* 8 pictures of 4 cells for 40 columns */
    assert_int_equal(pld_compensate(&c, n.t.graph, n.sites, &m, n.gone, &options), PLD_OK);
    assert_int_equal(c.refused, 1);
    assert_int_equal(c.scarce, 1);
    assert_int_equal(c.layers[0].patches, 32);
    assert_int_equal(c.layers[0].kept, 40);
    assert_true(c.layers[0].used < PLD_RUNG_LS);
    pld_compensation_release(&c);
    pld_moments_release(&m);
    close_net(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_equal_definition),
        cmocka_unit_test(joined_moments_are_those_of_all),
        cmocka_unit_test(draws_are_a_sorted_subset),
        cmocka_unit_test(nothing_removed_changes_nothing),
        cmocka_unit_test(fit_solves_the_normal_equations),
        cmocka_unit_test(fit_to_targets_agrees_with_fit),
        cmocka_unit_test(sequence_equals_joint_solution),
        cmocka_unit_test(trace_can_be_continued),
        cmocka_unit_test(redundant_channels_are_recovered),
        cmocka_unit_test(products_are_recovered_without_bias),
        cmocka_unit_test(guard_refuses_a_bad_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
