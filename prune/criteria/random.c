/* A random order: the yardstick that any criterion has to beat. */
#include "prune/criterion.h"

static void draw(double *scores, int units, struct pld_rng *rng)
{
    for (int u = 0; u < units; u++)
        scores[u] = pld_rng_unit(rng);
}

const struct pld_criterion pld_criterion_random = {
    .name = "random",
    .help = "a random order, from --seed",
    .draw = draw,
};
