#include "graph/passes.h"

/* A model exported for one image may have that 1 baked into places where no pass can widen it (an
 * output of 1600x80 from a Reshape to 80x-1): images would be mixed up silently. So every output
 * must have grown along its leading axis, and there only. */
static pld_status check_batch(const struct pld_graph *graph, const struct pld_graph *model)
{
    int64_t before = model->batch > 0 ? model->batch : 1;
    for (int i = 0; i < graph->n_outputs && graph->batch != before; i++) {
        const struct pld_value *value = &graph->values[graph->outputs[i]];
        const struct pld_shape *was = &model->values[model->outputs[i]].desc.shape;
        struct pld_shape expected = *was;
        char text[128];
        if (value->data) continue; /* the same for any number of images */
        bool leads = was->rank > 0 && was->dim[0] == before;
        if (leads) expected.dim[0] = graph->batch;
        if (leads && pld_shape_equal(&expected, &value->desc.shape)) continue;
        return pld_fail(PLD_EMODEL, graph->path,
                        "does not run on a batch of %lld: output '%s' of %s has no batch axis",
                        (long long)graph->batch, value->name,
                        pld_shape_text(text, sizeof text, was));
    }
    return PLD_OK;
}

static pld_status run_passes(struct pld_graph *graph, const struct pld_graph *model,
                             struct pld_backend *host, const struct pld_backend *device,
                             int64_t batch)
{
    const struct pld_infer_options options = {.batch = batch};
    PLD_TRY(pld_pass_infer(graph, host, &options));
    PLD_TRY(check_batch(graph, model));
    PLD_TRY(pld_pass_dead(graph)); /* copies would stand between the nodes that are fused */
    PLD_TRY(pld_pass_fold_bn(graph));
    PLD_TRY(pld_pass_fuse_act(graph));
    PLD_TRY(pld_pass_dead(graph));
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
