/* What a prune changed, before and after: cost, size, speed on this device, accuracy, and which
 * groups gave most. */
#ifndef PLD_RUN_PRUNE_TABLE_H
#define PLD_RUN_PRUNE_TABLE_H

#include "prune/planfile.h"
#include "run/bench.h"
#include "run/session.h"

struct pld_prune_table_options {
    const struct pld_session_options *session;
    const char *model, *pruned; /* ONNX files; the second one is written already */
    const char *data;           /* labelled images for mAP, or NULL */
    bool bench;                 /* measure latency */
};

struct pld_prune_side {
    int64_t bytes;               /* of the file, with the tensors of FILE.data where it is there */
    struct pld_bench_stats time; /* seconds of a forward; runs = 0: not measured */
    double map;                  /* COCO's AP, or NaN */
};

struct pld_prune_gain {
    const char *id, *name;
    int units, removed;
    double macs; /* saved; see pld_prune_gains() */
};

enum { PLD_PRUNE_GAINS = 10 };

struct pld_prune_table {
    struct pld_arena arena; /* owns the below */
    struct pld_prune_side before, after;
    const char *device; /* of the times; NULL: not measured */
    int64_t batch;      /* images a forward */
    int threads;
    double predicted_ms; /* of the pruned model, by the plan's latency table, or NaN */
    int images;          /* behind mAP */
    double drop, ci[2];  /* of mAP, and its 95 % interval: both models on the same images */
    struct pld_prune_gain gains[PLD_PRUNE_GAINS]; /* most MACs first */
    int n_gains;
};

/* Measures. Release with pld_prune_table_release(), also after a failure. PLD_EDATA for images
 * without labels. */
pld_status pld_prune_table_new(struct pld_prune_table *out,
                               const struct pld_prune_table_options *options,
                               const struct pld_groups *groups, const struct pld_plan *plan);
void pld_prune_table_release(struct pld_prune_table *table);

/* saved[n_groups] MACs of one image: the mean of what a group's removal saves before all others and
 * after all others. Where at most two groups meet in a layer that is the Shapley value (Shapley
 * 1953), and the groups add up to what the whole plan saves. */
pld_status pld_prune_gains(double *saved, const struct pld_groups *groups, const int *removed);

#endif
