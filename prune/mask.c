#include "prune/mask.h"

#include <stdlib.h>
#include <string.h>

void pld_mask_columns(void *data, const struct pld_graph *graph, const struct pld_member *member,
                      const int *units, int n_units)
{
    const struct pld_desc *desc = &graph->values[member->value].desc;
    size_t outer = 1, inner = pld_dtype_size(desc->dtype);
    size_t size = (size_t)desc->shape.dim[member->axis];
    for (int a = 0; a < member->axis; a++)
        outer *= (size_t)desc->shape.dim[a];
    for (int a = member->axis + 1; a < desc->shape.rank; a++)
        inner *= (size_t)desc->shape.dim[a];
    unsigned char *bytes = data;
    for (size_t o = 0; o < outer; o++)
        for (int u = 0; u < n_units; u++)
            for (int k = 0; k < member->per_unit; k++) {
                size_t index = (size_t)member->indices[units[u] * member->per_unit + k];
                memset(bytes + (o * size + index) * inner, 0, inner);
            }
}

pld_status pld_mask_model(struct pld_graph *model, const struct pld_groups *groups, int g,
                          const int *units, int n_units)
{
    const struct pld_group *group = &groups->groups[g];
    for (int m = 0; m < group->n_members; m++) {
        const struct pld_member *member = &group->members[m];
        if (!member->masked) continue;
        const struct pld_value *value = &model->values[member->value];
        struct pld_desc desc = value->desc;
        size_t bytes = pld_desc_bytes(&desc);
        void *data = pld_arena_alloc(&model->arena, bytes);
        if (!data) return PLD_EDEVICE;
        memcpy(data, value->data, bytes);
        pld_mask_columns(data, model, member, units, n_units);
        PLD_TRY(pld_graph_set_constant(model, member->value, &desc, data));
    }
    return PLD_OK;
}

/* The value that a compiled constant came from, through all passes. */
static int origin_of(const struct pld_graph *graph, int value)
{
    while (graph->values[value].origin != PLD_NONE)
        value = graph->values[value].origin;
    return value;
}

static const struct pld_member *masked_member(const struct pld_group *group, int value)
{
    for (int m = 0; m < group->n_members; m++)
        if (group->members[m].masked && group->members[m].value == value) return &group->members[m];
    return NULL;
}

static pld_status add_override(struct pld_mask_weights *w, int node, int input,
                               const struct pld_member *member)
{
    struct pld_backend *backend = pld_engine_backend(w->engine);
    const struct pld_graph *graph = pld_engine_graph(w->engine);
    size_t plain = pld_desc_bytes(&graph->values[graph->nodes[node].in[input]].desc);
    size_t packed = pld_engine_pack_size(w->engine, node, input);
    void *data = backend->alloc(backend, packed ? packed : plain);
    w->overrides[w->n] = (struct pld_override){node, input, data};
    w->members[w->n] = member;
    w->n++;
    return data ? PLD_OK : pld_fail_memory("masked weights");
}

/* A bias that a pass made (out of a BatchNormalization) has no member of its own: it has the
 * channels of the weights beside it. */
static pld_status add_derived_bias(struct pld_mask_weights *w, int node,
                                   const struct pld_member *weights)
{
    const struct pld_graph *graph = pld_engine_graph(w->engine);
    const struct pld_node *n = &graph->nodes[node];
    const struct pld_group *group = &w->groups->groups[w->group];
    if (n->n_data < 3 || n->in[2] == PLD_NONE || !graph->values[n->in[2]].data) return PLD_OK;
    if (masked_member(group, origin_of(graph, n->in[2]))) return PLD_OK;
    int64_t channels = graph->values[weights->value].desc.shape.dim[weights->axis];
    const struct pld_shape *shape = &graph->values[n->in[2]].desc.shape;
    struct pld_member *member = pld_arena_alloc(&w->arena, sizeof *member);
    if (!member) return PLD_EDEVICE;
    *member = *weights;
    member->value = n->in[2];
    member->axis = 0;
    if (shape->rank != 1 || shape->dim[0] != channels)
        return pld_fail(PLD_EMODEL, n->name, "the bias of %s does not follow its weights",
                        group->id);
    return add_override(w, node, 2, member);
}

