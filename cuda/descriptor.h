/* cuDNN backend descriptors without the noise: a builder that remembers the first error and frees
 * everything it made. */
#ifndef PLD_CUDA_DESCRIPTOR_H
#define PLD_CUDA_DESCRIPTOR_H

#include <cudnn.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"

enum { PLD_DESCRIPTORS = 64 };

struct pld_descriptors {
    cudnnBackendDescriptor_t all[PLD_DESCRIPTORS];
    int count;
    cudnnStatus_t error; /* the first */
    char detail[256];    /* cuDNN's words about it */
};

void pld_descriptors_release(struct pld_descriptors *d);
/* PLD_OK, or PLD_EDEVICE with the first error. */
pld_status pld_descriptors_check(const struct pld_descriptors *d, const char *what);

/* NULL after an error: the calls below then do nothing. */
cudnnBackendDescriptor_t pld_descriptor(struct pld_descriptors *d,
                                        cudnnBackendDescriptorType_t type);
void pld_describe(struct pld_descriptors *d, cudnnBackendDescriptor_t descriptor,
                  cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count,
                  const void *values);
void pld_describe_int(struct pld_descriptors *d, cudnnBackendDescriptor_t descriptor,
                      cudnnBackendAttributeName_t name, int64_t value);
void pld_describe_type(struct pld_descriptors *d, cudnnBackendDescriptor_t descriptor,
                       cudnnBackendAttributeName_t name, cudnnDataType_t value);
/* An attribute that is another descriptor. */
void pld_describe_part(struct pld_descriptors *d, cudnnBackendDescriptor_t descriptor,
                       cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t part);
void pld_finalize(struct pld_descriptors *d, cudnnBackendDescriptor_t descriptor);

#endif
