/* What channel rules share, and the walk that asks them all. */
#include "graph/channel.h"

#include "graph/ops/ops.h"
#include "graph/shuffle.h"

pld_status pld_ch_tie(struct pld_channels *c, int va, int aa, int vb, int ab, int64_t count)
{
    return pld_ch_tie_range(c, va, aa, 0, 1, vb, ab, 0, 1, count);
}

pld_status pld_ch_tie_range(struct pld_channels *c, int va, int aa, int64_t a0, int64_t a_step,
                            int vb, int ab, int64_t b0, int64_t b_step, int64_t count)
{
    if (count < 1) return PLD_OK;
    return c->sink->tie(c->self, c->node, (struct pld_axis){va, aa}, a0, a_step,
                        (struct pld_axis){vb, ab}, b0, b_step, count);
}

pld_status pld_ch_lock(struct pld_channels *c, int value, int axis, const char *why)
{
    return c->sink->lock(c->self, c->node, (struct pld_axis){value, axis}, why);
}

pld_status pld_ch_consume(struct pld_channels *c, int value, int axis)
{
    return c->sink->consume(c->self, c->node, (struct pld_axis){value, axis});
}

pld_status pld_ch_produce(struct pld_channels *c, int value, int axis)
{
    return c->sink->produce(c->self, c->node, (struct pld_axis){value, axis});
}

pld_status pld_ch_contract(struct pld_channels *c, int va, int aa, int vb, int ab)
{
    return c->sink->contract(c->self, c->node, (struct pld_axis){va, aa},
                             (struct pld_axis){vb, ab});
}

const struct pld_shape *pld_op_shape(const struct pld_graph *graph, int value)
{
    return &graph->values[value].desc.shape;
}

pld_status pld_op_tie_axis(struct pld_channels *c, const struct pld_graph *graph, int va, int vb,
                           int a)
{
    return pld_ch_tie(c, va, a, vb, a, pld_op_shape(graph, va)->dim[a]);
}

pld_status pld_op_tie_all(struct pld_channels *c, const struct pld_graph *graph, int va, int vb)
{
    for (int a = 0; a < pld_op_shape(graph, va)->rank; a++)
        PLD_TRY(pld_op_tie_axis(c, graph, va, vb, a));
    return PLD_OK;
}

pld_status pld_op_tie_broadcast(struct pld_channels *c, const struct pld_graph *graph, int v, int y)
{
    const struct pld_shape *sv = pld_op_shape(graph, v), *sy = pld_op_shape(graph, y);
    for (int a = 0; a < sv->rank; a++) {
        int b = a + sy->rank - sv->rank;
        if (sv->dim[a] == sy->dim[b]) PLD_TRY(pld_ch_tie(c, v, a, y, b, sv->dim[a]));
    }
    return PLD_OK;
}

pld_status pld_op_weight(struct pld_channels *c, const struct pld_graph *graph, int x, int ax,
                         int w, int aw, int out)
{
    if (graph->values[w].data) {
        PLD_TRY(pld_ch_consume(c, w, aw));
        return out == PLD_NONE ? PLD_OK : pld_ch_produce(c, w, out);
    }
    return pld_ch_contract(c, x, ax, w, aw);
}

pld_status pld_op_channels_none(struct pld_channels *c, const struct pld_graph *graph, int node)
{
    (void)c;
    (void)graph;
    (void)node;
    return PLD_OK;
}

/* Inputs behind n_data are parameters (Clip's bounds), not tensors that share the axes. */
pld_status pld_ch_elementwise(struct pld_channels *c, const struct pld_graph *graph, int node)
{
    const struct pld_node *n = &graph->nodes[node];
    for (int i = 0; i < n->n_data; i++)
        if (n->in[i] != PLD_NONE) PLD_TRY(pld_op_tie_broadcast(c, graph, n->in[i], n->out[0]));
    return PLD_OK;
}

static pld_status lock_all(struct pld_channels *c, const struct pld_graph *graph, int value,
                           const char *why)
{
    if (value == PLD_NONE) return PLD_OK;
    const struct pld_value *v = &graph->values[value];
    if (v->data || v->initializer || !v->inferred) return PLD_OK;
    for (int a = 0; a < v->desc.shape.rank; a++)
        PLD_TRY(pld_ch_lock(c, value, a, why));
    return PLD_OK;
}

