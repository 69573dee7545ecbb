#include "backend/backend.h"

void pld_backend_close(struct pld_backend *backend)
{
    if (backend) backend->close(backend);
}

const struct pld_kernel *pld_kernel_choose(const struct pld_backend *backend,
                                           const struct pld_signature *sig)
{
    const struct pld_kernel *const *list = backend->kernels(backend, sig->op);
    for (; list && *list; list++)
        if ((*list)->supports(sig)) return *list;
    return NULL;
}
