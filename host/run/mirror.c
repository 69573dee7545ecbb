#include "run/mirror.h"

pld_status pld_mirror_init(struct pld_mirror *mirror, struct pld_backend *device, size_t size,
                           bool read_only)
{
    *mirror = (struct pld_mirror){.device = device, .size = size};
    if (device->host_memory && read_only) return PLD_OK;
    if (!read_only) mirror->memory = device->alloc(device, size);
    mirror->host = device->host_memory ? mirror->memory : device->alloc_pinned(device, size);
    bool good = mirror->host && (read_only || mirror->memory);
    return good ? PLD_OK : pld_fail_memory("input and output buffers");
}

void pld_mirror_release(struct pld_mirror *mirror)
{
    if (mirror->memory) mirror->device->free(mirror->device, mirror->memory);
    if (mirror->host && mirror->host != mirror->memory)
        mirror->device->free_pinned(mirror->device, mirror->host);
    *mirror = (struct pld_mirror){0};
}

pld_status pld_mirror_send(const struct pld_mirror *mirror)
{
    if (mirror->host == mirror->memory) return PLD_OK;
    return mirror->device->upload(mirror->device, mirror->memory, mirror->host, mirror->size);
}

pld_status pld_mirror_fetch(const void **out, const struct pld_mirror *mirror, const void *source)
{
    *out = source;
    if (mirror->device->host_memory) return PLD_OK;
    *out = mirror->host;
    return mirror->device->download(mirror->device, mirror->host, source, mirror->size);
}
