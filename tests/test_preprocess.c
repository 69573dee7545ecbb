/* eval/resize, eval/preprocess and eval/loader: bytes and placements equal to the OpenCV pipelines
 * of each detector family. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/file.h"
#include "core/log.h"
#include "core/pool.h"
#include "eval/dataset.h"
#include "eval/loader.h"
#include "eval/preprocess.h"
#include "eval/resize.h"
#include "eval_vectors/filter_vectors.h"
#include "eval_vectors/fit_vectors.h"
#include "eval_vectors/noise.h"
#include "eval_vectors/resize_vectors.h"
#include "eval_vectors/shared_vectors.h"

/* ---- resize ---- */

static void test_resize_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof resize_vectors / sizeof *resize_vectors; i++) {
        int sw = resize_vectors[i].sw, sh = resize_vectors[i].sh;
        int dw = resize_vectors[i].dw, dh = resize_vectors[i].dh;
        size_t n = (size_t)dw * (size_t)dh * 3;
        uint8_t *src = noise(sw, sh, (int)i), *dst = malloc(n);
        assert_true(src && dst);
        assert_int_equal(pld_resize_linear(dst, (size_t)dw * 3, dw, dh, src, sw, sh), PLD_OK);
        if (!has_digest(dst, n, resize_vectors[i].digest))
            fail_msg("%dx%d -> %dx%d differs from OpenCV", sw, sh, dw, dh);
        free(src);
        free(dst);
    }
}

typedef pld_status (*resize_function)(uint8_t *, size_t, int, int, const uint8_t *, int, int);

static void expect_filter(resize_function resize, int i, const char *want, const char *name)
{
    int sw = filter_vectors[i].sw, sh = filter_vectors[i].sh;
    int dw = filter_vectors[i].dw, dh = filter_vectors[i].dh;
    size_t n = (size_t)dw * (size_t)dh * 3;
    uint8_t *src = noise(sw, sh, i), *dst = malloc(n);
    assert_true(src && dst);
    assert_int_equal(resize(dst, (size_t)dw * 3, dw, dh, src, sw, sh), PLD_OK);
    if (!has_digest(dst, n, want))
        fail_msg("%s: %dx%d -> %dx%d differs from OpenCV", name, sw, sh, dw, dh);
    free(src);
    free(dst);
}

static void test_filter_vectors(void **state)
{
    (void)state;
    for (int i = 0; i < (int)(sizeof filter_vectors / sizeof *filter_vectors); i++) {
        expect_filter(pld_resize_area, i, filter_vectors[i].area, "area");
        expect_filter(pld_resize_cubic, i, filter_vectors[i].cubic, "cubic");
    }
}

/* A weighted mean never leaves the range of what it averages: flat pictures stay flat, at the ends
 * of the byte too, where an overflow would show. */
static void test_resize_keeps_flat(void **state)
{
    (void)state;
    static const int values[] = {0, 1, 127, 254, 255};
    uint8_t src[11 * 7 * 3], dst[40 * 40 * 3];
    for (size_t v = 0; v < 5; v++)
        for (int w = 1; w <= 40; w += 3)
            for (int h = 1; h <= 40; h += 3) {
                memset(src, values[v], sizeof src);
                assert_int_equal(pld_resize_linear(dst, (size_t)w * 3, w, h, src, 11, 7), PLD_OK);
                for (int i = 0; i < w * h * 3; i++)
                    assert_int_equal(dst[i], values[v]);
            }
}

/* Only the rectangle is written when the rows of the target are longer. */
static void test_resize_stride(void **state)
{
    (void)state;
    enum { STRIDE = 40, WIDTH = 8, HEIGHT = 6 };
    static const int sizes[][2] = {{5, 7}, {8, 6}, {16, 12}}; /* scaled, copied, halved */
    for (size_t k = 0; k < 3; k++) {
        uint8_t dst[STRIDE * HEIGHT], *src = noise(sizes[k][0], sizes[k][1], 0);
        assert_non_null(src);
        memset(dst, 77, sizeof dst);
        assert_int_equal(
            pld_resize_linear(dst, STRIDE, WIDTH, HEIGHT, src, sizes[k][0], sizes[k][1]), PLD_OK);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = WIDTH * 3; x < STRIDE; x++)
                assert_int_equal(dst[y * STRIDE + x], 77);
        free(src);
    }
}

/* ---- fit ---- */

