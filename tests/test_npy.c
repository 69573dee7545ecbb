/* run/npy: what is written reads back, what NumPy writes is understood, bad files are refused. */
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
#include "run/npy.h"

/* A file of the given version with this header text and data. */
static size_t make(unsigned char *out, int version, const char *header, const void *data, size_t n)
{
    size_t length = strlen(header), start = version == 1 ? 10 : 12;
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (unsigned char)version;
    out[7] = 0;
    out[8] = (unsigned char)(length & 255);
    out[9] = (unsigned char)(length >> 8);
    if (version > 1) out[10] = out[11] = 0;
    memcpy(out + start, header, length);
    if (n) memcpy(out + start + length, data, n);
    return start + length + n;
}

static void test_round_trip(void **state)
{
    (void)state;
    static const struct pld_shape shapes[] = {
        {0},
        {1, {5}},
        {2, {2, 3}},
        {4, {2, 3, 4, 5}},
        {3, {2, 0, 3}},
        {8, {1, 2, 1, 2, 1, 2, 1, 2}},
    };
    for (int d = 0; d < PLD_DTYPE_COUNT; d++) {
        for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
            unsigned char data[2048];
            char path[] = "test_npy.XXXXXX";
            struct pld_desc desc = {.dtype = (enum pld_dtype)d, .shape = shapes[s]};
            size_t size = (size_t)pld_shape_count(&desc.shape) * pld_dtype_size(desc.dtype);
            for (size_t i = 0; i < size; i++)
                data[i] = (unsigned char)(i * 7 + s);
            close(mkstemp(path));
            assert_int_equal(pld_npy_write(path, &desc, data), PLD_OK);
            struct pld_npy npy;
            assert_int_equal(pld_npy_read(&npy, path), PLD_OK);
            struct pld_bytes bytes;
            assert_int_equal(pld_file_read(&bytes, path, PLD_EFAIL), PLD_OK);
            assert_int_equal((bytes.size - size) % 64, 0);
            unlink(path);
            assert_true(pld_desc_equal(&npy.desc, &desc));
            assert_memory_equal(npy.data, data, size);
            pld_bytes_release(&bytes);
            pld_npy_release(&npy);
        }
    }
}

static void test_fortran_order(void **state)
{
    (void)state;
    unsigned char file[512];
    /* [[1, 2, 3], [4, 5, 6]] by columns */
    const int32_t columns[] = {1, 4, 2, 5, 3, 6}, rows[] = {1, 2, 3, 4, 5, 6};
    size_t n = make(file, 2, "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }\n",
                    columns, sizeof columns);
    struct pld_npy npy;
    assert_int_equal(pld_npy_parse(&npy, file, n, "f"), PLD_OK);
    assert_memory_equal(npy.data, rows, sizeof rows);
    pld_npy_release(&npy);
}

static void test_big_endian(void **state)
{
    (void)state;
    unsigned char file[512];
    const unsigned char one[] = {0x3f, 0x80, 0, 0};
    size_t n =
        make(file, 1, "{\"shape\": (1L,), \"fortran_order\": False, \"descr\": \">f4\"}", one, 4);
    struct pld_npy npy;
    assert_int_equal(pld_npy_parse(&npy, file, n, "f"), PLD_OK);
    assert_true(*(float *)npy.data == 1.0f);
    pld_npy_release(&npy);
}

static void expect_bad(const char *header, size_t data, const char *message)
{
    unsigned char file[1024], zeroes[256] = {0};
    size_t n = make(file, 1, header, zeroes, data);
    struct pld_npy npy;
    assert_int_equal(pld_npy_parse(&npy, file, n, "bad.npy"), PLD_EDATA);
    assert_null(npy.data);
    assert_string_equal(pld_error_last()->where, "bad.npy");
    if (!strstr(pld_error_last()->message, message))
        fail_msg("'%s' does not have '%s'", pld_error_last()->message, message);
}

#define HEAD "{'descr': '<f4', 'fortran_order': False, 'shape': "

static void test_bad_headers(void **state)
{
    (void)state;
    expect_bad(HEAD "(2,)}", 4, "holds 4 bytes of data, its header says 8");
    expect_bad(HEAD "(2,)}", 12, "holds 12 bytes");
    expect_bad(HEAD "(-1,)}", 4, "header");
    expect_bad(HEAD "(1099511627776, 4)}", 4, "too large");
    expect_bad(HEAD "(99999999999999999999,)}", 4, "header");
    expect_bad(HEAD "(1,1,1,1,1,1,1,1,1)}", 4, "axes");
    expect_bad(HEAD "(1}", 4, "header");
    expect_bad(HEAD "1}", 4, "header");
    expect_bad("{'descr': '<f4', 'shape': (1,)}", 4, "header");
    expect_bad("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", 8, "'<c8'");
    expect_bad("{'descr': '', 'fortran_order': False, 'shape': (1,)}", 8, "type");
    expect_bad("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", 4, "structured");
    expect_bad("{'descr': 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}", 4, "structured");
    expect_bad("{'other': 1}", 4, "header");
    expect_bad("", 4, "header");
    expect_bad("{", 0, "header");
}

static void test_cut_files(void **state)
{
    (void)state;
    unsigned char file[256];
    const float one = 1;
    size_t n = make(file, 1, HEAD "(1,)}", &one, 4);
    for (size_t cut = 0; cut < n; cut++) {
        /* A copy of exactly that size, so that an overread is seen. */
        unsigned char *part = malloc(cut ? cut : 1);
        memcpy(part, file, cut);
        struct pld_npy npy;
        assert_int_equal(pld_npy_parse(&npy, part, cut, "cut"), PLD_EDATA);
        free(part);
    }
    struct pld_npy npy;
    file[6] = 9;
    assert_int_equal(pld_npy_parse(&npy, file, n, "version"), PLD_EDATA);
    assert_int_equal(pld_npy_read(&npy, "there/is/none.npy"), PLD_EDATA);
    assert_string_equal(pld_error_last()->where, "there/is/none.npy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_fortran_order),
        cmocka_unit_test(test_big_endian), cmocka_unit_test(test_bad_headers),
        cmocka_unit_test(test_cut_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
