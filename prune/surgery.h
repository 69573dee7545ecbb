/* Surgery: the model without the removed units, physically smaller.
 *
 * Every tensor of a unit is sliced, and what speaks of widths is rewritten (prune/rewrite.h). The
 * result is inferred again node by node, and every shape is compared with what the groups say has
 * to be left: a node that was not understood is an error that names it, never a wrong model.
 */
#ifndef PLD_PRUNE_SURGERY_H
#define PLD_PRUNE_SURGERY_H

#include "prune/group.h"

/* Removes units[g][0..removed[g]-1] of every group g from a clone of the groups' graph. Names,
 * attributes and metadata stay. `host` computes folded constants again. *out may borrow weights
 * from the original, which must outlive it. PLD_EUSAGE for a locked group or one that would lose
 * all units, PLD_EMODEL naming the node whose widths cannot be rewritten. Free with
 * pld_graph_free(). */
pld_status pld_surgery(struct pld_graph **out, const struct pld_groups *groups, int *const *units,
                       const int *removed, struct pld_backend *host);

#endif
