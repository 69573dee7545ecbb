/* Layouts: a value has the layout its producer writes; a reader that needs another one gets the
 * output of a REORDER node, shared by all such readers.
 *
 * Operators with a preference are fixed by the backend, those that permute or merge axes are fixed
 * to row-major, and elementwise ones choose the side that moves fewer bytes: that is a minimum cut,
 * found here by local improvement, since regions of free nodes are small. */
#include "graph/op_desc.h"
#include "graph/passes.h"
#include "graph/passes/pass.h"

enum { MAX_SWEEPS = 8 };

struct layouts {
    struct pld_graph *graph;
    const struct pld_backend *backend;
    struct pld_readers readers;
    enum pld_layout *node;  /* [n_nodes] of main inputs and outputs */
    bool *free;             /* [n_nodes] may choose */
    enum pld_layout *input; /* [n_values] of graph inputs */
    struct pld_desc *descs; /* scratch: a node's data inputs and outputs */
};

static const struct pld_desc *desc_of(const struct pld_graph *graph, int value)
{
    return &graph->values[value].desc;
}

/* Follows the node's layout, as opposed to a small operand that is broadcast, or a weight: of the
 * output's shape, but for one axis (Concat, Split, Slice, a window). */
static bool is_main(const struct pld_graph *graph, const struct pld_node *node, int i)
{
    const struct pld_shape *in = &desc_of(graph, node->in[i])->shape;
    const struct pld_shape *out = &desc_of(graph, node->out[0])->shape;
    if (in->rank < 3 || graph->values[node->in[i]].data) return false;
    enum pld_layout_rule rule = pld_op_describe((enum pld_op)node->op)->layout;
    if (i == 0 && rule == PLD_LAYOUT_BOTH) return true;
    int differ = 0;
    for (int k = 0; in->rank == out->rank && k < in->rank; k++)
        differ += in->dim[k] != out->dim[k];
    return in->rank == out->rank && differ <= 1;
}

/* The layout that input i of a node must have when the node works in `layout`. */
static enum pld_layout wanted(const struct layouts *l, int index, int i, enum pld_layout layout,
                              enum pld_layout produced)
{
    const struct pld_graph *graph = l->graph;
    const struct pld_node *node = &graph->nodes[index];
    enum pld_layout_rule rule = pld_op_describe((enum pld_op)node->op)->layout;
    if (layout == PLD_ROW_MAJOR) return PLD_ROW_MAJOR;
    if (is_main(graph, node, i)) return layout;
    return rule == PLD_LAYOUT_ANY ? produced : PLD_ROW_MAJOR;
}

static enum pld_layout produced(const struct layouts *l, int value)
{
    const struct pld_value *v = &l->graph->values[value];
    if (v->data) return PLD_ROW_MAJOR;
    return v->producer == PLD_NONE ? l->input[value] : l->node[v->producer];
}

/* Could the device compute the node channels-last? */
static bool can_be_last(struct layouts *l, int index)
{
    const struct pld_graph *graph = l->graph;
    const struct pld_node *node = &graph->nodes[index];
    for (int i = 0; i < node->n_data; i++) {
        l->descs[i].dtype = PLD_DTYPE_COUNT;
        if (node->in[i] == PLD_NONE) continue;
        l->descs[i] = *desc_of(graph, node->in[i]);
        if (is_main(graph, node, i)) l->descs[i].layout = PLD_CHANNELS_LAST;
    }
    struct pld_desc *out = l->descs + node->n_data;
    for (int i = 0; i < node->n_out; i++) {
        out[i].dtype = PLD_DTYPE_COUNT;
        if (node->out[i] == PLD_NONE) continue;
        out[i] = *desc_of(graph, node->out[i]);
        if (out[i].shape.rank < 3) return false;
        out[i].layout = PLD_CHANNELS_LAST;
    }
    const struct pld_signature sig = {.op = (enum pld_op)node->op,
                                      .params = &node->params,
                                      .in = l->descs,
                                      .out = out,
                                      .n_in = node->n_data,
                                      .n_out = node->n_out,
                                      .node = node->name};
    return pld_kernel_choose(l->backend, &sig) != NULL;
}

