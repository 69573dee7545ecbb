/* Jackknife intervals against hand calculation, and Student's t against published tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "eval/metrics/uncertainty.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.17g is not %.17g within %g", got, want, tolerance);
}

static void student_quantiles(void **state)
{
    (void)state;
    /* From scipy.stats.t.ppf(0.975, n), 1.15; the first ones agree with any printed table. */
    static const struct {
        int dof;
        double t;
    } rows[] = {{1, 12.706204736174694},    {2, 4.302652729749462},      {3, 3.1824463052837078},
                {4, 2.7764451051977934},    {5, 2.5705818356363146},     {9, 2.262157162798205},
                {10, 2.228138851986274},    {19, 2.0930240544083087},    {20, 2.085963447265864},
                {29, 2.045229642132703},    {30, 2.0422724563012378},    {49, 2.0095752371292392},
                {99, 1.9842169515864174},   {200, 1.9718962236339088},   {1000, 1.9623390808264083},
                {1001, 1.9623367052808798}, {100000, 1.9599877075346095}};
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_near(pld_student_t975(rows[i].dof), rows[i].t, 2e-13);
    for (int n = 1; n < 1500; n++)
        assert_true(pld_student_t975(n) > pld_student_t975(n + 1));
    assert_true(isinf(pld_student_t975(0)));
}

/* For the mean of independent values, leaving out one at a time gives the textbook interval. */
static void mean_gets_the_textbook_interval(void **state)
{
    (void)state;
    const double x[] = {0.2, 0.5, 0.3, 0.9, 0.6};
    double theta[5], out[2], sum = 0, squares = 0;
    for (int i = 0; i < 5; i++)
        sum += x[i];
    for (int i = 0; i < 5; i++) {
        theta[i] = (sum - x[i]) / 4;
        squares += (x[i] - sum / 5) * (x[i] - sum / 5);
    }
    double half = 2.7764451051977934 * sqrt(squares / 4 / 5);
    pld_jackknife_interval(out, sum / 5, theta, 5);
    assert_near(out[0], sum / 5 - half, 1e-14);
    assert_near(out[1], sum / 5 + half, 1e-14);
}

static void paired_is_the_interval_of_the_difference(void **state)
{
    (void)state;
    const double a[] = {0.51, 0.49, 0.53, 0.50}, b[] = {0.41, 0.40, 0.42, 0.40};
    double difference[4], paired[2], out[2];
    for (int i = 0; i < 4; i++)
        difference[i] = a[i] - b[i];
    pld_jackknife_paired(paired, 0.5, a, 0.4, b, 4);
    pld_jackknife_interval(out, 0.5 - 0.4, difference, 4);
    assert_memory_equal(paired, out, sizeof out);
    /* What both have in common cancels: equal lists differ by exactly nothing. */
    pld_jackknife_paired(paired, 0.5, a, 0.5, a, 4);
    assert_true(paired[0] == 0 && paired[1] == 0);
}

static void nothing_known_is_an_endless_interval(void **state)
{
    (void)state;
    const double theta[] = {0.5, -1, 0.4}, good[] = {0.5, 0.6, 0.4}, nan[] = {0.5, NAN, 0.4};
    double out[2];
    const struct {
        const double *theta;
        int blocks;
    } cases[] = {{good, 0}, {good, 1}, {theta, 3}, {nan, 3}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        pld_jackknife_interval(out, 0.5, cases[i].theta, cases[i].blocks);
        assert_true(out[0] == -INFINITY && out[1] == INFINITY);
        pld_jackknife_paired(out, 0.5, good, 0.4, cases[i].theta, cases[i].blocks);
        assert_true(out[0] == -INFINITY && out[1] == INFINITY);
    }
}

/* Of many intervals for the mean of values that are normal, 95 in 100 hold the true mean. */
static void nineteen_of_twenty_intervals_hold_the_truth(void **state)
{
    (void)state;
    enum { TRIALS = 20000, BLOCKS = 10 };
    struct pld_rng rng;
    int held = 0;
    pld_rng_init(&rng, 4);
    for (int trial = 0; trial < TRIALS; trial++) {
        double x[BLOCKS], theta[BLOCKS], out[2], sum = 0;
        for (int i = 0; i < BLOCKS; i++) {
            x[i] = 10;
            for (int k = 0; k < 12; k++) /* a sum of twelve is normal enough */
                x[i] += pld_rng_unit(&rng) - 0.5;
            sum += x[i];
        }
        for (int i = 0; i < BLOCKS; i++)
            theta[i] = (sum - x[i]) / (BLOCKS - 1);
        pld_jackknife_interval(out, sum / BLOCKS, theta, BLOCKS);
        held += out[0] <= 10 && 10 <= out[1];
    }
    assert_near(held / (double)TRIALS, 0.95, 0.006);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(student_quantiles),
        cmocka_unit_test(mean_gets_the_textbook_interval),
        cmocka_unit_test(paired_is_the_interval_of_the_difference),
        cmocka_unit_test(nothing_known_is_an_endless_interval),
        cmocka_unit_test(nineteen_of_twenty_intervals_hold_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
