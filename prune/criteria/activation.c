/* Mean absolute activation, as the consumers of the channel see it (Molchanov et al., "Pruning
 * Convolutional Neural Networks for Resource Efficient Inference", ICLR 2017, section 2.2). */
#include <math.h>

#include "prune/criterion.h"

static double feature(const float *map, int height, int width, double *scratch)
{
    (void)scratch;
    double sum = 0;
    for (int i = 0; i < height * width; i++)
        sum += fabs((double)map[i]);
    return sum / (height * width);
}

const struct pld_criterion pld_criterion_activation = {
    .name = "activation",
    .help = "mean |activation| on images",
    .feature = feature,
};
