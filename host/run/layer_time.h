/* The time of one convolution at any widths. */
#ifndef PLD_RUN_LAYER_TIME_H
#define PLD_RUN_LAYER_TIME_H

#include "run/session.h"

/* Shortest of some runs, in seconds, of the convolution `node` of session->model as a model of its
 * own, its weights cut to out x in (sizes of their axes 0 and 1). A depthwise convolution keeps its
 * multiplier, a grouped one its number of groups; `out` has to be a multiple of it. Others' work
 * only ever adds to a time, so the shortest is nearest to the truth. */
pld_status pld_layer_time(double *seconds, const struct pld_session *session, int node, int64_t in,
                          int64_t out);

/* What the time depends on, as a text: equal texts, equal times. Owned by `arena`. */
char *pld_layer_shape(struct pld_arena *arena, const struct pld_graph *model, int node);

#endif
