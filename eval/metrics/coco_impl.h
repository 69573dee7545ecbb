/* Inside of the COCO evaluator: what its files share. Not for other folders.
 *
 * One evaluation goes through three steps (docs/coco.md says why each is exact):
 *   coco_order.c       detections to their categories, each in falling order of score
 *   coco_match.c       category by category, detections to ground truth; what is left are events
 *   coco_accumulate.c  curves from events; again, without a block, for the jackknife
 * and coco_stats.c averages them.
 */
#ifndef PLD_EVAL_METRICS_COCO_IMPL_H
#define PLD_EVAL_METRICS_COCO_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/coco_math.h"
#include "eval/metrics/coco.h"

/* Short names, for the loops: thresholds, recalls, area ranges, detection limits. */
enum { T = PLD_COCO_IOUS, R = PLD_COCO_RECALLS, A = PLD_COCO_AREAS, M = PLD_COCO_LIMITS };
enum { AREA_ALL = 0, LIMIT_1 = 0, LIMIT_10 = 1, LIMIT_100 = 2 };

extern const double pld_coco_iou[T];     /* thresholds, as numpy.linspace rounds them */
extern const uint32_t pld_coco_limit[M]; /* 1, 10, 100 detections an image and category */
extern const double pld_coco_area[A][2]; /* both ends belong to the range */
double pld_coco_recall(int r);           /* recall r of 0..100, as numpy.linspace rounds it */

/* One bit for each area range and threshold: bit t of the 16-bit lane a. Marks are handled for all
 * forty curves at once. */
typedef uint64_t coco_marks;
#define COCO_LANE  ((coco_marks)((1u << T) - 1))
#define COCO_LANES (COCO_LANE * 0x0001000100010001u)

/* The lanes of a set of area ranges (bit a for range a), all thresholds. */
static inline coco_marks pld_coco_lanes(unsigned ranges)
{
    coco_marks low = (ranges & 1) | (ranges & 2) << 15 | (coco_marks)(ranges & 4) << 30 |
                     (coco_marks)(ranges & 8) << 45;
    return low * COCO_LANE;
}

/* The area ranges that hold `area`, as bits. A NaN is in all, as in the reference. */
static inline unsigned pld_coco_ranges(double area)
{
    unsigned ranges = 0;
    for (int a = 0; a < A; a++)
        ranges |= (unsigned)!(area < pld_coco_area[a][0] || area > pld_coco_area[a][1]) << a;
    return ranges;
}

/* ---- ground truth -------------------------------------------------------------------------- */

/* The ground truth of one image and category. */
struct coco_cell {
    uint32_t image;
    uint32_t first, count; /* truths, from the first of the category */
};

struct coco_category {
    const struct pld_truth *truths;
    uint32_t n_truths;
    const struct coco_cell *cells;
    uint32_t n_cells;
    uint32_t positives[A]; /* truths that are not ignored */
    uint32_t need[A][R];   /* fewest true positives that reach each recall */
};

struct pld_coco_gt {
    const struct pld_dataset *dataset;
    uint32_t n_images, n_categories;
    struct coco_category *categories;
    struct pld_truth *truths;
    struct coco_cell *cells;
    uint32_t max_truths, max_cell; /* most in one category, in one cell */
};

/* need[r]: the fewest true positives n with n / positives >= recall r; positives > 0. */
void pld_coco_need(uint32_t need[R], uint32_t positives);

/* ---- one evaluation ------------------------------------------------------------------------ */

enum { COCO_IMAGE_BITS = 28 };

/* A detection on its way through the sort. */
struct coco_key {
    uint64_t order; /* ascending = falling score */
    uint32_t det;   /* place in coco_run.boxes */
    uint32_t image : COCO_IMAGE_BITS;
    uint32_t ranges : A; /* area ranges of the box */
};

/* A detection's box, copied so that those of a category lie together. */
struct coco_found {
    double x, y, w, h;
};

/* A detection that is not simply "unmatched at every threshold". */
struct coco_event {
    coco_marks hit;        /* true positive */
    coco_marks miss;       /* false positive */
    uint32_t before[M][A]; /* plain unmatched detections in range and limit before it */
    uint32_t det;
    uint32_t image;
    uint32_t rank; /* place among the detections of its image and category, from 0 */
};

/* The same for the jackknife, which needs one area range and limit only. */
struct coco_light_event {
    uint16_t hit, miss;
    uint32_t before;
    uint32_t block;
};

/* What a category keeps for the jackknife. */
struct coco_kept {
    struct coco_light_event *events;
    uint32_t n_events;
    uint32_t *before;    /* [blocks][n_events]: plain unmatched ones of one block before an event */
    uint32_t *positives; /* [blocks]: truths that count in its images */
};

