#include "graph/passes.h"
#include "graph/passes/pass.h"

static pld_status settle(struct pld_graph *graph, const struct pld_graph *model,
                         struct pld_backend *host, int64_t batch)
{
    const struct pld_infer_options options = {.batch = batch};
    PLD_TRY(pld_pass_infer(graph, host, &options));
    PLD_TRY(pld_check_batch(graph, model));
    return pld_cut_tail(graph);
}

static pld_status run_passes(struct pld_graph *graph, const struct pld_graph *model,
                             struct pld_backend *host, const struct pld_backend *device,
                             int64_t batch)
{
    PLD_TRY(settle(graph, model, host, batch));
    PLD_TRY(pld_pass_dead(graph)); /* copies would stand between the nodes that are fused */
    PLD_TRY(pld_pass_fold_bn(graph));
    PLD_TRY(pld_pass_fuse_act(graph));
    PLD_TRY(pld_pass_fuse_add(graph, device));
    PLD_TRY(pld_pass_dead(graph));
    if (device->half) PLD_TRY(pld_pass_precision(graph));
    return pld_pass_layout(graph, device);
}

pld_status pld_graph_compile(struct pld_graph **out, const struct pld_graph *model,
                             struct pld_backend *host, const struct pld_backend *device,
                             int64_t batch)
{
    *out = NULL;
    struct pld_graph *graph;
    PLD_TRY(pld_graph_clone(&graph, model));
    pld_status status = run_passes(graph, model, host, device, batch);
    if (status != PLD_OK) {
        pld_graph_free(graph);
        return status;
    }
    *out = graph;
    return PLD_OK;
}

pld_status pld_graph_compile_plain(struct pld_graph **out, const struct pld_graph *model,
                                   struct pld_backend *host, int64_t batch)
{
    *out = NULL;
    struct pld_graph *graph;
    PLD_TRY(pld_graph_clone(&graph, model));
    pld_status status = settle(graph, model, host, batch);
    if (status != PLD_OK) {
        pld_graph_free(graph);
        return status;
    }
    *out = graph;
    return PLD_OK;
}
