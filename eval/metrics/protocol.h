/* Evaluation protocols: one row in protocol.def and one file in protocols/ each.
 *
 * A protocol is rules for matching and averaging, and the numbers that are told of them. Numbers of
 * different protocols do not compare, so a result carries the name of its own.
 */
#ifndef PLD_EVAL_METRICS_PROTOCOL_H
#define PLD_EVAL_METRICS_PROTOCOL_H

#include "eval/metrics/curve.h"

enum { PLD_METRICS = 16 };

struct pld_metric {
    const char *name; /* as in the JSON */
    double value;     /* -1: nothing to measure it on */
};

struct pld_metric_class {
    double ap;      /* by the protocol's thresholds; -1 without boxes of the class */
    double ap50;    /* at IoU 0.5; -1 where that is no threshold */
    double size[3]; /* AP of small, medium and large boxes (COCO's ranges); -1 where there are none,
                       and by protocols without sizes */
};

struct pld_metric_result {
    const struct pld_protocol *protocol;
    struct pld_metric metrics[PLD_METRICS]; /* the first one is the headline */
    int n_metrics;
    struct pld_metric_class *classes; /* [n_classes]; owned */
    int n_classes;
};

struct pld_protocol {
    const char *name;     /* as --protocol takes it */
    const char *version;  /* of whose rules they are: "pycocotools 2.0", never NULL */
    const char *headline; /* what its users call the first metric */
    struct pld_rules rules;
    /* Evaluates one list. Fills metrics and classes; result is zeroed but for `protocol`. */
    pld_status (*evaluate)(struct pld_metric_result *result, const struct pld_truths *truths,
                           const struct pld_detections *detections, struct pld_pool *pool);
};

/* The protocols, in order; *count of them. */
const struct pld_protocol *const *pld_protocol_list(int *count);
/* By name, "ultralytics" being "ultralytics-8.3"; NULL where there is none. */
const struct pld_protocol *pld_protocol_find(const char *name);

/* Evaluates a list by a protocol. `truths` were prepared without class_agnostic. An empty list is
 * fine: AP 0 where there are boxes. Release with pld_metric_result_release(); a failure leaves
 * nothing. */
pld_status pld_protocol_evaluate(struct pld_metric_result *out, const struct pld_protocol *protocol,
                                 const struct pld_truths *truths,
                                 const struct pld_detections *detections, struct pld_pool *pool);
/* Many lists against one ground truth, results[i] from detections[i]. */
pld_status pld_protocol_evaluate_many(struct pld_metric_result *results,
                                      const struct pld_protocol *protocol,
                                      const struct pld_truths *truths,
                                      const struct pld_detections *detections, size_t count,
                                      struct pld_pool *pool);
void pld_metric_result_release(struct pld_metric_result *result);

/* ---- for the files in protocols/ ---- */

#define PLD_PROTOCOL(id) extern const struct pld_protocol pld_protocol_##id;
#include "eval/metrics/protocol.def"
#undef PLD_PROTOCOL

/* numpy.linspace(0.5, 0.95, 10), as initialisers of pld_rules.iou. */
#define PLD_IOUS_COCO                                                                   \
    {                                                                                   \
        0x1p-1, 0x1.199999999999ap-1, 0x1.3333333333333p-1, 0x1.4cccccccccccdp-1,       \
            0x1.6666666666666p-1, 0x1.8p-1, 0x1.999999999999ap-1, 0x1.b333333333333p-1, \
            0x1.cccccccccccccp-1, 0x1.e666666666666p-1                                  \
    }

void pld_metric_add(struct pld_metric_result *result, const char *name, double value);
/* Room for the classes, all -1. */
pld_status pld_metric_classes(struct pld_metric_result *result, int n_classes);

#endif
