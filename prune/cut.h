/* What a plan leaves of every axis of every tensor, activations included. */
#ifndef PLD_PRUNE_CUT_H
#define PLD_PRUNE_CUT_H

#include "prune/group.h"

struct pld_cut {
    struct pld_arena arena;
    const struct pld_groups *groups;
    bool *gone;    /* [elements of the lattice] */
    int64_t *kept; /* [axes of the lattice] */
};

/* units[g] lists removed[g] units of group g (what a pld_plan holds). Release with
 * pld_cut_release(), also after a failure. */
pld_status pld_cut_init(struct pld_cut *out, const struct pld_groups *groups, int *const *units,
                        const int *removed);
void pld_cut_release(struct pld_cut *cut);

/* Indices of an axis that stay. */
int64_t pld_cut_kept(const struct pld_cut *cut, int value, int axis);
/* Those of them below `end`: also where the kept index `end` lies afterwards. */
int64_t pld_cut_kept_below(const struct pld_cut *cut, int value, int axis, int64_t end);
bool pld_cut_keeps(const struct pld_cut *cut, int value, int axis, int64_t index);
/* Does anything read the value, or is it an output? */
bool pld_cut_matters(const struct pld_cut *cut, int value);
/* Does the value lose anything? */
bool pld_cut_touches(const struct pld_cut *cut, int value);
/* The shape that is left of a value. */
struct pld_shape pld_cut_shape(const struct pld_cut *cut, int value);

/* A further use of a shared constant (struct pld_copy, by number): does it lose other indices than
 * the first use? */
bool pld_cut_use_differs(const struct pld_cut *cut, int copy);
struct pld_shape pld_cut_use_shape(const struct pld_cut *cut, int copy);
void pld_cut_use_copy(void *out, const struct pld_cut *cut, int copy);

/* Copies what stays of `data`, row-major elements of `value` as it was, to `out`. */
void pld_cut_copy(void *out, const struct pld_cut *cut, int value, const void *data);

#endif
