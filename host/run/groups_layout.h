/* Places of a graph's nodes for a picture: layers from inputs to outputs. */
#ifndef PLD_RUN_GROUPS_LAYOUT_H
#define PLD_RUN_GROUPS_LAYOUT_H

#include "graph/graph.h"

struct pld_node_place {
    int layer;  /* longest way from an input; -1: the node is not in the picture (folded, dead) */
    int column; /* within its layer, from the left */
};

struct pld_picture_layout {
    struct pld_node_place *nodes; /* [n_nodes] */
    int layers, columns;          /* how many, of the widest layer */
};

/* Live nodes only. Within a layer nodes stand in the order of the mean column of what they read
 * (Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures",
 * 1981: the barycentre method), from top to bottom. Memory from the arena. */
pld_status pld_picture_layout_nodes(struct pld_picture_layout *out, struct pld_arena *arena,
                                    const struct pld_graph *graph);

#endif