static bool any_main(const struct pld_graph *graph, const struct pld_node *node)
{
    for (int i = 0; i < node->n_data; i++)
        if (node->in[i] != PLD_NONE && is_main(graph, node, i)) return true;
    return false;
}

/* The layout of a node's largest main input, as things stand. */
static enum pld_layout follow(const struct layouts *l, const struct pld_node *node)
{
    enum pld_layout layout = PLD_ROW_MAJOR;
    size_t largest = 0;
    for (int i = 0; i < node->n_data; i++) {
        if (node->in[i] == PLD_NONE || !is_main(l->graph, node, i)) continue;
        size_t bytes = pld_desc_bytes(desc_of(l->graph, node->in[i]));
        enum pld_layout p = produced(l, node->in[i]);
        if (bytes < largest || (bytes == largest && p == PLD_ROW_MAJOR)) continue;
        largest = bytes;
        layout = p;
    }
    return layout;
}

static void start(struct layouts *l)
{
    /* Optimistic, so that elementwise nodes behind an image go along; choose_inputs() decides. */
    for (int n = 0; n < l->graph->n_inputs; n++)
        if (desc_of(l->graph, l->graph->inputs[n])->shape.rank == 4)
            l->input[l->graph->inputs[n]] = PLD_CHANNELS_LAST;
    for (int i = 0; i < l->graph->n_nodes; i++) {
        const struct pld_node *node = &l->graph->nodes[i];
        l->node[i] = PLD_ROW_MAJOR;
        if (!pld_node_live(node) || node->n_data == 0 || node->in[0] == PLD_NONE ||
            node->n_out == 0 || node->out[0] == PLD_NONE || !any_main(l->graph, node))
            continue;
        enum pld_layout_rule rule = pld_op_describe((enum pld_op)node->op)->layout;
        if (rule == PLD_LAYOUT_ROWS || !can_be_last(l, i)) continue;
        l->free[i] = rule == PLD_LAYOUT_ANY;
        l->node[i] = l->free[i] ? follow(l, node)
                                : l->backend->prefer(l->backend, (enum pld_op)node->op,
                                                     desc_of(l->graph, node->in[0]));
    }
}

/* An image that only `index` reads arrives in whatever layout that node chooses. */
static bool comes_along(const struct layouts *l, int value, int index)
{
    const struct pld_value *v = &l->graph->values[value];
    return v->producer == PLD_NONE && !v->data && v->desc.shape.rank == 4 &&
           pld_sole_reader(&l->readers, value) == index;
}

/* Bytes that are moved around a node if it works in `layout`. */
static size_t cost_of(const struct layouts *l, int index, enum pld_layout layout)
{
    const struct pld_graph *graph = l->graph;
    const struct pld_node *node = &graph->nodes[index];
    size_t cost = 0;
    for (int i = 0; i < node->n_data; i++) {
        if (node->in[i] == PLD_NONE || comes_along(l, node->in[i], index)) continue;
        enum pld_layout p = produced(l, node->in[i]);
        if (wanted(l, index, i, layout, p) != p)
            cost += pld_desc_bytes(desc_of(graph, node->in[i]));
    }
    for (int k = 0; k < node->n_out; k++) {
        int v = node->out[k];
        if (v == PLD_NONE) continue;
        bool moved = l->readers.output[v] && layout != PLD_ROW_MAJOR;
        for (int u = l->readers.uses.first[v]; u < l->readers.uses.first[v + 1] && !moved; u++) {
            int reader = l->readers.uses.users[u];
            const struct pld_node *r = &graph->nodes[reader];
            for (int i = 0; i < r->n_data && !moved; i++)
                moved = r->in[i] == v && wanted(l, reader, i, l->node[reader], layout) != layout;
        }
        if (moved) cost += pld_desc_bytes(desc_of(graph, v));
    }
    return cost;
}

