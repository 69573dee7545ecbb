/* The sequential rung: layers refitted in the order of the network, each to what it computed in the
 * unpruned model, from the inputs that it gets in the pruned and refitted one. */
#ifndef PLD_RUN_SEQUENTIAL_H
#define PLD_RUN_SEQUENTIAL_H

#include "prune/recover/compensate.h"
#include "run/detector.h"

/* Refits, in `model` (least squares behind it), the layers of `report` that have a bias. `teacher`
 * runs the unpruned model, whose sites are given. Layers that do not depend on each other are
 * refitted on one pass over the images. On the images held out the new weights must be better than
 * those of `model` with a new bias, and than `model` as it is; else the layer keeps what it had.
 * Updates the report: `used`, `error`, `refused`. */
pld_status pld_sequential(struct pld_compensation *report, struct pld_graph *model,
                          const struct pld_detector *teacher, const struct pld_sites *sites,
                          const bool *gone, uint64_t seed);

#endif
