/* Which input positions an output position of Resize reads along one axis, and their weights. */
#ifndef PLD_CPU_RESIZE_TAPS_H
#define PLD_CPU_RESIZE_TAPS_H

#include "backend/op.h"

struct pld_taps {
    int n;                              /* 0: outside of what is cropped */
    int64_t index[PLD_RESIZE_MAX_TAPS]; /* inside the input */
    double weight[PLD_RESIZE_MAX_TAPS];
};

/* For output position `o` along `axis`. */
void pld_resize_taps(struct pld_taps *taps, const struct pld_resize_params *resize, int axis,
                     int64_t o, int64_t in_size, int64_t out_size);

/* Keys' cubic convolution with parameter a, at distance d from the tap. */
double pld_cubic_weight(double a, double d);

#endif
