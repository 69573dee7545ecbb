/* A random order: the yardstick that any criterion has to beat. */
#include "core/rng.h"
#include "prune/criterion.h"

static pld_status score(double *scores, const struct pld_groups *groups, int g, uint64_t seed)
{
    struct pld_rng rng;
    pld_rng_init(&rng, seed ^ ((uint64_t)(g + 1) * 0x9e3779b97f4a7c15u));
    for (int u = 0; u < groups->groups[g].units; u++)
        scores[u] = pld_rng_unit(&rng);
    return PLD_OK;
}

const struct pld_criterion pld_criterion_random = {
    .name = "random",
    .help = "a random order, from --seed",
    .score = score,
};
