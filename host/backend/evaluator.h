/* Batch evaluation of detections on a device: the table that a backend may offer.
 *
 * The device sorts, matches and counts; the means of the curves are left to the host, in numpy's
 * order of summation. The result is that of eval/metrics/coco*.c in every bit. What makes it so:
 *
 *   order   Each candidate's detections of a category in falling order of score, compared as 64-bit
 *           numbers with NaN last and -0 as 0; equal scores by ascending image, then place in the
 *           list. Detections of one image and category in this order are a cell; the first `most`
 *           of it take part.
 *   match   For each cell, area range and threshold by itself, in order: of the truths that are
 * free (a crowd always is) the one of highest overlap, at least the threshold; the later one of
 *           equals; one that counts before any ignored one. Comparisons are written so that a NaN
 *           is below nothing, as in the reference. A box that is not finite takes nothing. A
 *           detection that took an ignored truth, or nothing and is outside of the range, counts
 *           neither way; one that took a truth of id 0 counts as if it took nothing.
 *   curve   True and false positives are whole numbers. Precision at recall r is the highest
 *           tp / (tp + fp + 2^-52) from true positive number need[r] on; the highest fraction is
 *           found by cross-multiplication in whole numbers, so nothing is rounded but the result.
 *
 * All arithmetic is IEEE binary64 without contraction.
 */
#ifndef PLD_BACKEND_EVALUATOR_H
#define PLD_BACKEND_EVALUATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/coco_math.h"
#include "core/status.h"

struct pld_backend;

enum { PLD_EVAL_IOUS = 10, PLD_EVAL_RECALLS = 101, PLD_EVAL_AREAS = 4 };

/* A detection. */
struct pld_eval_item {
    double x, y, w, h; /* top-left corner and size */
    double score;
    int32_t image, category;
};

/* One candidate's detections; the memory of `items` has the layout of struct pld_eval_item. Images
 * and categories are within the dataset. */
struct pld_eval_list {
    const void *items;
    size_t count;
};

/* The truths of one image and category. */
struct pld_eval_cell {
    uint32_t image, category;
    uint32_t first, count; /* truths */
};

/* What to count: a category in an area range, of each image the first `limit` detections, without
 * the images from leave_first up to, not including, leave_last. */
struct pld_eval_curve {
    uint32_t category, area, limit;
    uint32_t leave_first, leave_last;
    uint32_t need; /* row of the table */
};

/* Everything that candidates share. Borrowed for as long as the evaluator is open. */
struct pld_eval_task {
    uint32_t n_images, n_categories, n_truths, n_cells, n_need, n_curves;
    const struct pld_truth *truths;
    const struct pld_eval_cell *cells;
    const uint32_t (*need)[PLD_EVAL_RECALLS]; /* fewest true positives that reach each recall */
    const struct pld_eval_curve *curves;
    double iou[PLD_EVAL_IOUS];
    double area[PLD_EVAL_AREAS][2]; /* both ends belong to the range */
    uint32_t most;                  /* detections of an image and category that take part */
    bool scores;                    /* the score at each recall as well */
};

/* Curves of some candidates. */
struct pld_eval_result {
    const uint32_t *hits;    /* [candidates][n_curves][IOUS] true positives */
    const double *precision; /* [candidates][n_curves][IOUS][RECALLS] */
    const double *scores;    /* the same, or NULL */
};

/* Takes the curves of candidates first .. first + count - 1, which are gone afterwards. */
typedef pld_status (*pld_eval_sink)(void *context, size_t first, size_t count,
                                    const struct pld_eval_result *result);

struct pld_evaluator {
    /* Evaluates the candidates in order, as many at once as the device's free memory holds.
     * PLD_EDEVICE when not even one fits, or the device fails. */
    pld_status (*run)(struct pld_backend *backend, const struct pld_eval_task *task,
                      const struct pld_eval_list *lists, size_t count, pld_eval_sink sink,
                      void *context);
};

#endif
