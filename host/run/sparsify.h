/* Sparse weights, from file to file. */
#ifndef PLD_RUN_SPARSIFY_H
#define PLD_RUN_SPARSIFY_H

#include "prune/sparsify.h"
#include "run/session.h"

struct pld_sparsify_options {
    const struct pld_session_options *session;
    const char *model, *out;
    struct pld_sparse_options sparse;
};

struct pld_sparsify_row {
    const char *name; /* of the layer's node */
    int64_t weights, zeros;
    double kept; /* share of the magnitude */
    const char *dense;
};

struct pld_sparsify_result {
    struct pld_arena arena; /* owns the below */
    struct pld_sparsify_row *rows;
    int n_rows;
    int64_t weights, zeros;
};

/* Writes the sparse model, atomically. Release with pld_sparsify_result_release(), also after a
 * failure. */
pld_status pld_sparsify_run(struct pld_sparsify_result *out,
                            const struct pld_sparsify_options *options);
void pld_sparsify_result_release(struct pld_sparsify_result *result);

#endif
