#include "cuda/descriptor.h"

#include <string.h>

static void note(struct pld_descriptors *d, cudnnStatus_t status)
{
    if (status == CUDNN_STATUS_SUCCESS || d->error != CUDNN_STATUS_SUCCESS) return;
    d->error = status;
    cudnnGetLastErrorString(d->detail, sizeof d->detail);
}

void pld_descriptors_release(struct pld_descriptors *d)
{
    while (d->count > 0)
        cudnnBackendDestroyDescriptor(d->all[--d->count]);
}

pld_status pld_descriptors_check(const struct pld_descriptors *d, const char *what)
{
    if (d->error == CUDNN_STATUS_SUCCESS) return PLD_OK;
    return pld_fail(PLD_EDEVICE, "cuda", "%s: %s%s%s", what, cudnnGetErrorString(d->error),
                    d->detail[0] ? ": " : "", d->detail);
}

cudnnBackendDescriptor_t pld_descriptor(struct pld_descriptors *d,
                                        cudnnBackendDescriptorType_t type)
{
    cudnnBackendDescriptor_t descriptor = NULL;
    if (d->error != CUDNN_STATUS_SUCCESS) return NULL;
    if (d->count == PLD_DESCRIPTORS) {
        note(d, CUDNN_STATUS_NOT_SUPPORTED);
        return NULL;
    }
    note(d, cudnnBackendCreateDescriptor(type, &descriptor));
    if (descriptor) d->all[d->count++] = descriptor;
    return descriptor;
}

void pld_describe(struct pld_descriptors *d, cudnnBackendDescriptor_t descriptor,
                  cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count,
                  const void *values)
{
    if (d->error == CUDNN_STATUS_SUCCESS)
        note(d, cudnnBackendSetAttribute(descriptor, name, type, count, values));
}

void pld_describe_int(struct pld_descriptors *d, cudnnBackendDescriptor_t descriptor,
                      cudnnBackendAttributeName_t name, int64_t value)
{
    pld_describe(d, descriptor, name, CUDNN_TYPE_INT64, 1, &value);
}

void pld_describe_type(struct pld_descriptors *d, cudnnBackendDescriptor_t descriptor,
                       cudnnBackendAttributeName_t name, cudnnDataType_t value)
{
    pld_describe(d, descriptor, name, CUDNN_TYPE_DATA_TYPE, 1, &value);
}

void pld_describe_part(struct pld_descriptors *d, cudnnBackendDescriptor_t descriptor,
                       cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t part)
{
    pld_describe(d, descriptor, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &part);
}

void pld_finalize(struct pld_descriptors *d, cudnnBackendDescriptor_t descriptor)
{
    if (d->error == CUDNN_STATUS_SUCCESS) note(d, cudnnBackendFinalize(descriptor));
}
