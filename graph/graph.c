#include "graph/graph.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more in an arena array: the old one stays behind until the graph is freed, which
 * doubling keeps below the final size. */
static void *grow(struct pld_arena *arena, void *old, int n, int *cap, size_t size)
{
    if (n < *cap) return old;
    int larger = *cap ? *cap * 2 : 64;
    void *out = pld_arena_array(arena, (size_t)larger, size);
    if (!out) return NULL;
    if (n) memcpy(out, old, (size_t)n * size);
    *cap = larger;
    return out;
}

pld_status pld_graph_new(struct pld_graph **out, const char *name)
{
    *out = NULL;
    struct pld_graph *graph = calloc(1, sizeof *graph);
    if (!graph) return pld_fail_memory("graph");
    graph->opset = 13;
    graph->ir_version = 8;
    graph->batch = 1;
    graph->path = pld_arena_strdup(&graph->arena, name);
    graph->name = graph->path;
    graph->producer_name = graph->producer_version = graph->doc = "";
    if (!graph->path) {
        pld_graph_free(graph);
        return PLD_EDEVICE;
    }
    *out = graph;
    return PLD_OK;
}

void pld_graph_free(struct pld_graph *graph)
{
    if (!graph) return;
    pld_arena_release(&graph->arena);
    free(graph);
}

int pld_graph_add_value(struct pld_graph *graph, const char *name)
{
    struct pld_value *values =
        grow(&graph->arena, graph->values, graph->n_values, &graph->cap_values, sizeof *values);
    char *copy = pld_arena_strdup(&graph->arena, name);
    if (!values || !copy) return PLD_NONE;
    graph->values = values;
    graph->values[graph->n_values] = (struct pld_value){
        .name = copy, .producer = PLD_NONE, .origin = PLD_NONE, .desc.dtype = PLD_DTYPE_COUNT};
    return graph->n_values++;
}

int pld_graph_add_constant(struct pld_graph *graph, const char *name, const struct pld_desc *desc,
                           const void *data)
{
    size_t bytes = pld_desc_bytes(desc);
    void *copy = pld_arena_alloc(&graph->arena, bytes);
    if (!copy) return PLD_NONE;
    if (data && bytes) memcpy(copy, data, bytes);
    int v = pld_graph_add_value(graph, name);
    if (v == PLD_NONE) return PLD_NONE;
    struct pld_value *value = &graph->values[v];
    value->desc = *desc;
    value->data = copy;
    value->initializer = true;
    value->inferred = true;
    return v;
}

static int *copy_ints(struct pld_arena *arena, const int *from, int n)
{
    int *out = pld_arena_array(arena, (size_t)n, sizeof *out);
    if (out && n) memcpy(out, from, (size_t)n * sizeof *out);
    return out;
}

int pld_graph_add_node(struct pld_graph *graph, enum pld_op op, const char *name, const int *in,
                       int n_in, const int *out, int n_out)
{
    struct pld_arena *arena = &graph->arena;
    struct pld_node *nodes =
        grow(arena, graph->nodes, graph->n_nodes, &graph->cap_nodes, sizeof *nodes);
    if (!nodes) return PLD_NONE;
    graph->nodes = nodes;
    struct pld_node node = {.op = (int)op,
                            .type = pld_op_name(op),
                            .domain = "",
                            .named = true,
                            .name = pld_arena_strdup(arena, name),
                            .n_in = n_in,
                            .n_out = n_out,
                            .in = copy_ints(arena, in, n_in),
                            .out = copy_ints(arena, out, n_out)};
    if (!node.name || !node.in || !node.out) return PLD_NONE;
    int index = graph->n_nodes++;
    graph->nodes[index] = node;
    for (int i = 0; i < n_out; i++)
        if (out[i] != PLD_NONE) graph->values[out[i]].producer = index;
    return index;
}

/* The attribute `name` of a node, cleared; a new one if it has none. NULL on no memory. */
static struct pld_attr *attr_slot(struct pld_graph *graph, int index, const char *name)
{
    struct pld_node *node = &graph->nodes[index];
    struct pld_attr *slot = NULL;
    for (int i = 0; i < node->n_attrs && !slot; i++)
        if (strcmp(node->attrs[i].name, name) == 0) slot = &node->attrs[i];
    if (!slot) {
        struct pld_attr *attrs =
            pld_arena_array(&graph->arena, (size_t)node->n_attrs + 1, sizeof *attrs);
        if (!attrs) return NULL;
        if (node->n_attrs) memcpy(attrs, node->attrs, (size_t)node->n_attrs * sizeof *attrs);
        node->attrs = attrs;
        slot = &attrs[node->n_attrs++];
    }
    *slot = (struct pld_attr){.name = pld_arena_strdup(&graph->arena, name)};
    return slot->name ? slot : NULL;
}

pld_status pld_node_set_int(struct pld_graph *graph, int node, const char *name, int64_t value)
{
    struct pld_attr *attr = attr_slot(graph, node, name);
    if (!attr) return PLD_EDEVICE;
    attr->type = PLD_ATTR_INT;
    attr->i = value;
    return PLD_OK;
}

