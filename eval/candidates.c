#include "eval/head.h"

#include <stdlib.h>

void pld_candidates_release(struct pld_candidates *list)
{
    free(list->items);
    free(list->scratch);
    *list = (struct pld_candidates){0};
}

pld_status pld_candidates_reserve(struct pld_candidates *list, size_t extra)
{
    if (extra <= list->capacity - list->count) return PLD_OK;
    if (extra > SIZE_MAX / 2 / sizeof *list->items - list->count)
        return pld_fail_memory("detection candidates");
    size_t need = list->count + extra, capacity = list->capacity ? list->capacity : 1024;
    while (capacity < need)
        capacity *= 2;
    struct pld_candidate *items = realloc(list->items, capacity * sizeof *items);
    if (!items) return pld_fail_memory("detection candidates");
    list->items = items;
    list->capacity = capacity;
    return PLD_OK;
}

pld_status pld_candidates_add(struct pld_candidates *list, const struct pld_candidate *item)
{
    PLD_TRY(pld_candidates_reserve(list, 1));
    list->items[list->count++] = *item;
    return PLD_OK;
}
