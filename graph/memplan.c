#include "graph/memplan.h"

#include <stdlib.h>

static int by_size(const void *a, const void *b)
{
    const struct pld_lifetime *x = *(struct pld_lifetime *const *)a;
    const struct pld_lifetime *y = *(struct pld_lifetime *const *)b;
    if (x->size != y->size) return x->size < y->size ? 1 : -1;
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    return x < y ? -1 : x > y; /* array order: a total order makes the plan repeatable */
}

static size_t align_up(size_t size)
{
    return (size + PLD_MEM_ALIGN - 1) / PLD_MEM_ALIGN * PLD_MEM_ALIGN;
}

/* The lowest offset where `item` meets none of the placed buffers, which are in offset order. */
static size_t lowest_gap(const struct pld_lifetime *item, struct pld_lifetime *const *placed, int n)
{
    size_t offset = 0, size = align_up(item->size);
    for (int i = 0; i < n; i++) {
        const struct pld_lifetime *other = placed[i];
        if (other->last < item->first || other->first > item->last) continue;
        if (other->offset >= offset + size) break;
        size_t end = other->offset + align_up(other->size);
        if (end > offset) offset = end;
    }
    return offset;
}

static void insert_by_offset(struct pld_lifetime **placed, int n, struct pld_lifetime *item)
{
    int i = n;
    for (; i > 0 && placed[i - 1]->offset > item->offset; i--)
        placed[i] = placed[i - 1];
    placed[i] = item;
}

pld_status pld_memplan(size_t *slab, struct pld_lifetime *items, int count)
{
    *slab = 0;
    if (count == 0) return PLD_OK;
    struct pld_lifetime **order = malloc(2 * (size_t)count * sizeof *order);
    if (!order) return pld_fail_memory("memory plan");
    struct pld_lifetime **placed = order + count;
    for (int i = 0; i < count; i++)
        order[i] = &items[i];
    qsort(order, (size_t)count, sizeof *order, by_size);
    for (int i = 0; i < count; i++) {
        order[i]->offset = lowest_gap(order[i], placed, i);
        insert_by_offset(placed, i, order[i]);
        size_t end = order[i]->offset + align_up(order[i]->size);
        if (end > *slab) *slab = end;
    }
    free(order);
    return PLD_OK;
}
