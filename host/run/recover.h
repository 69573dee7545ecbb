/* Recovery: a model refitted, from unlabelled images, to do without the units of a plan. */
#ifndef PLD_RUN_RECOVER_H
#define PLD_RUN_RECOVER_H

#include "prune/planfile.h"
#include "prune/recover/compensate.h"
#include "run/session.h"

struct pld_recover_options {
    const struct pld_session_options *session;
    const char *model;
    const char *calibrate;  /* images; labels are not used */
    const char *compensate; /* "affine", "ls" or "sequential" */
};

struct pld_recovered {
    struct pld_session_options options;
    struct pld_session session; /* owns what the model borrows */
    struct pld_graph *model;    /* all shapes as they were, removed columns 0, the rest refitted */
    struct pld_groups *groups;  /* of `model`: the plan's group and unit numbers hold */
    struct pld_compensation report;
    int images;
    double seconds;
};

/* Refits the consumers of the plan's units. Runs on the CPU. PLD_EDATA for too few images; layers
 * that see fewer patches than they have columns are a warning with numbers. Release with
 * pld_recovered_release(), also after a failure. */
pld_status pld_recover(struct pld_recovered *out, const struct pld_plan *plan,
                       const struct pld_recover_options *options);
void pld_recovered_release(struct pld_recovered *recovered);

struct pld_recovery_summary {
    int layers, images;
    int refused; /* layers whose images held out preferred a simpler fit than the one asked for */
    int scarce;  /* layers fitted to fewer patches than they have columns */
    double error_before, error_after; /* relative squared error of a layer's output on images held
                                       * out, mean over layers: removal alone, as fitted */
    double seconds;
};
void pld_recovered_summary(struct pld_recovery_summary *out, const struct pld_recovered *recovered);

#endif
