/* The tail of a model: the nodes whose shapes depend on the data.
 *
 * NonMaxSuppression, NonZero, Compress and Unique find as many things as there are, and what comes
 * behind them is as long; so is what a shape that is computed from the image leads to. Everything
 * else in this program has shapes that are known when the model is loaded. The tail is run node by
 * node on the host, each time with shapes inferred anew from the values that the executed graph
 * left for it. It is small in any model that we know: the end of a detector.
 */
#ifndef PLD_GRAPH_TAIL_H
#define PLD_GRAPH_TAIL_H

#include "graph/exec.h"
#include "graph/graph.h"

struct pld_tail;

/* The tail of a graph made by pld_graph_compile(), which must outlive it; *out is NULL when it has
 * none. `device` is where the graph runs. */
pld_status pld_tail_new(struct pld_tail **out, const struct pld_graph *compiled,
                        struct pld_backend *host, struct pld_backend *device);
void pld_tail_free(struct pld_tail *tail);

/* Runs the tail on what the lane has just computed. */
pld_status pld_tail_run(struct pld_tail *tail, const struct pld_lane *lane);

/* A value that the tail has computed: desc, and row-major data. Good until the next run. */
const struct pld_value *pld_tail_value(const struct pld_tail *tail, int value);

#endif
