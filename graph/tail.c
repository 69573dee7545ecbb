#include "graph/tail.h"

#include <stdlib.h>

#include "graph/passes.h"
#include "graph/passes/pass.h"

struct pld_tail {
    const struct pld_graph *graph;
    struct pld_backend *host, *device;
    struct pld_graph *run; /* of the last run */
};

static bool made_by_tail(const struct pld_graph *graph, int value)
{
    int producer = graph->values[value].producer;
    return producer != PLD_NONE && graph->nodes[producer].dynamic;
}

pld_status pld_cut_tail(struct pld_graph *graph)
{
    int *outputs = pld_arena_array(&graph->arena, (size_t)graph->n_values + 1, sizeof *outputs);
    bool *listed = pld_arena_array(&graph->arena, (size_t)graph->n_values + 1, sizeof *listed);
    int n = 0;
    if (!outputs || !listed) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_outputs; i++) {
        int v = graph->outputs[i];
        if (made_by_tail(graph, v)) continue;
        outputs[n++] = v;
        listed[v] = true;
    }
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        for (int k = 0; node->dynamic && k < node->n_in; k++) {
            int v = node->in[k];
            if (v == PLD_NONE || listed[v] || graph->values[v].data || made_by_tail(graph, v))
                continue;
            outputs[n++] = v;
            listed[v] = true;
        }
    }
    graph->outputs = outputs;
    graph->n_outputs = n;
    return PLD_OK;
}

pld_status pld_tail_new(struct pld_tail **out, const struct pld_graph *compiled,
                        struct pld_backend *host, struct pld_backend *device)
{
    bool any = false;
    *out = NULL;
    for (int i = 0; i < compiled->n_nodes; i++)
        any |= compiled->nodes[i].dynamic;
    if (!any) return PLD_OK;
    struct pld_tail *tail = calloc(1, sizeof *tail);
    if (!tail) return pld_fail_memory("tail");
    *tail = (struct pld_tail){compiled, host, device, NULL};
    *out = tail;
    return PLD_OK;
}

void pld_tail_free(struct pld_tail *tail)
{
    if (!tail) return;
    pld_graph_free(tail->run);
    free(tail);
}

/* Makes what the lane computed for the tail constants of this run. */
static pld_status take_values(struct pld_tail *tail, const struct pld_lane *lane)
{
    struct pld_graph *run = tail->run;
    for (int i = 0; i < run->n_outputs; i++) {
        struct pld_value *value = &run->values[run->outputs[i]];
        if (value->data) continue;
        size_t bytes = pld_desc_bytes(&value->desc);
        void *host = pld_arena_alloc(&run->arena, bytes);
        if (!host) return PLD_EDEVICE;
        if (bytes)
            PLD_TRY(tail->device->download(tail->device, host,
                                           pld_lane_value(lane, run->outputs[i]), bytes));
        value->data = host;
    }
    return PLD_OK;
}

static pld_status run_node(struct pld_tail *tail, int index)
{
    const struct pld_node *node = &tail->run->nodes[index];
    PLD_TRY(pld_pass_infer_node(tail->run, index, tail->host));
    if (node->constant) return PLD_OK;
    return pld_fail(PLD_EMODEL, node->name, "%s: cannot be computed on these values", node->type);
}

pld_status pld_tail_run(struct pld_tail *tail, const struct pld_lane *lane)
{
    pld_graph_free(tail->run);
    tail->run = NULL;
    PLD_TRY(pld_graph_clone(&tail->run, tail->graph));
    PLD_TRY(take_values(tail, lane));
    for (int i = 0; i < tail->run->n_nodes; i++)
        if (tail->graph->nodes[i].dynamic) PLD_TRY(run_node(tail, i));
    return PLD_OK;
}

const struct pld_value *pld_tail_value(const struct pld_tail *tail, int value)
{
    return &tail->run->values[value];
}
