#include "run/sparsify.h"

static pld_status list(struct pld_sparsify_result *out, const struct pld_sparsified *sparse)
{
    out->rows = pld_arena_array(&out->arena, (size_t)sparse->n_layers + 1, sizeof *out->rows);
    if (!out->rows) return PLD_EDEVICE;
    for (int i = 0; i < sparse->n_layers; i++) {
        const struct pld_sparse_layer *layer = &sparse->layers[i];
        const char *name = pld_arena_strdup(&out->arena, sparse->graph->nodes[layer->node].name);
        if (!name) return PLD_EDEVICE;
        out->rows[out->n_rows++] = (struct pld_sparsify_row){name, layer->weights, layer->zeros,
                                                             layer->kept, layer->dense};
        out->weights += layer->weights;
        out->zeros += layer->zeros;
    }
    return PLD_OK;
}

static pld_status work(struct pld_sparsify_result *out, struct pld_session *session,
                       struct pld_groups **groups, struct pld_sparsified *sparse,
                       const struct pld_sparsify_options *o)
{
    PLD_TRY(pld_session_open(session, o->session));
    PLD_TRY(pld_session_load_model(session, o->model));
    PLD_TRY(pld_groups_new(groups, session->model));
    PLD_TRY(pld_sparsify(sparse, *groups, &o->sparse));
    PLD_TRY(list(out, sparse));
    return pld_graph_save(sparse->graph, o->out);
}

pld_status pld_sparsify_run(struct pld_sparsify_result *out,
                            const struct pld_sparsify_options *options)
{
    struct pld_session session = {0};
    struct pld_groups *groups = NULL;
    struct pld_sparsified sparse = {0};
    *out = (struct pld_sparsify_result){0};
    pld_status status = work(out, &session, &groups, &sparse, options);
    pld_sparsified_release(&sparse);
    pld_groups_free(groups);
    pld_session_close(&session);
    return status;
}

void pld_sparsify_result_release(struct pld_sparsify_result *result)
{
    pld_arena_release(&result->arena);
    *result = (struct pld_sparsify_result){0};
}
