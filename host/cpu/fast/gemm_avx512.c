/* Tiles of 14 x 32 with AVX-512: 28 of 32 registers are sums. */
#if defined(__x86_64__)
#include <immintrin.h>

#define GEMM_TARGET              __attribute__((target("arch=x86-64-v4")))
#define GEMM_VEC                 16
#define GEMM_ROWS                14
#define vec                      __m512
#define gemm_spread(p)           _mm512_set1_ps(*(p))
#define gemm_fma(a, b, c)        _mm512_fmadd_ps(a, b, c)
#define gemm_max(a, b)           _mm512_max_ps(a, b)
#define gemm_min(a, b)           _mm512_min_ps(a, b)
#define gemm_load_part(p, n)     _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p)
#define gemm_store_part(p, x, n) _mm512_mask_storeu_ps(p, (__mmask16)((1u << (n)) - 1), x)
#include "cpu/fast/gemm_tile.h"

GEMM_TILES(1)
GEMM_TILES(2)
GEMM_TILES(3)
GEMM_TILES(4)
GEMM_TILES(5)
GEMM_TILES(6)
GEMM_TILES(7)
GEMM_TILES(8)
GEMM_TILES(9)
GEMM_TILES(10)
GEMM_TILES(11)
GEMM_TILES(12)
GEMM_TILES(13)
GEMM_TILES(14)

static bool available(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512cd");
}

const struct pld_gemm_isa pld_gemm_avx512 = {
    .vec = GEMM_VEC,
    .rows = GEMM_ROWS,
    .tiles = {GEMM_ENTRY(1), GEMM_ENTRY(2), GEMM_ENTRY(3), GEMM_ENTRY(4), GEMM_ENTRY(5),
              GEMM_ENTRY(6), GEMM_ENTRY(7), GEMM_ENTRY(8), GEMM_ENTRY(9), GEMM_ENTRY(10),
              GEMM_ENTRY(11), GEMM_ENTRY(12), GEMM_ENTRY(13), GEMM_ENTRY(14)},
    .activate = GEMM_ACTIVATIONS,
    .available = available,
};
#endif
