/* Channel shuffles: what Reshape, Transpose, Reshape (or a Gather of one index) does to channels.
 *
 * Taken one by one, those nodes cut the channels into a rectangle, and a rectangle only loses whole
 * rows. Taken together they pick channels of an earlier value: out[.., i, ..] = x[.., pick[i], ..].
 * So the walk over channel rules ties each channel with where it goes, and surgery puts one Gather
 * in the place of the nodes when channels are removed.
 */
#ifndef PLD_GRAPH_SHUFFLE_H
#define PLD_GRAPH_SHUFFLE_H

#include "graph/graph.h"

enum { PLD_SHUFFLE_AXIS = 1 };

/* The end of a shuffle: a node whose only output picks channels of `from`. */
struct pld_pick {
    int node, from;
    int64_t *index; /* [n] channel of `from` behind channel i of the output */
    int64_t n;
};

struct pld_shuffles {
    struct pld_pick *picks;
    int n_picks;
    int *pick_of_node; /* [n_nodes] pick + 1 for an end; inside a shuffle -(pick + 1) of one of its
                        * ends; else 0 */
};

/* Finds the shuffles of an inferred graph; memory from the arena. */
pld_status pld_shuffles_find(struct pld_shuffles *out, struct pld_arena *arena,
                             const struct pld_graph *graph);

#endif
