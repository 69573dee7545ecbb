/* What a sweep runs: for every group the part of the network behind its first consumers, with the
 * consumers' weights masked, on activations that a base program computed once an image.
 *
 * On the CPU a lane carries one image (or batch) through the base and then through every candidate
 * of a chunk of groups, so that clean activations are read while they are warm and memory does not
 * grow with images or candidates.
 */
#ifndef PLD_RUN_SUFFIX_H
#define PLD_RUN_SUFFIX_H

#include "prune/group.h"
#include "prune/mask.h"
#include "run/detector.h"

/* One group's candidates: distinct numbers of removed units, ascending, none of them 0. */
struct pld_suffix {
    int group;
    int *removed;
    int *from; /* candidate c loses order[from[c]] .. order[removed[c] - 1]; NULL: from 0 */
    int n_candidates;
    int *order; /* [units] least important first */
    /* filled by pld_suffixes_new() */
    struct pld_program *program;
    int *clean_outputs, n_clean; /* outputs of the graph that the program does not write */
    size_t mask_bytes;           /* masked weights of one candidate */
    int64_t macs;                /* one candidate, one forward */
};

/* Groups that are run on one base pass; finished, and journaled, together. */
struct pld_chunk {
    int first, count; /* suffixes */
    struct pld_program *base;
    int *needed, n_needed; /* values that the base computes for them, and graph inputs */
    int64_t macs;          /* base and all candidates, one forward */
    int candidates;
};

struct pld_suffixes {
    const struct pld_detector *detector;
    const struct pld_groups *groups;
    struct pld_arena arena;
    struct pld_suffix *items; /* the caller's, in network order */
    int count;
    struct pld_chunk *chunks;
    int n_chunks;
    size_t base_slab, suffix_slab; /* largest */
    int64_t macs;                  /* of everything, one forward */
    int64_t naive_macs;            /* the same candidates through the whole network each */
};

/* Plans programs and chunks. `items` (order, removed filled) must outlive the result. */
pld_status pld_suffixes_new(struct pld_suffixes **out, const struct pld_detector *detector,
                            const struct pld_groups *groups, struct pld_suffix *items, int count);
void pld_suffixes_free(struct pld_suffixes *suffixes);

/* Runs one chunk over all images: found[i] (caller's, `candidates` empty lists) receives the
 * detections of candidate i, counted over the chunk's suffixes in order. `on_cost` (may be NULL) is
 * called with the MACs of each finished piece of work, from any thread. */
pld_status pld_suffixes_run(struct pld_detections *found, const struct pld_suffixes *suffixes,
                            const struct pld_chunk *chunk,
                            void (*on_cost)(void *context, int64_t macs), void *context);

#endif
