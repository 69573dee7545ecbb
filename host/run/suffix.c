#include "run/suffix.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_GROUPS = 64 };
/* A chunk is closed once its suffixes cost this many base passes: the base then adds 5 % at most.
 */
static const int BASE_SHARE = 20;
/* Masked weights and detections of a chunk stay below these. */
static const size_t MASK_BYTES = (size_t)512 << 20, FOUND_BYTES = (size_t)2 << 30;

static pld_status plan_suffix(struct pld_suffixes *s, struct pld_suffix *item)
{
    const struct pld_graph *graph = s->detector->graph;
    bool *dirty = calloc((size_t)graph->n_nodes + 1, sizeof *dirty);
    bool *dirty_value = calloc((size_t)graph->n_values + 1, sizeof *dirty_value);
    struct pld_mask_weights weights = {0};
    pld_status status = dirty && dirty_value ? PLD_OK : pld_fail_memory("sweep");
    if (status == PLD_OK)
        status = pld_mask_weights_init(&weights, s->detector->engine, s->groups, item->group);
    if (status == PLD_OK && weights.n == 0)
        status = pld_fail(PLD_EFAIL, s->groups->groups[item->group].id,
                          "no consumer of the group is left in the compiled graph");
    if (status == PLD_OK) {
        for (int i = 0; i < weights.n; i++)
            dirty[weights.overrides[i].node] = true;
        pld_graph_downstream(dirty, dirty_value, graph);
        item->mask_bytes = pld_mask_weights_bytes(&weights);
        struct pld_program_options options = {.nodes = dirty};
        status = pld_program_new(&item->program, s->detector->engine, &options);
    }
    if (status == PLD_OK) {
        item->macs = pld_program_macs(item->program);
        item->clean_outputs = pld_arena_array(&s->arena, (size_t)graph->n_outputs + 1, sizeof(int));
        if (!item->clean_outputs) status = PLD_EDEVICE;
        for (int i = 0; i < graph->n_outputs && status == PLD_OK; i++)
            if (!dirty_value[graph->outputs[i]])
                item->clean_outputs[item->n_clean++] = graph->outputs[i];
        if (pld_program_slab(item->program) > s->suffix_slab)
            s->suffix_slab = pld_program_slab(item->program);
    }
    pld_mask_weights_release(&weights);
    free(dirty);
    free(dirty_value);
    return status;
}

/* Values that the chunk's suffixes read from the base. */
static void mark_needed(bool *needed, const struct pld_suffixes *s, const struct pld_chunk *chunk)
{
    for (int i = chunk->first; i < chunk->first + chunk->count; i++) {
        int n;
        const int *externals = pld_program_externals(s->items[i].program, &n);
        for (int k = 0; k < n; k++)
            needed[externals[k]] = true;
        for (int k = 0; k < s->items[i].n_clean; k++)
            needed[s->items[i].clean_outputs[k]] = true;
    }
}

static pld_status plan_base(struct pld_suffixes *s, struct pld_chunk *chunk)
{
    const struct pld_graph *graph = s->detector->graph;
    size_t values = (size_t)graph->n_values + 1;
    bool *nodes = calloc((size_t)graph->n_nodes + 1, sizeof *nodes);
    bool *needed = calloc(values, sizeof *needed), *wanted = calloc(values, sizeof *wanted);
    chunk->needed = pld_arena_array(&s->arena, values, sizeof(int));
    pld_status status =
        nodes && needed && wanted && chunk->needed ? PLD_OK : pld_fail_memory("sweep");
    if (status == PLD_OK) {
        mark_needed(needed, s, chunk);
        memcpy(wanted, needed, (size_t)graph->n_values * sizeof *wanted);
        pld_graph_upstream(nodes, wanted, graph);
        for (int v = 0; v < graph->n_values; v++)
            if (needed[v]) chunk->needed[chunk->n_needed++] = v;
        struct pld_program_options options = {.nodes = nodes, .keep = needed};
        status = pld_program_new(&chunk->base, s->detector->engine, &options);
    }
    if (status == PLD_OK) {
        chunk->macs += pld_program_macs(chunk->base);
        if (pld_program_slab(chunk->base) > s->base_slab)
            s->base_slab = pld_program_slab(chunk->base);
    }
    free(nodes);
    free(needed);
    free(wanted);
    return status;
}

