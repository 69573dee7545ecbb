/* Launches of COCO evaluation for machines without a GPU. */
#include <stdlib.h>
#include <string.h>

#include "cuda/eval_launch.h"
#include "emulation.h"

size_t pld_emulation_free_memory = (size_t)1 << 30;

#define PLD_LAUNCH(name, args)                                         \
    pld_status pld_launch_##name(const struct args *a, uint32_t count) \
    {                                                                  \
        for (uint32_t i = count; i-- > 0;) /* no body needs another */ \
            pld_##name##_body(a, i);                                   \
        return PLD_OK;                                                 \
    }
#include "cuda/eval.def"
#undef PLD_LAUNCH

struct pair {
    uint64_t key;
    uint32_t value, place;
};

static int compare(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

pld_status pld_sort_space(size_t *size, uint32_t count)
{
    *size = (count + (size_t)1) * sizeof(struct pair);
    return PLD_OK;
}

/* Sorts by the lowest bits only, as the device does, and leaves the pairs in the other buffers. */
pld_status pld_launch_sort(struct pld_sort *sort, int bits)
{
    struct pair *pairs = sort->space;
    uint64_t mask = bits < 64 ? ((uint64_t)1 << bits) - 1 : UINT64_MAX;
    if (sort->space_size < sort->count * sizeof *pairs)
        return pld_fail(PLD_EDEVICE, "emulation", "the sort has too little space");
    for (uint32_t i = 0; i < sort->count; i++) {
        if (sort->key[0][i] & ~mask)
            return pld_fail(PLD_EDEVICE, "emulation", "a key has more than %d bits", bits);
        pairs[i] = (struct pair){sort->key[0][i], sort->value[0][i], i};
    }
    qsort(pairs, sort->count, sizeof *pairs, compare);
    for (uint32_t i = 0; i < sort->count; i++) {
        sort->key[1][i] = pairs[i].key;
        sort->value[1][i] = pairs[i].value;
    }
    memset(sort->key[0], 0xff, sort->count * sizeof *sort->key[0]);
    memset(sort->value[0], 0xff, sort->count * sizeof *sort->value[0]);
    uint64_t *keys = sort->key[0];
    uint32_t *values = sort->value[0];
    sort->key[0] = sort->key[1], sort->key[1] = keys;
    sort->value[0] = sort->value[1], sort->value[1] = values;
    return PLD_OK;
}

pld_status pld_cuda_free_memory(size_t *size)
{
    *size = pld_emulation_free_memory;
    return PLD_OK;
}
