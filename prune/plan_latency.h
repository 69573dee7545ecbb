/* Latency of a model at other widths, from layers that were measured at some widths on one device.
 *
 * latency(plan) = rest + sum over layers of time(kept inputs, kept outputs), each layer's time
 * bilinear between the measured widths. `rest` is what the whole model takes beyond its measured
 * layers; it is taken to shrink not at all.
 */
#ifndef PLD_PRUNE_PLAN_LATENCY_H
#define PLD_PRUNE_PLAN_LATENCY_H

#include "prune/group.h"

struct pld_latency_model;

/* Reads a table as `pollard plan --measure-latency` writes it (run/latency_table.h). PLD_EUSAGE
 * names the entry that does not fit the model. Free with pld_latency_free(). */
pld_status pld_latency_read(struct pld_latency_model **out, const char *path,
                            const struct pld_groups *groups);
void pld_latency_free(struct pld_latency_model *model);

double pld_latency_of(const struct pld_latency_model *model, const int *removed); /* ms */
double pld_latency_whole(const struct pld_latency_model *model);
/* The layers that group g touches. */
double pld_latency_of_group(const struct pld_latency_model *model, const int *removed, int g);

#endif
