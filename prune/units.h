/* Private to groups: channel units, and which of them make a group. */
#ifndef PLD_PRUNE_UNITS_H
#define PLD_PRUNE_UNITS_H

#include "prune/lattice.h"

/* Units are numbered in the order in which their first producer makes them; groups in the order of
 * their first unit. */
struct pld_units {
    struct pld_arena arena;
    int count, n_groups;
    int64_t *start; /* [count + 1] */
    int32_t *items; /* elements of unit u, ascending: items[start[u] .. start[u+1]-1] */
    int *first;     /* [n_groups + 1] */
    int *members;   /* units of group g, ascending: members[first[g] .. first[g+1]-1] */
};

/* Units that touch the same axes equally often, and have the same lock, make a group. Release with
 * pld_units_release(), also after a failure. */
pld_status pld_units_init(struct pld_units *out, const struct pld_lattice *lattice);
void pld_units_release(struct pld_units *units);

/* The lock that holds a unit, an index into lattice->locks, or -1. */
int pld_units_lock(const struct pld_units *units, const struct pld_lattice *lattice, int unit);

/* The end of the run of a unit's elements that starts at items[i] and lies on one axis. */
int64_t pld_units_run(const struct pld_units *units, const struct pld_lattice *lattice, int unit,
                      int64_t i, int *axis);

#endif
