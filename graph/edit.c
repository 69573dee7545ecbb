/* Editing the constants of a model that will be saved. */
#include <string.h>

#include "graph/graph.h"

/* The attributes of a Constant node, with other elements. A clone may share them, so they are
 * copied. */
static pld_status refill_constant_node(struct pld_graph *graph, struct pld_node *node,
                                       const struct pld_desc *desc, const void *data)
{
    struct pld_attr *attrs = pld_arena_array(&graph->arena, 1, sizeof *attrs);
    if (!attrs) return PLD_EDEVICE;
    *attrs = (struct pld_attr){
        .name = "value", .type = PLD_ATTR_TENSOR, .tensor = *desc, .tensor_data = data};
    node->attrs = attrs;
    node->n_attrs = 1;
    return PLD_OK;
}

/* Takes a value away from the folded node that computes it. */
static pld_status detach(struct pld_graph *graph, int value)
{
    struct pld_node *node = &graph->nodes[graph->values[value].producer];
    const char *name = pld_arena_printf(&graph->arena, "%s.before", graph->values[value].name);
    if (!name) return PLD_EDEVICE;
    if (node->n_out == 1) {
        node->dead = true;
        return PLD_OK;
    }
    int stand_in = pld_graph_add_value(graph, name);
    if (stand_in == PLD_NONE) return PLD_EDEVICE;
    struct pld_value *old = &graph->values[value], *new = &graph->values[stand_in];
    new->desc = old->desc;
    new->data = old->data;
    new->producer = old->producer;
    new->inferred = true;
    for (int i = 0; i < node->n_out; i++)
        if (node->out[i] == value) node->out[i] = stand_in;
    return PLD_OK;
}

pld_status pld_graph_set_constant(struct pld_graph *graph, int index, const struct pld_desc *desc,
                                  const void *data)
{
    int producer = graph->values[index].producer;
    if (producer != PLD_NONE && graph->nodes[producer].op == PLD_OP_CONSTANT) {
        PLD_TRY(refill_constant_node(graph, &graph->nodes[producer], desc, data));
    } else if (producer != PLD_NONE) {
        PLD_TRY(detach(graph, index));
        graph->values[index].producer = PLD_NONE;
        graph->values[index].initializer = true;
    }
    struct pld_value *value = &graph->values[index];
    value->desc = *desc;
    value->data = data;
    value->inferred = true;
    return PLD_OK;
}

/* Counts the readers of every value among nodes that will be saved. */
static void count_readers(int *readers, const struct pld_graph *graph)
{
    memset(readers, 0, (size_t)graph->n_values * sizeof *readers);
    for (int i = 0; i < graph->n_outputs; i++)
        readers[graph->outputs[i]]++;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        for (int k = 0; !node->dead && k < node->n_in; k++)
            if (node->in[k] != PLD_NONE) readers[node->in[k]]++;
    }
}

pld_status pld_graph_drop_unread(struct pld_graph *graph)
{
    struct pld_arena arena = {0};
    int *readers = pld_arena_array(&arena, (size_t)graph->n_values + 1, sizeof *readers);
    if (!readers) return PLD_EDEVICE;
    count_readers(readers, graph);
    for (int i = graph->n_nodes - 1; i >= 0; i--) {
        struct pld_node *node = &graph->nodes[i];
        bool read = node->dead || !node->constant;
        for (int k = 0; k < node->n_out && !read; k++)
            read = node->out[k] != PLD_NONE && readers[node->out[k]] > 0;
        if (read) continue;
        node->dead = true;
        for (int k = 0; k < node->n_in; k++)
            if (node->in[k] != PLD_NONE) readers[node->in[k]]--;
    }
    for (int v = 0; v < graph->n_values; v++)
        if (graph->values[v].initializer && !readers[v]) graph->values[v].initializer = false;
    pld_arena_release(&arena);
    return PLD_OK;
}
