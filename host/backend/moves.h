/* Operators that only move elements, of any type, as lists of strided copies: Concat, Split, Slice,
 * Transpose, Reshape, Expand, Tile, DepthToSpace, SpaceToDepth, Pad with a constant, Identity and
 * Reorder. A backend needs one copy kernel for all of them. */
#ifndef PLD_BACKEND_MOVES_H
#define PLD_BACKEND_MOVES_H

#include "backend/backend.h"

/* For every index of `shape`: out[out_at + index . out_stride] = in[in_at + index . in_stride]. */
struct pld_move {
    struct pld_shape shape;
    int64_t out_stride[PLD_MAX_RANK], in_stride[PLD_MAX_RANK]; /* in elements */
    int64_t out_at, in_at;
    int out, in; /* which output and input; input -1 is the constant */
};

struct pld_moves {
    size_t size;  /* bytes of an element */
    double value; /* the constant of Pad, in the output's type */
    enum pld_dtype dtype;
    int n;
    struct pld_move move[]; /* done in this order: a later one may write over an earlier one */
};

/* Is the signature such an operator, with shapes and layouts that the list can express? */
bool pld_moves_supports(const struct pld_signature *sig);
/* The list of a supported signature; free() it. NULL, and the error recorded, on no memory. */
struct pld_moves *pld_moves_new(const struct pld_signature *sig);

#endif