static pld_status plan_chunks(struct pld_suffixes *s)
{
    const struct pld_detector *d = s->detector;
    int64_t whole = pld_graph_macs(d->graph);
    size_t per_candidate = (size_t)d->session->images->count * (size_t)d->session->decode.max_det *
                           sizeof(struct pld_detection);
    s->chunks = pld_arena_array(&s->arena, (size_t)s->count + 1, sizeof *s->chunks);
    if (!s->chunks) return PLD_EDEVICE;
    size_t masks = 0;
    for (int i = 0; i < s->count; i++) {
        const struct pld_suffix *item = &s->items[i];
        struct pld_chunk *chunk = &s->chunks[s->n_chunks];
        size_t bytes = item->mask_bytes * (size_t)item->n_candidates;
        bool full = chunk->count >= CHUNK_GROUPS || chunk->macs >= BASE_SHARE * whole ||
                    masks + bytes > MASK_BYTES ||
                    (size_t)(chunk->candidates + item->n_candidates) * per_candidate > FOUND_BYTES;
        if (chunk->count && full) {
            chunk = &s->chunks[++s->n_chunks];
            masks = 0;
        }
        if (!chunk->count) chunk->first = i;
        chunk->count++;
        chunk->candidates += item->n_candidates;
        chunk->macs += item->n_candidates * item->macs;
        masks += bytes;
        s->naive_macs += item->n_candidates * whole;
    }
    if (s->count) s->n_chunks++;
    for (int c = 0; c < s->n_chunks; c++) {
        PLD_TRY(plan_base(s, &s->chunks[c]));
        s->macs += s->chunks[c].macs;
    }
    return PLD_OK;
}

pld_status pld_suffixes_new(struct pld_suffixes **out, const struct pld_detector *detector,
                            const struct pld_groups *groups, struct pld_suffix *items, int count)
{
    *out = NULL;
    struct pld_suffixes *s = calloc(1, sizeof *s);
    if (!s) return pld_fail_memory("sweep");
    s->detector = detector;
    s->groups = groups;
    s->items = items;
    s->count = count;
    pld_status status = PLD_OK;
    for (int i = 0; i < count && status == PLD_OK; i++)
        status = plan_suffix(s, &items[i]);
    if (status == PLD_OK) status = plan_chunks(s);
    if (status != PLD_OK) {
        pld_suffixes_free(s);
        return status;
    }
    *out = s;
    return PLD_OK;
}

void pld_suffixes_free(struct pld_suffixes *s)
{
    if (!s) return;
    for (int i = 0; i < s->count; i++) {
        pld_program_free(s->items[i].program);
        s->items[i].program = NULL;
    }
    for (int c = 0; c < s->n_chunks; c++)
        pld_program_free(s->chunks[c].base);
    pld_arena_release(&s->arena);
    free(s);
}

/* ---- running a chunk ---- */

struct lane {
    struct pld_detector_lane *detector;
    void *suffix_slab;
    const void **base;            /* [n_values] where the base left what is needed */
    struct pld_detections *found; /* [chunk->candidates] */
};

struct chunk_run {
    const struct pld_suffixes *s;
    const struct pld_chunk *chunk;
    struct pld_mask_weights *weights; /* [chunk->candidates] */
    struct lane *lanes;               /* [threads] */
    int threads;
    void (*on_cost)(void *context, int64_t macs);
    void *context;
};

static pld_status run_suffix(struct chunk_run *run, struct lane *lane,
                             const struct pld_suffix *item, int first_candidate, int step)
{
    struct pld_lane *exec = lane->detector->lane;
    int n;
    const int *externals = pld_program_externals(item->program, &n);
    for (int c = 0; c < item->n_candidates; c++) {
        /* Another group's run may have left its own version of a value bound. */
        for (int k = 0; k < n; k++)
            pld_lane_bind(exec, externals[k], lane->base[externals[k]]);
        for (int k = 0; k < item->n_clean; k++)
            pld_lane_bind(exec, item->clean_outputs[k], lane->base[item->clean_outputs[k]]);
        const struct pld_mask_weights *w = &run->weights[first_candidate + c];
        PLD_TRY(pld_lane_run(exec, item->program, lane->suffix_slab, w->overrides, w->n));
        PLD_TRY(pld_detector_collect(&lane->found[first_candidate + c], lane->detector, step));
    }
    if (run->on_cost) run->on_cost(run->context, item->macs * item->n_candidates);
    return PLD_OK;
}

