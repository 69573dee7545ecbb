/* The graph as a picture, nodes in the colour of the group their channels belong to. */
#ifndef PLD_RUN_GROUPS_PICTURE_H
#define PLD_RUN_GROUPS_PICTURE_H

#include "core/str.h"
#include "prune/group.h"

/* Appends a self-contained SVG. A node's title lists all groups of its outputs; nodes without
 * groups are white, those of locked groups have a dashed border. */
pld_status pld_groups_svg(struct pld_str *out, const struct pld_groups *groups);

/* The same as a Graphviz file; groups are listed in tooltips. */
pld_status pld_groups_dot(struct pld_str *out, const struct pld_groups *groups);

#endif
