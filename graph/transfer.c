#include "graph/transfer.h"

enum { ALIGNMENT = 64 };

size_t pld_staging_size(const struct pld_desc *desc)
{
    return (pld_desc_bytes(desc) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

pld_status pld_transfer_init(struct pld_transfer *transfer, const struct pld_engine *engine)
{
    *transfer = (struct pld_transfer){0};
    if (!engine->n_transfers) return PLD_OK;
    struct pld_backend *host = engine->backend->fallback;
    transfer->staging = host->alloc(host, engine->staging);
    transfer->workspace = host->alloc(host, engine->transfer_workspace);
    return transfer->staging && transfer->workspace ? PLD_OK : pld_fail_memory("transfers");
}

void pld_transfer_release(struct pld_transfer *transfer, const struct pld_engine *engine)
{
    struct pld_backend *host = engine->backend->fallback;
    if (!host) return;
    if (transfer->staging) host->free(host, transfer->staging);
    if (transfer->workspace) host->free(host, transfer->workspace);
    *transfer = (struct pld_transfer){0};
}

pld_status pld_transfer_run(const struct pld_transfer *transfer, const struct pld_engine *engine,
                            int index, void *state, const void **in, void **out)
{
    const struct pld_graph *graph = engine->graph;
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_step *step = &engine->steps[index];
    struct pld_backend *device = engine->backend;
    unsigned char *place = transfer->staging;
    void *results[PLD_TRANSFER_OUTPUTS];
    if (node->n_out > PLD_TRANSFER_OUTPUTS)
        return pld_fail(PLD_EMODEL, node->name, "%d outputs are too many to compute on the CPU",
                        node->n_out);
    for (int i = 0; i < step->kernel_inputs; i++) {
        if (step->constants[i] || node->in[i] == PLD_NONE) continue;
        const struct pld_desc *desc = &graph->values[node->in[i]].desc;
        PLD_TRY(device->download(device, place, in[i], pld_desc_bytes(desc)));
        in[i] = place;
        place += pld_staging_size(desc);
    }
    for (int i = 0; i < node->n_out; i++) {
        results[i] = out[i];
        if (!out[i]) continue;
        out[i] = place;
        place += pld_staging_size(&graph->values[node->out[i]].desc);
    }
    PLD_TRY(step->planned->kernel->run(step->planned->plan, state, in, out, transfer->workspace));
    for (int i = 0; i < node->n_out; i++)
        if (out[i])
            PLD_TRY(device->upload(device, results[i], out[i],
                                   pld_desc_bytes(&graph->values[node->out[i]].desc)));
    return PLD_OK;
}
