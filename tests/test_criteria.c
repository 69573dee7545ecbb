/* Criteria against formulas written out once more, in other words, on small weights. Real weights
 * are compared by benchmarks/peers/criteria.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>

#include "prune/score.h"
#include "tiny_graph.h"

enum { UNITS = 5, IN = 3, OUT = 4 };

/* x -> a (IN to UNITS, 1 x 1) and b (same), added, read by c. */
struct fixture {
    struct tiny t;
    struct pld_groups *groups;
    const float *a, *b, *c;
};

static void open_fixture(struct fixture *f)
{
    tiny_open(&f->t, 9);
    int x = tiny_input(&f->t, 1, IN, 4, 4);
    int a = tiny_conv(&f->t, x, IN, UNITS, 1, 1), b = tiny_conv(&f->t, x, IN, UNITS, 1, 1);
    int y = tiny_conv(&f->t, tiny_binary(&f->t, PLD_OP_ADD, a, b), UNITS, OUT, 1, 1);
    tiny_finish(&f->t, y);
    struct pld_graph *g = f->t.graph;
    f->a = g->values[g->nodes[0].in[1]].data;
    f->b = g->values[g->nodes[1].in[1]].data;
    f->c = g->values[g->nodes[3].in[1]].data;
    assert_int_equal(pld_groups_new(&f->groups, g), PLD_OK);
    assert_true(f->groups->groups[0].prunable && f->groups->groups[0].units == UNITS);
}

static void close_fixture(struct fixture *f)
{
    pld_groups_free(f->groups);
    tiny_close(&f->t);
}

static void score(double *out, struct fixture *f, struct pld_score_options options)
{
    struct pld_scorer scorer;
    assert_int_equal(pld_scorer_init(&scorer, f->groups, &options), PLD_OK);
    assert_int_equal(pld_score_group(out, &scorer, 0), PLD_OK);
    pld_scorer_release(&scorer);
}

static void near(const double *got, const double *wanted, int n)
{
    for (int i = 0; i < n; i++)
        if (fabs(got[i] - wanted[i]) > 1e-12 * (1 + fabs(wanted[i])))
            fail_msg("score %d is %.17g, not %.17g", i, got[i], wanted[i]);
}

