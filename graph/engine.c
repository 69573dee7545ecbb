#include "graph/engine.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "graph/transfer.h"

/* Operators that only rename the shape of row-major data. */
static bool is_view(const struct pld_graph *graph, const struct pld_node *node)
{
    switch (node->op) {
    case PLD_OP_RESHAPE:
    case PLD_OP_FLATTEN:
    case PLD_OP_SQUEEZE:
    case PLD_OP_UNSQUEEZE:
        break;
    default:
        return false;
    }
    const struct pld_value *in = &graph->values[node->in[0]], *out = &graph->values[node->out[0]];
    return !in->data && in->desc.layout == PLD_ROW_MAJOR && out->desc.layout == PLD_ROW_MAJOR;
}

struct pld_backend *pld_step_backend(const struct pld_engine *engine, int node)
{
    return engine->steps[node].transfer ? engine->backend->fallback : engine->backend;
}

int pld_step_plan(const struct pld_engine *engine, int node)
{
    const struct pld_step *step = &engine->steps[node];
    return step->planned->id + (step->transfer ? engine->n_device_plans : 0);
}

static pld_status keep_memory(struct pld_engine *engine, struct pld_backend *backend, void *memory)
{
    if (engine->n_memory == engine->cap_memory) {
        int cap = engine->cap_memory ? 2 * engine->cap_memory : 64;
        struct pld_constant *grown = realloc(engine->memory, (size_t)cap * sizeof *grown);
        if (!grown) {
            backend->free(backend, memory);
            return pld_fail_memory("constants");
        }
        engine->memory = grown;
        engine->cap_memory = cap;
    }
    engine->memory[engine->n_memory++] = (struct pld_constant){backend, memory};
    return PLD_OK;
}

/* Puts one constant input where the kernel wants it: packed, or as it is in device memory. */
static pld_status place_constant(struct pld_engine *engine, int node, int input)
{
    const struct pld_value *value = &engine->graph->values[engine->graph->nodes[node].in[input]];
    size_t packed = pld_engine_pack_size(engine, node, input);
    size_t size = packed ? packed : pld_desc_bytes(&value->desc);
    struct pld_backend *backend = pld_step_backend(engine, node);
    void *memory = backend->alloc(backend, size ? size : 1);
    if (!memory) return pld_fail_memory(value->name);
    PLD_TRY(keep_memory(engine, backend, memory));
    engine->steps[node].constants[input] = memory;
    return pld_engine_pack(engine, node, input, memory, value->data);
}

/* Room that a node on the fallback needs, in memory of the host. */
static void note_transfer(struct pld_engine *engine, const struct pld_planned *planned,
                          const struct pld_signature *sig)
{
    size_t staging = 0;
    for (int i = 0; i < sig->n_in + sig->n_out; i++) {
        const struct pld_desc *desc = i < sig->n_in ? &sig->in[i] : &sig->out[i - sig->n_in];
        if (desc->dtype < PLD_DTYPE_COUNT) staging += pld_staging_size(desc);
    }
    if (staging > engine->staging) engine->staging = staging;
    if (planned->workspace > engine->transfer_workspace)
        engine->transfer_workspace = planned->workspace;
    pld_log(PLD_LOG_DEBUG, "%s (%s) runs on the CPU: %s has no kernel for it", sig->node,
            pld_op_name(sig->op), engine->backend->api->name);
    engine->n_transfers++;
}