/* Were all weights found that make the channel? */
static pld_status check_found(const struct pld_mask_weights *w)
{
    const struct pld_group *group = &w->groups->groups[w->group];
    for (int m = 0; m < group->n_members; m++) {
        bool found = !group->members[m].masked || group->members[m].role == PLD_ROLE_PARAM;
        for (int i = 0; i < w->n && !found; i++)
            found = w->members[i] == &group->members[m];
        if (!found)
            return pld_fail(PLD_EMODEL, w->groups->graph->values[group->members[m].value].name,
                            "these weights of %s cannot be masked in the compiled model",
                            group->id);
    }
    return PLD_OK;
}

pld_status pld_mask_weights_init(struct pld_mask_weights *w, struct pld_engine *engine,
                                 const struct pld_groups *groups, int g)
{
    const struct pld_graph *graph = pld_engine_graph(engine);
    const struct pld_group *group = &groups->groups[g];
    *w = (struct pld_mask_weights){.engine = engine, .groups = groups, .group = g};
    size_t most = 0;
    for (int i = 0; i < graph->n_nodes; i++)
        if (pld_node_live(&graph->nodes[i])) most += (size_t)graph->nodes[i].n_data;
    w->overrides = calloc(most + 1, sizeof *w->overrides);
    w->members = calloc(most + 1, sizeof *w->members);
    if (!w->overrides || !w->members) return pld_fail_memory("masked weights");
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        if (!pld_node_live(node)) continue;
        for (int k = 0; k < node->n_data; k++) {
            if (node->in[k] == PLD_NONE || !graph->values[node->in[k]].data) continue;
            const struct pld_member *member = masked_member(group, origin_of(graph, node->in[k]));
            if (!member) continue;
            PLD_TRY(add_override(w, i, k, member));
            if (k == 1 && member->role != PLD_ROLE_IN) PLD_TRY(add_derived_bias(w, i, member));
        }
    }
    return check_found(w);
}

static pld_status fill_one(const struct pld_mask_weights *w, int i, const int *units, int n_units)
{
    const struct pld_graph *graph = pld_engine_graph(w->engine);
    const struct pld_override *o = &w->overrides[i];
    const struct pld_value *value = &graph->values[graph->nodes[o->node].in[o->input]];
    size_t bytes = pld_desc_bytes(&value->desc);
    void *plain = malloc(bytes);
    if (!plain) return pld_fail_memory("masked weights");
    memcpy(plain, value->data, bytes);
    pld_mask_columns(plain, graph, w->members[i], units, n_units);
    /* The override's memory is ours to write; only kernels see it as constant. */
    pld_status status =
        pld_engine_pack(w->engine, o->node, o->input, (void *)(uintptr_t)o->data, plain);
    free(plain);
    return status;
}

pld_status pld_mask_weights_fill(struct pld_mask_weights *w, const int *units, int n_units)
{
    for (int i = 0; i < w->n; i++)
        PLD_TRY(fill_one(w, i, units, n_units));
    return PLD_OK;
}

size_t pld_mask_weights_bytes(const struct pld_mask_weights *w)
{
    const struct pld_graph *graph = pld_engine_graph(w->engine);
    size_t bytes = 0;
    for (int i = 0; i < w->n; i++) {
        const struct pld_override *o = &w->overrides[i];
        size_t packed = pld_engine_pack_size(w->engine, o->node, o->input);
        bytes += packed ? packed
                        : pld_desc_bytes(&graph->values[graph->nodes[o->node].in[o->input]].desc);
    }
    return bytes;
}

void pld_mask_weights_release(struct pld_mask_weights *w)
{
    for (int i = 0; i < w->n; i++) {
        struct pld_backend *backend = pld_engine_backend(w->engine);
        if (w->overrides[i].data) backend->free(backend, (void *)(uintptr_t)w->overrides[i].data);
    }
    free(w->overrides);
    free(w->members);
    pld_arena_release(&w->arena);
    *w = (struct pld_mask_weights){0};
}
