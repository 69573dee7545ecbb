/* Consumers of prunable channels as least-squares problems, y = W x + b: which weights they are,
 * which patches x they read, and which channel unit every column and every row belongs to.
 *
 * A layer is one site, a grouped convolution one a group. Weights that several nodes share are one
 * site with several taps. */
#ifndef PLD_PRUNE_RECOVER_SITE_H
#define PLD_PRUNE_RECOVER_SITE_H

#include "prune/group.h"
#include "prune/recover/tap.h"

struct pld_site {
    int weight;              /* value of the model */
    int node;                /* of the model: the first that reads it; for messages and biases */
    int *readers, n_readers; /* nodes of the compiled graph that read it, as input 1 */
    int patches;             /* what they read: index into pld_sites.patches */
    int64_t rows, cols;
    /* Element (r, c) of W lies at offset + r * row_step + c * col_step in the constant. */
    int64_t offset, row_step, col_step;
    int64_t bias0; /* row r adds bias element bias0 + r; not of a transposed convolution */
    int *col_unit; /* [cols] unit, or PLD_NONE; units are numbered over all groups */
    int *row_unit; /* [rows] */
};

/* Patches whose moments are measured; sites that read the same ones share them. */
struct pld_patches {
    struct pld_tap *taps;
    int n_taps;
    int64_t cols;
};

struct pld_sites {
    struct pld_arena arena;
    const struct pld_groups *groups;
    const struct pld_graph *compiled;
    struct pld_site *items;
    int count;
    struct pld_patches *patches;
    int n_patches;
    int *first_unit;     /* [n_groups + 1] number of the group's first unit */
    const char **unseen; /* [n_groups] a consumer that is not covered, by name; NULL: none */
};

/* Finds the sites of all prunable groups in a compiled clone of the groups' model. Both must
 * outlive *out. Free with pld_sites_free(). */
pld_status pld_sites_new(struct pld_sites **out, const struct pld_groups *groups,
                         const struct pld_graph *compiled);
void pld_sites_free(struct pld_sites *sites);

/* w[rows][cols]: the site's weights, from the constant that `graph` holds: the model, a clone of it
 * or its compiled form (whose rows may be scaled by a folded normalisation). `value` is the
 * constant there. */
void pld_site_read(double *w, const struct pld_site *site, const struct pld_graph *graph,
                   int value);
/* The reverse, into float32 elements of that constant's shape. */
void pld_site_write(float *data, const struct pld_site *site, const double *w);

/* The constant of the compiled graph that holds the site's weights. */
int pld_site_compiled_weight(const struct pld_sites *sites, const struct pld_site *site);

/* The value that a constant of a compiled graph was made from. */
int pld_value_origin(const struct pld_graph *graph, int value);

#endif
