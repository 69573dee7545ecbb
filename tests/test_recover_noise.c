/* What sensitivities are made of: noise of a stated size, and a distance between detections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "core/pool.h"
#include "recover_fixture.h"
#include "run/noise.h"
#include "run/sensitivity.h"

enum { PICTURES = 12 };

/* Runs the network on all pictures: outputs[PICTURES][count], caller frees. */
static float *run_all(struct net *n, const struct pld_noise *noise, int64_t *count)
{
    const struct pld_value *y = &n->compiled->values[n->compiled->outputs[0]];
    *count = pld_shape_count(&y->desc.shape);
    float *all = malloc((size_t)(*count * PICTURES) * sizeof *all);
    for (int i = 0; i < PICTURES; i++) {
        float *picture =
            tiny_picture(&n->compiled->values[n->compiled->inputs[0]], 100 + (uint64_t)i);
        pld_lane_bind(n->lane, n->compiled->inputs[0], picture);
        assert_int_equal(pld_lane_run(n->lane, n->program, NULL, noise ? noise->overrides : NULL,
                                      noise ? noise->n : 0),
                         PLD_OK);
        memcpy(all + i * *count, pld_lane_value(n->lane, n->compiled->outputs[0]),
               (size_t)*count * sizeof *all);
        free(picture);
    }
    return all;
}

/* The last layer's output is off by `size` of its deviation, channel by channel on average, without
 * a change of its mean; and columns that are gone get no noise. */
static void noise_has_the_stated_size(void **state)
{
    (void)state;
    enum { CHANNELS = 6 };
    const double size = 0.1;
    struct net n = {0};
    struct pld_moments m;
    struct pld_noise noise[2] = {{0}};
    tiny_open(&n.t, 41);
    int x = tiny_input(&n.t, 1, 3, 12, 12);
    int mid = tiny_unary(&n.t, PLD_OP_SIGMOID, tiny_conv(&n.t, x, 3, 10, 3, 1));
    open_net(&n, tiny_conv(&n.t, mid, 10, CHANNELS, 3, 1));
    measure(&m, &n, PICTURES, false);
    assert_int_equal(n.sites->count, 1);
    n.gone[3] = true;
    struct pld_session session = {.device = n.t.cpu, .host = n.t.cpu};
    struct pld_detector detector = {.session = &session, .graph = n.compiled, .engine = n.engine};
    assert_int_equal(pld_pool_new(&session.pool, 1, NULL), PLD_OK);
    assert_int_equal(pld_noise_fill(noise, &detector, n.sites, &m, NULL, size, 7), PLD_OK);
    assert_int_equal(noise[0].n, 2); /* weights and bias */
    int64_t count, cells;
    float *clean = run_all(&n, NULL, &count), *noisy = run_all(&n, &noise[0], &count);
    cells = count / CHANNELS;
    double variance = 0, off = 0;
    for (int c = 0; c < CHANNELS; c++) {
        double sum[4] = {0}, total = (double)(cells * PICTURES);
        for (int i = 0; i < PICTURES; i++)
            for (int64_t p = 0; p < cells; p++) {
                double a = (double)clean[i * count + c * cells + p];
                double d = (double)noisy[i * count + c * cells + p] - a;
                sum[0] += a / total;
                sum[1] += a * a / total;
                sum[2] += d / total;
                sum[3] += d * d / total;
            }
        double deviation = sqrt(sum[1] - sum[0] * sum[0]);
        assert_true(fabs(sum[2]) < 1e-3 * deviation);
        variance += deviation * deviation;
        off += sum[3];
    }
    assert_true(fabs(noise[0].variance - variance) < 1e-3 * variance);
    /* The ridge takes a little; 6 rows of 90 normal numbers spread by 6 %. */
    assert_true(off > 0.6 * size * size * variance && off < 1.25 * size * size * variance);
    pld_noise_release(&noise[0], &detector);

    assert_int_equal(pld_noise_fill(noise, &detector, n.sites, &m, n.gone, size, 7), PLD_OK);
    double without = 0;
    free(noisy);
    noisy = run_all(&n, &noise[0], &count);
    for (int64_t i = 0; i < count * PICTURES; i++)
        without += pow((double)noisy[i] - (double)clean[i], 2) / (double)(cells * PICTURES);
    assert_true(without > 0.6 * size * size * noise[0].variance);
    assert_true(without < 1.25 * size * size * noise[0].variance);
    pld_noise_release(&noise[0], &detector);
    pld_pool_free(session.pool);
    free(clean);
    free(noisy);
    pld_moments_release(&m);
    close_net(&n);
}

static void distance_by_hand(void **state)
{
    (void)state;
    struct pld_candidate a[2] = {{0, 0, 10, 20, 0.5f, 0}, {0, 0, 4, 4, 0, 1}};
    struct pld_candidate b[2] = {{1, 0, 10, 18, 0.25f, 0}, {9, 9, 99, 99, 0.5f, 1}};
    struct pld_candidates teacher = {.items = a, .count = 2}, student = {.items = b, .count = 2};
    double d;
    assert_int_equal(pld_candidates_distance(&d, &teacher, &student, "head"), PLD_OK);
    /* 0.25^2 + 4 * 0.25 * (1 + 4) / 200 for the first, 0.5^2 for the second: its box is nobody's.
     */
    assert_true(fabs(d - (0.0625 + 0.025 + 0.25)) < 1e-12);
    assert_int_equal(pld_candidates_distance(&d, &teacher, &teacher, "head"), PLD_OK);
    assert_true(d == 0);
    student.count = 1;
    assert_int_equal(pld_candidates_distance(&d, &teacher, &student, "head"), PLD_EMODEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_has_the_stated_size),
        cmocka_unit_test(distance_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
