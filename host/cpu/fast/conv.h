/* What the dense convolutions written here share: geometry, division of work, and what follows the
 * sums. Images are channels-last: a pixel's channels are one run of memory. */
#ifndef PLD_CPU_FAST_CONV_H
#define PLD_CPU_FAST_CONV_H

#include "cpu/cpu_plan.h"
#include "cpu/fast/fast_unary.h"

/* After sum and bias: x -> act(x + add) or act(x) + add. */
struct pld_conv_finish {
    struct pld_act act;  /* op -1: none */
    bool gemm_activates; /* it is one that the gemm applies */
    enum pld_conv_add add;
};

struct pld_conv_geometry {
    struct pld_cpu_image in, out, add;                 /* add: zero where there is none */
    int64_t kernel[2], stride[2], dilation[2], pad[2]; /* pad: at the beginning */
    bool bias;
    struct pld_conv_finish finish;
};

/* A Conv of one group on channels-last floats with constant weights, on a machine that has the
 * gemm? `group` allows a grouped one. */
bool pld_conv_suits(const struct pld_signature *sig, bool group);
void pld_conv_geometry_init(struct pld_conv_geometry *g, const struct pld_signature *sig);

/* Pointers of one run. */
struct pld_conv_data {
    const float *in, *weights, *bias, *add;
    float *out;
};
struct pld_conv_data pld_conv_data_of(const struct pld_conv_geometry *g, const void *const *in,
                                      void *const *out);

/* Addition and activation on `rows` pixels of n channels, which lie `step` apart; with `gemm_done`
 * only those that the gemm could not do on the way: activations it does not have, late addition. */
void pld_conv_finish_rows(const struct pld_conv_finish *finish, float *out, int64_t step,
                          const float *add, int64_t add_step, int64_t rows, int64_t n,
                          bool gemm_done);

/* The part of `count` things that share `share` of `shares` does: first..last-1. */
struct pld_span {
    int64_t first, last;
};
struct pld_span pld_span_of(int64_t count, int share, int shares);

#endif
