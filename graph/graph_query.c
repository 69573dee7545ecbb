#include <string.h>

#include "core/str.h"
#include "graph/graph.h"
#include "graph/op_desc.h"

const char *pld_graph_metadata(const struct pld_graph *graph, const char *key)
{
    for (int i = 0; i < graph->n_metadata; i++)
        if (strcmp(graph->metadata[i].key, key) == 0) return graph->metadata[i].value;
    return NULL;
}

int pld_graph_find_value(const struct pld_graph *graph, const char *name)
{
    for (int i = 0; i < graph->n_values; i++)
        if (strcmp(graph->values[i].name, name) == 0) return i;
    return PLD_NONE;
}

int pld_graph_find_node(const struct pld_graph *graph, const char *name)
{
    for (int i = 0; i < graph->n_nodes; i++)
        if (strcmp(graph->nodes[i].name, name) == 0) return i;
    return PLD_NONE;
}

const struct pld_attr *pld_node_attr(const struct pld_node *node, const char *name)
{
    for (int i = 0; i < node->n_attrs; i++)
        if (strcmp(node->attrs[i].name, name) == 0) return &node->attrs[i];
    return NULL;
}

int64_t pld_node_int(const struct pld_node *node, const char *name, int64_t fallback)
{
    const struct pld_attr *attr = pld_node_attr(node, name);
    return attr && attr->type == PLD_ATTR_INT ? attr->i : fallback;
}

float pld_node_float(const struct pld_node *node, const char *name, float fallback)
{
    const struct pld_attr *attr = pld_node_attr(node, name);
    return attr && attr->type == PLD_ATTR_FLOAT ? attr->f : fallback;
}

const char *pld_node_string(const struct pld_node *node, const char *name, const char *fallback)
{
    const struct pld_attr *attr = pld_node_attr(node, name);
    return attr && attr->type == PLD_ATTR_STRING ? attr->s : fallback;
}

bool pld_graph_is_output(const struct pld_graph *graph, int value)
{
    for (int i = 0; i < graph->n_outputs; i++)
        if (graph->outputs[i] == value) return true;
    return false;
}

pld_status pld_graph_uses(struct pld_uses *out, struct pld_arena *arena,
                          const struct pld_graph *graph)
{
    size_t total = 0, n = (size_t)graph->n_values;
    for (int i = 0; i < graph->n_nodes; i++)
        total += (size_t)graph->nodes[i].n_in;
    out->first = pld_arena_array(arena, n + 1, sizeof *out->first);
    out->users = pld_arena_array(arena, total, sizeof *out->users);
    int *seen = pld_arena_array(arena, n, sizeof *seen); /* 1 + the node that was met last */
    if (!out->first || !out->users || !seen) return PLD_EDEVICE;

    /* Counting sort by value; a node that reads a value twice is listed once. */
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        for (int k = 0; pld_node_live(node) && k < node->n_in; k++) {
            int v = node->in[k];
            if (v == PLD_NONE || seen[v] == i + 1) continue;
            seen[v] = i + 1;
            out->first[v]++;
        }
    }
    int sum = 0;
    for (size_t v = 0; v < n; v++)
        out->first[v] = sum += out->first[v];
    out->first[n] = sum;
    /* Backwards, so that first[v] walks from the end of its range to its start. */
    memset(seen, 0, n * sizeof *seen);
    for (int i = graph->n_nodes - 1; i >= 0; i--) {
        const struct pld_node *node = &graph->nodes[i];
        for (int k = 0; pld_node_live(node) && k < node->n_in; k++) {
            int v = node->in[k];
            if (v == PLD_NONE || seen[v] == i + 1) continue;
            seen[v] = i + 1;
            out->users[--out->first[v]] = i;
        }
    }
    return PLD_OK;
}

pld_status pld_graph_check_supported(const struct pld_graph *graph)
{
    enum { ROOM = 1200 };
    struct pld_str list = {0};
    int unknown = 0, named = 0;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        if (node->dead || node->op != PLD_NONE) continue;
        unknown++;
        if (list.len > ROOM) continue;
        pld_str_printf(&list, "%s%s%s%.80s (node %.120s)", named ? ", " : "", node->domain,
                       node->domain[0] ? "." : "", node->type, node->name);
        named++;
    }
    pld_status status = PLD_OK;
    if (list.failed)
        status = PLD_EDEVICE;
    else if (unknown) {
        if (unknown > named) pld_str_printf(&list, ", and %d more", unknown - named);
        status = pld_fail(PLD_EMODEL, graph->path, "%d node%s pollard does not run: %s", unknown,
                          unknown == 1 ? " uses an operator" : "s use operators",
                          list.data ? list.data : "");
    }
    pld_str_release(&list);
    return status;
}

