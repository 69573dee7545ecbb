/* Share of activations that are not zero: 1 - APoZ (Hu et al., "Network Trimming", 2016, equation
 * 1). Says something behind ReLU only; SiLU and the like are never zero. */
#include "prune/criterion.h"

static double feature(const float *map, int height, int width, double *scratch)
{
    (void)scratch;
    int alive = 0;
    for (int i = 0; i < height * width; i++)
        alive += map[i] != 0;
    return (double)alive / (height * width);
}

const struct pld_criterion pld_criterion_apoz = {
    .name = "apoz",
    .help = "share of activations that are not zero, on images (for ReLU)",
    .feature = feature,
};
