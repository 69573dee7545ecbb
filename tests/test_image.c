/* eval/image: pixels equal to OpenCV's for every kind of file, and one line for every bad one. */
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
#include "eval/image.h"
#include "eval/image_internal.h"
#include "eval_vectors/image_vectors.h"
#include "eval_vectors/noise.h"
#include "eval_vectors/shared_vectors.h"

enum { WIDTH = 19, HEIGHT = 13 }; /* of all files in image_vectors.h */

static char folder[] = "/tmp/pld_image_XXXXXX";

static const char *write_file(const char *name, const void *data, size_t size)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(pld_file_write(path, data, size), PLD_OK);
    return path;
}

static void check_pixels(const struct pld_image *image, int width, int height, const char *digest)
{
    assert_int_equal(image->width, width);
    assert_int_equal(image->height, height);
    assert_true(has_digest(image->rgb, (size_t)width * (size_t)height * 3, digest));
}

static void test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof image_vectors / sizeof *image_vectors; i++) {
        struct pld_image image;
        const char *name = image_vectors[i].name;
        assert_int_equal(
            pld_image_decode(&image, image_vectors[i].data, image_vectors[i].size, name), PLD_OK);
        check_pixels(&image, WIDTH, HEIGHT, image_vectors[i].digest);
        pld_image_release(&image);
        assert_null(image.rgb);
    }
}

static void test_size_from_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof image_vectors / sizeof *image_vectors; i++) {
        int width, height;
        const char *path = write_file("x", image_vectors[i].data, image_vectors[i].size);
        assert_int_equal(pld_image_size(&width, &height, path), PLD_OK);
        assert_int_equal(width, WIDTH);
        assert_int_equal(height, HEIGHT);
    }
}

/* jpeg_420 with an EXIF segment put after its start marker. */
static unsigned char *with_exif(size_t *size, const unsigned char *segment, size_t length)
{
    unsigned char *file = malloc(sizeof jpeg_420 + length + 4);
    assert_non_null(file);
    memcpy(file, jpeg_420, 2);
    memcpy(file + 2, "\xff\xe1", 2);
    file[4] = (unsigned char)((length + 2) >> 8);
    file[5] = (unsigned char)(length + 2);
    memcpy(file + 6, segment, length);
    memcpy(file + 6 + length, jpeg_420 + 2, sizeof jpeg_420 - 2);
    *size = sizeof jpeg_420 + length + 4;
    return file;
}

static const unsigned char exif_little[] = "Exif\0\0II*\0\x08\0\0\0\x01\0"
                                           "\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0";
static const unsigned char exif_big[] = "Exif\0\0MM\0*\0\0\0\x08\0\x01"
                                        "\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\0\0\0";
enum { LITTLE_VALUE = 24, BIG_VALUE = 25 };

static void check_turned(const unsigned char *segment, size_t length, int orientation)
{
    size_t size;
    unsigned char *file = with_exif(&size, segment, length);
    struct pld_image image;
    int width = orientation >= 5 ? HEIGHT : WIDTH, height = WIDTH + HEIGHT - width, w, h;
    assert_int_equal(pld_image_decode(&image, file, size, "turned"), PLD_OK);
    check_pixels(&image, width, height, turned_vectors[orientation - 1]);
    pld_image_release(&image);
    assert_int_equal(pld_image_size(&w, &h, write_file("turned.jpg", file, size)), PLD_OK);
    assert_int_equal(w, width);
    assert_int_equal(h, height);
    free(file);
}

static void test_orientation(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        unsigned char little[sizeof exif_little], big[sizeof exif_big];
        memcpy(little, exif_little, sizeof little);
        memcpy(big, exif_big, sizeof big);
        little[LITTLE_VALUE] = (unsigned char)orientation;
        big[BIG_VALUE] = (unsigned char)orientation;
        check_turned(little, sizeof little, orientation);
        check_turned(big, sizeof big, orientation);
    }
}

/* A block that makes no sense turns nothing and reads nothing outside of itself. */
static void test_broken_exif(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof exif_little; n++) {
        unsigned char *cut = malloc(n ? n : 1);
        assert_non_null(cut);
        memcpy(cut, exif_little, n);
        if (n > LITTLE_VALUE) cut[LITTLE_VALUE] = 6;
        int orientation = pld_exif_orientation(cut, n);
        assert_true(orientation == 1 || (orientation == 6 && n > LITTLE_VALUE + 1));
        free(cut);
    }
    unsigned char bad[sizeof exif_little];
    memcpy(bad, exif_little, sizeof bad);
    bad[LITTLE_VALUE] = 9;
    check_turned(bad, sizeof bad, 1);
    bad[LITTLE_VALUE] = 6;
    bad[18] = 7; /* not a short */
    check_turned(bad, sizeof bad, 1);
    memcpy(bad, exif_little, sizeof bad);
    memset(bad + 10, 0xff, 4); /* the directory lies beyond the end */
    check_turned(bad, sizeof bad, 1);
    memcpy(bad, exif_little, sizeof bad);
    memset(bad + 14, 0xff, 2); /* more entries than there is room for */
    bad[16] = 0;
    check_turned(bad, sizeof bad, 1);
}

static void check_bad(const void *data, size_t size, const char *message)
{
    struct pld_image image;
    assert_int_equal(pld_image_decode(&image, data, size, "bad.jpg"), PLD_EDATA);
    assert_null(image.rgb);
    assert_string_equal(pld_error_last()->where, "bad.jpg");
    assert_non_null(strstr(pld_error_last()->message, message));
}

