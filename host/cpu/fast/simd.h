/* Loops that the compiler vectorises, in a version for each instruction set. */
#ifndef PLD_CPU_FAST_SIMD_H
#define PLD_CPU_FAST_SIMD_H

/* Puts the function into the object once for each listed instruction set; the loader picks. The
 * versions compute equal bits unless the loop is a reduction. (The picking runs too early for
 * ThreadSanitizer.) */
#if defined(__x86_64__) && defined(__linux__) && !defined(__SANITIZE_THREAD__)
#define PLD_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define PLD_SIMD
#endif

/* Helpers that must end up inside such versions. */
#define PLD_INLINE static inline __attribute__((always_inline))

#endif
