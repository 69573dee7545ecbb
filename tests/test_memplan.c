/* The memory planner: buffers alive together never overlap, and the slab is no larger than the
 * bound that the largest step demands by much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/rng.h"
#include "graph/memplan.h"

static size_t rounded(size_t size)
{
    return (size + PLD_MEM_ALIGN - 1) / PLD_MEM_ALIGN * PLD_MEM_ALIGN;
}

static void assert_no_overlap(const struct pld_lifetime *items, int n, size_t slab)
{
    for (int i = 0; i < n; i++) {
        assert_int_equal(items[i].offset % PLD_MEM_ALIGN, 0);
        assert_true(items[i].offset + items[i].size <= slab);
        for (int j = 0; j < i; j++) {
            if (items[i].last < items[j].first || items[j].last < items[i].first) continue;
            assert_true(items[i].offset + items[i].size <= items[j].offset ||
                        items[j].offset + items[j].size <= items[i].offset);
        }
    }
}

static size_t busiest_step(const struct pld_lifetime *items, int n, int steps)
{
    size_t most = 0;
    for (int s = 0; s < steps; s++) {
        size_t sum = 0;
        for (int i = 0; i < n; i++)
            if (items[i].first <= s && s <= items[i].last) sum += rounded(items[i].size);
        if (sum > most) most = sum;
    }
    return most;
}

static void random_lifetimes(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct pld_rng rng;
        pld_rng_init(&rng, seed);
        struct pld_lifetime items[60];
        int n = 1 + (int)pld_rng_below(&rng, 60);
        for (int i = 0; i < n; i++) {
            int first = (int)pld_rng_below(&rng, 40);
            items[i] = (struct pld_lifetime){.size = 1 + pld_rng_below(&rng, 5000),
                                             .first = first,
                                             .last = first + (int)pld_rng_below(&rng, 8)};
        }
        size_t slab;
        assert_int_equal(pld_memplan(&slab, items, n), PLD_OK);
        assert_no_overlap(items, n, slab);
        size_t bound = busiest_step(items, n, 48);
        assert_true(slab >= bound);
        assert_true(slab <= 2 * bound);
    }
}

/* A chain in which only two neighbours are alive needs the two largest neighbours, not the sum. */
static void chain_reuses_memory(void **state)
{
    (void)state;
    struct pld_lifetime items[100];
    for (int i = 0; i < 100; i++)
        items[i] = (struct pld_lifetime){.size = 640, .first = i, .last = i + 1};
    size_t slab;
    assert_int_equal(pld_memplan(&slab, items, 100), PLD_OK);
    assert_int_equal(slab, 2 * 640);
}

static void plan_is_repeatable(void **state)
{
    (void)state;
    struct pld_lifetime a[50], b[50];
    for (int i = 0; i < 50; i++)
        a[i] = b[i] = (struct pld_lifetime){.size = 100, .first = i / 3, .last = i / 3 + 2};
    size_t x, y;
    assert_int_equal(pld_memplan(&x, a, 50), PLD_OK);
    assert_int_equal(pld_memplan(&y, b, 50), PLD_OK);
    assert_int_equal(x, y);
    for (int i = 0; i < 50; i++)
        assert_int_equal(a[i].offset, b[i].offset);
}

static void nothing_to_place(void **state)
{
    (void)state;
    size_t slab = 1;
    assert_int_equal(pld_memplan(&slab, NULL, 0), PLD_OK);
    assert_int_equal(slab, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_lifetimes),
        cmocka_unit_test(chain_reuses_memory),
        cmocka_unit_test(plan_is_repeatable),
        cmocka_unit_test(nothing_to_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
