/* Seeded random numbers: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021), seeded by splitmix64. Integer arithmetic only, so equal on every machine. */
#ifndef PLD_CORE_RNG_H
#define PLD_CORE_RNG_H

#include <stdint.h>

struct pld_rng {
    uint64_t s[4];
};

void pld_rng_init(struct pld_rng *rng, uint64_t seed);
uint64_t pld_rng_next(struct pld_rng *rng);
/* Uniform in 0..n-1 without bias; n > 0. */
uint64_t pld_rng_below(struct pld_rng *rng, uint64_t n);
/* Uniform in [0, 1) with 53 bits. */
double pld_rng_unit(struct pld_rng *rng);

#endif
