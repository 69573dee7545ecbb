/* A plug-in whose devices never open. Its message comes from the program's own error record, so it
 * also shows that plug-ins can call back. */
#include "backend/backend.h"

extern const struct pld_backend_api pld_cuda_backend_api;

static pld_status open_never(struct pld_backend **out, const struct pld_backend_options *options)
{
    *out = NULL;
    return pld_fail(PLD_EDEVICE, "cuda", "device %d is on fire", options->device);
}

const struct pld_backend_api pld_cuda_backend_api = {
    .version = PLD_BACKEND_API,
    .name = "cuda",
    .open = open_never,
};
