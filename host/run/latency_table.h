/* Measuring the table that latency targets are planned with (prune/plan_latency.h). */
#ifndef PLD_RUN_LATENCY_TABLE_H
#define PLD_RUN_LATENCY_TABLE_H

#include "prune/group.h"
#include "run/session.h"

struct pld_latency_table_options {
    const struct pld_session_options *session; /* its batch is not used: one run of the model */
    const char *model;                         /* file of the groups' graph */
    const char *out;                           /* JSON */
    int align; /* widths are multiples of it; 0 or 1: of 8, as kernels work in blocks */
};

struct pld_latency_table_summary {
    int layers, points; /* convolutions in the table; shapes and widths that were measured */
    double whole_ms;    /* median of the whole model */
    double rest_ms;     /* what the layers do not account for */
    double seconds;     /* of measuring */
};

/* Measures every convolution that some prunable group touches, alone, at four to five widths of
 * each side that can shrink, on the session's device, and writes the table, atomically. Equal
 * shapes are measured once. A time alone is not the time in the model (caches, fused activations),
 * so each layer's times are scaled to what it takes inside the whole model at full width. */
pld_status pld_latency_table_write(struct pld_latency_table_summary *out,
                                   const struct pld_latency_table_options *options,
                                   const struct pld_groups *groups);

#endif
