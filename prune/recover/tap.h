/* Where a layer reads its input: the patches that its weights are multiplied with. */
#ifndef PLD_PRUNE_RECOVER_TAP_H
#define PLD_PRUNE_RECOVER_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rng.h"
#include "graph/graph.h"

struct pld_tap {
    int node;                   /* of the compiled graph */
    int value;                  /* activation that it reads */
    int axis;                   /* channels of the value */
    int64_t channel0, channels; /* those that are read: a group of a grouped convolution */
    bool windowed;              /* the two last axes are read through `window` */
    struct pld_window window;
};

/* Describes how `node` of a compiled graph, a Conv, ConvTranspose, Gemm or MatMul with constant
 * input 1, reads input 0. `group` is the convolution group. A transposed convolution is a product
 * with the single cells of its input. False for forms that are not covered: a transposed first
 * operand, a constant that broadcasts. */
bool pld_tap_of(struct pld_tap *out, const struct pld_graph *graph, int node, int64_t group);
bool pld_tap_equal(const struct pld_tap *a, const struct pld_tap *b);

/* Elements of a patch: channels times cells of the window, in the order of the weights. */
int64_t pld_tap_columns(const struct pld_tap *tap);
/* Patches in one run of the graph. */
int64_t pld_tap_positions(const struct pld_tap *tap, const struct pld_graph *graph);

/* Draws `count` of `total` positions without repetition, ascending (selection sampling; Knuth, The
 * Art of Computer Programming 2, 3.4.2, algorithm S). All of them when count >= total. Returns how
 * many. */
int64_t pld_tap_draw(int64_t *positions, int64_t count, int64_t total, struct pld_rng *rng);

/* rows[n][columns]: the patches at these positions (im2col), zeros where the window hangs over the
 * edge. `data` is float32 in the layout of the value. */
void pld_tap_gather(float *rows, const struct pld_tap *tap, const struct pld_graph *graph,
                    const float *data, const int64_t *positions, int64_t n);

#endif
