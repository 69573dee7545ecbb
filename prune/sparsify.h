/* Sparse weights: zeroes inside layers, at unchanged shapes. Single weights by magnitude, or two of
 * every four along the input channels (2:4), the pattern that sparse tensor cores run. */
#ifndef PLD_PRUNE_SPARSIFY_H
#define PLD_PRUNE_SPARSIFY_H

#include "core/option.h"
#include "prune/group.h"

enum pld_sparse_mode {
    PLD_SPARSE_LAYER,     /* the same share of every layer */
    PLD_SPARSE_GLOBAL,    /* one magnitude for all layers, at a share of all weights */
    PLD_SPARSE_THRESHOLD, /* everything of |w| below `amount` */
    PLD_SPARSE_2_4,
};

struct pld_sparse_options {
    enum pld_sparse_mode mode;
    double amount;            /* share of weights to zero, or the threshold */
    bool permute;             /* 2:4: reorder the units of groups first; outputs stay the same */
    struct pld_words protect; /* globs on layer names: stay dense */
    uint64_t seed;
};

/* The weights of a conv, conv transpose, gemm or matmul. */
struct pld_sparse_layer {
    int node, value;
    int64_t weights, zeros; /* zeros after */
    double kept;            /* sum of |w| after / before */
    const char *dense;      /* why nothing was done, or NULL */
};

struct pld_sparsified {
    struct pld_arena arena;
    struct pld_graph *graph; /* the sparse model; free with pld_graph_free() before the original */
    struct pld_sparse_layer *layers;
    int n_layers;
};

/* Sparsifies a clone of the groups' graph. PLD_EUSAGE for a glob that matches nothing. Release with
 * pld_sparsified_release(), also after a failure. */
pld_status pld_sparsify(struct pld_sparsified *out, const struct pld_groups *groups,
                        const struct pld_sparse_options *options);
void pld_sparsified_release(struct pld_sparsified *sparse);

/* ---- 2:4, for pld_sparsify() ---- */

/* Zeroes, in weights [outer][channels][inner] with channels a multiple of 4, the two smallest of
 * every four neighbours along the channels. */
void pld_sparse_2_4(float *weights, int64_t outer, int64_t channels, int64_t inner);

/* Reorders the units of every prunable group of `graph` (a clone whose constants may be replaced)
 * so that 2:4 keeps more of the consumers' magnitude: random exchanges that help. The model
 * computes what it did (Pool and Yu, "Channel Permutations for N:M Sparsity", NeurIPS 2021). */
pld_status pld_sparse_permute(struct pld_graph *graph, const struct pld_groups *groups,
                              uint64_t seed);

#endif