static void test_bad(void **state)
{
    (void)state;
    check_bad("", 0, "empty file");
    check_bad("hello, world", 12, "not an image");
    check_bad("RIFF\0\0\0\0WEBPVP8 ", 16, "WebP images are not supported");
    check_bad("II*\0\0\0\0\0", 8, "TIFF");
    check_bad("\0\0\0\x20"
              "ftypavif",
              12, "AVIF");
    check_bad("\xff\xd8\xff\xe0", 4, "not a readable JPEG");
    check_bad("\x89PNG\r\n\x1a\n", 8, "cannot decode image");
    check_bad(png_rgb, sizeof png_rgb / 2, "truncated image");
    check_bad("BM", 2, "cannot decode image");
    check_bad("P6 0 0 255\n", 11, "pixels");
    check_bad("P6 30001 2 255\n", 15, "the limit is 30000");
    check_bad("P6 29000 29000 255\n", 19, "the limit is 512 MiB");
    check_bad("P6 2 2 255\n01234567890", 22, "truncated image: 22 of 23 bytes");
    check_bad("P5 #9 9\n2 2 #\n65535\n0123456", 27, "truncated image: 27 of 28 bytes");
    check_bad(ppm, sizeof ppm - 1, "truncated image");
    check_bad(bmp, sizeof bmp - 1, "truncated image");
    check_bad(png_rgb, sizeof png_rgb - 20, "truncated image");
    check_bad(png_rgb, sizeof png_rgb - 12, "cannot decode image"); /* only its end is missing */
}

static void check_damaged(size_t size)
{
    struct pld_image image;
    assert_int_equal(pld_image_decode(&image, jpeg_444, size, "damaged.jpg"), PLD_OK);
    assert_int_equal(image.width, WIDTH);
    pld_image_release(&image);
}

/* Missing end: the same pixels. Cut within the second row of blocks: still a picture. Cut before
 * any block: an error. (jpeg_444 is two rows of blocks high.) */
/* A small file that unpacks to far more than its header says is no reason to hand out memory. */
static void test_png_bomb(void **state)
{
    (void)state;
    char path[4096];
    struct pld_image image;
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/image/png_bomb",
             getenv("POLLARD_SOURCE_DIR"));
    assert_int_equal(pld_image_read(&image, path), PLD_EDATA);
    assert_null(image.rgb);
    assert_non_null(strstr(pld_error_last()->message, "memory"));
}

static void test_truncated_jpeg(void **state)
{
    (void)state;
    pld_log_set_level(PLD_LOG_ERROR);
    check_damaged(sizeof jpeg_444 - 2);
    check_damaged(sizeof jpeg_444 - 30);
    size_t scan = 0;
    while (memcmp(jpeg_444 + scan, "\xff\xda", 2) != 0)
        scan++;
    size_t header = scan + 2 + (size_t)(jpeg_444[scan + 2] * 256 + jpeg_444[scan + 3]);
    check_bad(jpeg_444, header, "JPEG has no picture data");
    check_bad(jpeg_444, header + 3, "JPEG has no picture data");
    check_bad(jpeg_444, scan, "not a readable JPEG");
    check_bad(jpeg_444, 100, "not a readable JPEG");
    pld_log_set_level(PLD_LOG_INFO);
}

/* Every prefix of every file: an error or a picture, never a crash or a leak. */
static void test_all_prefixes(void **state)
{
    (void)state;
    pld_log_set_level(PLD_LOG_ERROR);
    for (size_t i = 0; i < sizeof image_vectors / sizeof *image_vectors; i++)
        for (size_t n = 0; n < image_vectors[i].size; n++) {
            uint8_t *copy = malloc(n ? n : 1);
            assert_non_null(copy);
            memcpy(copy, image_vectors[i].data, n);
            struct pld_image image;
            pld_status status = pld_image_decode(&image, copy, n, "prefix");
            assert_true(status == PLD_OK || status == PLD_EDATA);
            pld_image_release(&image);
            free(copy);
        }
    pld_log_set_level(PLD_LOG_INFO);
}

static void test_files(void **state)
{
    (void)state;
    struct pld_image image;
    int width, height;
    const char *path = write_file("p.png", png_rgb, sizeof png_rgb);
    assert_int_equal(pld_image_read(&image, path), PLD_OK);
    pld_image_release(&image);
    char absent[256];
    snprintf(absent, sizeof absent, "%s/absent.jpg", folder);
    assert_int_equal(pld_image_read(&image, absent), PLD_EDATA);
    assert_string_equal(pld_error_last()->where, absent);
    assert_int_equal(pld_image_size(&width, &height, absent), PLD_EDATA);
    assert_int_equal(pld_image_read(&image, folder), PLD_EDATA);
    assert_int_equal(pld_image_size(&width, &height, folder), PLD_EDATA);
    path = write_file("empty.jpg", "", 0);
    assert_int_equal(pld_image_size(&width, &height, path), PLD_EDATA);
    path = write_file("cut.jpg", jpeg_420, 30);
    assert_int_equal(pld_image_size(&width, &height, path), PLD_EDATA);
    path = write_file("cut.png", png_rgb, 12);
    assert_int_equal(pld_image_size(&width, &height, path), PLD_EDATA);
}

/* COCO photographs as OpenCV decodes them. */
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
        int width, height;
        snprintf(path, sizeof path, "%s/%s", data, shared_vectors[i].file);
        assert_int_equal(pld_image_read(&image, path), PLD_OK);
        check_pixels(&image, image.width, image.height, shared_vectors[i].decoded);
        assert_int_equal(pld_image_size(&width, &height, path), PLD_OK);
        assert_int_equal(width, image.width);
        assert_int_equal(height, image.height);
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
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_size_from_header),
        cmocka_unit_test(test_orientation),
        cmocka_unit_test(test_broken_exif),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_png_bomb),
        cmocka_unit_test(test_truncated_jpeg),
        cmocka_unit_test(test_all_prefixes),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_shared_images),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
