/* Runs of the COCO evaluator: memory, threads, one list or many. */
#include <stdlib.h>
#include <string.h>

#include "eval/metrics/coco_impl.h"

/* ---- memory -------------------------------------------------------------------------------- */

static void scratch_release(struct coco_scratch *scratch)
{
    free(scratch->rank);
    free(scratch->cell);
    free(scratch->taken);
    free(scratch->candidates);
    free(scratch->spare);
    free(scratch->events);
    free(scratch->block_plain);
    free(scratch->before);
    free(scratch->totals);
    free(scratch->who);
    free(scratch->curves);
}

static pld_status scratch_init(struct coco_scratch *scratch, const struct coco_run *run)
{
    const struct pld_coco_gt *gt = run->gt;
    size_t images = (size_t)gt->n_images + 1, truths = (size_t)gt->max_truths + 1;
    scratch->rank = calloc(images, sizeof *scratch->rank);
    scratch->cell = calloc(images, sizeof *scratch->cell);
    scratch->taken = malloc(truths * sizeof *scratch->taken);
    scratch->candidates = pld_coco_candidates(gt->max_cell);
    scratch->totals = malloc(truths * T * sizeof *scratch->totals);
    bool good =
        scratch->rank && scratch->cell && scratch->taken && scratch->candidates && scratch->totals;
    if (run->keep_arrays) {
        scratch->who = malloc(truths * T * sizeof *scratch->who);
        good = good && scratch->who;
    }
    if (run->blocks) {
        /* The curves, and as much again for pld_coco_mean_precision(). */
        size_t curves = ((size_t)gt->n_categories + 1) * T * R * 2;
        scratch->block_plain = malloc(run->blocks * sizeof *scratch->block_plain);
        scratch->curves = malloc(curves * sizeof *scratch->curves);
        good = good && scratch->block_plain && scratch->curves;
    }
    return good ? PLD_OK : pld_fail_memory("evaluation");
}

static void run_forget(struct coco_run *run)
{
    for (uint32_t k = 0; run->kept && k < run->gt->n_categories; k++) {
        free(run->kept[k].events);
        free(run->kept[k].before);
        free(run->kept[k].positives);
        run->kept[k] = (struct coco_kept){0};
    }
}

void pld_coco_run_release(struct coco_run *run)
{
    if (!run->gt) return;
    run_forget(run);
    free(run->keys);
    free(run->boxes);
    free(run->source);
    free(run->by_image);
    free(run->first);
    free(run->schedule);
    free(run->block);
    free(run->precision);
    free(run->recall);
    free(run->kept);
    for (int w = 0; run->scratch && w < run->workers; w++)
        scratch_release(&run->scratch[w]);
    free(run->scratch);
    *run = (struct coco_run){0};
}

static pld_status assign_blocks(struct coco_run *run)
{
    run->block = malloc(run->gt->n_images * sizeof *run->block);
    if (!run->block) return pld_fail_memory("jackknife");
    for (uint32_t i = 0; i < run->gt->n_images; i++)
        run->block[i] = (uint32_t)((uint64_t)i * run->blocks / run->gt->n_images);
    return PLD_OK;
}

pld_status pld_coco_run_init(struct coco_run *run, const struct pld_coco_gt *gt,
                             const struct pld_coco_options *options, int workers)
{
    *run = (struct coco_run){.gt = gt, .workers = workers};
    if (options) {
        run->keep_arrays = options->keep_arrays;
        run->blocks = options->blocks > 0 ? (uint32_t)options->blocks : 0;
        if (run->blocks > gt->n_images) run->blocks = gt->n_images;
    }
    size_t n = (size_t)gt->n_categories + 1;
    run->first = malloc(n * sizeof *run->first);
    run->schedule = malloc(n * sizeof *run->schedule);
    run->precision = malloc(n * A * T * R * sizeof *run->precision);
    run->recall = malloc(n * M * A * T * sizeof *run->recall);
    run->kept = calloc(n, sizeof *run->kept);
    run->scratch = calloc((size_t)workers, sizeof *run->scratch);
    pld_status status =
        run->first && run->schedule && run->precision && run->recall && run->kept && run->scratch
            ? PLD_OK
            : pld_fail_memory("evaluation");
    if (status == PLD_OK && run->blocks) status = assign_blocks(run);
    for (int w = 0; status == PLD_OK && w < workers; w++)
        status = scratch_init(&run->scratch[w], run);
    if (status != PLD_OK) pld_coco_run_release(run);
    return status;
}

void pld_coco_result_release(struct pld_coco_result *result)
{
    free(result->classes);
    free(result->precision);
    free(result->scores);
    free(result->recall);
    free(result->jackknife);
    *result = (struct pld_coco_result){0};
}

/* `n` times -1: what the reference leaves for a category without ground truth. */
static double *absent(size_t n)
{
    double *values = malloc(n * sizeof *values + 1);
    for (size_t i = 0; values && i < n; i++)
        values[i] = -1;
    return values;
}

pld_status pld_coco_result_init(struct pld_coco_result *out, const struct coco_run *run)
{
    size_t n = run->gt->n_categories;
    *out = (struct pld_coco_result){.blocks = (int)run->blocks};
    out->classes = malloc((n + 1) * sizeof *out->classes);
    bool good = out->classes;
    if (run->keep_arrays) {
        out->precision = absent(n * T * R * A * M);
        out->scores = absent(n * T * R * A * M);
        out->recall = absent(n * T * A * M);
        good = good && out->precision && out->scores && out->recall;
    }
    if (run->blocks) {
        out->jackknife = absent(run->blocks);
        good = good && out->jackknife;
    }
    if (good) return PLD_OK;
    pld_coco_result_release(out);
    return pld_fail_memory("result of the evaluation");
}

