#include "prune/lattice.h"

#include <stdlib.h>
#include <string.h>

#include "core/str.h"

/* Doubles a table that is full. */
static bool grow(void **items, int count, int *cap, size_t size)
{
    if (count < *cap) return true;
    int larger = *cap ? 2 * *cap : 256;
    void *grown = realloc(*items, (size_t)larger * size);
    if (!grown) {
        pld_fail_memory("channel groups");
        return false;
    }
    *items = grown;
    *cap = larger;
    return true;
}

/* The representative of an element, while ties are still being added. */
static int32_t find(struct pld_lattice *l, int64_t element)
{
    int32_t x = (int32_t)element;
    while (l->parent[x] != x) {
        l->parent[x] = l->parent[l->parent[x]];
        x = l->parent[x];
    }
    return x;
}

int pld_lattice_axis_of(const struct pld_lattice *l, int64_t element)
{
    int low = 0, high = l->n_axes;
    while (high - low > 1) {
        int mid = low + (high - low) / 2;
        if (l->first[mid] <= element)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* The smaller element becomes the root, so representatives do not depend on the order of ties. */
static void unite(struct pld_lattice *l, int64_t a, int64_t b)
{
    int32_t x = find(l, a), y = find(l, b);
    if (x == y) return;
    if (y < x) {
        int32_t swap = x;
        x = y;
        y = swap;
    }
    l->parent[y] = x;
    /* The lock that was seen first wins: it is the nearest to the input and stable. */
    if (l->lock[x] < 0 || (l->lock[y] >= 0 && l->lock[y] < l->lock[x])) l->lock[x] = l->lock[y];
}

static bool inside(int64_t start, int64_t step, int64_t count, int64_t size)
{
    if (count <= 0) return true;
    int64_t end = start + step * (count - 1);
    return start >= 0 && start < size && end >= 0 && end < size;
}

/* The number of an axis, as a node sees it. */
static int axis_for(const struct pld_lattice *l, int node, struct pld_axis axis)
{
    for (int c = l->copy_first[axis.value]; c < l->copy_first[axis.value + 1]; c++)
        if (l->copies[c].node == node) return l->copies[c].axis + axis.axis;
    return l->axis_of_value[axis.value] + axis.axis;
}

static pld_status on_tie(void *self, int node, struct pld_axis a, int64_t a0, int64_t a_step,
                         struct pld_axis b, int64_t b0, int64_t b_step, int64_t count)
{
    struct pld_lattice *l = self;
    int x = axis_for(l, node, a), y = axis_for(l, node, b);
    if (!inside(a0, a_step, count, pld_lattice_size(l, x)) ||
        !inside(b0, b_step, count, pld_lattice_size(l, y)))
        return pld_fail(PLD_EMODEL, l->graph->nodes[node].name,
                        "channel rule reaches outside its tensors");
    if (!grow((void **)&l->ties, l->n_ties, &l->cap_ties, sizeof *l->ties)) return PLD_EDEVICE;
    l->ties[l->n_ties++] = (struct pld_tie){node, x, y, a0, a_step, b0, b_step, count};
    for (int64_t i = 0; i < count; i++)
        unite(l, l->first[x] + a0 + i * a_step, l->first[y] + b0 + i * b_step);
    return PLD_OK;
}

static pld_status lock_axis(struct pld_lattice *l, int node, int axis, const char *why)
{
    if (!grow((void **)&l->locks, l->n_locks, &l->cap_locks, sizeof *l->locks)) return PLD_EDEVICE;
    l->locks[l->n_locks] = (struct pld_lock){node, axis, why};
    for (int64_t e = l->first[axis]; e < l->first[axis + 1]; e++) {
        int32_t root = find(l, e);
        if (l->lock[root] < 0) l->lock[root] = l->n_locks;
    }
    l->n_locks++;
    return PLD_OK;
}

static pld_status on_lock(void *self, int node, struct pld_axis axis, const char *why)
{
    return lock_axis(self, node, axis_for(self, node, axis), why);
}

static pld_status on_consume(void *self, int node, struct pld_axis weight)
{
    struct pld_lattice *l = self;
    if (!grow((void **)&l->consumes, l->n_consumes, &l->cap_consumes, sizeof *l->consumes))
        return PLD_EDEVICE;
    l->consumes[l->n_consumes++] = (struct pld_port){node, axis_for(l, node, weight)};
    return PLD_OK;
}

static pld_status on_produce(void *self, int node, struct pld_axis weight)
{
    struct pld_lattice *l = self;
    if (!grow((void **)&l->produces, l->n_produces, &l->cap_produces, sizeof *l->produces))
        return PLD_EDEVICE;
    l->produces[l->n_produces++] = (struct pld_port){node, axis_for(l, node, weight)};
    return PLD_OK;
}

static pld_status on_contract(void *self, int node, struct pld_axis a, struct pld_axis b)
{
    struct pld_lattice *l = self;
    struct pld_axis axes[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        if (!grow((void **)&l->contracts, l->n_contracts, &l->cap_contracts, sizeof *l->contracts))
            return PLD_EDEVICE;
        l->contracts[l->n_contracts++] = (struct pld_port){node, axis_for(l, node, axes[i])};
    }
    return PLD_OK;
}

static const struct pld_channel_sink sink = {on_tie, on_lock, on_consume, on_produce, on_contract};

static void number_axes(struct pld_lattice *l, int value, int first)
{
    const struct pld_shape *shape = &l->graph->values[value].desc.shape;
    for (int a = 0; a < shape->rank; a++) {
        l->value_of_axis[first + a] = value;
        l->position[first + a] = a;
        l->first[first + a] = l->n_elements;
        l->n_elements += shape->dim[a];
    }
}

/* Values first, then the copies. */
static pld_status number_elements(struct pld_lattice *l)
{
    const struct pld_graph *graph = l->graph;
    l->axis_of_value = pld_arena_array(&l->arena, (size_t)graph->n_values + 1, sizeof(int));
    if (!l->axis_of_value) return PLD_EDEVICE;
    for (int v = 0; v < graph->n_values; v++) {
        l->axis_of_value[v] = l->n_axes;
        if (graph->values[v].inferred) l->n_axes += graph->values[v].desc.shape.rank;
    }
    l->axis_of_value[graph->n_values] = l->n_axes;
    for (int c = 0; c < l->n_copies; c++) {
        l->copies[c].axis = l->n_axes;
        l->n_axes += graph->values[l->copies[c].value].desc.shape.rank;
    }
    size_t axes = (size_t)l->n_axes + 1;
    l->first = pld_arena_array(&l->arena, axes, sizeof *l->first);
    l->value_of_axis = pld_arena_array(&l->arena, axes, sizeof *l->value_of_axis);
    l->position = pld_arena_array(&l->arena, axes, sizeof *l->position);
    if (!l->first || !l->value_of_axis || !l->position) return PLD_EDEVICE;
    for (int v = 0; v < graph->n_values; v++)
        if (graph->values[v].inferred) number_axes(l, v, l->axis_of_value[v]);
    for (int c = 0; c < l->n_copies; c++)
        number_axes(l, l->copies[c].value, l->copies[c].axis);
    l->first[l->n_axes] = l->n_elements;
    if (l->n_elements > INT32_MAX / 2)
        return pld_fail(PLD_EMODEL, graph->path, "too many tensor indices for channel groups");
    size_t n = (size_t)l->n_elements + 1;
    l->parent = pld_arena_array(&l->arena, n, sizeof *l->parent);
    l->lock = pld_arena_array(&l->arena, n, sizeof *l->lock);
    if (!l->parent || !l->lock) return PLD_EDEVICE;
    for (size_t e = 0; e < n; e++) {
        l->parent[e] = (int32_t)e;
        l->lock[e] = -1;
    }
    return PLD_OK;
}

/* Every element points at its representative from here on. */
static void flatten(struct pld_lattice *l)
{
    for (int64_t e = 0; e < l->n_elements; e++)
        l->parent[e] = find(l, e);
}

/* Do all elements of the copy go with those of the first use? */
static void compare_copies(struct pld_lattice *l)
{
    for (int c = 0; c < l->n_copies; c++) {
        struct pld_copy *copy = &l->copies[c];
        int from = l->axis_of_value[copy->value], end = l->axis_of_value[copy->value + 1];
        int64_t first = l->first[from], n = l->first[end] - first;
        copy->same = true;
        for (int64_t i = 0; i < n && copy->same; i++)
            copy->same = l->parent[first + i] == l->parent[l->first[copy->axis] + i];
    }
}

static pld_status lock_ends(struct pld_lattice *l, const int *values, int n, const char *why)
{
    for (int i = 0; i < n; i++)
        for (int a = l->axis_of_value[values[i]]; a < l->axis_of_value[values[i] + 1]; a++)
            PLD_TRY(lock_axis(l, PLD_NONE, a, why));
    return PLD_OK;
}

/* A depthwise filter carries its channel through, it does not make a new one. */
static bool is_depthwise(const struct pld_graph *graph, int node)
{
    const struct pld_node *n = &graph->nodes[node];
    if (n->op != PLD_OP_CONV && n->op != PLD_OP_CONV_TRANSPOSE) return false;
    int64_t group = n->params.conv.group;
    return group > 1 && graph->values[n->in[0]].desc.shape.dim[1] == group;
}

static pld_status find_roles(struct pld_lattice *l)
{
    const struct pld_graph *graph = l->graph;
    l->role = pld_arena_array(&l->arena, (size_t)l->n_axes + 1, sizeof *l->role);
    l->read = pld_arena_array(&l->arena, (size_t)graph->n_values + 1, sizeof *l->read);
    if (!l->role || !l->read) return PLD_EDEVICE;
    for (int a = 0; a < l->n_axes; a++)
        l->role[a] = PLD_ROLE_PARAM;
    for (int p = 0; p < l->n_produces; p++)
        if (!is_depthwise(graph, l->produces[p].node)) l->role[l->produces[p].axis] = PLD_ROLE_OUT;
    for (int p = 0; p < l->n_consumes; p++)
        l->role[l->consumes[p].axis] = PLD_ROLE_IN;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        for (int k = 0; pld_node_live(node) && k < node->n_in; k++)
            if (node->in[k] != PLD_NONE) l->read[node->in[k]] = true;
    }
    return PLD_OK;
}

pld_status pld_lattice_new(struct pld_lattice **out, const struct pld_graph *graph)
{
    *out = NULL;
    struct pld_lattice *l = calloc(1, sizeof *l);
    if (!l) return pld_fail_memory("channel groups");
    l->graph = graph;
    struct pld_channels channels = {.sink = &sink, .self = l};
    pld_status status = pld_copies_find(l);
    if (status == PLD_OK) status = number_elements(l);
    if (status == PLD_OK)
        status = lock_ends(l, graph->outputs, graph->n_outputs, "output of the graph");
    if (status == PLD_OK)
        status = lock_ends(l, graph->inputs, graph->n_inputs, "input of the graph");
    if (status == PLD_OK) status = pld_channels_walk(&channels, graph);
    if (status == PLD_OK) status = find_roles(l);
    if (status != PLD_OK) {
        pld_lattice_free(l);
        return status;
    }
    flatten(l);
    compare_copies(l);
    *out = l;
    return PLD_OK;
}

void pld_lattice_free(struct pld_lattice *l)
{
    if (!l) return;
    free(l->ties);
    free(l->locks);
    free(l->consumes);
    free(l->produces);
    free(l->contracts);
    pld_arena_release(&l->arena);
    free(l);
}