pld_status pld_node_set_ints(struct pld_graph *graph, int node, const char *name,
                             const int64_t *values, int n)
{
    int64_t *copy = pld_arena_array(&graph->arena, (size_t)n, sizeof *copy);
    struct pld_attr *attr = attr_slot(graph, node, name);
    if (!attr || !copy) return PLD_EDEVICE;
    if (n) memcpy(copy, values, (size_t)n * sizeof *copy);
    attr->type = PLD_ATTR_INTS;
    attr->n = n;
    attr->ints = copy;
    return PLD_OK;
}

pld_status pld_node_set_float(struct pld_graph *graph, int node, const char *name, float value)
{
    struct pld_attr *attr = attr_slot(graph, node, name);
    if (!attr) return PLD_EDEVICE;
    attr->type = PLD_ATTR_FLOAT;
    attr->f = value;
    return PLD_OK;
}

pld_status pld_node_set_string(struct pld_graph *graph, int node, const char *name,
                               const char *value)
{
    struct pld_attr *attr = attr_slot(graph, node, name);
    char *copy = pld_arena_strdup(&graph->arena, value);
    if (!attr || !copy) return PLD_EDEVICE;
    attr->type = PLD_ATTR_STRING;
    attr->s = copy;
    return PLD_OK;
}

static pld_status append(struct pld_arena *arena, int **list, int *n, int value)
{
    int *longer = pld_arena_array(arena, (size_t)*n + 1, sizeof *longer);
    if (!longer) return PLD_EDEVICE;
    if (*n) memcpy(longer, *list, (size_t)*n * sizeof *longer);
    longer[(*n)++] = value;
    *list = longer;
    return PLD_OK;
}

pld_status pld_graph_add_input(struct pld_graph *graph, int value)
{
    return append(&graph->arena, &graph->inputs, &graph->n_inputs, value);
}

pld_status pld_graph_add_output(struct pld_graph *graph, int value)
{
    return append(&graph->arena, &graph->outputs, &graph->n_outputs, value);
}

pld_status pld_graph_set_metadata(struct pld_graph *graph, const char *key, const char *value)
{
    struct pld_arena *arena = &graph->arena;
    char *copy = pld_arena_strdup(arena, value);
    if (!copy) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_metadata; i++) {
        if (strcmp(graph->metadata[i].key, key) != 0) continue;
        graph->metadata[i].value = copy;
        return PLD_OK;
    }
    char *key_copy = pld_arena_strdup(arena, key);
    struct pld_metadata *longer =
        pld_arena_array(arena, (size_t)graph->n_metadata + 1, sizeof *longer);
    if (!key_copy || !longer) return PLD_EDEVICE;
    if (graph->n_metadata)
        memcpy(longer, graph->metadata, (size_t)graph->n_metadata * sizeof *longer);
    longer[graph->n_metadata++] = (struct pld_metadata){key_copy, copy};
    graph->metadata = longer;
    return PLD_OK;
}

/* Arrays that editing writes to are copied; strings, weights and whatever else is never changed in
 * place stays shared. */
static pld_status clone_node(struct pld_arena *arena, struct pld_node *node)
{
    int *in = copy_ints(arena, node->in, node->n_in);
    int *out = copy_ints(arena, node->out, node->n_out);
    struct pld_attr *attrs = pld_arena_array(arena, (size_t)node->n_attrs, sizeof *attrs);
    if (!in || !out || !attrs) return PLD_EDEVICE;
    if (node->n_attrs) memcpy(attrs, node->attrs, (size_t)node->n_attrs * sizeof *attrs);
    node->in = in;
    node->out = out;
    node->attrs = attrs;
    return PLD_OK;
}

static pld_status clone_into(struct pld_graph *copy, const struct pld_graph *graph)
{
    struct pld_arena *arena = &copy->arena;
    copy->values = pld_arena_array(arena, (size_t)graph->n_values, sizeof *copy->values);
    copy->nodes = pld_arena_array(arena, (size_t)graph->n_nodes, sizeof *copy->nodes);
    copy->inputs = copy_ints(arena, graph->inputs, graph->n_inputs);
    copy->outputs = copy_ints(arena, graph->outputs, graph->n_outputs);
    copy->metadata = pld_arena_array(arena, (size_t)graph->n_metadata, sizeof *copy->metadata);
    if (!copy->values || !copy->nodes || !copy->inputs || !copy->outputs || !copy->metadata)
        return PLD_EDEVICE;
    copy->cap_values = graph->n_values;
    copy->cap_nodes = graph->n_nodes;
    if (graph->n_values)
        memcpy(copy->values, graph->values, (size_t)graph->n_values * sizeof *copy->values);
    if (graph->n_nodes)
        memcpy(copy->nodes, graph->nodes, (size_t)graph->n_nodes * sizeof *copy->nodes);
    if (graph->n_metadata)
        memcpy(copy->metadata, graph->metadata, (size_t)graph->n_metadata * sizeof *copy->metadata);
    for (int i = 0; i < copy->n_nodes; i++)
        PLD_TRY(clone_node(arena, &copy->nodes[i]));
    return PLD_OK;
}

pld_status pld_graph_clone(struct pld_graph **out, const struct pld_graph *graph)
{
    *out = NULL;
    struct pld_graph *copy = malloc(sizeof *copy);
    if (!copy) return pld_fail_memory("graph");
    *copy = *graph;
    copy->arena = (struct pld_arena){0};
    pld_status status = clone_into(copy, graph);
    if (status != PLD_OK) {
        pld_graph_free(copy);
        return status;
    }
    *out = copy;
    return PLD_OK;
}
