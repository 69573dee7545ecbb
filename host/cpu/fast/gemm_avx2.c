/* Tiles of 6 x 16 with AVX2 and FMA: 12 of 16 registers are sums. */
#if defined(__x86_64__)
#include <immintrin.h>

#define GEMM_TARGET       __attribute__((target("arch=x86-64-v3")))
#define GEMM_VEC          8
#define GEMM_ROWS         6
#define vec               __m256
#define gemm_spread(p)    _mm256_set1_ps(*(p))
#define gemm_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define gemm_max(a, b)    _mm256_max_ps(a, b)
#define gemm_min(a, b)    _mm256_min_ps(a, b)
#define gemm_part(n) \
    _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define gemm_load_part(p, n)     _mm256_maskload_ps(p, gemm_part(n))
#define gemm_store_part(p, x, n) _mm256_maskstore_ps(p, gemm_part(n), x)
#include "cpu/fast/gemm_tile.h"

GEMM_TILES(1)
GEMM_TILES(2)
GEMM_TILES(3)
GEMM_TILES(4)
GEMM_TILES(5)
GEMM_TILES(6)

static bool available(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const struct pld_gemm_isa pld_gemm_avx2 = {
    .vec = GEMM_VEC,
    .rows = GEMM_ROWS,
    .tiles = {GEMM_ENTRY(1), GEMM_ENTRY(2), GEMM_ENTRY(3), GEMM_ENTRY(4), GEMM_ENTRY(5),
              GEMM_ENTRY(6)},
    .activate = GEMM_ACTIVATIONS,
    .available = available,
};
#endif
