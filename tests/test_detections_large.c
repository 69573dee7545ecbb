/* Detections files that are read in pieces, and the binary form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/pool.h"
#include "core/rng.h"
#include "core/str.h"
#include "eval/detection.h"
#include "eval/detections_internal.h"

static struct pld_image_entry images[] = {
    {.id = -3, .name = "a"}, {.id = 7, .name = "b"}, {.id = 581929, .name = "c"}};
static struct pld_category categories[] = {{1, "person"}, {90, "toothbrush"}};
static const struct pld_dataset dataset = {
    .images = images, .n_images = 3, .categories = categories, .n_categories = 2};

static char path[] = "detections-XXXXXX", cache[32];
static struct pld_pool *pool;

static int make_files(void **state)
{
    (void)state;
    strcpy(path, "detections-XXXXXX");
    int fd = mkstemp(path);
    snprintf(cache, sizeof cache, "%s.pldt", path);
    return fd < 0 || close(fd) != 0 || pld_pool_new(&pool, 3, NULL) != PLD_OK;
}

static int remove_files(void **state)
{
    (void)state;
    pld_pool_free(pool);
    unlink(cache);
    return unlink(path);
}

static struct pld_detection random_detection(struct pld_rng *rng)
{
    return (struct pld_detection){.image = (int32_t)pld_rng_below(rng, 3),
                                  .category = (int32_t)pld_rng_below(rng, 2),
                                  .x = pld_rng_unit(rng) * 640,
                                  .y = pld_rng_unit(rng) * 480,
                                  .w = (float)pld_rng_unit(rng),
                                  .h = pld_rng_unit(rng) * 1e-8,
                                  .score = pld_rng_unit(rng)};
}

/* What may stand beside the fields that are read: some of it looks like the end of an entry. */
static const char *const extras[] = {
    "",
    ", \"note\": \"}, {\"",
    ", \"parts\": [{\"a\": 1}, {\"b\": [2]}, {}]",
    ", \"note\": \"\\\"}],[{\\\\\"",
    ", \"segmentation\": {\"size\": [640, 480], \"counts\": \"a},{b\"}",
};

static void add_entry(struct pld_str *text, const struct pld_detection *d, const char *extra)
{
    pld_str_printf(text,
                   "%s{\"image_id\": %lld, \"category_id\": %lld, \"bbox\": [%.17g, %.17g, %.17g, "
                   "%.17g], \"score\": %.17g%s}",
                   text->len > 1 ? " ,\n" : "", (long long)images[d->image].id,
                   (long long)categories[d->category].id, d->x, d->y, d->w, d->h, d->score, extra);
}

/* A list of entries, with now and then a nested list of so many objects that pieces end in it. */
static void make_list(struct pld_str *text, struct pld_detections *list, size_t count, bool nested)
{
    struct pld_rng rng;
    struct pld_str long_extra = {0};
    pld_rng_init(&rng, 4);
    pld_str_append(&long_extra, ", \"parts\": [{\"a\": 1}");
    for (int i = 0; i < 60000; i++)
        pld_str_append(&long_extra, ", {\"a\": 1}");
    pld_str_append(&long_extra, "]");
    pld_str_append(text, "[");
    for (size_t i = 0; i < count; i++) {
        struct pld_detection d = random_detection(&rng);
        const char *extra = nested ? extras[pld_rng_below(&rng, 5)] : "";
        if (nested && i % 4000 == 2000) extra = long_extra.data;
        pld_detections_add(list, &d);
        add_entry(text, &d, extra);
    }
    pld_str_append(text, "]\n");
    pld_str_release(&long_extra);
}

static void check_read(const struct pld_str *text, const struct pld_detections *expected)
{
    struct pld_pool *const pools[] = {NULL, pool};
    assert_int_equal(pld_file_write(path, text->data, text->len), PLD_OK);
    for (int i = 0; i < 2; i++) {
        struct pld_detections list;
        if (pld_detections_open(&list, path, &dataset, pools[i]) != PLD_OK)
            fail_msg("%s", pld_error_last()->message);
        assert_int_equal(list.count, expected->count);
        assert_memory_equal(list.items, expected->items, list.count * sizeof *list.items);
        pld_detections_release(&list);
    }
}

static void pieces_give_the_whole_list(void **state)
{
    (void)state;
    for (int nested = 0; nested < 2; nested++) {
        struct pld_str text = {0};
        struct pld_detections list = {0};
        make_list(&text, &list, 12000, nested);
        check_read(&text, &list);
        pld_detections_release(&list);
        pld_str_release(&text);
    }
}

static void check_fault(const char *data, size_t size, const char *message)
{
    struct pld_detections list;
    assert_int_equal(pld_file_write(path, data, size), PLD_OK);
    assert_int_equal(pld_detections_open(&list, path, &dataset, pool), PLD_EDATA);
    assert_null(list.items);
    assert_string_equal(pld_error_last()->where, path);
    if (!strstr(pld_error_last()->message, message) || strchr(pld_error_last()->message, '\n'))
        fail_msg("got \"%s\", expected \"%s\"", pld_error_last()->message, message);
}

