/* Noise for a layer's weights that puts its output off by a given part of its deviation. */
#ifndef PLD_RUN_NOISE_H
#define PLD_RUN_NOISE_H

#include "prune/recover/compensate.h"
#include "run/detector.h"

struct pld_noise {
    struct pld_override *overrides; /* weights and, where there are any, biases, of every reader */
    int n;
    double variance; /* of the layer's output, summed over the rows that are left */
};

/* Fills noise[sites]. Row r of a layer gets  size * sd(y_r) / sqrt(D) * n L^-1,  n standard normal,
 * L L^T the covariance of the D inputs that are left (with a ridge of 1e-3): white in the space of
 * whitened inputs, so that the output changes by size * sd(y_r). Its mean is taken off the bias.
 * Release each with pld_noise_release(), also after a failure. */
pld_status pld_noise_fill(struct pld_noise *noise, const struct pld_detector *detector,
                          const struct pld_sites *sites, const struct pld_moments *moments,
                          const bool *gone, double size, uint64_t seed);
void pld_noise_release(struct pld_noise *noise, const struct pld_detector *detector);

#endif
