/* Loops that the compiler vectorises, in a version for each instruction set. */
#ifndef PLD_CPU_FAST_SIMD_H
#define PLD_CPU_FAST_SIMD_H

#include <stdint.h>

/* Puts the function into the object once for each listed instruction set; the loader picks. All
 * versions compute equal bits. (The picking runs too early for ThreadSanitizer.) */
#if defined(__x86_64__) && defined(__linux__) && !defined(__SANITIZE_THREAD__)
#define PLD_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define PLD_SIMD
#endif

/* Helpers that must end up inside such versions. */
#define PLD_INLINE static inline __attribute__((always_inline))

/* Eight floats, for loops over partial results that the compiler would not vectorise by itself; it
 * makes of them what the machine has. Never passed to a function: how would depend on the machine.
 */
enum { PLD_VEC = 8 };
typedef float pld_vec __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t pld_ivec __attribute__((vector_size(32)));

/* The operations of reductions, on floats and on vectors: a = f(a, b). NaN wins over numbers. */
#define PLD_ADD(a, b)      ((a) += (b))
#define PLD_MULTIPLY(a, b) ((a) *= (b))
#define PLD_MAX(a, b)      ((a) = (((b) > (a)) | ((b) != (b))) ? (b) : (a))
#define PLD_MIN(a, b)      ((a) = (((b) < (a)) | ((b) != (b))) ? (b) : (a))
#define PLD_VEC_CHOOSE(a, b, condition)                                      \
    do {                                                                     \
        pld_ivec take_ = (condition);                                        \
        (a) = (pld_vec)((take_ & (pld_ivec)(b)) | (~take_ & (pld_ivec)(a))); \
    } while (0)
#define PLD_VEC_ADD(a, b)      ((a) += (b))
#define PLD_VEC_MULTIPLY(a, b) ((a) *= (b))
#define PLD_VEC_MAX(a, b)      PLD_VEC_CHOOSE(a, b, ((b) > (a)) | ((b) != (b)))
#define PLD_VEC_MIN(a, b)      PLD_VEC_CHOOSE(a, b, ((b) < (a)) | ((b) != (b)))

#endif
