#include "backend/loop.h"

#include <string.h>

static void swap_axes(struct pld_loop *loop, int i, int j)
{
    int64_t t = loop->dim[i];
    loop->dim[i] = loop->dim[j];
    loop->dim[j] = t;
    for (int k = 0; k < loop->operands; k++) {
        t = loop->stride[k][i];
        loop->stride[k][i] = loop->stride[k][j];
        loop->stride[k][j] = t;
    }
}

static int64_t magnitude(int64_t v)
{
    return v < 0 ? -v : v;
}

/* Should axis i be outside axis j? The output decides, then the inputs in their order. */
static bool outside(const struct pld_loop *loop, int i, int j)
{
    for (int k = 0; k < loop->operands; k++) {
        int64_t a = magnitude(loop->stride[k][i]), b = magnitude(loop->stride[k][j]);
        if (a != b) return a > b;
    }
    return i < j;
}

static void sort_axes(struct pld_loop *loop)
{
    for (int i = 1; i < loop->rank; i++)
        for (int j = i; j > 0 && outside(loop, j, j - 1); j--)
            swap_axes(loop, j, j - 1);
}

static bool mergeable(const struct pld_loop *loop, int outer, int inner)
{
    for (int k = 0; k < loop->operands; k++)
        if (loop->stride[k][outer] != loop->stride[k][inner] * loop->dim[inner]) return false;
    return true;
}

/* Folds each axis into the one inside it where memory allows. */
static void merge_axes(struct pld_loop *loop)
{
    int to = loop->rank - 1;
    for (int i = loop->rank - 2; i >= 0; i--) {
        if (mergeable(loop, i, to)) {
            loop->dim[to] *= loop->dim[i];
            continue;
        }
        to--;
        swap_axes(loop, to, i);
    }
    /* The kept axes are at the end: move them to the front. */
    int kept = loop->rank - to;
    for (int i = 0; to > 0 && i < kept; i++) {
        loop->dim[i] = loop->dim[to + i];
        for (int k = 0; k < loop->operands; k++)
            loop->stride[k][i] = loop->stride[k][to + i];
    }
    loop->rank = kept;
}

/* Rank 0 and 1 become rank 2, with axes of size 1 outside; an innermost one counts as dense. */
static void pad_axes(struct pld_loop *loop)
{
    if (loop->rank == 0) {
        loop->dim[loop->rank++] = 1;
        for (int k = 0; k < loop->operands; k++)
            loop->stride[k][0] = 1;
    }
    if (loop->rank == 1) {
        loop->dim[loop->rank++] = 1;
        swap_axes(loop, 0, 1);
    }
}

void pld_loop_init(struct pld_loop *loop, const struct pld_shape *shape, int operands,
                   const int64_t *const *stride)
{
    memset(loop, 0, sizeof *loop);
    loop->operands = operands;
    loop->empty = pld_shape_count(shape) == 0;
    for (int i = 0; i < shape->rank; i++) {
        if (shape->dim[i] == 1) continue;
        loop->dim[loop->rank] = shape->dim[i];
        for (int k = 0; k < operands; k++)
            loop->stride[k][loop->rank] = stride[k][i];
        loop->rank++;
    }
    sort_axes(loop);
    if (loop->rank > 1) merge_axes(loop);
    pad_axes(loop);
}

bool pld_loop_first(struct pld_loop_at *at, const struct pld_loop *loop)
{
    memset(at, 0, sizeof *at);
    return !loop->empty;
}

bool pld_loop_next(struct pld_loop_at *at, const struct pld_loop *loop)
{
    for (int i = loop->rank - 3; i >= 0; i--) {
        for (int k = 0; k < loop->operands; k++)
            at->offset[k] += loop->stride[k][i];
        if (++at->at[i] < loop->dim[i]) return true;
        for (int k = 0; k < loop->operands; k++)
            at->offset[k] -= loop->stride[k][i] * loop->dim[i];
        at->at[i] = 0;
    }
    return false;
}
