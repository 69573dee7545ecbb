/* Kernel plans by signature: equal work is planned once and shared by every program. */
#ifndef PLD_BACKEND_PLAN_CACHE_H
#define PLD_BACKEND_PLAN_CACHE_H

#include "backend/backend.h"

struct pld_plan_cache;

struct pld_planned {
    const struct pld_kernel *kernel;
    void *plan;       /* owned by the cache */
    size_t workspace; /* bytes a run needs */
    int id;           /* 0, 1, ... in order of planning: an index for per-plan tables */
};

pld_status pld_plan_cache_new(struct pld_plan_cache **out, struct pld_backend *backend);
/* Frees all plans; nothing may use them any more. */
void pld_plan_cache_free(struct pld_plan_cache *cache);

/* Finds or makes the plan of a signature. PLD_EMODEL names the node and the operator when no kernel
 * of the backend supports it. Not thread-safe. */
pld_status pld_plan_cache_get(const struct pld_planned **out, struct pld_plan_cache *cache,
                              const struct pld_signature *sig);

void pld_plan_cache_counts(const struct pld_plan_cache *cache, size_t *hits, size_t *plans);

#endif