static double dot(const float *a, const float *b)
{
    double sum = 0;
    for (int i = 0; i < IN; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static void norms_reduce_over_members(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    double got[UNITS], sum[UNITS], mean[UNITS], most[UNITS], first[UNITS], in[UNITS];
    for (int u = 0; u < UNITS; u++) {
        double a = dot(f.a + u * IN, f.a + u * IN), b = dot(f.b + u * IN, f.b + u * IN);
        sum[u] = a + b;
        mean[u] = (a + b) / 2;
        most[u] = a > b ? a : b;
        first[u] = a;
        in[u] = 0;
        for (int o = 0; o < OUT; o++)
            in[u] += fabs((double)f.c[o * UNITS + u]);
    }
    score(got, &f, (struct pld_score_options){.criterion = "l2"});
    near(got, sum, UNITS);
    score(got, &f, (struct pld_score_options){.criterion = "l2", .reduction = "mean"});
    near(got, mean, UNITS);
    score(got, &f, (struct pld_score_options){.criterion = "l2", .reduction = "max"});
    near(got, most, UNITS);
    score(got, &f, (struct pld_score_options){.criterion = "l2", .reduction = "first"});
    near(got, first, UNITS);
    score(got, &f, (struct pld_score_options){.criterion = "l1", .votes = "in"});
    near(got, in, UNITS);
    close_fixture(&f);
}

static void pairs(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    double got[UNITS], fpgm[UNITS], whc[UNITS];
    for (int u = 0; u < UNITS; u++) {
        fpgm[u] = whc[u] = 0;
        for (int v = 0; v < UNITS; v++) {
            const float *x = f.a + u * IN, *y = f.a + v * IN;
            double xx = dot(x, x), yy = dot(y, y), xy = dot(x, y);
            if (u != v) fpgm[u] += sqrt(xx + yy - 2 * xy);
            if (u != v) whc[u] += sqrt(xx) * sqrt(yy) * (1 - fabs(xy / sqrt(xx) / sqrt(yy)));
        }
    }
    score(got, &f, (struct pld_score_options){.criterion = "fpgm", .reduction = "first"});
    near(got, fpgm, UNITS);
    score(got, &f, (struct pld_score_options){.criterion = "whc", .reduction = "first"});
    near(got, whc, UNITS);
    close_fixture(&f);
}

static void normalizers(void **state)
{
    (void)state;
    const double raw[4] = {3, 1, 4, 2}, lamp[4] = {3.0 / 7, 1.0 / 10, 1, 2.0 / 9};
    const double sum[4] = {.3, .1, .4, .2}, mean[4] = {1.2, .4, 1.6, .8},
                 max[4] = {.75, .25, 1, .5};
    const double sd = sqrt(5.0 / 3) + 1e-8;
    const double gauss[4] = {.5 / sd, -1.5 / sd, 1.5 / sd, -.5 / sd};
    const double *const wanted[] = {raw, sum, mean, max, gauss, lamp};
    for (int k = PLD_NORMALIZE_NONE; k <= PLD_NORMALIZE_LAMP; k++) {
        double s[4];
        memcpy(s, raw, sizeof s);
        assert_int_equal(pld_normalize(s, 4, (enum pld_normalizer)k), PLD_OK);
        near(s, wanted[k], 4);
    }
    /* What is gone does not count. */
    double some[4] = {3, -INFINITY, 1, -INFINITY};
    assert_int_equal(pld_normalize(some, 4, PLD_NORMALIZE_MEAN), PLD_OK);
    assert_true(some[0] == 1.5 && some[2] == .5 && isinf(some[1]) && isinf(some[3]));
}

static void units_that_are_gone_do_not_count(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct pld_score_options options = {.criterion = "fpgm", .reduction = "first"};
    struct pld_scorer scorer;
    double got[UNITS];
    bool gone[UNITS] = {false, true, false, false, true};
    const bool *all[8] = {gone};
    assert_int_equal(pld_scorer_init(&scorer, f.groups, &options), PLD_OK);
    scorer.gone = all;
    assert_int_equal(pld_score_group(got, &scorer, 0), PLD_OK);
    for (int u = 0; u < UNITS; u++) {
        double wanted = 0;
        for (int v = 0; v < UNITS; v++) {
            const float *x = f.a + u * IN, *y = f.a + v * IN;
            if (!gone[v] && u != v) wanted += sqrt(dot(x, x) + dot(y, y) - 2 * dot(x, y));
        }
        if (gone[u])
            assert_true(isinf(got[u]) && got[u] < 0);
        else
            near(&got[u], &wanted, 1);
    }
    pld_scorer_release(&scorer);
    close_fixture(&f);
}

static double feature(const char *name, const float *map, int h, int w)
{
    const struct pld_criterion *c;
    double scratch[64];
    assert_int_equal(pld_criterion_find(&c, name), PLD_OK);
    assert_true(pld_criterion_needs_images(c));
    return c->feature(map, h, w, scratch);
}

static void features(void **state)
{
    (void)state;
    const float map[12] = {1, 2, 3, 0, 2, 4, 6, 0, 0, 1, 0, -1}; /* row 2 is twice row 1 */
    assert_true(feature("hrank", map, 3, 4) == 2);
    assert_true(feature("hrank", map, 4, 3) == 3);
    assert_true(fabs(feature("activation", map, 3, 4) - 20.0 / 12) < 1e-12);
    assert_true(fabs(feature("apoz", map, 3, 4) - 8.0 / 12) < 1e-12);
    const float zero[9] = {0};
    assert_true(feature("hrank", zero, 3, 3) == 0);
    struct pld_rng rng;
    pld_rng_init(&rng, 3);
    for (int rank = 1; rank <= 6; rank++) { /* products of random factors have their inner size */
        float a[6][6], b[6][6], m[64] = {0};
        for (int i = 0; i < 36; i++) {
            a[i / 6][i % 6] = (float)pld_rng_unit(&rng) - 0.5f;
            b[i / 6][i % 6] = (float)pld_rng_unit(&rng) - 0.5f;
        }
        for (int i = 0; i < 6; i++)
            for (int j = 0; j < 6; j++)
                for (int k = 0; k < rank; k++)
                    m[i * 6 + j] += a[i][k] * b[k][j];
        assert_true(feature("hrank", m, 6, 6) == rank);
    }
}

static void random_follows_the_seed(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    double one[UNITS], two[UNITS];
    score(one, &f, (struct pld_score_options){.criterion = "random", .seed = 5});
    score(two, &f, (struct pld_score_options){.criterion = "random", .seed = 5});
    assert_memory_equal(one, two, sizeof one);
    score(two, &f, (struct pld_score_options){.criterion = "random", .seed = 6});
    assert_memory_not_equal(one, two, sizeof one);
    close_fixture(&f);
}

static void order_is_ascending_and_stable(void **state)
{
    (void)state;
    const double scores[4] = {2, 1, 2, 0};
    int order[4];
    assert_int_equal(pld_criterion_order(order, scores, 4), PLD_OK);
    assert_true(order[0] == 3 && order[1] == 1 && order[2] == 0 && order[3] == 2);
    const double bad[2] = {1, NAN};
    assert_int_equal(pld_criterion_order(order, bad, 2), PLD_EFAIL);
}

static void refusals(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    const struct pld_criterion *c;
    struct pld_scorer scorer;
    double got[UNITS];
    assert_int_equal(pld_criterion_find(&c, "l11"), PLD_EUSAGE);
    assert_non_null(strstr(pld_error_last()->message, "did you mean 'l1'"));
    assert_int_equal(pld_criterion_find(&c, "taylor"), PLD_EUSAGE);
    assert_non_null(strstr(pld_error_last()->message, "gradients"));
    struct pld_score_options o = {.criterion = "bn_scale"};
    assert_int_equal(pld_scorer_init(&scorer, f.groups, &o), PLD_OK);
    assert_false(pld_score_possible(&scorer, 0));
    assert_int_equal(pld_score_group(got, &scorer, 0), PLD_EUSAGE);
    assert_non_null(strstr(pld_error_last()->message, "no BatchNormalization"));
    pld_scorer_release(&scorer);
    o.criterion = "apoz";
    assert_int_equal(pld_scorer_init(&scorer, f.groups, &o), PLD_OK);
    assert_int_equal(pld_score_group(got, &scorer, 0), PLD_EUSAGE);
    assert_non_null(strstr(pld_error_last()->message, "--calibrate"));
    pld_scorer_release(&scorer);
    o = (struct pld_score_options){.criterion = "l1", .votes = "out+inn"};
    assert_int_equal(pld_scorer_init(&scorer, f.groups, &o), PLD_EUSAGE);
    pld_scorer_release(&scorer);
    close_fixture(&f);
}

static void every_row_has_one_function(void **state)
{
    (void)state;
    int n;
    const struct pld_criterion *const *rows = pld_criterion_list(&n);
    assert_true(n >= 11);
    for (int i = 0; i < n; i++) {
        int functions = (rows[i]->weights != NULL) + (rows[i]->feature != NULL) + rows[i]->output +
                        (rows[i]->draw != NULL);
        assert_int_equal(functions, 1);
        assert_true(rows[i]->help && (!rows[i]->weights || rows[i]->votes));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_reduce_over_members),
        cmocka_unit_test(pairs),
        cmocka_unit_test(normalizers),
        cmocka_unit_test(units_that_are_gone_do_not_count),
        cmocka_unit_test(features),
        cmocka_unit_test(random_follows_the_seed),
        cmocka_unit_test(order_is_ascending_and_stable),
        cmocka_unit_test(refusals),
        cmocka_unit_test(every_row_has_one_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
