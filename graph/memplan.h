/* Memory planner: places buffers with known lifetimes into one slab. */
#ifndef PLD_GRAPH_MEMPLAN_H
#define PLD_GRAPH_MEMPLAN_H

#include <stddef.h>

#include "core/status.h"

enum { PLD_MEM_ALIGN = 64 };

/* A buffer: `size` bytes that are in use from step `first` to step `last`, both included. */
struct pld_lifetime {
    size_t size;
    int first, last;
    size_t offset; /* result, a multiple of PLD_MEM_ALIGN */
};

/* Chooses offsets so that buffers alive at the same step do not overlap, and returns the bytes of
 * the slab. Largest first, each into the lowest gap that fits ("greedy by size": Pisarchyk and Lee,
 * "Efficient Memory Management for Deep Neural Net Inference", 2020, section 5.2). */
pld_status pld_memplan(size_t *slab, struct pld_lifetime *items, int count);

#endif