static void check_fit(size_t i)
{
    int width = fit_vectors[i].width, height = fit_vectors[i].height;
    size_t n = (size_t)width * (size_t)height * 3;
    const struct pld_preprocess *p = pld_preprocess_find(fit_vectors[i].preprocess);
    assert_non_null(p);
    struct pld_image image = {.rgb = noise(fit_vectors[i].w, fit_vectors[i].h, fit_vectors[i].seed),
                              .width = fit_vectors[i].w,
                              .height = fit_vectors[i].h};
    uint8_t *out = malloc(n);
    assert_true(image.rgb && out);
    struct pld_placement at;
    assert_int_equal(pld_preprocess_fit(out, width, height, &at, p, &image), PLD_OK);
    if (!has_digest(out, n, fit_vectors[i].digest))
        fail_msg("%s: %dx%d -> %dx%d differs from OpenCV", p->name, image.width, image.height,
                 width, height);
    const double *expected = fit_vectors[i].placement;
    assert_true(at.scale_x == expected[0] && at.scale_y == expected[1]);
    assert_true(at.offset_x == expected[2] && at.offset_y == expected[3]);
    assert_int_equal(at.width, image.width);
    assert_int_equal(at.height, image.height);
    free(out);
    pld_image_release(&image);
}

static void test_fit_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fit_vectors / sizeof *fit_vectors; i++)
        check_fit(i);
}

/* Where OpenCV would refuse a picture without rows, one row is kept. */
static void test_extreme_ratios(void **state)
{
    (void)state;
    static const int sizes[][2] = {{3000, 1}, {1, 3000}, {1, 1}};
    static uint8_t out[64 * 64 * 3];
    int count;
    const struct pld_preprocess *rows = pld_preprocess_list(&count);
    for (size_t s = 0; s < 3; s++)
        for (int i = 0; i < count; i++) {
            struct pld_image image = {.rgb = noise(sizes[s][0], sizes[s][1], 1),
                                      .width = sizes[s][0],
                                      .height = sizes[s][1]};
            struct pld_placement at;
            assert_int_equal(pld_preprocess_fit(out, 64, 64, &at, &rows[i], &image), PLD_OK);
            pld_image_release(&image);
        }
}

static void test_table(void **state)
{
    (void)state;
    int count;
    const struct pld_preprocess *rows = pld_preprocess_list(&count);
    assert_true(count >= 2);
    for (int i = 0; i < count; i++) {
        assert_ptr_equal(pld_preprocess_find(rows[i].name), &rows[i]);
        assert_true(rows[i].help && rows[i].help[0]);
        for (int c = 0; c < 3; c++)
            assert_true(rows[i].scale[c] > 0);
    }
    assert_null(pld_preprocess_find("no such row"));
}

/* ---- normalise ---- */

static void check_normalise(const struct pld_preprocess *p)
{
    enum { WIDTH = 16, HEIGHT = 16, PIXELS = WIDTH * HEIGHT };
    static float planar[3 * PIXELS], packed[3 * PIXELS];
    uint8_t rgb[3 * PIXELS];
    for (int i = 0; i < 3 * PIXELS; i++)
        rgb[i] = (uint8_t)(i / 3 + 85 * (i % 3)); /* every value in every channel */
    pld_preprocess_normalise(planar, rgb, WIDTH, HEIGHT, false, p);
    pld_preprocess_normalise(packed, rgb, WIDTH, HEIGHT, true, p);
    for (int i = 0; i < PIXELS; i++)
        for (int c = 0; c < 3; c++) {
            int v = rgb[3 * i + (p->bgr ? 2 - c : c)];
            float expected = (float)((v - p->mean[c]) * p->scale[c]);
            assert_true(planar[c * PIXELS + i] == expected);
            assert_true(packed[3 * i + c] == expected);
        }
}

static void test_normalise(void **state)
{
    (void)state;
    int count;
    const struct pld_preprocess *rows = pld_preprocess_list(&count);
    for (int i = 0; i < count; i++)
        check_normalise(&rows[i]);
}

/* The division by 255 that frameworks do in single precision, to the last bit. */
static void test_normalise_is_division(void **state)
{
    (void)state;
    uint8_t rgb[256 * 3];
    float out[256 * 3];
    for (int i = 0; i < 256; i++)
        memset(rgb + 3 * i, i, 3);
    pld_preprocess_normalise(out, rgb, 256, 1, true, pld_preprocess_find("ultralytics"));
    for (int i = 0; i < 256; i++)
        assert_true(out[3 * i] == (float)i / 255.0f);
}

