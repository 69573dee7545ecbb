/* Masks: the model without some units, at unchanged shapes.
 *
 * A unit's columns are zeroed in every consumer. Not its activations, and not its filters: the
 * activation of a dead channel is act(bias), which need not be 0. (Where two activations are
 * multiplied over the channel there are no columns: prune/product.h.)
 */
#ifndef PLD_PRUNE_MASK_H
#define PLD_PRUNE_MASK_H

#include "graph/exec.h"
#include "prune/group.h"

/* Zeroes, in a copy of the data of `value`, the columns that `units` of the group own on it. `data`
 * holds the value's row-major elements and is changed in place. */
void pld_mask_columns(void *data, const struct pld_graph *graph, const struct pld_member *member,
                      const int *units, int n_units);

/* Masks units in the model graph itself (a clone whose data the caller may replace): consumers'
 * initializers get new data. */
pld_status pld_mask_model(struct pld_graph *model, const struct pld_groups *groups, int g,
                          const int *units, int n_units);

/* One set of masked consumer weights for an engine: memory is planned once a group and refilled for
 * every candidate. */
struct pld_mask_weights {
    struct pld_engine *engine;
    const struct pld_groups *groups;
    int group;
    struct pld_arena arena;
    struct pld_override *overrides;    /* one a masked input of a node; data is owned */
    const struct pld_member **members; /* [n] the member behind each override */
    int n;
};

/* Finds the constant inputs of the compiled graph that hold the group's columns, through their
 * origins. Release with pld_mask_weights_release(), also after a failure. */
pld_status pld_mask_weights_init(struct pld_mask_weights *out, struct pld_engine *engine,
                                 const struct pld_groups *groups, int g);
/* Fills the overrides for removing `units`. */
pld_status pld_mask_weights_fill(struct pld_mask_weights *weights, const int *units, int n_units);
/* Memory the overrides take. */
size_t pld_mask_weights_bytes(const struct pld_mask_weights *weights);
void pld_mask_weights_release(struct pld_mask_weights *weights);

#endif
