/* What an evaluation protocol decides, as data: one matcher and one averager follow it.
 *
 * A protocol is a row of such decisions (eval/metrics/protocol.h). Since they are data, one can
 * also go from one protocol to another a decision at a time and see what each is worth
 * (eval/metrics/explain.h).
 */
#ifndef PLD_EVAL_METRICS_RULES_H
#define PLD_EVAL_METRICS_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "eval/dataset.h"

enum { PLD_RULES_IOUS = 32 }; /* most thresholds */

/* How far two boxes overlap. All are intersection over union. */
enum pld_overlap {
    PLD_OVERLAP_EDGES,  /* [x, y, w, h] in doubles, as pycocotools */
    PLD_OVERLAP_PIXELS, /* corners x, y, x + w, y + h are pixels and inside: + 1 in every length */
    PLD_OVERLAP_FLOAT,  /* corners in 32-bit floats, 1e-7 added to the union */
};

/* What becomes of crowds and of difficult boxes. */
enum pld_special {
    PLD_SPECIAL_COUNT,  /* ground truth like any other */
    PLD_SPECIAL_IGNORE, /* takes any number of detections, none of which counts */
    PLD_SPECIAL_REGION, /* the same, and the overlap is measured against the detection's size */
    PLD_SPECIAL_DROP,   /* not there */
};

/* Which box a detection takes; detections choose in falling order of score. */
enum pld_choice {
    PLD_CHOICE_FREE, /* the best one still free, those that count before ignored ones; of equal
                        overlaps the later */
    PLD_CHOICE_BEST, /* the best one of all, of equal overlaps the earlier; if that is taken, the
                        detection is a false positive */
};

/* How a precision-recall curve becomes a number. */
enum pld_average {
    PLD_AVERAGE_101,           /* highest precision at recall >= 0, 0.01 .. 1, as pycocotools */
    PLD_AVERAGE_11,            /* highest precision at recall >= 0, 0.1 .. 1 (VOC 2007) */
    PLD_AVERAGE_AREA,          /* area under the curve made falling (VOC 2010 and later) */
    PLD_AVERAGE_TRAPEZOID,     /* 101 interpolated points, trapezoids; beyond the highest recall the
                                  curve falls in a line to (1, 0) (Ultralytics up to 8.3) */
    PLD_AVERAGE_TRAPEZOID_CUT, /* the same, but 0 beyond the highest recall (Ultralytics 8.4) */
};

struct pld_rules {
    double iou[PLD_RULES_IOUS]; /* thresholds */
    int n_iou;
    bool above; /* an overlap must be greater than the threshold; equal is not enough */
    enum pld_overlap overlap;
    enum pld_special crowd, difficult;
    bool zero_id; /* a detection that takes the box with id 0 stays unmatched (pycocotools) */
    enum pld_choice choice;
    double area[2];      /* boxes outside are ignored, detections that took nothing too; both ends
                            belong to it. area[1] = 0: all sizes */
    double min_score;    /* detections must have a higher score; negative: all take part */
    int limit_cell;      /* detections of an image and class, 0: all */
    int limit_image;     /* detections of an image, 0: all */
    bool class_agnostic; /* one class, for boxes and detections */
    enum pld_average average;
};

/* The rules as they apply to a dataset: where its boxes hold their last pixel, none is added. */
struct pld_rules pld_rules_for(const struct pld_rules *rules, const struct pld_dataset *dataset);

/* Whether an area is outside of the rules' range. A NaN is not, as in pycocotools. */
static inline bool pld_rules_outside(const struct pld_rules *rules, double area)
{
    return rules->area[1] > 0 && (area < rules->area[0] || area > rules->area[1]);
}

/* One decision: how to take it over from other rules, and what it says in words. */
struct pld_rule {
    const char *name;
    void (*take)(struct pld_rules *to, const struct pld_rules *from);
    void (*describe)(char *out, size_t size, const struct pld_rules *rules);
};

/* All decisions; taking over each one from B in this order turns rules A into rules B. */
extern const struct pld_rule pld_rule_list[];
extern const int pld_rule_count;

/* Whether a decision is the same in both. */
bool pld_rule_same(const struct pld_rule *rule, const struct pld_rules *a,
                   const struct pld_rules *b);

#endif
