/* COCO box evaluation, equal to pycocotools in every bit (see docs/coco.md for the rules).
 *
 * Ground truth is prepared once and shared by any number of evaluations. Matching is done once an
 * evaluation; leaving images out afterwards only re-weights them.
 */
#ifndef PLD_EVAL_METRICS_COCO_H
#define PLD_EVAL_METRICS_COCO_H

#include <stdbool.h>
#include <stddef.h>

#include "core/pool.h"
#include "core/status.h"
#include "eval/dataset.h"
#include "eval/detection.h"

enum {
    PLD_COCO_STATS = 12,
    PLD_COCO_IOUS = 10,     /* thresholds 0.50, 0.55 .. 0.95 */
    PLD_COCO_RECALLS = 101, /* recalls 0.00, 0.01 .. 1.00 */
    PLD_COCO_AREAS = 4,     /* all, small, medium, large */
    PLD_COCO_LIMITS = 3,    /* 1, 10, 100 detections an image and category */
};

/* In pycocotools' order: AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl. */
extern const char *const pld_coco_stat_names[PLD_COCO_STATS];

struct pld_coco_gt; /* prepared ground truth; immutable, safe to share between threads */

/* Borrows `dataset`, which must outlive it. Fails with PLD_EDATA where a box is not finite. */
pld_status pld_coco_gt_new(struct pld_coco_gt **out, const struct pld_dataset *dataset);
void pld_coco_gt_free(struct pld_coco_gt *gt);

struct pld_coco_class {
    double ap, ap50; /* -1 where the class has no ground truth */
    double size[3];  /* AP of its small, medium and large boxes; -1 where there are none */
};

struct pld_coco_result {
    double stats[PLD_COCO_STATS];   /* -1 as pycocotools prints -1 */
    struct pld_coco_class *classes; /* [n_categories] in dataset order; owned */
    /* With options.keep_arrays, as pycocotools' eval dict, C order, else NULL; owned:
     * precision, scores [T=10][R=101][K][A=4][M=3]; recall [T][K][A][M]. */
    double *precision, *scores, *recall;
    /* With options.blocks > 0: AP (stats[0]) with the images of block j left out, [blocks]; owned.
     * -1 where no ground truth remains. There are never more blocks than images. */
    double *jackknife;
    int blocks;
};

struct pld_coco_options {
    int blocks;       /* delete-a-block jackknife with G = min(blocks, n_images) blocks; image i
                         belongs to block i * G / n_images */
    bool keep_arrays; /* precision, scores and recall as well */
};

/* Evaluates one list of detections (any order of images; ties are resolved by list order, as
 * pycocotools does with file order). An empty list is fine: AP 0 where there is ground truth. A box
 * that is not finite matches nothing. `pool` may be NULL; the result does not depend on it.
 * `options` may be NULL. Release with pld_coco_result_release(); a failure leaves nothing. */
pld_status pld_coco_evaluate(struct pld_coco_result *out, const struct pld_coco_gt *gt,
                             const struct pld_detections *detections,
                             const struct pld_coco_options *options, struct pld_pool *pool);

/* Evaluates `count` candidates, results[i] from detections[i]; parallel over candidates, each with
 * the result that pld_coco_evaluate() gives. A failure leaves no results. */
pld_status pld_coco_evaluate_many(struct pld_coco_result *results, const struct pld_coco_gt *gt,
                                  const struct pld_detections *detections, size_t count,
                                  const struct pld_coco_options *options, struct pld_pool *pool);

/* The same on a device; where it offers no evaluation (backend/evaluator.h), or `device` is NULL,
 * on the CPU. No bit depends on where. Averages are taken by the threads of `pool` (may be NULL).
 * Fails with PLD_EDEVICE when the device does. */
struct pld_backend;
pld_status pld_coco_evaluate_on(struct pld_backend *device, struct pld_coco_result *results,
                                const struct pld_coco_gt *gt,
                                const struct pld_detections *detections, size_t count,
                                const struct pld_coco_options *options, struct pld_pool *pool);

void pld_coco_result_release(struct pld_coco_result *result);

#endif