static void faults_name_their_byte(void **state)
{
    (void)state;
    struct pld_str text = {0};
    struct pld_detections list = {0};
    char message[64];
    make_list(&text, &list, 9000, true);
    /* A letter between two entries, somewhere in the third piece and after the nested lists. */
    int tried = 0;
    for (size_t from = 600 << 10; from < text.len; from += 800 << 10) {
        char *gap = strstr(text.data + from, "} ,\n{\"image_id");
        if (!gap) break;
        gap[1] = 'x';
        snprintf(message, sizeof message,
                 "invalid JSON at byte %zu:", (size_t)(gap + 1 - text.data));
        check_fault(text.data, text.len, message);
        gap[1] = ' ';
        tried++;
    }
    assert_true(tried > 2);
    for (size_t cut = 1; cut < text.len; cut = cut * 5 / 2)
        check_fault(text.data, cut, "invalid JSON at byte");
    check_fault(text.data, text.len - 2, "invalid JSON at byte");
    pld_detections_release(&list);
    pld_str_release(&text);
}

static void wrong_entries_keep_their_number(void **state)
{
    (void)state;
    struct pld_str text = {0};
    struct pld_detections list = {0};
    make_list(&text, &list, 9000, true);
    text.len -= 2;
    pld_str_append(&text, ",{\"image_id\":8,\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":1}]");
    check_fault(text.data, text.len, "detection 9000 (from 0): image_id 8");
    pld_detections_release(&list);
    pld_str_release(&text);
}

/* ---- the binary form ---- */

static void write_cache(struct pld_detections *list, size_t count, bool single)
{
    struct pld_rng rng;
    pld_rng_init(&rng, 5);
    *list = (struct pld_detections){0};
    for (size_t i = 0; i < count; i++) {
        struct pld_detection d = random_detection(&rng);
        if (single) d.x = (float)d.x, d.y = -0.0, d.h = 1e-40f, d.score = (float)d.score;
        pld_detections_add(list, &d);
    }
    assert_int_equal(pld_detections_write(cache, list, &dataset), PLD_OK);
}

static void cache_reads_back_exactly(void **state)
{
    (void)state;
    const size_t counts[] = {0, 1, 2, 7, 70001};
    for (size_t i = 0; i < 10; i++) {
        struct pld_detections list, back;
        bool single = i >= 5;
        write_cache(&list, counts[i % 5], single);
        assert_int_equal(pld_detections_open(&back, cache, &dataset, NULL), PLD_OK);
        assert_int_equal(back.count, list.count);
        if (back.count)
            assert_memory_equal(back.items, list.items, back.count * sizeof *list.items);
        pld_detections_release(&back);
        pld_detections_release(&list);
    }
}

/* Ids, not places in a list, tie detections to a dataset. */
static void cache_follows_ids(void **state)
{
    (void)state;
    struct pld_image_entry more[] = {{.id = -9}, {.id = -3}, {.id = 0}, {.id = 7}, {.id = 581929}};
    struct pld_dataset other = {
        .images = more, .n_images = 5, .categories = categories, .n_categories = 2};
    struct pld_detections list, back;
    write_cache(&list, 50, false);
    assert_int_equal(pld_detections_open(&back, cache, &other, NULL), PLD_OK);
    for (size_t i = 0; i < 50; i++)
        assert_int_equal(more[back.items[i].image].id, images[list.items[i].image].id);
    pld_detections_release(&back);
    other.n_categories = 1;
    assert_int_equal(pld_detections_open(&back, cache, &other, NULL), PLD_EDATA);
    assert_non_null(strstr(pld_error_last()->message, "category_id 90 is not in the dataset"));
    pld_detections_release(&list);
}

static void damaged_caches_are_refused(void **state)
{
    (void)state;
    struct pld_detections list, back;
    struct pld_bytes bytes;
    write_cache(&list, 33, false);
    pld_detections_release(&list);
    assert_int_equal(pld_file_read(&bytes, cache, PLD_EDATA), PLD_OK);
    for (size_t i = 0; i < bytes.size; i++) { /* any byte */
        bytes.data[i] ^= 0x10;
        assert_int_equal(pld_detections_parse_cache(&back, &bytes, cache, &dataset), PLD_EDATA);
        bytes.data[i] ^= 0x10;
    }
    for (size_t size = 0; size < bytes.size; size++) { /* any length */
        struct pld_bytes part = {bytes.data, size};
        assert_int_equal(pld_detections_parse_cache(&back, &part, cache, &dataset), PLD_EDATA);
        assert_null(back.items);
    }
    assert_non_null(strstr(pld_error_last()->message, "truncated"));
    pld_bytes_release(&bytes);
}

int main(void)
{
#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, make_files, remove_files)
    const struct CMUnitTest tests[] = {
        FILE_TEST(pieces_give_the_whole_list),
        FILE_TEST(faults_name_their_byte),
        FILE_TEST(wrong_entries_keep_their_number),
        FILE_TEST(cache_reads_back_exactly),
        FILE_TEST(cache_follows_ids),
        FILE_TEST(damaged_caches_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
