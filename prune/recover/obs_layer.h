/* Private to block OBS: one layer's weights, inverse covariance and scores. */
#ifndef PLD_PRUNE_RECOVER_OBS_LAYER_H
#define PLD_PRUNE_RECOVER_OBS_LAYER_H

#include "prune/recover/site.h"

/* The columns of one unit in a layer. */
struct pld_obs_block {
    int unit;
    int64_t *cols, n;
    double score; /* tr(W_c [(H^-1)_cc]^-1 W_c^T) */
    bool gone;
};

/* What sites with the same patches share. */
struct pld_obs_inverse {
    double *h; /* [n][n] inverse of G + lambda I over the columns that are left; lower triangle */
    int64_t n;
};

struct pld_obs_layer {
    const struct pld_site *site;
    const char *name; /* for messages */
    double *w;        /* [rows][cols] */
    struct pld_obs_block *blocks;
    int n_blocks;
    int64_t widest; /* most columns of a block */
};

/* Lists the units of a site as blocks, from `arena`, which also holds the weights. */
pld_status pld_obs_layer_init(struct pld_obs_layer *layer, const struct pld_site *site,
                              const char *name, struct pld_arena *arena);

/* Doubles of scratch that the two functions below need. */
size_t pld_obs_scratch(const struct pld_obs_layer *layer);

/* Scores all blocks that are left. PLD_EFAIL when a block of the inverse is not definite. */
pld_status pld_obs_score(struct pld_obs_layer *layer, const struct pld_obs_inverse *inverse,
                         double *scratch);

/* Updates the weights for the removal of a block; the inverse is still that from before. */
pld_status pld_obs_update(struct pld_obs_layer *layer, const struct pld_obs_inverse *inverse,
                          struct pld_obs_block *block, double *scratch);

/* Takes columns out of an inverse. `scratch` as for a layer with such a block. */
pld_status pld_obs_downdate(struct pld_obs_inverse *inverse, const int64_t *cols, int64_t n,
                            double *scratch, const char *where);

#endif