static pld_status plan_node(struct pld_engine *engine, int index)
{
    const struct pld_graph *graph = engine->graph;
    const struct pld_node *node = &graph->nodes[index];
    struct pld_step *step = &engine->steps[index];
    int n_in = node->n_data, n_out = node->n_out;
    if (n_in > engine->max_inputs) engine->max_inputs = n_in;
    if (n_out > engine->max_outputs) engine->max_outputs = n_out;
    step->kernel_inputs = n_in;
    if (is_view(graph, node)) return PLD_OK;

    struct pld_desc *descs = calloc((size_t)(n_in + n_out) + 1, sizeof *descs);
    if (!descs) return pld_fail_memory(node->name);
    for (int i = 0; i < n_in; i++) {
        if (node->in[i] == PLD_NONE)
            descs[i].dtype = PLD_DTYPE_COUNT;
        else
            descs[i] = graph->values[node->in[i]].desc;
    }
    for (int i = 0; i < n_out; i++) {
        if (node->out[i] == PLD_NONE)
            descs[n_in + i].dtype = PLD_DTYPE_COUNT;
        else
            descs[n_in + i] = graph->values[node->out[i]].desc;
    }
    uint32_t varies = 0;
    for (int i = 0; i < n_in && i < 32; i++)
        if (node->in[i] != PLD_NONE && !graph->values[node->in[i]].data) varies |= 1u << i;
    struct pld_signature sig = {
        .op = (enum pld_op)node->op,
        .varies = varies,
        .params = &node->params,
        .in = descs,
        .out = descs + n_in,
        .n_in = n_in,
        .n_out = n_out,
        .node = node->name,
    };
    step->transfer = engine->transfer_cache && !pld_kernel_choose(engine->backend, &sig);
    pld_status status = pld_plan_cache_get(
        &step->planned, step->transfer ? engine->transfer_cache : engine->cache, &sig);
    if (status == PLD_OK && step->transfer) note_transfer(engine, step->planned, &sig);
    free(descs);
    PLD_TRY(status);
    if (!step->transfer && step->planned->workspace > engine->workspace)
        engine->workspace = step->planned->workspace;
    step->constants = pld_arena_array(&engine->arena, (size_t)n_in + 1, sizeof *step->constants);
    if (!step->constants) return PLD_EDEVICE;
    for (int i = 0; i < n_in; i++) {
        if (node->in[i] == PLD_NONE || !graph->values[node->in[i]].data) continue;
        PLD_TRY(place_constant(engine, index, i));
    }
    return PLD_OK;
}

pld_status pld_engine_new(struct pld_engine **out, const struct pld_graph *graph,
                          struct pld_backend *backend)
{
    *out = NULL;
    struct pld_engine *engine = calloc(1, sizeof *engine);
    if (!engine) return pld_fail_memory("engine");
    engine->graph = graph;
    engine->backend = backend;
    engine->steps =
        pld_arena_array(&engine->arena, (size_t)graph->n_nodes + 1, sizeof *engine->steps);
    pld_status status = engine->steps ? pld_plan_cache_new(&engine->cache, backend) : PLD_EDEVICE;
    if (status == PLD_OK && backend->fallback)
        status = pld_plan_cache_new(&engine->transfer_cache, backend->fallback);
    for (int i = 0; i < graph->n_nodes && status == PLD_OK; i++)
        if (pld_node_live(&graph->nodes[i])) status = plan_node(engine, i);
    if (status != PLD_OK) {
        pld_engine_free(engine);
        return status;
    }
    size_t hits, plans, transfers = 0;
    pld_plan_cache_counts(engine->cache, &hits, &plans);
    if (engine->transfer_cache) pld_plan_cache_counts(engine->transfer_cache, &hits, &transfers);
    engine->n_device_plans = (int)plans;
    engine->n_plans = (int)(plans + transfers);
    if (engine->n_transfers)
        pld_log(PLD_LOG_INFO, "%d of the model's nodes run on the CPU (named with -v)",
                engine->n_transfers);
    *out = engine;
    return PLD_OK;
}

void pld_engine_free(struct pld_engine *engine)
{
    if (!engine) return;
    for (int i = 0; i < engine->n_memory; i++)
        engine->memory[i].backend->free(engine->memory[i].backend, engine->memory[i].data);
    free(engine->memory);
    pld_plan_cache_free(engine->cache);
    pld_plan_cache_free(engine->transfer_cache);
    pld_arena_release(&engine->arena);
    free(engine);
}

const struct pld_graph *pld_engine_graph(const struct pld_engine *engine)
{
    return engine->graph;
}

struct pld_backend *pld_engine_backend(const struct pld_engine *engine)
{
    return engine->backend;
}

const char *pld_engine_kernel(const struct pld_engine *engine, int node)
{
    const struct pld_planned *planned = engine->steps[node].planned;
    return planned ? planned->kernel->name : NULL;
}

size_t pld_engine_pack_size(const struct pld_engine *engine, int node, int input)
{
    const struct pld_planned *planned = engine->steps[node].planned;
    if (!planned || !planned->kernel->pack_size) return 0;
    return planned->kernel->pack_size(planned->plan, input);
}

pld_status pld_engine_pack(const struct pld_engine *engine, int node, int input, void *packed,
                           const void *plain)
{
    const struct pld_planned *planned = engine->steps[node].planned;
    if (pld_engine_pack_size(engine, node, input))
        return planned->kernel->pack(planned->plan, input, packed, plain);
    int value = engine->graph->nodes[node].in[input];
    struct pld_backend *backend = pld_step_backend(engine, node);
    return backend->upload(backend, packed, plain,
                           pld_desc_bytes(&engine->graph->values[value].desc));
}
