/* Coupled channel groups.
 *
 * Every (tensor, axis, index) is an element. Operators tie elements (graph/channel.h); what is tied
 * is united, and a set of united elements that holds an output channel of some conv, gemm or matmul
 * is a channel unit: it is removed as a whole or not at all. Units that touch the same axes the
 * same number of times form a group.
 *
 * Removing a unit means deleting its indices from every member. Computing without it is the same
 * as zeroing its columns in every consumer, which is what masks do (prune/mask.h). Where two
 * activations are multiplied over the channel, masks zero what makes one of them.
 */
#ifndef PLD_PRUNE_GROUP_H
#define PLD_PRUNE_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/str.h"
#include "graph/graph.h"

enum pld_role {
    PLD_ROLE_OUT,   /* a row of weights that makes the channel */
    PLD_ROLE_IN,    /* a column of weights that reads it */
    PLD_ROLE_PARAM, /* one number a channel, or a depthwise filter: goes with it */
};
const char *pld_role_name(enum pld_role role); /* "out", "in", "param" */

/* An axis of an initializer, and which of its indices belong to each unit. */
struct pld_member {
    int value, axis;
    enum pld_role role;
    int per_unit; /* indices a unit has on this axis */
    bool masked;  /* zeroed where the unit is masked: columns (PLD_ROLE_IN), and what makes one
                   * factor 0 where two activations are multiplied over the channel */
    const int *indices; /* [units][per_unit], ascending inside a unit */
};

/* An axis of any tensor that a group's units lie on (numbered by prune/lattice.h). */
struct pld_touch {
    int axis, per_unit;
};

struct pld_group {
    char id[16];      /* "g0", ...: numbered in network order of the first producer */
    const char *name; /* name of the first producing node */
    int units;
    int most; /* units that can go at once: all but one, or a single unit beside other groups */
    bool prunable;
    const char *reason; /* why not; NULL when prunable */
    int lock_node;      /* node that locks it, or PLD_NONE (graph input or output) */
    struct pld_member *members;
    int n_members;
    int *producers, n_producers; /* nodes, in order */
    int *consumers, n_consumers;
    struct pld_touch *touches; /* activations included; private to this row */
    int n_touches;
    int64_t macs_per_unit, params_per_unit; /* saved by removing one unit, everything else whole */
};

struct pld_groups {
    struct pld_arena arena;
    const struct pld_graph *graph;
    struct pld_group *groups;
    int n_groups;
    struct pld_lattice *lattice; /* the elements and ties */
    struct pld_cost_model *cost; /* what pld_groups_cost() works with */
};

/* Builds the groups of an inferred model graph, which must outlive them. Free with
 * pld_groups_free(). */
pld_status pld_groups_new(struct pld_groups **out, const struct pld_graph *graph);
void pld_groups_free(struct pld_groups *groups);

/* The value that touches[t] of group g is an axis of. */
int pld_groups_touched(const struct pld_groups *groups, int g, int t);

/* By id ("g12"), exact name of a group, or name of a producing node; -1 when there is none. */
int pld_groups_find(const struct pld_groups *groups, const char *text);

/* The chain of ties from a group's first producer to what locks it (or, for a prunable group, to
 * its consumers), one line a step, appended to `out`. `text` is a group or any node name.
 * PLD_EUSAGE with the nearest name when there is no such group or node. */
pld_status pld_groups_why(struct pld_str *out, const struct pld_groups *groups, const char *text);

/* Units to remove for a ratio: round-half-up(ratio * units), at most units - 1. */
int pld_ratio_count(double ratio, int units);

/* Exact cost of the model when group g loses removed[g] units (`removed` has n_groups entries):
 * MACs for one image and parameters, bilinear where both sides of a layer shrink. */
pld_status pld_groups_cost(int64_t *macs, int64_t *params, const struct pld_groups *groups,
                           const int *removed);

#endif
