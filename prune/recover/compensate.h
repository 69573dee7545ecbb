/* Compensation: the weights of the consumers refitted after a removal, without labels or training.
 *
 * Every layer that lost columns is fitted to what it computed before (prune/recover/fit.h). A part
 * of the images is held out: where the fit asked for is worse on them than a simpler one, the
 * simpler one is used, and the report says so. */
#ifndef PLD_PRUNE_RECOVER_COMPENSATE_H
#define PLD_PRUNE_RECOVER_COMPENSATE_H

#include "prune/recover/fit.h"
#include "prune/recover/site.h"

/* Moments of the patches of sites. Those that do not fit into memory together are measured and used
 * in chunks: patches outside the chunk have no columns here, and their sites are passed over. */
struct pld_moments {
    struct pld_gram *fit;  /* [n_patches] */
    struct pld_gram *hold; /* [n_patches] of the images held out, or NULL when none are */
    int n_patches;
    int images, held; /* how many, and how many of those are held out */
};
/* For patches first .. end - 1; `hold`: some images will be held out. */
pld_status pld_moments_init(struct pld_moments *out, const struct pld_sites *sites, int first,
                            int end, bool hold);
void pld_moments_release(struct pld_moments *moments);
/* Bytes that the moments of patches first .. end - 1 take. */
size_t pld_moments_bytes(const struct pld_sites *sites, int first, int end, bool hold);
/* Adds what was held out to `fit`, and frees `hold`. */
void pld_moments_join(struct pld_moments *moments);

struct pld_compensated {
    int site;
    const char *layer; /* owned by the model */
    int64_t cols, kept, patches;
    /* Relative, on the images held out, after each rung that was tried; of the sequential one with
     * the inputs that the layer gets in the pruned network. */
    double error[PLD_RUNGS];
    enum pld_rung used;
};

/* A zeroed struct is empty; calls add to it. */
struct pld_compensation {
    struct pld_compensated *layers; /* one a site that lost columns; owned */
    int count;
    int refused; /* layers where a simpler fit than the one asked for was better */
    int scarce;  /* layers fitted to fewer patches than they have columns */
};
void pld_compensation_release(struct pld_compensation *compensation);

struct pld_compensate_options {
    enum pld_rung rung; /* PLD_RUNG_AFFINE or PLD_RUNG_LS */
    double ridge;       /* 0: 1e-3 */
};

/* Gives layers that have none a bias where their fit will want one. `gone` [units of all groups].
 * `changed` (may be NULL): whether any was added; the groups must then be built again. */
pld_status pld_compensate_prepare(bool *changed, struct pld_graph *model,
                                  const struct pld_sites *sites, const bool *gone);

/* Rewrites, in `model` (the sites' model or a clone of it), the consumers of removed units: their
 * columns become 0, the others and the bias are refitted. Layers that lost nothing keep their
 * bytes. Joins the moments, and adds to `out`. PLD_EFAIL names a layer that cannot be solved. */
pld_status pld_compensate(struct pld_compensation *out, struct pld_graph *model,
                          const struct pld_sites *sites, struct pld_moments *moments,
                          const bool *gone, const struct pld_compensate_options *options);

#endif