static pld_status run_step(void *context, size_t step, int worker)
{
    struct chunk_run *run = context;
    struct lane *lane = &run->lanes[worker];
    const struct pld_chunk *chunk = run->chunk;
    PLD_TRY(pld_detector_feed(lane->detector, (int)step));
    PLD_TRY(pld_lane_run(lane->detector->lane, chunk->base, NULL, NULL, 0));
    for (int i = 0; i < chunk->n_needed; i++)
        lane->base[chunk->needed[i]] = pld_lane_value(lane->detector->lane, chunk->needed[i]);
    if (run->on_cost) run->on_cost(run->context, pld_program_macs(chunk->base));
    int candidate = 0;
    for (int i = 0; i < chunk->count; i++) {
        const struct pld_suffix *item = &run->s->items[chunk->first + i];
        PLD_TRY(run_suffix(run, lane, item, candidate, (int)step));
        candidate += item->n_candidates;
    }
    return PLD_OK;
}

static pld_status fill_weights(struct chunk_run *run)
{
    int candidate = 0;
    for (int i = 0; i < run->chunk->count; i++) {
        const struct pld_suffix *item = &run->s->items[run->chunk->first + i];
        for (int c = 0; c < item->n_candidates; c++, candidate++) {
            struct pld_mask_weights *w = &run->weights[candidate];
            PLD_TRY(
                pld_mask_weights_init(w, run->s->detector->engine, run->s->groups, item->group));
            int from = item->from ? item->from[c] : 0;
            PLD_TRY(pld_mask_weights_fill(w, item->order + from, item->removed[c] - from));
        }
    }
    return PLD_OK;
}

static pld_status open_lane(struct lane *lane, const struct pld_suffixes *s, int candidates)
{
    struct pld_backend *device = pld_engine_backend(s->detector->engine);
    lane->base = calloc((size_t)s->detector->graph->n_values + 1, sizeof *lane->base);
    lane->found = calloc((size_t)candidates + 1, sizeof *lane->found);
    lane->suffix_slab = device->alloc(device, s->suffix_slab ? s->suffix_slab : 64);
    if (!lane->base || !lane->found || !lane->suffix_slab) return pld_fail_memory("sweep");
    return pld_detector_lane_new(&lane->detector, s->detector, s->base_slab);
}

static void close_lane(struct lane *lane, const struct pld_suffixes *s, int candidates)
{
    struct pld_backend *device = pld_engine_backend(s->detector->engine);
    pld_detector_lane_free(lane->detector);
    if (lane->suffix_slab) device->free(device, lane->suffix_slab);
    for (int c = 0; lane->found && c < candidates; c++)
        pld_detections_release(&lane->found[c]);
    free(lane->found);
    free(lane->base);
}

/* Lane by lane: the evaluator orders by image itself, and one image is always whole on one lane. */
static pld_status gather(struct pld_detections *found, const struct chunk_run *run)
{
    for (int c = 0; c < run->chunk->candidates; c++)
        for (int t = 0; t < run->threads; t++)
            for (size_t i = 0; i < run->lanes[t].found[c].count; i++)
                PLD_TRY(pld_detections_add(&found[c], &run->lanes[t].found[c].items[i]));
    return PLD_OK;
}

pld_status pld_suffixes_run(struct pld_detections *found, const struct pld_suffixes *s,
                            const struct pld_chunk *chunk,
                            void (*on_cost)(void *context, int64_t macs), void *context)
{
    struct pld_pool *pool = s->detector->session->pool;
    struct chunk_run run = {.s = s,
                            .chunk = chunk,
                            .threads = pld_pool_threads(pool),
                            .on_cost = on_cost,
                            .context = context};
    run.weights = calloc((size_t)chunk->candidates + 1, sizeof *run.weights);
    run.lanes = calloc((size_t)run.threads, sizeof *run.lanes);
    pld_status status = run.weights && run.lanes ? PLD_OK : pld_fail_memory("sweep");
    if (status == PLD_OK) status = fill_weights(&run);
    for (int t = 0; t < run.threads && status == PLD_OK; t++)
        status = open_lane(&run.lanes[t], s, chunk->candidates);
    int steps = pld_detector_steps(s->detector, s->detector->session->images->count);
    if (status == PLD_OK) status = pld_pool_run(pool, (size_t)steps, run_step, &run);
    if (status == PLD_OK) status = gather(found, &run);
    for (int t = 0; run.lanes && t < run.threads; t++)
        close_lane(&run.lanes[t], s, chunk->candidates);
    for (int c = 0; run.weights && c < chunk->candidates; c++)
        pld_mask_weights_release(&run.weights[c]);
    free(run.lanes);
    free(run.weights);
    return status;
}
