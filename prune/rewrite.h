/* How nodes that speak of widths are rewritten after a cut: group counts, Split sizes, Slice
 * bounds, Reshape targets, Gather indices. Operators that only follow their inputs need no row in
 * rewrite.def.
 */
#ifndef PLD_PRUNE_REWRITE_H
#define PLD_PRUNE_REWRITE_H

#include "prune/cut.h"

struct pld_rewrite {
    const struct pld_cut *cut;
    const struct pld_graph *before; /* the unpruned model, inferred */
    struct pld_graph *after;        /* its clone, inferred up to the node that is rewritten */
};

/* Rewrites a node of r->after by its row of rewrite.def, if it has one and its tensors lose
 * indices. */
pld_status pld_rewrite_node(const struct pld_rewrite *r, int node);

/* ---- for the rows ---- */

typedef pld_status (*pld_rewrite_fn)(const struct pld_rewrite *r, int node);

/* The integers that a node reads now, from input `input` or, in older opsets, from attribute `attr`
 * (may be NULL). *n = -1 when it has neither; PLD_EMODEL for more than `max`. */
pld_status pld_rewrite_read(int64_t *out, int *n, int max, const struct pld_rewrite *r, int node,
                            int input, const char *attr);
/* Gives the node these integers in place of what it reads now: in the attribute where it has that,
 * else as a new initializer for the input. Does nothing where they are equal. */
pld_status pld_rewrite_ints(const struct pld_rewrite *r, int node, int input, const char *attr,
                            const int64_t *values, int n);

#endif
