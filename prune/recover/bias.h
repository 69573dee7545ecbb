/* Biases of linear layers in a model graph: the b of y = W x + b. */
#ifndef PLD_PRUNE_RECOVER_BIAS_H
#define PLD_PRUNE_RECOVER_BIAS_H

#include <stdbool.h>

#include "graph/graph.h"

/* Has node a bias of `rows` numbers that can be changed, or (`absent`, may be NULL, becomes true)
 * room for one? */
bool pld_bias_possible(bool *absent, const struct pld_graph *graph, int node, int64_t rows);

/* Gives a node without a bias one of `rows` zeros, as a new initializer. */
pld_status pld_bias_add_zeros(struct pld_graph *graph, int node, int64_t rows);

/* b[n]: elements first .. first + n - 1 of the node's bias, in units of its output before a Gemm's
 * alpha; zeros where it has none. */
void pld_bias_read(double *b, const struct pld_graph *graph, int node, int64_t first, int64_t n);

/* Adds shift[n] to elements first .. first + n - 1 of the node's bias, in units of its output
 * before a Gemm's alpha. */
pld_status pld_bias_shift(struct pld_graph *graph, int node, int64_t first, const double *shift,
                          int64_t n);

#endif