/* ---- loader ---- */

enum { IMAGES = 9, SIDE = 24 };
static char folder[] = "/tmp/pld_preprocess_XXXXXX";

/* IMAGES pictures in PPM, of noise and of different sizes. */
static void write_images(void)
{
    for (int i = 0; i < IMAGES; i++) {
        int width = 10 + 3 * i, height = 31 - 2 * i;
        char path[256];
        uint8_t *rgb = noise(width, height, i), file[8192];
        snprintf(path, sizeof path, "%s/%d.ppm", folder, i);
        int n = snprintf((char *)file, sizeof file, "P6 %d %d 255\n", width, height);
        size_t size = (size_t)width * (size_t)height * 3;
        memcpy(file + n, rgb, size);
        assert_int_equal(pld_file_write(path, file, (size_t)n + size), PLD_OK);
        free(rgb);
    }
}

static void check_loaded(const struct pld_loaded_set *set, const struct pld_dataset *dataset)
{
    const struct pld_preprocess *p = pld_preprocess_find("ultralytics");
    static uint8_t expected[SIDE * SIDE * 3];
    assert_int_equal(set->image_bytes, sizeof expected);
    for (int i = 0; i < set->count; i++) {
        struct pld_image image;
        struct pld_placement at;
        assert_int_equal(pld_image_read(&image, dataset->images[set->first + i].path), PLD_OK);
        assert_int_equal(pld_preprocess_fit(expected, SIDE, SIDE, &at, p, &image), PLD_OK);
        assert_memory_equal(pld_loaded_set_image(set, i), expected, sizeof expected);
        assert_memory_equal(&set->placements[i], &at, sizeof at);
        pld_image_release(&image);
    }
}

static void test_loader(void **state)
{
    (void)state;
    write_images();
    const struct pld_preprocess *p = pld_preprocess_find("ultralytics");
    struct pld_dataset dataset;
    struct pld_pool *pool;
    struct pld_loaded_set *set;
    assert_int_equal(pld_dataset_open(&dataset, folder, NULL), PLD_OK);
    assert_int_equal(dataset.n_images, IMAGES);
    assert_int_equal(pld_pool_new(&pool, 4, NULL), PLD_OK);
    assert_int_equal(pld_loaded_set_new(&set, &dataset, 0, IMAGES, SIDE, SIDE, p, pool), PLD_OK);
    check_loaded(set, &dataset);
    pld_loaded_set_free(set);
    assert_int_equal(pld_loaded_set_new(&set, &dataset, 3, 4, SIDE, SIDE, p, NULL), PLD_OK);
    check_loaded(set, &dataset);
    pld_loaded_set_free(set);
    assert_int_equal(pld_loaded_set_new(&set, &dataset, 0, 0, SIDE, SIDE, p, pool), PLD_OK);
    pld_loaded_set_free(set);
    pld_pool_free(pool);
    pld_dataset_release(&dataset);
    pld_loaded_set_free(NULL);
}

static void test_loader_refuses(void **state)
{
    (void)state;
    const struct pld_preprocess *p = pld_preprocess_find("ultralytics");
    struct pld_dataset dataset;
    struct pld_loaded_set *set;
    assert_int_equal(pld_dataset_open(&dataset, folder, NULL), PLD_OK);
    assert_int_equal(pld_loaded_set_new(&set, &dataset, 5, 5, SIDE, SIDE, p, NULL), PLD_EFAIL);
    assert_int_equal(pld_loaded_set_new(&set, &dataset, -1, 2, SIDE, SIDE, p, NULL), PLD_EFAIL);
    assert_int_equal(pld_loaded_set_new(&set, &dataset, 0, 1, 0, SIDE, p, NULL), PLD_EFAIL);
    assert_null(set);
    /* More than any machine has: refused before a file is opened. */
    struct pld_dataset huge = dataset;
    huge.n_images = 1 << 20;
    assert_int_equal(pld_loaded_set_new(&set, &huge, 0, 1 << 20, 30000, 30000, p, NULL),
                     PLD_EDEVICE);
    assert_non_null(strstr(pld_error_last()->message, "GB of memory"));
    pld_dataset_release(&dataset);
}

/* Pictures of another size than annotated are worth a warning, pictures without a path are an
 * error. */
