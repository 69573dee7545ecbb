/* COCO evaluation with thresholds, area ranges, limits and classes of one's own, equal to
 * pycocotools with the same params in every bit. COCO's own params are pld_coco_evaluate()'s. */
#ifndef PLD_EVAL_METRICS_COCO_CUSTOM_H
#define PLD_EVAL_METRICS_COCO_CUSTOM_H

#include "eval/metrics/coco.h"
#include "eval/metrics/curve.h"

enum { PLD_COCO_CUSTOM_AREAS = 16, PLD_COCO_CUSTOM_LIMITS = 16 };

struct pld_coco_area {
    const char *label; /* the twelve numbers look for all, small, medium and large */
    double low, high;  /* both ends belong to the range */
};

/* params of pycocotools: iouThrs, areaRng with areaRngLbl, maxDets, useCats. */
struct pld_coco_params {
    double iou[PLD_RULES_IOUS];
    int n_iou;
    struct pld_coco_area areas[PLD_COCO_CUSTOM_AREAS];
    int n_areas;
    int limits[PLD_COCO_CUSTOM_LIMITS]; /* ascending */
    int n_limits;
    bool class_agnostic; /* useCats = 0 */
};

struct pld_coco_table {
    /* In the order of pld_coco_stat_names, as pycocotools' summarize() takes them from its arrays:
     * AP is that of the limit 100, the others of the first three limits; -1 where there is no such
     * threshold, area or limit, or nothing to find. */
    double stats[PLD_COCO_STATS];
    int n_iou, n_classes, n_areas, n_limits;
    double *ap, *ar; /* [n_areas][n_limits] over all thresholds and classes */
    /* [n_classes] with the highest limit, in the range all (else the first one); sizes are those of
     * the ranges small, medium and large. */
    struct pld_coco_class *classes;
    /* As pycocotools' eval dict, C order: precision, scores [T][R=101][K][A][M]; recall
     * [T][K][A][M]. */
    double *precision, *scores, *recall;
};

/* The params that pycocotools starts with. */
void pld_coco_params_init(struct pld_coco_params *params);

/* Fails with PLD_EUSAGE for params that are none: no or too many values, a threshold outside of
 * 0..1, an area range that ends before it begins, limits or labels that come twice. */
pld_status pld_coco_params_check(const struct pld_coco_params *params);

/* Evaluates a list; `pool` may be NULL and changes nothing. Annotations must have ids of their own
 * (PLD_EDATA otherwise). Release with pld_coco_table_release(), also after a failure. */
pld_status pld_coco_evaluate_custom(struct pld_coco_table *out, const struct pld_dataset *dataset,
                                    const struct pld_detections *detections,
                                    const struct pld_coco_params *params, struct pld_pool *pool);
void pld_coco_table_release(struct pld_coco_table *table);

#endif
