/* The core row: arena, strings, files, random numbers, the thread pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/file.h"
#include "core/json.h"
#include "core/pool.h"
#include "core/rng.h"
#include "core/str.h"

static void arena_memory_is_zeroed_aligned_and_kept(void **state)
{
    (void)state;
    struct pld_arena arena = {0};
    unsigned char *parts[200];
    for (int i = 0; i < 200; i++) {
        size_t size = (size_t)(i * i % 9000) + 1;
        parts[i] = pld_arena_alloc(&arena, size);
        assert_non_null(parts[i]);
        assert_int_equal((uintptr_t)parts[i] % 16, 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(parts[i][k], 0);
        memset(parts[i], i, size);
    }
    for (int i = 0; i < 200; i++)
        assert_int_equal(parts[i][0], i);
    assert_null(pld_arena_array(&arena, SIZE_MAX / 2, 4));
    pld_arena_release(&arena);
}

static void nearest_name_is_suggested(void **state)
{
    (void)state;
    const char *const words[] = {"sweep", "merge", "report"};
    assert_string_equal(pld_str_nearest("sweap", words, 3), "sweep");
    assert_string_equal(pld_str_nearest("reprot", words, 3), "report");
    assert_null(pld_str_nearest("zzzzzz", words, 3));
}

static void numbers_are_whole_strings(void **state)
{
    (void)state;
    long long i;
    double f;
    assert_true(pld_parse_i64("-12", &i) && i == -12);
    assert_false(pld_parse_i64("12x", &i));
    assert_false(pld_parse_i64("", &i));
    assert_false(pld_parse_i64("99999999999999999999", &i));
    assert_true(pld_parse_f64("0.25", &f) && f == 0.25);
    assert_false(pld_parse_f64("0.25,", &f));
}

/* FIPS 180-2, appendix B.1. */
static void sha256_matches_the_standard(void **state)
{
    (void)state;
    char hex[65];
    pld_sha256_hex(hex, "abc", 3);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void files_are_replaced_whole_or_not_at_all(void **state)
{
    (void)state;
    char dir[] = "/tmp/pollard-core-XXXXXX", path[64], inner[96];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/f", dir);
    snprintf(inner, sizeof inner, "%s/none/f", dir);
    struct pld_bytes bytes;
    assert_int_equal(pld_file_write(path, "first", 5), PLD_OK);
    assert_int_equal(pld_file_write(path, "second", 6), PLD_OK);
    assert_int_equal(pld_file_read(&bytes, path, PLD_EDATA), PLD_OK);
    assert_string_equal((char *)bytes.data, "second");
    pld_bytes_release(&bytes);
    assert_int_equal(pld_file_write(inner, "x", 1), PLD_EFAIL);
    assert_int_equal(pld_file_read(&bytes, inner, PLD_EMODEL), PLD_EMODEL);
    assert_non_null(strstr(pld_error_last()->where, "none/f"));
    assert_int_equal(pld_file_read(&bytes, dir, PLD_EDATA), PLD_EDATA);
    unlink(path);
    rmdir(dir);
}

static void json_numbers_read_back_exactly(void **state)
{
    (void)state;
    struct pld_rng rng;
    pld_rng_init(&rng, 7);
    for (int i = 0; i < 1000; i++) {
        double x = (pld_rng_unit(&rng) - 0.5) * (i % 2 ? 1e-9 : 1e12);
        yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
        yyjson_mut_doc_set_root(doc, pld_json_real(doc, x));
        char *text = pld_json_text(doc, false, NULL);
        assert_non_null(text);
        assert_true(strtod(text, NULL) == x);
        free(text);
        yyjson_mut_doc_free(doc);
    }
}

/* Known answer: the first outputs of xoshiro256** from splitmix64(0), from the authors' C code. */
static void rng_is_the_published_generator(void **state)
{
    (void)state;
    struct pld_rng rng;
    pld_rng_init(&rng, 0);
    assert_true(rng.s[0] == 0xe220a8397b1dcdafu && rng.s[1] == 0x6e789e6aa1b965f4u);
    assert_true(pld_rng_next(&rng) == 0x99ec5f36cb75f2b4u);
    for (int i = 0; i < 1000; i++) {
        assert_true(pld_rng_below(&rng, 7) < 7);
        double u = pld_rng_unit(&rng);
        assert_true(u >= 0 && u < 1);
    }
}

struct work {
    int hits[5000];
    int busy[8];
    size_t fail_at;
};

static pld_status task(void *context, size_t index, int worker)
{
    struct work *w = context;
    assert_int_equal(__atomic_exchange_n(&w->busy[worker], 1, __ATOMIC_SEQ_CST), 0);
    __atomic_add_fetch(&w->hits[index], 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&w->busy[worker], 0, __ATOMIC_SEQ_CST);
    if (index == w->fail_at) return pld_fail(PLD_EDATA, "task", "number %zu", index);
    return PLD_OK;
}

static void pool_runs_every_task_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 8; threads += 3) {
        struct pld_pool *pool;
        assert_int_equal(pld_pool_new(&pool, threads, NULL), PLD_OK);
        assert_int_equal(pld_pool_threads(pool), threads);
        for (int round = 0; round < 20; round++) {
            static struct work w;
            memset(&w, 0, sizeof w);
            w.fail_at = SIZE_MAX;
            assert_int_equal(pld_pool_run(pool, 5000, task, &w), PLD_OK);
            for (int i = 0; i < 5000; i++)
                assert_int_equal(w.hits[i], 1);
        }
        pld_pool_free(pool);
    }
}

static void pool_hands_on_the_error_of_a_worker(void **state)
{
    (void)state;
    struct pld_pool *pool;
    static struct work w;
    memset(&w, 0, sizeof w);
    w.fail_at = 100;
    assert_int_equal(pld_pool_new(&pool, 4, NULL), PLD_OK);
    assert_int_equal(pld_pool_run(pool, 5000, task, &w), PLD_EDATA);
    assert_string_equal(pld_error_last()->message, "number 100");
    w.fail_at = SIZE_MAX;
    assert_int_equal(pld_pool_run(pool, 10, task, &w), PLD_OK);
    pld_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_memory_is_zeroed_aligned_and_kept),
        cmocka_unit_test(nearest_name_is_suggested),
        cmocka_unit_test(numbers_are_whole_strings),
        cmocka_unit_test(sha256_matches_the_standard),
        cmocka_unit_test(files_are_replaced_whole_or_not_at_all),
        cmocka_unit_test(json_numbers_read_back_exactly),
        cmocka_unit_test(rng_is_the_published_generator),
        cmocka_unit_test(pool_runs_every_task_once),
        cmocka_unit_test(pool_hands_on_the_error_of_a_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