static void improve(struct layouts *l)
{
    bool changed = true;
    for (int sweep = 0; changed && sweep < MAX_SWEEPS; sweep++) {
        changed = false;
        for (int k = 0; k < l->graph->n_nodes; k++) {
            int i = sweep % 2 ? l->graph->n_nodes - 1 - k : k;
            if (!l->free[i]) continue;
            enum pld_layout other = l->node[i] == PLD_ROW_MAJOR ? PLD_CHANNELS_LAST : PLD_ROW_MAJOR;
            if (cost_of(l, i, other) >= cost_of(l, i, l->node[i])) continue;
            l->node[i] = other;
            changed = true;
        }
    }
}

/* An image is delivered channels-last when every reader wants it so: the preprocessor can write
 * either. */
static void choose_inputs(struct layouts *l)
{
    const struct pld_graph *graph = l->graph;
    for (int n = 0; n < graph->n_inputs; n++) {
        int v = graph->inputs[n];
        if (desc_of(graph, v)->shape.rank != 4) continue;
        const struct pld_uses *uses = &l->readers.uses;
        bool last = uses->first[v] < uses->first[v + 1] && !l->readers.output[v];
        for (int u = uses->first[v]; u < uses->first[v + 1]; u++) {
            const struct pld_node *reader = &graph->nodes[uses->users[u]];
            for (int i = 0; i < reader->n_data; i++)
                if (reader->in[i] == v)
                    last &=
                        is_main(graph, reader, i) && l->node[uses->users[u]] == PLD_CHANNELS_LAST;
        }
        l->input[v] = last ? PLD_CHANNELS_LAST : PLD_ROW_MAJOR;
    }
}

/* ---- writing the choice into the graph ---- */

struct rewrite {
    struct layouts *l;
    int *twin;              /* [n_values] the value in the other layout, or PLD_NONE */
    struct pld_node *nodes; /* the new order */
    int n_nodes;
};

/* A REORDER node from one value to another. */
static pld_status emit_reorder(struct rewrite *r, int from, int to)
{
    struct pld_graph *graph = r->l->graph;
    int *ends = pld_arena_array(&graph->arena, 2, sizeof *ends);
    if (!ends) return PLD_EDEVICE;
    ends[0] = from;
    ends[1] = to;
    graph->values[to].producer = r->n_nodes;
    r->nodes[r->n_nodes++] = (struct pld_node){.op = PLD_OP_REORDER,
                                               .type = pld_op_name(PLD_OP_REORDER),
                                               .name = graph->values[to].name,
                                               .domain = "",
                                               .n_in = 1,
                                               .n_out = 1,
                                               .n_data = 1,
                                               .in = ends,
                                               .out = ends + 1};
    return PLD_OK;
}

static int new_twin(struct rewrite *r, int value)
{
    struct pld_graph *graph = r->l->graph;
    enum pld_layout layout = desc_of(graph, value)->layout;
    int twin = pld_graph_add_value(graph, graph->values[value].name);
    if (twin == PLD_NONE) return PLD_NONE;
    graph->values[twin].desc = graph->values[value].desc;
    graph->values[twin].desc.layout = layout == PLD_ROW_MAJOR ? PLD_CHANNELS_LAST : PLD_ROW_MAJOR;
    graph->values[twin].inferred = true;
    r->twin[value] = twin;
    return twin;
}

static pld_status adapt_inputs(struct rewrite *r, int index)
{
    struct pld_graph *graph = r->l->graph;
    struct pld_node *node = &graph->nodes[index];
    for (int i = 0; i < node->n_data; i++) {
        int v = node->in[i];
        if (v == PLD_NONE) continue;
        enum pld_layout has = desc_of(graph, v)->layout;
        if (wanted(r->l, index, i, r->l->node[index], has) == has) continue;
        int twin = r->twin[v];
        if (twin == PLD_NONE) {
            twin = new_twin(r, v);
            if (twin == PLD_NONE) return PLD_EDEVICE;
            PLD_TRY(emit_reorder(r, v, twin));
        }
        node->in[i] = twin;
    }
    return PLD_OK;
}

