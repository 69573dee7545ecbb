/* Private to costs: the products that a model's MACs are, and which values count as parameters. */
#ifndef PLD_PRUNE_COST_H
#define PLD_PRUNE_COST_H

#include "prune/lattice.h"

/* MACs of a node are a product of sizes: of its weights' axes, or of the result and the contracted
 * axis where two activations are multiplied. */
struct pld_work {
    int64_t per_cell; /* MACs / product of the sizes */
    int axis[PLD_MAX_RANK + 1];
    int n;
};

struct pld_cost_model {
    int64_t params; /* of the whole model */
    int64_t fixed;  /* MACs of nodes that have no axes of this kind */
    struct pld_work *work;
    int n_work;
    int *by_axis_first, *by_axis; /* works that have the axis */
    bool *stored;                 /* [n_values] parameters in the file */
};

#endif
