/* A plug-in of another version of the backend interface. */
#include "backend/backend.h"

extern const struct pld_backend_api pld_cuda_backend_api;

static pld_status open_never(struct pld_backend **out, const struct pld_backend_options *options)
{
    (void)options;
    *out = NULL;
    return PLD_OK;
}

const struct pld_backend_api pld_cuda_backend_api = {
    .version = PLD_BACKEND_API + 7,
    .name = "cuda",
    .open = open_never,
};