/* Outputs of the graph are row-major under their own name: a node that writes channels-last writes
 * the twin, which is then reordered. */
static pld_status emit_node(struct rewrite *r, int index)
{
    struct pld_graph *graph = r->l->graph;
    struct pld_node *node = &graph->nodes[index];
    int place = r->n_nodes++;
    bool last = pld_node_live(node) && r->l->node[index] == PLD_CHANNELS_LAST;
    for (int k = 0; k < node->n_out; k++) {
        int v = node->out[k];
        if (v == PLD_NONE) continue;
        if (!node->dead) graph->values[v].producer = place; /* else another writes it now */
        if (!last) continue;
        if (!r->l->readers.output[v]) {
            graph->values[v].desc.layout = PLD_CHANNELS_LAST;
            continue;
        }
        int twin = new_twin(r, v);
        if (twin == PLD_NONE) return PLD_EDEVICE;
        node->out[k] = twin;
        graph->values[twin].producer = place;
        PLD_TRY(emit_reorder(r, twin, v));
    }
    r->nodes[place] = *node;
    return PLD_OK;
}

static pld_status rewrite(struct layouts *l)
{
    struct pld_graph *graph = l->graph;
    struct rewrite r = {.l = l};
    size_t room = (size_t)graph->n_nodes + (size_t)graph->n_values;
    r.twin = pld_arena_array(&l->readers.arena, (size_t)graph->n_values, sizeof *r.twin);
    r.nodes = pld_arena_array(&graph->arena, room, sizeof *r.nodes);
    if (!r.twin || !r.nodes) return PLD_EDEVICE;
    for (int v = 0; v < graph->n_values; v++)
        r.twin[v] = PLD_NONE;
    for (int n = 0; n < graph->n_inputs; n++)
        graph->values[graph->inputs[n]].desc.layout = l->input[graph->inputs[n]];
    int n = graph->n_nodes;
    for (int i = 0; i < n; i++) {
        if (pld_node_live(&graph->nodes[i])) PLD_TRY(adapt_inputs(&r, i));
        PLD_TRY(emit_node(&r, i));
    }
    graph->nodes = r.nodes;
    graph->n_nodes = r.n_nodes;
    graph->cap_nodes = (int)room;
    return PLD_OK;
}

static pld_status set_up(struct layouts *l)
{
    const struct pld_graph *graph = l->graph;
    struct pld_arena *arena = &l->readers.arena;
    size_t most = 0;
    for (int i = 0; i < graph->n_nodes; i++) {
        size_t n = (size_t)graph->nodes[i].n_data + (size_t)graph->nodes[i].n_out;
        if (n > most) most = n;
    }
    l->node = pld_arena_array(arena, (size_t)graph->n_nodes, sizeof *l->node);
    l->free = pld_arena_array(arena, (size_t)graph->n_nodes, sizeof *l->free);
    l->input = pld_arena_array(arena, (size_t)graph->n_values, sizeof *l->input);
    l->descs = pld_arena_array(arena, most, sizeof *l->descs);
    return l->node && l->free && l->input && l->descs ? PLD_OK : PLD_EDEVICE;
}

pld_status pld_pass_layout(struct pld_graph *graph, const struct pld_backend *backend)
{
    struct layouts l = {.graph = graph, .backend = backend};
    PLD_TRY(pld_readers_init(&l.readers, graph));
    pld_status status = set_up(&l);
    if (status == PLD_OK) {
        start(&l);
        choose_inputs(&l);
        improve(&l);
        choose_inputs(&l);
        status = rewrite(&l);
    }
    pld_readers_release(&l.readers);
    return status;
}
