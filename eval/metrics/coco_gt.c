/* Ground truth, prepared once: boxes by category and image, ignore marks, recall steps. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "eval/metrics/coco_impl.h"

/* numpy.linspace(0.5, 0.95, 10): not 0.5 + i * 0.05, which rounds two of them elsewhere. */
const double pld_coco_iou[T] = {0x1p-1,
                                0x1.199999999999ap-1,
                                0x1.3333333333333p-1,
                                0x1.4cccccccccccdp-1,
                                0x1.6666666666666p-1,
                                0x1.8p-1,
                                0x1.999999999999ap-1,
                                0x1.b333333333333p-1,
                                0x1.cccccccccccccp-1,
                                0x1.e666666666666p-1};
const uint32_t pld_coco_limit[M] = {1, 10, 100};
const double pld_coco_area[A][2] = {{0, 1e10}, {0, 1024}, {1024, 9216}, {9216, 1e10}};

double pld_coco_recall(int r)
{
    /* numpy.linspace(0, 1, 101): i times the step. i / 100 differs at ten of them, and 7 positives
     * of 10 reach 0.7 but not 70 * 0.01. */
    return r == R - 1 ? 1.0 : r * 0.01;
}

void pld_coco_need(uint32_t need[R], uint32_t positives)
{
    double n = positives;
    for (int r = 0; r < R; r++) {
        double recall = pld_coco_recall(r), x = recall * n, near = rint(x);
        /* Rounding can decide only beside a whole number; elsewhere no division is needed. */
        if (fabs(x - near) > 1e-6 && x < 1e8) {
            need[r] = (uint32_t)ceil(x);
            continue;
        }
        uint32_t tp = (uint32_t)near;
        while (tp > 0 && (tp - 1) / n >= recall)
            tp--;
        while (tp < positives && tp / n < recall)
            tp++;
        need[r] = tp;
    }
}

/* ---- the order of pycocotools -------------------------------------------------------------- */

struct id_index {
    int64_t id;
    uint32_t index;
};

