/* Private to the passes: who reads a value. */
#ifndef PLD_GRAPH_PASSES_PASS_H
#define PLD_GRAPH_PASSES_PASS_H

#include "graph/graph.h"

/* A snapshot: editing does not update it. */
struct pld_readers {
    struct pld_arena arena;
    struct pld_uses uses;
    bool *output; /* [n_values] a graph output */
};

pld_status pld_readers_init(struct pld_readers *readers, const struct pld_graph *graph);
void pld_readers_release(struct pld_readers *readers);

/* The one node that reads a value which is no graph output, else PLD_NONE. */
int pld_sole_reader(const struct pld_readers *readers, int value);

/* Lets `node` write output 0 of `last` in place of its own, and removes `last`, which has become
 * part of it. */
void pld_absorb(struct pld_graph *graph, int node, int last);

/* Can kernels apply the operator while they write a convolution's result? */
bool pld_is_fusible(int op);

/* Elements keep their order, and there is one output: the input under another shape. */
bool pld_is_view(const struct pld_node *node);

/* PLD_EMODEL when `graph`, a clone of `model` that was inferred for another batch size, would mix
 * images or has no batch axis in an output. */
pld_status pld_check_batch(const struct pld_graph *graph, const struct pld_graph *model);

/* What the tail (graph/tail.h) reads becomes outputs of `graph`, in place of those it makes. */
pld_status pld_cut_tail(struct pld_graph *graph);

/* Computes a node whose inputs are all constant on `host`; the outputs become constants in the
 * arena of the graph. A node for which there is no kernel, or whose result is huge, stays as it
 * is. */
pld_status pld_fold_node(struct pld_graph *graph, struct pld_node *node, struct pld_backend *host);

#endif
