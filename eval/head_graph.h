/* Questions that detector heads ask of a graph. */
#ifndef PLD_EVAL_HEAD_GRAPH_H
#define PLD_EVAL_HEAD_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "graph/graph.h"

/* Height and width of the picture the network takes: its first input of rank 4 (N C H W). */
bool pld_head_input_size(const struct pld_graph *graph, int *width, int *height);

/* The strides whose grids over a width x height input have `locations` cells in all: 8..32 as a
 * rule, 4..32 or 8..64 for networks with a fourth level. Their number, or 0. */
int pld_head_levels(int strides[4], int width, int height, int64_t locations);

/* Whether an operator is among the last few that lead to `value`. `through_conv` looks behind
 * convolutions as well. */
bool pld_head_tail_has(const struct pld_graph *graph, int value, enum pld_op op, bool through_conv);

/* Number of class names in the metadata, 0 where there are none or they are unreadable. */
int pld_head_name_count(const struct pld_graph *graph);

/* "output0 1x84x8400, ..." for messages. Returns text. */
char *pld_head_outputs_text(char *text, size_t size, const struct pld_graph *graph);

#endif
