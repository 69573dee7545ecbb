/* A convolution with bias and activation as a cuDNN operation graph, and the plans for it.
 *
 * Nothing here needs a GPU: with a device description (cuDNN 9.8 and later) plans are made for a
 * device that is not there.
 */
#ifndef PLD_CUDA_CONV_GRAPH_H
#define PLD_CUDA_CONV_GRAPH_H

#include "backend/backend.h"
#include "cuda/descriptor.h"

/* How much of act(conv(x, w) + b) cuDNN computes; the rest is a kernel of ours. */
enum pld_conv_fusion {
    PLD_FUSE_ALL,  /* conv, bias and activation */
    PLD_FUSE_BIAS, /* conv and bias */
};

struct pld_conv_shape {
    cudnnDataType_t dtype; /* of x, w, b and y; sums are in float */
    bool exact;            /* float inputs are not rounded to 10 bits of mantissa (TF32) */
    int64_t n, c, h, w, k, r, s, out_h, out_w, group;
    int64_t x_stride[4], y_stride[4]; /* N C H W, in elements */
    int64_t pad_begin[2], pad_end[2], stride[2], dilation[2];
    bool bias;
    struct pld_act act;
};

/* Names of the tensors in a plan. */
enum { PLD_UID_X = 1, PLD_UID_W, PLD_UID_B, PLD_UID_Y };

/* Can cuDNN express the activation? */
bool pld_conv_graph_act(const struct pld_act *act);

/* Builds the finalized operation graph; it lives as long as `d`. NULL after an error. */
cudnnBackendDescriptor_t pld_conv_graph_new(struct pld_descriptors *d,
                                            const struct pld_conv_shape *shape,
                                            enum pld_conv_fusion fusion);

enum { PLD_MOST_CONFIGS = 16 };

/* Engine configurations that cuDNN recommends, best first, at most PLD_MOST_CONFIGS; returns their
 * number. `exact`: none that rounds float inputs. `device` is a DEVICEPROP descriptor, or NULL for
 * the current GPU. */
int pld_conv_graph_configs(cudnnBackendDescriptor_t configs[PLD_MOST_CONFIGS],
                           struct pld_descriptors *d, cudnnBackendDescriptor_t graph,
                           cudnnBackendDescriptor_t device, bool exact);

/* Makes (and, where the engine needs it, compiles) the plan of a configuration; destroy it with
 * cudnnBackendDestroyDescriptor(). NULL when the engine cannot serve it after all. */
cudnnBackendDescriptor_t pld_conv_plan_new(cudnnBackendDescriptor_t config,
                                           cudnnBackendDescriptor_t device, int64_t *workspace);

#endif