/* One worker's memory; grows, never shrinks. */
struct coco_scratch {
    uint8_t *rank;     /* [n_images] detections seen in this category, all 0 between categories */
    uint32_t *cell;    /* [n_images] 1 + cell of this category, all 0 between categories */
    coco_marks *taken; /* [max_truths] */
    struct coco_candidate *candidates; /* [max_cell] */
    struct coco_key *spare;            /* [cap_spare], for the sort */
    size_t cap_spare;
    struct coco_event *events;
    size_t n_events, cap_events;
    uint32_t plain[M][A];  /* plain unmatched so far, counted in the first limit that holds them */
    uint32_t *block_plain; /* [blocks] the same in all areas, by block */
    uint32_t *before;      /* [cap_events][blocks] */
    uint32_t hits[T];      /* true positives of each curve */
    uint32_t *totals;      /* [T][max_truths] true and false positives up to each of them */
    uint32_t *who;         /* [T][max_truths] its event */
    double *curves;        /* [n_categories][T][R] of one left-out block */
};

struct coco_run {
    const struct pld_coco_gt *gt;
    const struct pld_detections *list;
    bool keep_arrays;
    uint32_t blocks;
    uint32_t *block; /* [n_images] of the jackknife; NULL without */
    struct pld_coco_result *result;
    struct coco_key *keys;    /* [list->count] by category */
    struct coco_found *boxes; /* [list->count] by category, then image, then list order */
    uint32_t *source;         /* [list->count] where in the list they come from; with keep_arrays */
    uint32_t *by_image;       /* [list->count]; made for lists that jump between images */
    size_t cap_keys;
    size_t *first;      /* [n_categories + 1] into keys */
    uint32_t *schedule; /* categories, the longest lists first */
    double *precision;  /* [A][n_categories][T][R] at 100 detections */
    double *recall; /* [M][A][n_categories][T]; limits 1 and 10 without keep_arrays: all areas */
    struct coco_kept *kept; /* [n_categories] */
    struct coco_scratch *scratch;
    int workers;
};

/* Everything whose size does not depend on the detections. A run may be used for many lists. */
pld_status pld_coco_run_init(struct coco_run *run, const struct pld_coco_gt *gt,
                             const struct pld_coco_options *options, int workers);
void pld_coco_run_release(struct coco_run *run);

/* Memory of a result for the run's options, every value -1. A failure leaves nothing. */
pld_status pld_coco_result_init(struct pld_coco_result *out, const struct coco_run *run);

/* Where a category's curves are. */
static inline double *pld_coco_precision_row(const struct coco_run *run, int a, uint32_t k)
{
    return run->precision + ((size_t)a * run->gt->n_categories + k) * T * R;
}

static inline double *pld_coco_recall_row(const struct coco_run *run, int m, int a, uint32_t k)
{
    return run->recall + (((size_t)m * A + (size_t)a) * run->gt->n_categories + k) * T;
}

/* PLD_EFAIL for an image or category index outside of the dataset. */
pld_status pld_coco_check_list(const struct pld_detections *list, const struct pld_coco_gt *gt);

/* Distributes run->list over the categories: fills keys, boxes and first, by image, then list
 * order. Fails as pld_coco_check_list(). */
pld_status pld_coco_distribute(struct coco_run *run);

/* Sorts keys by falling score; equal scores keep their order. `spare` has room for as many. */
void pld_coco_sort(struct coco_key *keys, struct coco_key *spare, size_t n);

/* Room for the truths of one cell that a detection may match; NULL on no memory. */
struct coco_candidate *pld_coco_candidates(uint32_t max_cell);

/* Sorts and matches one category; leaves its events in `scratch`. */
pld_status pld_coco_match(struct coco_run *run, struct coco_scratch *scratch, uint32_t k);

/* Curves of category k from the events in `scratch`. */
void pld_coco_accumulate(struct coco_run *run, struct coco_scratch *scratch, uint32_t k);

/* Keeps what the jackknife needs of the events of category k. */
pld_status pld_coco_keep(struct coco_run *run, const struct coco_scratch *scratch, uint32_t k);

/* positives[block] += truths of category k that count in its images. */
void pld_coco_count_positives(uint32_t *positives, const struct coco_run *run, uint32_t k);

/* AP with the images of one block left out. */
pld_status pld_coco_leave_out(struct coco_run *run, struct coco_scratch *scratch, uint32_t block,
                              double *ap);

/* The twelve numbers and those of each class, from the run's curves into its result. */
pld_status pld_coco_summarize(struct coco_run *run);

/* Mean over thresholds [t0, t1), then recalls, then the n rows [T][R], in numpy's order of
 * summation; -1 for no rows. `space` holds (t1 - t0) * R * n numbers. */
double pld_coco_mean_precision(const double *const *rows, uint32_t n, int t0, int t1,
                               double *space);

/* Sum as numpy adds up a contiguous array: pairwise, in blocks of 128, eight at a time. */
double pld_coco_sum(const double *values, size_t n);

#endif
