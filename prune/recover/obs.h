/* Selection that knows about compensation: block OBS over all units of all groups at once.
 *
 * Removing the columns c of a layer and refitting the others optimally raises its squared error by
 *
 *   Delta_c = tr( W_c [(H^-1)_cc]^-1 W_c^T ),   H = G + lambda I
 *
 * after which  W -= W_c [(H^-1)_cc]^-1 (H^-1)_c:  and  H^-1 -= (H^-1)_:c [(H^-1)_cc]^-1 (H^-1)_c:
 * (Hassibi and Stork, "Second order derivatives for network pruning: Optimal Brain Surgeon", 1992;
 * for blocks: Frantar and Alistarh, "Optimal Brain Compression", NeurIPS 2022, section 4). The next
 * unit to go is the one with the least sum over its consumers j of omega_j Delta_j, for each MAC
 * that it saves now. Rows that belong to removed units stop counting. */
#ifndef PLD_PRUNE_RECOVER_OBS_H
#define PLD_PRUNE_RECOVER_OBS_H

#include "core/pool.h"
#include "prune/recover/compensate.h"

struct pld_obs_options {
    double ridge;       /* 0: 1e-3 */
    double max_ratio;   /* of a group's units that may go */
    int min_keep;       /* units that a group keeps at least */
    int align;          /* kept counts become multiples of this; 1: any */
    const double *caps; /* [n_groups] a ratio for each group, in place of max_ratio; or NULL */
};

/* One removal. */
struct pld_obs_step {
    int unit;     /* numbered over all groups */
    double loss;  /* its score: weighted increase of the squared errors */
    int64_t macs; /* of the model, once it is gone */
};

struct pld_obs;

/* `weights` is the graph whose constants are read, the sites' compiled graph; `omega` [sites] the
 * weight of each consumer's squared error; `gone` [units] what is removed already, whose columns
 * must be 0 in the weights. `moments` are joined. Inverts every covariance: the first unsolvable
 * layer is PLD_EFAIL. Free with pld_obs_free(). */
pld_status pld_obs_new(struct pld_obs **out, const struct pld_sites *sites,
                       const struct pld_moments *moments, const double *omega, const bool *gone,
                       const struct pld_obs_options *options, struct pld_pool *pool);
void pld_obs_free(struct pld_obs *obs);

/* Removes units until the model has at most `macs`. PLD_EGATE, with what was reached, when floors
 * and caps stop it before. */
pld_status pld_obs_run(struct pld_obs *obs, int64_t macs);

/* The removals so far, in order. A budget between two of them needs no other run. */
const struct pld_obs_step *pld_obs_trace(const struct pld_obs *obs, int *count);

/* The compensated weights of a site: w[rows][cols], owned by `obs`. */
const double *pld_obs_weights(const struct pld_obs *obs, int site);

#endif
