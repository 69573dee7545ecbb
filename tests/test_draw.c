/* eval/draw and the JPEG writer: which pixels change, and what is cut. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "eval/draw.h"

enum { WIDTH = 64, HEIGHT = 48 };

static const uint8_t red[3] = {230, 60, 50};

static struct pld_image blank(void)
{
    struct pld_image image = {.rgb = calloc(WIDTH * HEIGHT, 3), .width = WIDTH, .height = HEIGHT};
    assert_non_null(image.rgb);
    return image;
}

static const uint8_t *at(const struct pld_image *image, int x, int y)
{
    return image->rgb + 3 * (y * WIDTH + x);
}

static void test_box(void **state)
{
    (void)state;
    struct pld_image image = blank();
    pld_draw_box(&image, 10, 8, 20, 15, red, 2);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            bool inside = x >= 10 && x < 30 && y >= 8 && y < 23;
            bool hole = x >= 12 && x < 28 && y >= 10 && y < 21;
            assert_int_equal(at(&image, x, y)[0], inside && !hole ? 230 : 0);
        }
    pld_image_release(&image);
}

static void test_box_is_cut(void **state)
{
    (void)state;
    struct pld_image image = blank();
    pld_draw_box(&image, -1e30, -5, 2e30, 1e9, red, 3);
    pld_draw_box(&image, NAN, NAN, NAN, NAN, red, 3);
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
        assert_int_equal(image.rgb[i], 0);
    pld_image_release(&image);
}

/* An I at scale 1: three wide at top and bottom, one between. */
static void test_caption(void **state)
{
    (void)state;
    struct pld_image image = blank();
    pld_draw_caption(&image, 5, 6, "i", red, 1);
    static const char *const rows[9] = {"       ", "  ###  ", "   #   ", "   #   ", "   #   ",
                                        "   #   ", "   #   ", "  ###  ", "       "};
    for (int y = 0; y < 9; y++)
        for (int x = 0; x < 7; x++)
            assert_int_equal(at(&image, 5 + x, 6 + y)[2], rows[y][x] == '#' ? 255 : 50);
    assert_int_equal(at(&image, 12, 6)[0], 0);
    assert_int_equal(at(&image, 5, 15)[0], 0);
    pld_image_release(&image);
}

static void test_caption_is_moved(void **state)
{
    (void)state;
    struct pld_image image = blank();
    pld_draw_caption(&image, 1000, -50, "a", red, 2);
    assert_int_equal(at(&image, WIDTH - 1, 0)[0], 230);
    assert_int_equal(at(&image, WIDTH - 14, 17)[0], 230);
    assert_int_equal(at(&image, WIDTH - 15, 0)[0], 0);
    pld_draw_caption(&image, 0, 0, "longer than the picture is wide", red, 3);
    pld_image_release(&image);
}

static void test_jpeg(void **state)
{
    (void)state;
    char path[] = "/tmp/pld_draw_XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    struct pld_image image = blank(), again;
    memset(image.rgb, 90, WIDTH * HEIGHT * 3);
    assert_int_equal(pld_image_write_jpeg(path, &image, 95), PLD_OK);
    assert_int_equal(pld_image_read(&again, path), PLD_OK);
    assert_int_equal(again.width, WIDTH);
    assert_int_equal(again.height, HEIGHT);
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
        assert_in_range(again.rgb[i], 88, 92);
    pld_image_release(&again);
    unlink(path);
    assert_int_equal(pld_image_write_jpeg("/nowhere/x.jpg", &image, 95), PLD_EFAIL);
    pld_image_release(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_box),     cmocka_unit_test(test_box_is_cut),
        cmocka_unit_test(test_caption), cmocka_unit_test(test_caption_is_moved),
        cmocka_unit_test(test_jpeg),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
