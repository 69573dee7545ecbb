/* COCO evaluation on the device (backend/evaluator.h): memory, and the order of the launches. Runs
 * on any implementation of eval_launch.h. */
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/evaluator.h"
#include "cuda/eval_launch.h"

enum {
    MOST_AT_ONCE = 64, /* candidates that fill any device; more would only take memory */
    ALIGNMENT = 256,
};
static const uint64_t MOST_INDEX = INT32_MAX; /* of a launch */

struct evaluation {
    struct pld_backend *backend;
    const struct pld_eval_task *task;
    const struct pld_eval_list *lists;
    struct pld_eval_args args;
    void *shared;                /* device memory of what candidates share */
    size_t first, count, budget; /* the candidates at once, and the bytes for them */
    struct pld_sort sort;
    uint32_t *third;       /* a buffer of values */
    uint32_t *host_starts; /* [count + 1] */
};

/* ---- memory -------------------------------------------------------------------------------- */

/* Hands out parts of one block; without one, only adds up. */
struct parts {
    char *base;
    size_t used;
};

static void *part(struct parts *parts, size_t count, size_t size)
{
    char *at = parts->base ? parts->base + parts->used : NULL;
    parts->used += (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return at;
}

static uint64_t items_of(const struct evaluation *e, size_t first, size_t count)
{
    uint64_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += e->lists[first + i].count;
    return n;
}

/* Whether every launch for so many candidates has an index that fits. */
static bool indexable(const struct evaluation *e, size_t count)
{
    const struct pld_eval_task *task = e->task;
    uint64_t widest = (uint64_t)task->n_curves * PLD_EVAL_IOUS;
    uint64_t cells = (uint64_t)task->n_cells * PLD_EVAL_AREAS;
    if (cells > widest) widest = cells;
    if (task->n_categories >= widest) widest = (uint64_t)task->n_categories + 1;
    return widest * count <= MOST_INDEX && items_of(e, e->first, count) <= MOST_INDEX;
}

/* Sets args and sort to memory for e->count candidates; returns its size. */
static pld_status lay_out(struct evaluation *e, void *memory, size_t *size)
{
    struct parts parts = {memory, 0};
    struct pld_eval_args *a = &e->args;
    const struct pld_eval_task *task = e->task;
    size_t n = items_of(e, e->first, e->count), count = e->count;
    size_t curves = count * task->n_curves * PLD_EVAL_IOUS;
    e->sort.count = (uint32_t)n;
    PLD_TRY(pld_sort_space(&e->sort.space_size, e->sort.count));
    a->n_candidates = (uint32_t)count;
    a->n_items = (uint32_t)n;
    a->items = part(&parts, n, sizeof *a->items);
    a->starts = part(&parts, count + 1, sizeof *a->starts);
    a->groups = part(&parts, count * task->n_categories + 1, sizeof *a->groups);
    for (int i = 0; i < 2; i++) {
        e->sort.key[i] = part(&parts, n, sizeof *a->key);
        e->sort.value[i] = part(&parts, n, sizeof *a->value);
    }
    e->third = part(&parts, n, sizeof *e->third);
    e->sort.space = part(&parts, e->sort.space_size, 1);
    a->marks = part(&parts, n, sizeof *a->marks);
    a->taken = part(&parts, count * task->n_truths, sizeof *a->taken);
    a->hits = part(&parts, curves, sizeof *a->hits);
    a->precision = part(&parts, curves * PLD_EVAL_RECALLS, sizeof *a->precision);
    a->scores = task->scores ? part(&parts, curves * PLD_EVAL_RECALLS, sizeof *a->scores) : NULL;
    *size = parts.used ? parts.used : ALIGNMENT;
    return PLD_OK;
}

/* Device memory for the candidates from e->first on, as many as there is room for. */
static pld_status make_room(struct evaluation *e, size_t left, void **memory)
{
    size_t size;
    e->count = left < MOST_AT_ONCE ? left : MOST_AT_ONCE;
    for (;; e->count = (e->count + 1) / 2) {
        if (indexable(e, e->count)) {
            PLD_TRY(lay_out(e, NULL, &size));
            *memory = size <= e->budget ? e->backend->alloc(e->backend, size) : NULL;
            if (*memory) return lay_out(e, *memory, &size);
            if (e->count == 1)
                return pld_fail(PLD_EDEVICE, "evaluation",
                                "candidate %zu needs %zu MiB of device memory, %zu MiB are free",
                                e->first, size >> 20, e->budget >> 20);
        } else if (e->count == 1) {
            return pld_fail(PLD_EDEVICE, "evaluation",
                            "candidate %zu has too many detections or categories for the device",
                            e->first);
        }
    }
}

/* ---- ground truth -------------------------------------------------------------------------- */

static pld_status place(struct evaluation *e, struct parts *parts, const void **out,
                        const void *from, size_t count, size_t size)
{
    void *to = part(parts, count, size);
    *out = to;
    return to ? e->backend->upload(e->backend, to, from, count * size) : PLD_OK;
}

static pld_status share(struct evaluation *e, struct parts *parts)
{
    const struct pld_eval_task *task = e->task;
    struct pld_eval_args *a = &e->args;
    const void *truths, *cells, *need, *curves;
    PLD_TRY(place(e, parts, &truths, task->truths, task->n_truths, sizeof *task->truths));
    PLD_TRY(place(e, parts, &cells, task->cells, task->n_cells, sizeof *task->cells));
    PLD_TRY(place(e, parts, &need, task->need, task->n_need, sizeof *task->need));
    PLD_TRY(place(e, parts, &curves, task->curves, task->n_curves, sizeof *task->curves));
    a->truths = truths;
    a->cells = cells;
    a->need = need;
    a->curves = curves;
    return PLD_OK;
}

static pld_status prepare(struct evaluation *e)
{
    const struct pld_eval_task *task = e->task;
    struct parts parts = {NULL, 0};
    e->args = (struct pld_eval_args){
        .n_images = task->n_images,
        .n_categories = task->n_categories,
        .n_cells = task->n_cells,
        .n_curves = task->n_curves,
        .n_truths = task->n_truths,
        .most = task->most,
    };
    memcpy(e->args.iou, task->iou, sizeof task->iou);
    memcpy(e->args.area, task->area, sizeof task->area);
    PLD_TRY(share(e, &parts));
    e->shared = e->backend->alloc(e->backend, parts.used + ALIGNMENT);
    if (!e->shared)
        return pld_fail(PLD_EDEVICE, "evaluation",
                        "no device memory for the ground truth (%zu MiB)", parts.used >> 20);
    parts = (struct parts){e->shared, 0};
    PLD_TRY(share(e, &parts));
    PLD_TRY(pld_cuda_free_memory(&e->budget));
    e->budget -= e->budget / 16; /* for what the driver takes */
    return PLD_OK;
}

/* ---- candidates ---------------------------------------------------------------------------- */

static pld_status upload_lists(struct evaluation *e)
{
    struct pld_backend *backend = e->backend;
    uint32_t at = 0;
    for (size_t i = 0; i < e->count; i++) {
        const struct pld_eval_list *list = &e->lists[e->first + i];
        e->host_starts[i] = at;
        PLD_TRY(backend->upload(backend, (struct pld_eval_item *)e->args.items + at, list->items,
                                list->count * sizeof *e->args.items));
        at += (uint32_t)list->count;
    }
    e->host_starts[e->count] = at;
    return backend->upload(backend, (uint32_t *)e->args.starts, e->host_starts,
                           (e->count + 1) * sizeof *e->host_starts);
}

static int bits_below(uint64_t n)
{
    return n > 1 ? 64 - __builtin_clzll(n - 1) : 0;
}

static pld_status sort_by(struct evaluation *e, enum pld_eval_key kind, int bits)
{
    struct pld_eval_args *a = &e->args;
    a->kind = kind;
    a->key = e->sort.key[0];
    a->value = e->sort.value[0];
    PLD_TRY(pld_launch_eval_key(a, a->n_items));
    PLD_TRY(pld_launch_sort(&e->sort, bits));
    a->key = e->sort.key[0];
    a->value = e->sort.value[0];
    return PLD_OK;
}

/* Orders detections by candidate, category, score, image and place in the list: sorts are stable,
 * so from the last to the first. */
static pld_status order(struct evaluation *e)
{
    struct pld_eval_args *a = &e->args;
    uint64_t groups = (uint64_t)a->n_candidates * a->n_categories;
    a->value = e->sort.value[0];
    PLD_TRY(pld_launch_eval_count(a, a->n_items));
    PLD_TRY(sort_by(e, PLD_KEY_IMAGE, bits_below(a->n_images)));
    PLD_TRY(sort_by(e, PLD_KEY_SCORE, 64));
    PLD_TRY(sort_by(e, PLD_KEY_GROUP, bits_below(groups)));
    PLD_TRY(pld_launch_eval_groups(a, (uint32_t)groups + 1));
    a->order = e->sort.value[0];
    e->sort.value[0] = a->value = e->third;
    PLD_TRY(pld_launch_eval_count(a, a->n_items));
    return sort_by(e, PLD_KEY_CELL, bits_below(groups * a->n_images));
}

static pld_status compute(struct evaluation *e)
{
    const struct pld_eval_args *a = &e->args;
    PLD_TRY(upload_lists(e));
    PLD_TRY(order(e));
    PLD_TRY(pld_launch_eval_rank(a, a->n_items));
    PLD_TRY(pld_launch_eval_match(a, a->n_candidates * a->n_cells * PLD_EVAL_AREAS));
    return pld_launch_eval_curve(a, a->n_candidates * a->n_curves * PLD_EVAL_IOUS);
}

static pld_status deliver(struct evaluation *e, pld_eval_sink sink, void *context)
{
    struct pld_backend *backend = e->backend;
    const struct pld_eval_args *a = &e->args;
    size_t curves = e->count * a->n_curves * PLD_EVAL_IOUS, values = curves * PLD_EVAL_RECALLS;
    uint32_t *hits = malloc(curves * sizeof *hits + 1);
    double *precision = malloc(values * sizeof *precision + 1);
    double *scores = a->scores ? malloc(values * sizeof *scores + 1) : NULL;
    pld_status status =
        hits && precision && (scores || !a->scores) ? PLD_OK : pld_fail_memory("curves");
    if (status == PLD_OK) status = backend->download(backend, hits, a->hits, curves * sizeof *hits);
    if (status == PLD_OK)
        status = backend->download(backend, precision, a->precision, values * sizeof *precision);
    if (status == PLD_OK && scores)
        status = backend->download(backend, scores, a->scores, values * sizeof *scores);
    struct pld_eval_result result = {hits, precision, scores};
    if (status == PLD_OK) status = sink(context, e->first, e->count, &result);
    free(hits);
    free(precision);
    free(scores);
    return status;
}

static pld_status run(struct pld_backend *backend, const struct pld_eval_task *task,
                      const struct pld_eval_list *lists, size_t count, pld_eval_sink sink,
                      void *context)
{
    struct evaluation e = {.backend = backend, .task = task, .lists = lists};
    e.host_starts = malloc((MOST_AT_ONCE + 1) * sizeof *e.host_starts);
    pld_status status = e.host_starts ? prepare(&e) : pld_fail_memory("evaluation");
    for (; e.first < count && status == PLD_OK; e.first += e.count) {
        void *memory = NULL;
        status = make_room(&e, count - e.first, &memory);
        if (status == PLD_OK) status = compute(&e);
        if (status == PLD_OK) status = deliver(&e, sink, context);
        if (memory) backend->free(backend, memory);
    }
    if (e.shared) backend->free(backend, e.shared);
    free(e.host_starts);
    return status;
}

const struct pld_evaluator pld_cuda_evaluator = {run};
