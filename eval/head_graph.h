/* Questions that detector heads ask of a graph. */
#ifndef PLD_EVAL_HEAD_GRAPH_H
#define PLD_EVAL_HEAD_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "eval/head.h"
#include "graph/graph.h"

/* Height and width of the picture the network takes: its first input of rank 4 (N C H W). */
bool pld_head_input_size(const struct pld_graph *graph, int *width, int *height);

/* The strides whose grids over a width x height input have `locations` cells in all: 8..32 as a
 * rule, 4..32 or 8..64 for networks with a fourth level. Their number, or 0. */
int pld_head_levels(int strides[PLD_HEAD_LEVELS], int width, int height, int64_t locations);

/* Cells of the grids of strides first, 2 first, .. last over a width x height input. */
int64_t pld_head_cells(int width, int height, int first, int last);

/* Outputs by shape, leading axis aside: boxes [K,4], scores [K] or [K,C] or [C,K], labels [K], with
 * the same K; labels are the whole numbers among two outputs [K], or the one named so. Other
 * outputs are ignored. False unless there are boxes and scores. */
bool pld_head_roles(struct pld_head_roles *out, const struct pld_graph *graph);

/* Shape of output `index`. */
static inline const struct pld_shape *pld_head_shape(const struct pld_graph *graph, int index)
{
    return &graph->values[graph->outputs[index]].desc.shape;
}

/* PLD_EMODEL: "head NAME needs WHAT; the outputs are: ..." */
pld_status pld_head_misfit(const struct pld_graph *graph, const char *name, const char *what);

/* Whether an operator is among the last few that lead to `value`. `through_conv` looks behind
 * convolutions as well. */
bool pld_head_tail_has(const struct pld_graph *graph, int value, enum pld_op op, bool through_conv);

/* Number of class names in the metadata, 0 where there are none or they are unreadable. */
int pld_head_name_count(const struct pld_graph *graph);

/* "output0 1x84x8400, ..." for messages. Returns text. */
char *pld_head_outputs_text(char *text, size_t size, const struct pld_graph *graph);

#endif
