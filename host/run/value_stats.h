/* What a tensor's numbers look like: to find where a model goes wrong. */
#ifndef PLD_RUN_VALUE_STATS_H
#define PLD_RUN_VALUE_STATS_H

#include "backend/tensor.h"

/* Of the finite elements, but for the counts. All zero when there are none. */
struct pld_value_stats {
    double min, max, mean, deviation; /* standard deviation, of the whole */
    int64_t nan, inf;                 /* how many elements are not finite */
};

/* `data`: row-major elements. */
void pld_value_stats(struct pld_value_stats *out, const struct pld_desc *desc, const void *data);

#endif