/* Stored in the file: as an initializer, or in a Constant node, as some exporters do with weights.
 */
static bool stored(const struct pld_graph *graph, const struct pld_value *value)
{
    if (value->initializer) return true;
    return value->data && value->producer != PLD_NONE &&
           graph->nodes[value->producer].op == PLD_OP_CONSTANT;
}

int64_t pld_graph_params(const struct pld_graph *graph)
{
    /* A weight may reach its node through folded ones (Identity, Transpose), so what is needed is
     * found backwards from the live nodes. */
    struct pld_arena arena = {0};
    bool *needed = pld_arena_array(&arena, (size_t)graph->n_values, sizeof *needed);
    int64_t total = 0;
    for (int i = graph->n_nodes - 1; needed && i >= 0; i--) {
        const struct pld_node *node = &graph->nodes[i];
        if (node->dead) continue;
        bool use = !node->constant;
        for (int k = 0; k < node->n_out && !use; k++)
            use = node->out[k] != PLD_NONE && needed[node->out[k]];
        for (int k = 0; k < node->n_in && use; k++)
            if (node->in[k] != PLD_NONE) needed[node->in[k]] = true;
    }
    for (int v = 0; needed && v < graph->n_values; v++) {
        const struct pld_value *value = &graph->values[v];
        enum pld_dtype type = value->desc.dtype;
        bool real = type == PLD_F32 || type == PLD_F16 || type == PLD_F64;
        if (needed[v] && real && stored(graph, value)) total += pld_shape_count(&value->desc.shape);
    }
    pld_arena_release(&arena);
    return total;
}

int64_t pld_node_macs(const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    if (!pld_node_live(node) || node->op == PLD_NONE) return 0;
    const struct pld_op_desc *desc = pld_op_describe((enum pld_op)node->op);
    return desc->macs ? desc->macs(graph, node) : 0;
}

/* Images in a batch: the leading size of the first image-like input, else of the first input. */
static int64_t batch_size(const struct pld_graph *graph)
{
    const struct pld_shape *best = NULL;
    for (int i = 0; i < graph->n_inputs; i++) {
        const struct pld_shape *shape = &graph->values[graph->inputs[i]].desc.shape;
        if (shape->rank == 0) continue;
        if (!best || (shape->rank == 4 && best->rank != 4)) best = shape;
    }
    return best && best->dim[0] > 0 ? best->dim[0] : 1;
}

int64_t pld_graph_macs(const struct pld_graph *graph)
{
    int64_t total = 0;
    for (int i = 0; i < graph->n_nodes; i++)
        total += pld_node_macs(graph, i);
    return total / batch_size(graph);
}

void pld_graph_downstream(bool *nodes, bool *values, const struct pld_graph *graph)
{
    for (int n = 0; n < graph->n_nodes; n++) {
        const struct pld_node *node = &graph->nodes[n];
        if (!pld_node_live(node)) continue;
        for (int k = 0; k < node->n_data && !nodes[n]; k++)
            if (node->in[k] != PLD_NONE && values[node->in[k]]) nodes[n] = true;
        for (int k = 0; k < node->n_out && nodes[n]; k++)
            if (node->out[k] != PLD_NONE) values[node->out[k]] = true;
    }
}

void pld_graph_upstream(bool *nodes, bool *values, const struct pld_graph *graph)
{
    for (int n = graph->n_nodes - 1; n >= 0; n--) {
        const struct pld_node *node = &graph->nodes[n];
        if (!pld_node_live(node)) continue;
        for (int k = 0; k < node->n_out; k++)
            if (node->out[k] != PLD_NONE && values[node->out[k]]) nodes[n] = true;
        for (int k = 0; k < node->n_data && nodes[n]; k++)
            if (node->in[k] != PLD_NONE) values[node->in[k]] = true;
    }
}
