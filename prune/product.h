/* Private to groups: channels over which two activations are multiplied and summed (the queries and
 * keys of attention).
 *
 * There is no column to zero: a removed channel is a term that is missing from the sum. Masking
 * makes the term 0 instead, by zeroing the constants that make one of the two factors, so that has
 * to be possible: no bias that does not belong to the channel, no function with f(0) != 0 on the
 * way.
 */
#ifndef PLD_PRUNE_PRODUCT_H
#define PLD_PRUNE_PRODUCT_H

#include "prune/lattice.h"

/* Adds the nodes that multiply activations over the group's channels to its consumers, and sets
 * `masked` on the members to zero. *blocker is a node whose factors cannot be made 0, or PLD_NONE.
 */
pld_status pld_product_settle(int *blocker, struct pld_groups *groups, struct pld_group *group);

#endif