pld_status pld_op_lock_all(struct pld_channels *c, const struct pld_graph *graph,
                           const struct pld_node *node, const char *why)
{
    for (int i = 0; i < node->n_in; i++)
        PLD_TRY(lock_all(c, graph, node->in[i], why));
    for (int i = 0; i < node->n_out; i++)
        PLD_TRY(lock_all(c, graph, node->out[i], why));
    return PLD_OK;
}

static pld_status no_rule(struct pld_channels *c, const struct pld_graph *graph,
                          const struct pld_node *node)
{
    static const char *const why[PLD_OP_COUNT] = {
#define PLD_OP(id, onnx, file) [PLD_OP_##id] = "operator " onnx " has no channel rule",
#include "backend/op.def"
#undef PLD_OP
    };
    return pld_op_lock_all(c, graph, node,
                           node->op == PLD_NONE ? "an unknown operator has no channel rule"
                                                : why[node->op]);
}

/* How many nodes read each value, folded ones included. */
static int *count_readers(struct pld_arena *arena, const struct pld_graph *graph)
{
    int *readers = pld_arena_array(arena, (size_t)graph->n_values + 1, sizeof *readers);
    for (int i = 0; readers && i < graph->n_nodes; i++)
        for (int k = 0; !graph->nodes[i].dead && k < graph->nodes[i].n_in; k++)
            if (graph->nodes[i].in[k] != PLD_NONE) readers[graph->nodes[i].in[k]]++;
    return readers;
}

/* A weight that is stored in another form than the one it is used in: what becomes of one becomes
 * of the other. (Exporters store equal tensors once, and give each user an Identity: those are no
 * weights in common.) */
static bool stored_form(const struct pld_graph *graph, const struct pld_node *node,
                        const int *readers)
{
    if (!node->constant || node->n_in < 1 || node->in[0] == PLD_NONE || readers[node->in[0]] > 1)
        return false;
    switch (node->op) {
    case PLD_OP_TRANSPOSE:
    case PLD_OP_CAST:
    case PLD_OP_IDENTITY:
        return graph->values[node->in[0]].desc.dtype <= PLD_F64;
    default:
        return false;
    }
}

/* The end of a shuffle: each channel with where it came from, the other axes as they are. */
static pld_status shuffled(struct pld_channels *c, const struct pld_graph *graph,
                           const struct pld_pick *pick)
{
    int y = graph->nodes[pick->node].out[0];
    for (int a = 0; a < pld_op_shape(graph, y)->rank; a++)
        if (a != PLD_SHUFFLE_AXIS) PLD_TRY(pld_op_tie_axis(c, graph, pick->from, y, a));
    for (int64_t i = 0; i < pick->n; i++)
        PLD_TRY(pld_ch_tie_range(c, pick->from, PLD_SHUFFLE_AXIS, pick->index[i], 1, y,
                                 PLD_SHUFFLE_AXIS, i, 1, 1));
    return PLD_OK;
}

static pld_status ask(struct pld_channels *c, const struct pld_graph *graph,
                      const struct pld_shuffles *shuffles, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int pick = shuffles->pick_of_node[index];
    c->node = index;
    if (node->dynamic)
        return pld_op_lock_all(c, graph, node, "the shapes behind it depend on the data");
    if (pick < 0) return PLD_OK; /* the end of the shuffle speaks for it */
    if (pick > 0) return shuffled(c, graph, &shuffles->picks[pick - 1]);
    const struct pld_op_desc *desc =
        node->op == PLD_NONE ? NULL : pld_op_describe((enum pld_op)node->op);
    if (desc && desc->channels) return desc->channels(c, graph, index);
    return no_rule(c, graph, node);
}

pld_status pld_channels_walk(struct pld_channels *c, const struct pld_graph *graph)
{
    struct pld_arena arena = {0};
    struct pld_shuffles shuffles;
    const int *readers = count_readers(&arena, graph);
    pld_status status = readers ? pld_shuffles_find(&shuffles, &arena, graph) : PLD_EDEVICE;
    for (int i = 0; i < graph->n_nodes && status == PLD_OK; i++) {
        const struct pld_node *node = &graph->nodes[i];
        if (node->dead || (node->constant && !stored_form(graph, node, readers))) continue;
        status = ask(c, graph, &shuffles, i);
    }
    pld_arena_release(&arena);
    return status;
}
