#include <string.h>

#include "graph/onnx.h"

pld_status pld_onnx_names_new(struct pld_onnx_names *names, struct pld_arena *arena, size_t count)
{
    size_t slots = 64;
    while (slots < 2 * count)
        slots *= 2;
    names->mask = slots - 1;
    names->slots = pld_arena_array(arena, slots, sizeof *names->slots);
    return names->slots ? PLD_OK : PLD_EDEVICE;
}

/* The slot of a name, or the empty one where it belongs. FNV-1a. */
static int *find_slot(const struct pld_onnx_reader *r, const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    size_t i = (size_t)(hash ^ (hash >> 32)) & r->names.mask;
    while (r->names.slots[i] && strcmp(r->graph->values[r->names.slots[i] - 1].name, name) != 0)
        i = (i + 1) & r->names.mask;
    return &r->names.slots[i];
}

int pld_onnx_name_find(const struct pld_onnx_reader *r, const char *name)
{
    return *find_slot(r, name) - 1;
}

pld_status pld_onnx_name_add(int *value, struct pld_onnx_reader *r, const char *name)
{
    int *slot = find_slot(r, name);
    if (*slot) return pld_fail(PLD_EMODEL, r->graph->path, "two values are named '%.200s'", name);
    *value = pld_graph_add_value(r->graph, name);
    if (*value == PLD_NONE) return PLD_EDEVICE;
    *slot = *value + 1;
    return PLD_OK;
}

static int producer_of(const struct pld_graph *graph, const struct pld_node *node, int i)
{
    return node->in[i] == PLD_NONE ? PLD_NONE : graph->values[node->in[i]].producer;
}

static bool ordered(const struct pld_graph *graph)
{
    for (int i = 0; i < graph->n_nodes; i++)
        for (int k = 0; k < graph->nodes[i].n_in; k++)
            if (producer_of(graph, &graph->nodes[i], k) >= i) return false;
    return true;
}

enum visit { UNSEEN, OPEN, DONE };

struct sorter {
    const struct pld_graph *graph;
    unsigned char *state; /* enum visit of each node */
    int *order, n_order;
    int *stack, *next; /* open nodes, and the input of each that is looked at next */
};

/* Depth first, with a stack of its own: chains are as long as the model is deep. */
static pld_status visit(struct sorter *s, int root)
{
    const struct pld_graph *graph = s->graph;
    int depth = 0;
    s->stack[0] = root;
    s->next[0] = 0;
    s->state[root] = OPEN;
    while (depth >= 0) {
        int index = s->stack[depth];
        const struct pld_node *node = &graph->nodes[index];
        if (s->next[depth] == node->n_in) {
            s->state[index] = DONE;
            s->order[s->n_order++] = index;
            depth--;
            continue;
        }
        int before = producer_of(graph, node, s->next[depth]++);
        if (before == PLD_NONE || s->state[before] == DONE) continue;
        if (s->state[before] == OPEN)
            return pld_fail(PLD_EMODEL, graph->path, "node '%.200s' depends on its own result",
                            graph->nodes[before].name);
        s->state[before] = OPEN;
        depth++;
        s->stack[depth] = before;
        s->next[depth] = 0;
    }
    return PLD_OK;
}

pld_status pld_onnx_sort(struct pld_graph *graph)
{
    if (ordered(graph)) return PLD_OK;
    size_t n = (size_t)graph->n_nodes;
    struct pld_arena *arena = &graph->arena;
    struct sorter s = {.graph = graph,
                       .state = pld_arena_array(arena, n, 1),
                       .order = pld_arena_array(arena, n, sizeof(int)),
                       .stack = pld_arena_array(arena, n, sizeof(int)),
                       .next = pld_arena_array(arena, n, sizeof(int))};
    struct pld_node *sorted = pld_arena_array(arena, n, sizeof *sorted);
    if (!s.state || !s.order || !s.stack || !s.next || !sorted) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_nodes; i++)
        if (s.state[i] == UNSEEN) PLD_TRY(visit(&s, i));
    for (int i = 0; i < graph->n_nodes; i++) {
        sorted[i] = graph->nodes[s.order[i]];
        for (int k = 0; k < sorted[i].n_out; k++)
            if (sorted[i].out[k] != PLD_NONE) graph->values[sorted[i].out[k]].producer = i;
    }
    graph->nodes = sorted;
    graph->cap_nodes = graph->n_nodes;
    return PLD_OK;
}
