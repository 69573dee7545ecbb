/* What a report knows of a sweep. Internal to host/run/report. */
#ifndef PLD_RUN_REPORT_DATA_H
#define PLD_RUN_REPORT_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/status.h"

/* AP and AP50 come first, agreement last; one of the three heads the report. */
enum { PLD_REPORT_METRICS = 13, PLD_REPORT_AGREEMENT = 12 };

/* The twelve numbers of COCO in their usual order, and agreement with the unpruned model, which
 * needs no labels: key in the journal, and in words. */
struct pld_report_metric {
    const char *key, *meaning;
};
extern const struct pld_report_metric pld_report_metrics[PLD_REPORT_METRICS];

enum pld_point_status {
    PLD_POINT_FULL,     /* all images */
    PLD_POINT_STOPPED,  /* given up early: hopeless */
    PLD_POINT_INFERRED, /* not measured */
};
const char *pld_point_status_name(enum pld_point_status status);

/* One finished (group, ratio). Numbers that the journal does not have are NaN. */
struct pld_report_point {
    double ratio, macs, params; /* macs and params of the whole network after the removal */
    double drop, ci_lo, ci_hi;  /* in mAP; ci both NaN where there is none */
    double metrics[PLD_REPORT_METRICS];
    int64_t removed;
    enum pld_point_status status;
};

struct pld_report_group {
    const char *id, *name;
    const char *label;  /* the name without what repeats in every name */
    const char *reason; /* why it is locked, or NULL */
    int64_t units;
    bool prunable;
    double macs_per_unit, params_per_unit;
    struct pld_report_point *points; /* ascending ratio */
    int n_points, cap_points;

    /* derived, see analyse.c */
    const struct pld_report_point *focus; /* the point at the report's focus ratio, or NULL */
    double removable;                     /* ratio at which the drop reaches the tolerance */
    double removable_sure;                /* the same for the upper end of the interval */
    bool reaches;                         /* false: even the largest ratio measured stays below */
    double saved_macs, saved_params;      /* at `removable` */
};

struct pld_report {
    struct pld_arena arena; /* strings and groups' arrays */
    const char *dir;
    yyjson_doc *manifest;
    struct pld_report_group *groups; /* network order */
    int n_groups, cap_groups;
    struct pld_report_point baseline;
    int bad_lines; /* of the journal */
    double tolerance;

    /* derived */
    int metric; /* index of the headline number: AP, AP50 where the protocol has no AP, agreement
                 * where there are no labels */
    double *ratios;
    int n_ratios;
    int focus_ratio;          /* index into ratios */
    int n_points;             /* baseline not counted */
    int points_total;         /* as announced, or n_points */
    int n_prunable, n_locked; /* groups */
    int n_measured;           /* prunable groups with a point at the focus ratio */
    int n_tolerant, n_sure;   /* of those: drop below the tolerance; whole interval below it */
    int *by_saving;           /* groups with points, most MACs saved first */
    int n_by_saving;
    int *by_drop; /* groups with a focus point, largest drop first */
    int n_by_drop;
    double worst_drop, best_drop; /* over all points, 0 included */
};

/* Manifest fields by path, e.g. ("model", "path"); second may be NULL. */
const char *pld_report_string(const struct pld_report *report, const char *first,
                              const char *second); /* NULL when absent */
double pld_report_number(const struct pld_report *report, const char *first, const char *second);
yyjson_val *pld_report_field(const struct pld_report *report, const char *first,
                             const char *second);

/* Group by id; made (unnamed, prunable) where there is none. NULL on no memory. */
struct pld_report_group *pld_report_group(struct pld_report *report, const char *id);

/* Stages of loading. */
pld_status pld_report_load_groups(struct pld_report *report);
pld_status pld_report_load_journal(struct pld_report *report);

/* Fills everything marked "derived". May be called again. */
pld_status pld_report_analyse(struct pld_report *report);

/* The group's point at a ratio, or NULL. */
const struct pld_report_point *pld_report_at(const struct pld_report_group *group, double ratio);

/* The class of a drop for colours and sparklines: 0 = better than before, 1 = no change, 2 and 3 =
 * within the tolerance, 4..9 = beyond it, each step twice the last. -1 for NaN. */
enum { PLD_REPORT_BINS = 10 };
int pld_report_bin(const struct pld_report *report, double drop);
/* Lower edge of bins 1..9, in mAP. */
double pld_report_bin_edge(const struct pld_report *report, int bin);

#endif
