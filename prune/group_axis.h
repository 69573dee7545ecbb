/* Which units an axis of an activation carries. */
#ifndef PLD_PRUNE_GROUP_AXIS_H
#define PLD_PRUNE_GROUP_AXIS_H

#include "core/arena.h"
#include "prune/group.h"

/* Finds the axis of `value` on which channels of group g lie: *axis, and unit_of[size of the axis],
 * from the arena, with the unit of every index or -1. *axis is PLD_NONE where the group does not
 * touch the value. */
pld_status pld_group_axis(int *axis, int **unit_of, struct pld_arena *arena,
                          const struct pld_groups *groups, int g, int value);

#endif
