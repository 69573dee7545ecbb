#include <stdlib.h>
#include <string.h>

#include "graph/passes/pass.h"

/* What is larger is left to the executor: a model of a few bytes can ask for terabytes, or years.
 */
enum { MAX_FOLDED_BYTES = 1 << 30, MAX_FOLDED_MACS = 1 << 30 };

struct evaluation {
    struct pld_graph *graph;
    struct pld_node *node;
    struct pld_arena arena; /* temporary */
    struct pld_signature sig;
    struct pld_desc *descs;
    const void **in;
    void **out;
};

bool pld_is_view(const struct pld_node *node)
{
    switch (node->op) {
    case PLD_OP_IDENTITY:
    case PLD_OP_RESHAPE:
    case PLD_OP_FLATTEN:
    case PLD_OP_SQUEEZE:
    case PLD_OP_UNSQUEEZE:
        return node->n_out == 1;
    default:
        return false;
    }
}

static bool affordable(const struct pld_graph *graph, const struct pld_node *node)
{
    for (int i = 0; i < node->n_out; i++)
        if (node->out[i] != PLD_NONE &&
            pld_desc_bytes(&graph->values[node->out[i]].desc) > MAX_FOLDED_BYTES)
            return false;
    return pld_node_macs(graph, (int)(node - graph->nodes)) <= MAX_FOLDED_MACS;
}

static pld_status describe(struct evaluation *e)
{
    const struct pld_node *node = e->node;
    size_t n = (size_t)node->n_data + (size_t)node->n_out;
    e->descs = pld_arena_array(&e->arena, n, sizeof *e->descs);
    e->in = pld_arena_array(&e->arena, (size_t)node->n_data, sizeof *e->in);
    e->out = pld_arena_array(&e->arena, (size_t)node->n_out, sizeof *e->out);
    if (!e->descs || !e->in || !e->out) return PLD_EDEVICE;
    for (size_t i = 0; i < n; i++) {
        size_t n_data = (size_t)node->n_data;
        int v = i < n_data ? node->in[i] : node->out[i - n_data];
        if (v == PLD_NONE) {
            e->descs[i].dtype = PLD_DTYPE_COUNT;
            continue;
        }
        const struct pld_value *value = &e->graph->values[v];
        e->descs[i] = value->desc;
        if (i < n_data) {
            e->in[i] = value->data;
            continue;
        }
        e->out[i - n_data] = pld_arena_alloc(&e->graph->arena, pld_desc_bytes(&value->desc));
        if (!e->out[i - n_data]) return PLD_EDEVICE;
    }
    e->sig = (struct pld_signature){.op = (enum pld_op)node->op,
                                    .params = &node->params,
                                    .in = e->descs,
                                    .out = e->descs + node->n_data,
                                    .n_in = node->n_data,
                                    .n_out = node->n_out,
                                    .node = node->name};
    return PLD_OK;
}

static pld_status pack_inputs(struct evaluation *e, const struct pld_kernel *kernel,
                              const void *plan)
{
    for (int i = 0; kernel->pack_size && i < e->node->n_data; i++) {
        size_t size = e->in[i] ? kernel->pack_size(plan, i) : 0;
        if (!size) continue;
        unsigned char *room = pld_arena_alloc(&e->arena, size + 64);
        if (!room) return PLD_EDEVICE;
        room += 64 - (uintptr_t)room % 64;
        PLD_TRY(kernel->pack(plan, i, room, e->in[i]));
        e->in[i] = room;
    }
    return PLD_OK;
}

static pld_status run_plan(struct evaluation *e, const struct pld_kernel *kernel, const void *plan,
                           size_t workspace)
{
    void *lane = NULL, *room = NULL;
    PLD_TRY(pack_inputs(e, kernel, plan));
    if (posix_memalign(&room, 64, workspace ? workspace : 64) != 0)
        return pld_fail_memory(e->node->name);
    pld_status status = kernel->lane_new ? kernel->lane_new(&lane, plan) : PLD_OK;
    if (status == PLD_OK) status = kernel->run(plan, lane, e->in, e->out, room);
    if (lane && kernel->lane_free) kernel->lane_free(lane);
    free(room);
    return status;
}

static pld_status evaluate(struct evaluation *e, const struct pld_kernel *kernel)
{
    void *plan;
    size_t workspace = 0;
    PLD_TRY(kernel->plan_new(&plan, &workspace, &e->sig));
    pld_status status = run_plan(e, kernel, plan, workspace);
    kernel->plan_free(plan);
    return status;
}

pld_status pld_fold_node(struct pld_graph *graph, struct pld_node *node, struct pld_backend *host)
{
    if (pld_is_view(node)) {
        graph->values[node->out[0]].data = graph->values[node->in[0]].data;
        node->constant = true;
        return PLD_OK;
    }
    if (!affordable(graph, node)) return PLD_OK;
    struct evaluation e = {.graph = graph, .node = node};
    pld_status status = describe(&e);
    const struct pld_kernel *kernel = status == PLD_OK ? pld_kernel_choose(host, &e.sig) : NULL;
    if (kernel) status = evaluate(&e, kernel);
    for (int i = 0; kernel && status == PLD_OK && i < node->n_out; i++)
        if (node->out[i] != PLD_NONE) graph->values[node->out[i]].data = e.out[i];
    node->constant = kernel && status == PLD_OK;
    pld_arena_release(&e.arena);
    return status;
}
