/* Private to the gemm: what an instruction set brings. */
#ifndef PLD_CPU_FAST_GEMM_ISA_H
#define PLD_CPU_FAST_GEMM_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/op.h"

/* Some rows times one panel. */
struct pld_gemm_tile {
    const float *left, *right, *bias, *add;
    float *out;
    int64_t left_step, out_step, add_step;
    int64_t length, jump, columns; /* columns: of the panel that exist */
    int segments;
};

typedef void (*pld_gemm_tile_fn)(const struct pld_gemm_tile *tile);

/* In place, on `rows` runs of n floats; a and b are the constants of struct pld_act. */
typedef void (*pld_gemm_activate_fn)(float *out, int64_t step, int64_t rows, int64_t n, float a,
                                     float b);

enum { PLD_GEMM_MOST_ROWS = 14 };

struct pld_gemm_isa {
    int vec;                                           /* floats of a vector */
    int rows;                                          /* of a full tile */
    pld_gemm_tile_fn tiles[PLD_GEMM_MOST_ROWS + 1][2]; /* by rows, and vectors - 1 */
    pld_gemm_activate_fn activate[PLD_OP_COUNT];       /* by operator kind; may be NULL */
    bool (*available)(void);
};

extern const struct pld_gemm_isa pld_gemm_avx512, pld_gemm_avx2;

#endif
