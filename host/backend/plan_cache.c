#include "backend/plan_cache.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

enum { BUCKETS = 1024 };

struct entry {
    struct entry *next;
    uint64_t hash;
    enum pld_op op;
    int n_in, n_out;
    uint32_t varies;
    union pld_op_params params;
    struct pld_desc *descs; /* inputs then outputs */
    struct pld_planned planned;
};

struct pld_plan_cache {
    struct pld_backend *backend;
    struct pld_arena arena;
    struct entry *buckets[BUCKETS];
    size_t hits, plans;
};

pld_status pld_plan_cache_new(struct pld_plan_cache **out, struct pld_backend *backend)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return pld_fail_memory("plan cache");
    (*out)->backend = backend;
    return PLD_OK;
}

void pld_plan_cache_free(struct pld_plan_cache *cache)
{
    if (!cache) return;
    for (int i = 0; i < BUCKETS; i++)
        for (struct entry *e = cache->buckets[i]; e; e = e->next)
            e->planned.kernel->plan_free(e->planned.plan);
    pld_arena_release(&cache->arena);
    free(cache);
}

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

static uint64_t hash_desc(uint64_t h, const struct pld_desc *d)
{
    h = mix(h, ((uint64_t)d->dtype << 8) ^ ((uint64_t)d->layout << 4) ^ (uint64_t)d->shape.rank);
    h = mix(h, (uint64_t)d->pixel);
    for (int i = 0; i < d->shape.rank; i++)
        h = mix(h, (uint64_t)d->shape.dim[i]);
    return h;
}

static uint64_t hash_signature(const struct pld_signature *sig)
{
    uint64_t h = mix((uint64_t)sig->op, ((uint64_t)sig->n_in << 32) ^ (uint64_t)sig->n_out);
    h = mix(h, sig->varies);
    const unsigned char *p = (const unsigned char *)sig->params;
    for (size_t i = 0; i < sizeof *sig->params; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    for (int i = 0; i < sig->n_in; i++)
        h = hash_desc(h, &sig->in[i]);
    for (int i = 0; i < sig->n_out; i++)
        h = hash_desc(h, &sig->out[i]);
    return h;
}

static bool same(const struct entry *e, const struct pld_signature *sig)
{
    if (e->op != sig->op || e->n_in != sig->n_in || e->n_out != sig->n_out) return false;
    if (e->varies != sig->varies) return false;
    if (memcmp(&e->params, sig->params, sizeof e->params) != 0) return false;
    for (int i = 0; i < sig->n_in; i++)
        if (!pld_desc_equal(&e->descs[i], &sig->in[i])) return false;
    for (int i = 0; i < sig->n_out; i++)
        if (!pld_desc_equal(&e->descs[e->n_in + i], &sig->out[i])) return false;
    return true;
}

pld_status pld_plan_cache_get(const struct pld_planned **out, struct pld_plan_cache *cache,
                              const struct pld_signature *sig)
{
    uint64_t hash = hash_signature(sig);
    struct entry **bucket = &cache->buckets[hash % BUCKETS];
    for (struct entry *e = *bucket; e; e = e->next) {
        if (e->hash != hash || !same(e, sig)) continue;
        cache->hits++;
        *out = &e->planned;
        return PLD_OK;
    }
    const struct pld_kernel *kernel = pld_kernel_choose(cache->backend, sig);
    if (!kernel) {
        char shape[96] = "";
        if (sig->n_in) pld_shape_text(shape, sizeof shape, &sig->in[0].shape);
        return pld_fail(PLD_EMODEL, sig->node, "%s has no kernel for %s input of %s on this device",
                        pld_op_name(sig->op),
                        sig->n_in && sig->in[0].dtype < PLD_DTYPE_COUNT
                            ? pld_dtype_name(sig->in[0].dtype)
                            : "this",
                        shape);
    }
    struct entry *e = pld_arena_alloc(&cache->arena, sizeof *e);
    if (!e) return PLD_EDEVICE;
    size_t n = (size_t)(sig->n_in + sig->n_out);
    e->descs = pld_arena_array(&cache->arena, n, sizeof *e->descs);
    if (n && !e->descs) return PLD_EDEVICE;
    if (sig->n_in) memcpy(e->descs, sig->in, (size_t)sig->n_in * sizeof *e->descs);
    if (sig->n_out) memcpy(e->descs + sig->n_in, sig->out, (size_t)sig->n_out * sizeof *e->descs);
    e->hash = hash;
    e->op = sig->op;
    e->n_in = sig->n_in;
    e->n_out = sig->n_out;
    e->varies = sig->varies;
    e->params = *sig->params;
    e->planned.kernel = kernel;
    PLD_TRY(kernel->plan_new(&e->planned.plan, &e->planned.workspace, sig));
    e->next = *bucket;
    *bucket = e;
    e->planned.id = (int)cache->plans++;
    *out = &e->planned;
    return PLD_OK;
}

void pld_plan_cache_counts(const struct pld_plan_cache *cache, size_t *hits, size_t *plans)
{
    *hits = cache->hits;
    *plans = cache->plans;
}