static void test_loader_and_annotations(void **state)
{
    (void)state;
    const struct pld_preprocess *p = pld_preprocess_find("ultralytics");
    struct pld_dataset dataset;
    struct pld_loaded_set *set;
    assert_int_equal(pld_dataset_open(&dataset, folder, NULL), PLD_OK);
    dataset.images[1].width = dataset.images[1].height = 1000;
    pld_log_set_level(PLD_LOG_ERROR);
    assert_int_equal(pld_loaded_set_new(&set, &dataset, 0, 2, SIDE, SIDE, p, NULL), PLD_OK);
    pld_log_set_level(PLD_LOG_INFO);
    pld_loaded_set_free(set);
    dataset.images[1].path = NULL;
    assert_int_equal(pld_loaded_set_new(&set, &dataset, 0, 2, SIDE, SIDE, p, NULL), PLD_EDATA);
    assert_non_null(strstr(pld_error_last()->message, "was not located"));
    pld_dataset_release(&dataset);
}

/* Two bad files: the error is about the first, however many threads there are. */
static void test_loader_first_error(void **state)
{
    (void)state;
    char path[2][256];
    snprintf(path[0], sizeof path[0], "%s/2.ppm", folder);
    snprintf(path[1], sizeof path[1], "%s/7.ppm", folder);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pld_file_write(path[i], "P6 8 8 255\n", 11), PLD_OK);
    struct pld_dataset dataset;
    struct pld_pool *pool;
    struct pld_loaded_set *set;
    assert_int_equal(pld_dataset_open(&dataset, folder, NULL), PLD_OK);
    for (int threads = 0; threads <= 4; threads++) {
        if (threads) assert_int_equal(pld_pool_new(&pool, threads, NULL), PLD_OK);
        assert_int_equal(pld_loaded_set_new(&set, &dataset, 0, IMAGES, SIDE, SIDE,
                                            pld_preprocess_find("yolox"), threads ? pool : NULL),
                         PLD_EDATA);
        assert_null(set);
        assert_string_equal(pld_error_last()->where, path[0]);
        if (threads) pld_pool_free(pool);
    }
    pld_dataset_release(&dataset);
}

/* ---- real pictures ---- */

static void check_shared(const struct pld_image *image, const char *name, int side,
                         const char *digest)
{
    size_t n = (size_t)side * (size_t)side * 3;
    uint8_t *out = malloc(n);
    struct pld_placement at;
    assert_non_null(out);
    assert_int_equal(pld_preprocess_fit(out, side, side, &at, pld_preprocess_find(name), image),
                     PLD_OK);
    assert_true(has_digest(out, n, digest));
    free(out);
}

static void test_shared_images(void **state)
{
    (void)state;
    char data[2048], path[4096];
    const char *env = getenv("POLLARD_DATA"), *source = getenv("POLLARD_SOURCE_DIR");
    if (env)
        snprintf(data, sizeof data, "%s/images", env);
    else
        snprintf(data, sizeof data, "%s/../shared/data/images", source ? source : ".");
    if (!pld_dir_exists(data)) {
        print_message("skipped: no shared images in %s\n", data);
        skip();
    }
    for (size_t i = 0; i < sizeof shared_vectors / sizeof *shared_vectors; i++) {
        struct pld_image image;
        snprintf(path, sizeof path, "%s/%s", data, shared_vectors[i].file);
        assert_int_equal(pld_image_read(&image, path), PLD_OK);
        assert_true(has_digest(image.rgb, (size_t)image.width * (size_t)image.height * 3,
                               shared_vectors[i].decoded));
        check_shared(&image, "ultralytics", 640, shared_vectors[i].ultralytics);
        check_shared(&image, "yolox", 416, shared_vectors[i].yolox);
        check_shared(&image, "nanodet", 320, shared_vectors[i].nanodet);
        pld_image_release(&image);
    }
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resize_vectors),
        cmocka_unit_test(test_filter_vectors),
        cmocka_unit_test(test_resize_keeps_flat),
        cmocka_unit_test(test_resize_stride),
        cmocka_unit_test(test_fit_vectors),
        cmocka_unit_test(test_extreme_ratios),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_normalise),
        cmocka_unit_test(test_normalise_is_division),
        cmocka_unit_test(test_loader),
        cmocka_unit_test(test_loader_refuses),
        cmocka_unit_test(test_loader_and_annotations),
        cmocka_unit_test(test_loader_first_error),
        cmocka_unit_test(test_shared_images),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
