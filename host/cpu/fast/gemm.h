/* Products of float matrices with a constant right side, for convolutions: rows of the left side
 * are runs of memory (pixels), columns of the right side are packed into panels.
 *
 * Every element of the result is one chain of fused multiply-adds in the order of k, whatever tile
 * or thread computes it, so how the work is divided never changes a bit. */
#ifndef PLD_CPU_FAST_GEMM_H
#define PLD_CPU_FAST_GEMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/op.h"

/* The left side: row i, element k = s * length + j, is data[i * step + s * jump + j]. */
struct pld_gemm_left {
    const float *data;
    int64_t step, length, jump;
    int segments;
};

/* The right side: k x n, in panels of pld_gemm_panel() columns. */
struct pld_gemm_right {
    const float *packed;
    int64_t k, n;
    const float *bias; /* [n] or NULL */
};

/* Where the result goes: row i, column j is data[i * step + j]; `add` (or NULL), which has rows of
 * its own distance, is added to it, and then `act` (or NULL) applied. */
struct pld_gemm_out {
    float *data;
    int64_t step;
    const float *add;
    int64_t add_step;
    const struct pld_act *act;
};

/* Does this machine have the instructions? Without them nothing below may be called. */
bool pld_gemm_available(void);

/* Columns of a panel, and how many panels n columns make. */
int64_t pld_gemm_panel(void);
int64_t pld_gemm_panels(int64_t n);

/* Floats of a packed k x n matrix, and packing: element (k, n) is b[k * step_k + n * step_n]. */
size_t pld_gemm_packed(int64_t k, int64_t n);
void pld_gemm_pack(float *packed, const float *b, int64_t k, int64_t n, int64_t step_k,
                   int64_t step_n);

/* Can the activation be applied on the way? */
bool pld_gemm_activates(const struct pld_act *act);
/* Applies it to `rows` runs of n floats. */
void pld_gemm_activate(const struct pld_act *act, float *out, int64_t step, int64_t rows,
                       int64_t n);

/* out = act(left right + bias [+ add]), of `rows` rows and the panels first..last-1. */
void pld_gemm_run(const struct pld_gemm_out *out, const struct pld_gemm_left *left,
                  const struct pld_gemm_right *right, int64_t rows, int64_t first, int64_t last);

#endif
