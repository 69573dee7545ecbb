/* The evaluator alone, without reading files: one list on one thread, and a batch of candidates.
 *
 *     bench_map_eval GT.json DT.json [CANDIDATES [THREADS]]
 *
 * Candidates are variations of DT: scores disturbed, a part of the boxes left out, as pruned nets
 * give them. A few lists stand for all; each is evaluated as if it had come up for the first time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/rng.h"
#include "core/status.h"
#include "eval/dataset.h"
#include "eval/detection.h"
#include "eval/metrics/coco.h"

enum { LISTS = 6, TURNS = 11 };

static pld_status vary(struct pld_detections *out, const struct pld_detections *from, uint64_t seed)
{
    struct pld_rng rng;
    pld_rng_init(&rng, seed);
    for (size_t i = 0; i < from->count; i++) {
        struct pld_detection d = from->items[i];
        if (pld_rng_below(&rng, 100) < seed) continue;
        d.score = (float)(d.score * (0.9 + 0.1 * pld_rng_unit(&rng)));
        PLD_TRY(pld_detections_add(out, &d));
    }
    return PLD_OK;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static pld_status measure_one(const struct pld_coco_gt *gt, const struct pld_detections *list)
{
    double seconds[TURNS];
    struct pld_coco_result result;
    for (int i = 0; i < TURNS; i++) {
        double start = pld_clock_now();
        PLD_TRY(pld_coco_evaluate(&result, gt, list, NULL, NULL));
        seconds[i] = pld_clock_now() - start;
        if (i == 0) printf("AP %.17g\n", result.stats[0]);
        pld_coco_result_release(&result);
    }
    qsort(seconds, TURNS, sizeof *seconds, by_value);
    printf("%zu detections, 1 thread: %.4f s (%.4f to %.4f, n = %d)\n", list->count,
           seconds[TURNS / 2], seconds[0], seconds[TURNS - 1], TURNS);
    return PLD_OK;
}

static pld_status measure_batch(const struct pld_coco_gt *gt, const struct pld_detections *lists,
                                size_t count, struct pld_pool *pool)
{
    struct pld_detections *candidates = malloc(count * sizeof *candidates);
    struct pld_coco_result *results = malloc(count * sizeof *results);
    pld_status status = candidates && results ? PLD_OK : pld_fail_memory("candidates");
    for (size_t i = 0; i < count && status == PLD_OK; i++)
        candidates[i] = lists[i % LISTS];
    double start = pld_clock_now();
    if (status == PLD_OK)
        status = pld_coco_evaluate_many(results, gt, candidates, count, NULL, pool);
    double seconds = pld_clock_now() - start;
    for (size_t i = 0; i < count && status == PLD_OK; i++)
        pld_coco_result_release(&results[i]);
    if (status == PLD_OK)
        printf("%zu candidates, %d threads: %.2f s, %.4f s a candidate\n", count,
               pld_pool_threads(pool), seconds, seconds / (double)count);
    free(candidates);
    free(results);
    return status;
}

static pld_status run(const char *gt_path, const char *dt_path, size_t count, int threads)
{
    struct pld_dataset dataset = {0};
    struct pld_detections lists[LISTS] = {0};
    struct pld_coco_gt *gt = NULL;
    struct pld_pool *pool = NULL;
    pld_status status = pld_pool_new(&pool, threads, NULL);
    if (status == PLD_OK) status = pld_dataset_open(&dataset, gt_path, NULL);
    if (status == PLD_OK) status = pld_detections_open(&lists[0], dt_path, &dataset, pool);
    for (int i = 1; i < LISTS && status == PLD_OK; i++)
        status = vary(&lists[i], &lists[0], (uint64_t)i);
    double start = pld_clock_now();
    if (status == PLD_OK) status = pld_coco_gt_new(&gt, &dataset);
    if (status == PLD_OK) printf("ground truth prepared in %.4f s\n", pld_clock_now() - start);
    if (status == PLD_OK) status = measure_one(gt, &lists[0]);
    if (status == PLD_OK) status = measure_batch(gt, lists, count, pool);
    pld_coco_gt_free(gt);
    for (int i = 0; i < LISTS; i++)
        pld_detections_release(&lists[i]);
    pld_dataset_release(&dataset);
    pld_pool_free(pool);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 5) {
        fprintf(stderr, "usage: bench_map_eval GT.json DT.json [CANDIDATES [THREADS]]\n");
        return PLD_EUSAGE;
    }
    long count = argc > 3 ? atol(argv[3]) : 540;
    int threads = argc > 4 ? atoi(argv[4]) : 2;
    if (count < 1 || threads < 1) {
        fprintf(stderr, "bench_map_eval: candidates and threads are whole numbers above 0\n");
        return PLD_EUSAGE;
    }
    pld_status status = run(argv[1], argv[2], (size_t)count, threads);
    if (status != PLD_OK)
        fprintf(stderr, "%s: %s\n", pld_error_last()->where, pld_error_last()->message);
    return status;
}
