/* The outputs of a graph on given inputs, and how far two of them are apart. */
#ifndef PLD_RUN_GRAPH_OUTPUTS_H
#define PLD_RUN_GRAPH_OUTPUTS_H

#include "graph/graph.h"

/* All outputs as doubles, one after the other. */
struct pld_graph_outputs {
    double *data;
    int64_t *first; /* [n + 1] */
    int n;
};

/* Compiles an inferred model for the CPU `host` and runs it once; inputs[i] holds the row-major
 * elements of graph input i. Release with pld_graph_outputs_release(), also after a failure. */
pld_status pld_graph_outputs(struct pld_graph_outputs *out, const struct pld_graph *model,
                             struct pld_backend *host, const void *const *inputs);
void pld_graph_outputs_release(struct pld_graph_outputs *outputs);

/* Largest |a - b| / max(|b|, rms of that output of b). Infinite where their sizes differ, or one
 * has a NaN where the other has none. */
double pld_graph_outputs_gap(const struct pld_graph_outputs *a, const struct pld_graph_outputs *b);

#endif
