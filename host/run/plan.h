/* Making plans: from a sweep, from a model alone, measured step by step, tried for real. */
#ifndef PLD_RUN_PLAN_H
#define PLD_RUN_PLAN_H

#include "prune/plan.h"
#include "prune/planfile.h"
#include "run/latency_table.h"
#include "run/session.h"

struct pld_plan_options {
    const struct pld_session_options *session;
    const char *source;       /* folder of a sweep, or a model */
    const char *model;        /* of a sweep whose model has moved, or NULL */
    const char *out;          /* plan.json; NULL with what_if */
    struct pld_words targets; /* one "NAME=VALUE" */
    const char *method;       /* NULL: "sweep" for a sweep or with steps and data, else "global" */
    struct pld_score_options scores;
    struct pld_plan_rules rules;
    const char *calibrate;         /* images for the criterion, or NULL */
    const char *data;              /* images to measure plans on, or NULL */
    const char *metric;            /* "map", "agreement"; NULL: map where there are labels */
    int trials;                    /* plans to measure; 0: only the one */
    int steps;                     /* of a progressive schedule */
    const char *latency_table;     /* for latency_ms, or NULL */
    const char *measure_latency;   /* where to write such a table, measured here, or NULL; without a
                                    * target that is all */
    const char *save_scores;       /* where to write the scores, or NULL */
    struct pld_words level_ratios; /* "STRIDE=R": of groups of that stride at most R; obs only */
    struct pld_words what_if;      /* "GROUP=RATIO": predict, write nothing */
};

/* A plan that was measured. */
struct pld_plan_trial {
    const char *name; /* "sweep", "sweep, cautious", "loss", ... */
    int *removed;     /* [n_groups] */
    bool reached;
    double value, drop, ci[2];
    double behind, behind_ci[2]; /* the best one's value - its own, on the same images */
};

struct pld_plan_result {
    struct pld_arena arena; /* owns the below */
    struct pld_plan_notes notes;
    int groups, units; /* touched */
    struct pld_cost before;
    struct pld_latency_table_summary measured; /* layers = 0: none was asked for */
    double latency_before;                     /* ms, or NaN */
    double target_reached;                     /* the target's quantity of the plan */
    double baseline;               /* metric of the unpruned model; NaN when nothing is known */
    struct pld_plan_trial *trials; /* best first */
    int n_trials;
};

/* Plans and writes options->out. PLD_EGATE when the target cannot be reached: the nearest plan is
 * written and `out` tells of it. Release with pld_plan_result_release(), also after a failure. */
pld_status pld_plan_run(struct pld_plan_result *out, const struct pld_plan_options *options);
void pld_plan_result_release(struct pld_plan_result *result);

#endif