/* ---- one list ------------------------------------------------------------------------------ */

static pld_status category_task(void *context, size_t index, int worker)
{
    struct coco_run *run = context;
    struct coco_scratch *scratch = &run->scratch[worker];
    uint32_t k = run->schedule[index];
    if (!run->gt->categories[k].positives[AREA_ALL]) return PLD_OK; /* counts nowhere */
    PLD_TRY(pld_coco_match(run, scratch, k));
    pld_coco_accumulate(run, scratch, k);
    return run->blocks ? pld_coco_keep(run, scratch, k) : PLD_OK;
}

static pld_status block_task(void *context, size_t index, int worker)
{
    struct coco_run *run = context;
    return pld_coco_leave_out(run, &run->scratch[worker], (uint32_t)index,
                              &run->result->jackknife[index]);
}

static pld_status for_each(struct pld_pool *pool, size_t n, pld_task_fn task, struct coco_run *run)
{
    if (pool) return pld_pool_run(pool, n, task, run);
    for (size_t i = 0; i < n; i++)
        PLD_TRY(task(run, i, 0));
    return PLD_OK;
}

/* Long lists first, so that no worker is left with one at the end. Sizes fall in powers of two; an
 * exact order would gain nothing. */
static void schedule(struct coco_run *run)
{
    uint32_t n = run->gt->n_categories, at = 0;
    for (int size = 64; size >= 0; size--) {
        for (uint32_t k = 0; k < n; k++) {
            size_t count = run->first[k + 1] - run->first[k];
            int bits = count ? 64 - __builtin_clzll(count) : 0;
            if (bits == size) run->schedule[at++] = k;
        }
    }
}

static pld_status evaluate(struct coco_run *run, struct pld_coco_result *out,
                           const struct pld_detections *list, struct pld_pool *pool)
{
    PLD_TRY(pld_coco_result_init(out, run));
    run->list = list;
    run->result = out;
    pld_status status = pld_coco_distribute(run);
    if (status == PLD_OK) {
        schedule(run);
        status = for_each(pool, run->gt->n_categories, category_task, run);
    }
    if (status == PLD_OK) status = pld_coco_summarize(run);
    if (status == PLD_OK && run->blocks) status = for_each(pool, run->blocks, block_task, run);
    run_forget(run);
    if (status != PLD_OK) pld_coco_result_release(out);
    return status;
}

pld_status pld_coco_evaluate(struct pld_coco_result *out, const struct pld_coco_gt *gt,
                             const struct pld_detections *detections,
                             const struct pld_coco_options *options, struct pld_pool *pool)
{
    *out = (struct pld_coco_result){0};
    struct coco_run run;
    PLD_TRY(pld_coco_run_init(&run, gt, options, pool ? pld_pool_threads(pool) : 1));
    pld_status status = evaluate(&run, out, detections, pool);
    pld_coco_run_release(&run);
    return status;
}

/* ---- many lists ---------------------------------------------------------------------------- */

struct batch {
    struct coco_run *runs; /* [threads]; made by the first task of each worker */
    const struct pld_coco_gt *gt;
    const struct pld_coco_options *options;
    const struct pld_detections *detections;
    struct pld_coco_result *results;
};

static pld_status candidate_task(void *context, size_t index, int worker)
{
    struct batch *batch = context;
    struct coco_run *run = &batch->runs[worker];
    if (!run->gt) PLD_TRY(pld_coco_run_init(run, batch->gt, batch->options, 1));
    return evaluate(run, &batch->results[index], &batch->detections[index], NULL);
}

/* One candidate a task. */
static pld_status evaluate_side_by_side(struct batch *batch, size_t count, struct pld_pool *pool)
{
    int threads = pool ? pld_pool_threads(pool) : 1;
    pld_status status = PLD_OK;
    batch->runs = calloc((size_t)threads, sizeof *batch->runs);
    if (!batch->runs) return pld_fail_memory("evaluation");
    if (pool) status = pld_pool_run(pool, count, candidate_task, batch);
    for (size_t i = 0; !pool && i < count && status == PLD_OK; i++)
        status = candidate_task(batch, i, 0);
    for (int w = 0; w < threads; w++)
        pld_coco_run_release(&batch->runs[w]);
    free(batch->runs);
    return status;
}

pld_status pld_coco_evaluate_many(struct pld_coco_result *results, const struct pld_coco_gt *gt,
                                  const struct pld_detections *detections, size_t count,
                                  const struct pld_coco_options *options, struct pld_pool *pool)
{
    struct batch batch = {
        .gt = gt, .options = options, .detections = detections, .results = results};
    pld_status status = PLD_OK;
    for (size_t i = 0; i < count; i++)
        results[i] = (struct pld_coco_result){0};
    /* With too few to go round, each one gets all threads. */
    if (pool && count < (size_t)pld_pool_threads(pool)) {
        for (size_t i = 0; i < count && status == PLD_OK; i++)
            status = pld_coco_evaluate(&results[i], gt, &detections[i], options, pool);
    } else {
        status = evaluate_side_by_side(&batch, count, pool);
    }
    for (size_t i = 0; i < count && status != PLD_OK; i++)
        pld_coco_result_release(&results[i]);
    return status;
}
