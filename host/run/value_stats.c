#include "run/value_stats.h"

#include <math.h>

#include "backend/element.h"

void pld_value_stats(struct pld_value_stats *out, const struct pld_desc *desc, const void *data)
{
    int64_t count = pld_shape_count(&desc->shape), finite = 0;
    double squares = 0;
    *out = (struct pld_value_stats){0};
    /* Mean and sum of squares are carried along (Welford), so that a large mean costs no digits. */
    for (int64_t i = 0; i < count; i++) {
        double x = pld_load(desc->dtype, data, i);
        out->nan += isnan(x) != 0;
        out->inf += isinf(x) != 0;
        if (!isfinite(x)) continue;
        out->min = finite == 0 || x < out->min ? x : out->min;
        out->max = finite == 0 || x > out->max ? x : out->max;
        double d = x - out->mean;
        out->mean += d / (double)++finite;
        squares += d * (x - out->mean);
    }
    if (finite > 0) out->deviation = sqrt(squares / (double)finite);
}