static int compare_ids(const void *a, const void *b)
{
    const struct id_index *x = a, *y = b;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* same[i] = the last annotation with the id of annotation i. pycocotools finds annotations by id,
 * so the last one of an id stands in for all of them. */
static pld_status last_of_each_id(const struct pld_dataset *dataset, uint32_t *same)
{
    uint32_t n = (uint32_t)dataset->n_annotations, repeated = 0;
    struct id_index *ids = malloc((n + 1) * sizeof *ids);
    if (!ids) return pld_fail_memory("annotation ids");
    bool ascending = true;
    for (uint32_t i = 0; i < n; i++) {
        ids[i] = (struct id_index){dataset->annotations[i].id, i};
        if (i && ids[i].id <= ids[i - 1].id) ascending = false;
    }
    if (!ascending) qsort(ids, n, sizeof *ids, compare_ids);
    for (uint32_t i = n; i-- > 0;) {
        bool repeats = i + 1 < n && ids[i].id == ids[i + 1].id;
        same[ids[i].index] = repeats ? same[ids[i + 1].index] : ids[i].index;
        repeated += repeats;
    }
    if (repeated)
        pld_log(PLD_LOG_WARN,
                "%s: %u annotations have the id of a later one, which counts in their place (as in "
                "pycocotools)",
                dataset->source ? dataset->source : "ground truth", repeated);
    free(ids);
    return PLD_OK;
}

/* Stable counting sort of the n annotations in `in` by image or by category. */
static pld_status order_by(uint32_t *out, const uint32_t *in, const struct pld_dataset *dataset,
                           bool by_image)
{
    uint32_t n = (uint32_t)dataset->n_annotations;
    uint32_t n_keys = (uint32_t)(by_image ? dataset->n_images : dataset->n_categories);
    uint32_t *next = calloc((size_t)n_keys + 1, sizeof *next);
    if (!next) return pld_fail_memory("annotation order");
#define KEY(i) (by_image ? dataset->annotations[in[i]].image : dataset->annotations[in[i]].category)
    for (uint32_t i = 0; i < n; i++)
        next[KEY(i) + 1]++;
    for (uint32_t k = 0; k < n_keys; k++)
        next[k + 1] += next[k];
    for (uint32_t i = 0; i < n; i++)
        out[next[KEY(i)]++] = in[i];
#undef KEY
    free(next);
    return PLD_OK;
}

/* Annotations by category, then image, then place in the file. */
static pld_status cell_order(uint32_t *order, const struct pld_dataset *dataset)
{
    uint32_t n = (uint32_t)dataset->n_annotations;
    uint32_t *other = calloc((size_t)n + 1, sizeof *other);
    uint32_t *same = calloc((size_t)n + 1, sizeof *same);
    pld_status status = other && same ? PLD_OK : pld_fail_memory("annotation order");
    if (status == PLD_OK) status = last_of_each_id(dataset, same);
    for (uint32_t i = 0; status == PLD_OK && i < n; i++)
        other[i] = i;
    if (status == PLD_OK) status = order_by(order, other, dataset, true);
    /* An annotation that stands in for others comes where they are in this order, and goes to its
     * own image and category. */
    for (uint32_t i = 0; status == PLD_OK && i < n; i++)
        order[i] = same[order[i]];
    if (status == PLD_OK) status = order_by(other, order, dataset, true);
    if (status == PLD_OK) status = order_by(order, other, dataset, false);
    free(other);
    free(same);
    return status;
}

/* ---- preparation --------------------------------------------------------------------------- */

static pld_status check(const struct pld_dataset *dataset)
{
    if (dataset->n_images >= 1 << COCO_IMAGE_BITS)
        return pld_fail(PLD_EDATA, dataset->source, "more than %d images",
                        (1 << COCO_IMAGE_BITS) - 1);
    for (int i = 0; i < dataset->n_annotations; i++) {
        const struct pld_annotation *note = &dataset->annotations[i];
        if (note->image < 0 || note->image >= dataset->n_images || note->category < 0 ||
            note->category >= dataset->n_categories)
            return pld_fail(PLD_EDATA, dataset->source,
                            "annotation %lld is of an image or category outside of the dataset",
                            (long long)note->id);
        if (!isfinite(note->x) || !isfinite(note->y) || !isfinite(note->w) || !isfinite(note->h))
            return pld_fail(PLD_EDATA, dataset->source, "annotation %lld: box is not finite",
                            (long long)note->id);
    }
    return PLD_OK;
}

static struct pld_truth truth_of(const struct pld_annotation *note)
{
    unsigned outside = note->crowd ? (1u << A) - 1 : ~pld_coco_ranges(note->area) & ((1u << A) - 1);
    return (struct pld_truth){
        .box = pld_box_of(note->x, note->y, note->w, note->h),
        .ignored = pld_coco_lanes(outside),
        .crowd = note->crowd,
        .zero_id = note->id == 0,
    };
}

/* Splits the ordered truths into categories and cells. */
static void fill(struct pld_coco_gt *gt, const uint32_t *order)
{
    const struct pld_annotation *notes = gt->dataset->annotations;
    uint32_t n = (uint32_t)gt->dataset->n_annotations, n_cells = 0, i = 0;
    for (uint32_t k = 0; k < gt->n_categories; k++) {
        struct coco_category *category = &gt->categories[k];
        category->truths = gt->truths + i;
        category->cells = gt->cells + n_cells;
        for (; i < n && notes[order[i]].category == (int32_t)k; i++) {
            uint32_t image = (uint32_t)notes[order[i]].image;
            struct coco_cell *cell = &gt->cells[n_cells];
            if (category->n_cells && cell[-1].image == image) {
                cell--;
            } else {
                *cell = (struct coco_cell){.image = image, .first = category->n_truths};
                category->n_cells++;
                n_cells++;
            }
            gt->truths[i] = truth_of(&notes[order[i]]);
            category->n_truths++;
            if (++cell->count > gt->max_cell) gt->max_cell = cell->count;
            for (int a = 0; a < A; a++)
                category->positives[a] += !(gt->truths[i].ignored >> 16 * a & 1);
        }
        if (category->n_truths > gt->max_truths) gt->max_truths = category->n_truths;
        for (int a = 0; a < A; a++)
            if (category->positives[a]) pld_coco_need(category->need[a], category->positives[a]);
    }
}

pld_status pld_coco_gt_new(struct pld_coco_gt **out, const struct pld_dataset *dataset)
{
    *out = NULL;
    PLD_TRY(check(dataset));
    size_t n = (size_t)dataset->n_annotations;
    struct pld_coco_gt *gt = calloc(1, sizeof *gt);
    if (!gt) return pld_fail_memory("ground truth");
    gt->dataset = dataset;
    gt->n_images = (uint32_t)dataset->n_images;
    gt->n_categories = (uint32_t)dataset->n_categories;
    gt->categories = calloc((size_t)gt->n_categories + 1, sizeof *gt->categories);
    gt->truths = calloc(n + 1, sizeof *gt->truths);
    gt->cells = calloc(n + 1, sizeof *gt->cells);
    uint32_t *order = malloc((n + 1) * sizeof *order);
    pld_status status = gt->categories && gt->truths && gt->cells && order
                            ? cell_order(order, dataset)
                            : pld_fail_memory("ground truth");
    if (status == PLD_OK) {
        fill(gt, order);
        *out = gt;
    } else {
        pld_coco_gt_free(gt);
    }
    free(order);
    return status;
}

void pld_coco_gt_free(struct pld_coco_gt *gt)
{
    if (!gt) return;
    free(gt->categories);
    free(gt->truths);
    free(gt->cells);
    free(gt);
}
