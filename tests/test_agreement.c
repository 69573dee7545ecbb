/* Agreement of detections, on lists whose value can be worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "eval/metrics/agreement.h"

static const struct pld_detection list[] = {
    {0, 0, 10, 10, 0.9, 0, 1},
    {20, 20, 10, 10, 0.5, 0, 1},
    {0, 0, 10, 10, 0.4, 0, 2},
    {5, 5, 20, 20, 0.8, 2, 1},
};

static double agree(struct pld_detection *a, size_t n, struct pld_detection *b, size_t m)
{
    struct pld_detections x = {a, n, n}, y = {b, m, m};
    double forth, back;
    assert_int_equal(pld_agreement(&forth, NULL, 0, &x, &y, 3), PLD_OK);
    assert_int_equal(pld_agreement(&back, NULL, 0, &y, &x, 3), PLD_OK);
    assert_true(fabs(forth - back) < 1e-12); /* no competition for boxes in these lists */
    return forth;
}

static void values(void **state)
{
    (void)state;
    struct pld_detection a[4], b[4];
    memcpy(a, list, sizeof a);
    memcpy(b, list, sizeof b);
    assert_true(agree(a, 4, b, 4) == 1);
    assert_true(agree(a, 0, b, 0) == 1);
    assert_true(agree(a, 4, b, 0) == 0);
    assert_true(fabs(agree(a, 4, b, 3) - 2 * 1.8 / (2.6 + 1.8)) < 1e-12); /* one is missed */
    b[0].category = 3;                                                    /* renamed */
    assert_true(fabs(agree(a, 4, b, 4) - 2 * 1.7 / 5.2) < 1e-12);
    b[0].category = 1;
    b[0].score = 0.6; /* less sure */
    assert_true(fabs(agree(a, 4, b, 4) - 2 * 2.3 / (2.6 + 2.3)) < 1e-12);
    b[0].score = 0.9;
    b[0].x = 2; /* moved: IoU 8 / 12 */
    assert_true(fabs(agree(a, 4, b, 4) - 2 * (1.7 + 0.9 * 8 / 12) / 5.2) < 1e-12);
    b[0].x = 6; /* IoU 4 / 16 is no match */
    assert_true(fabs(agree(a, 4, b, 4) - 2 * 1.7 / 5.2) < 1e-12);
}

static void surest_first_and_once(void **state)
{
    (void)state;
    struct pld_detection a[2] = {{0, 0, 10, 10, 0.5, 0, 0}, {1, 0, 10, 10, 0.9, 0, 0}};
    struct pld_detection b[1] = {{0, 0, 10, 10, 0.9, 0, 0}};
    struct pld_detections x = {a, 2, 2}, y = {b, 1, 1};
    double value;
    /* The surer reference takes the only box though the other one fits better. */
    assert_int_equal(pld_agreement(&value, NULL, 0, &x, &y, 1), PLD_OK);
    assert_true(fabs(value - 2 * 0.9 * (90.0 / 110) / 2.3) < 1e-12);
}

static void jackknife_leaves_images_out(void **state)
{
    (void)state;
    struct pld_detection a[4], b[3];
    memcpy(a, list, sizeof a);
    memcpy(b, list, sizeof b); /* image 2 is missed */
    struct pld_detections x = {a, 4, 4}, y = {b, 3, 3};
    double value, without[3];
    assert_int_equal(pld_agreement(&value, without, 3, &x, &y, 3), PLD_OK);
    assert_true(without[0] == 0 && without[1] == value && without[2] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(surest_first_and_once),
        cmocka_unit_test(jackknife_leaves_images_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
