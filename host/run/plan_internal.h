/* Private to planning: what its parts share. */
#ifndef PLD_RUN_PLAN_INTERNAL_H
#define PLD_RUN_PLAN_INTERNAL_H

#include "prune/plan_latency.h"
#include "run/journal.h"
#include "run/plan.h"
#include "run/quality.h"

struct planning {
    const struct pld_plan_options *options;
    struct pld_arena arena;
    struct pld_session session;     /* model, and the images of --data */
    struct pld_session calibration; /* images of --calibrate */
    struct pld_groups *groups;
    struct pld_scorer scorer;
    struct pld_plan_problem problem;
    struct pld_points points; /* of the sweep */
    const char *criterion;    /* that the sweep used, or NULL */
    bool from_sweep;
    struct pld_latency_model *latency;
    struct pld_target target;
    const struct pld_plan_method *method;
    struct pld_detector *detector; /* unpruned; with --data */
    struct pld_quality quality;
    bool measures; /* --data was given */
    /* While a schedule runs: */
    int *removed;            /* [n_groups] so far */
    bool **gone;             /* [n_groups][units] likewise */
    struct pld_graph *model; /* masked so far; NULL: the model itself */
};

/* Reads folder or model: session with the model, groups, points. */
pld_status pld_planning_open(struct planning *p);
void pld_planning_close(struct planning *p);

/* Curves of the sweep's points for the problem. Groups that it did not measure stay whole. */
pld_status pld_planning_fit(struct planning *p, double caution);

/* Measures curves from the state of the schedule on: every group that may lose more, at a few
 * widths, on p->model. Makes that state the base of p->quality while it lasts. */
pld_status pld_planning_measure(struct planning *p);

/* p->model = the model without the first p->removed[g] units of every group's order. */
pld_status pld_planning_mask(struct planning *p);

/* Detections of the model without the first removed[g] units, over the images of --data. */
pld_status pld_planning_detect(struct pld_detections *found, const struct planning *p,
                               const int *removed);

/* The schedule: removed[n_groups] of the target, in options->steps steps. */
pld_status pld_planning_schedule(int *removed, bool *reached, struct planning *p);

/* Makes and measures plans; trials[] best first, the first one is the choice. */
pld_status pld_planning_trials(struct pld_plan_result *out, struct planning *p);

/* Drop that the sweep predicts for a plan, and an interval. NaN without curves. */
void pld_planning_predict(double *drop, double ci[2], const struct planning *p, const int *removed);

#endif
