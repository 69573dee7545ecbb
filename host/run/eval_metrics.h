/* What an evaluation measures of a list of detections: the protocol's numbers, and on request what
 * explains them. */
#ifndef PLD_RUN_EVAL_METRICS_H
#define PLD_RUN_EVAL_METRICS_H

#include "eval/metrics/bootstrap.h"
#include "eval/metrics/confidence.h"
#include "eval/metrics/confusion.h"
#include "eval/metrics/explain.h"
#include "eval/metrics/protocol.h"
#include "eval/metrics/ties.h"
#include "eval/metrics/tide.h"
#include "run/eval_params.h"

/* As the command line gives it; a zeroed struct asks for the protocol's numbers alone. */
struct pld_eval_request {
    const char *protocol;          /* NULL: coco */
    struct pld_eval_params params; /* COCO's own where not given */
    struct pld_words analyze;      /* of curves, confusion, errors, ties; or all */
    struct pld_reals confusion_at; /* SCORE,IOU; 0.25,0.5 by default */
    const char *explain;           /* protocol to explain the difference to, or NULL */
    int bootstrap;                 /* resamples for intervals, 0: none */
    uint64_t seed;
};

/* What was not asked for is zeroed: `confidence.classes`, `tide.errors` and so on are NULL. */
struct pld_eval_metrics {
    struct pld_metric_result result;
    struct pld_coco_params params; /* of `table` */
    struct pld_coco_table table;   /* with params of one's own */
    struct pld_confidence confidence;
    struct pld_confusion confusion;
    struct pld_tide tide;
    bool has_ties;
    struct pld_ties ties;
    struct pld_explain explain; /* explain.from is NULL when there is none */
    struct pld_bootstrap bootstrap;
    struct pld_comparison comparison;
};

/* Fails with PLD_EUSAGE for a request that makes no sense, before anything is computed. */
pld_status pld_eval_request_check(const struct pld_eval_request *request);

/* Measures `found`; `against` (may be NULL) is compared with it by paired bootstrap (1000 resamples
 * where the request names no number). Release also after a failure. */
pld_status pld_eval_measure(struct pld_eval_metrics *out, const struct pld_eval_request *request,
                            const struct pld_dataset *dataset, const struct pld_detections *found,
                            const struct pld_detections *against, struct pld_arena *arena,
                            struct pld_pool *pool);
void pld_eval_metrics_release(struct pld_eval_metrics *metrics);

#endif
