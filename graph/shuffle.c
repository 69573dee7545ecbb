#include "graph/shuffle.h"

#include <string.h>

enum { MAX_FACTORS = 16, MAX_NODES = 16 };

/* An axis as nested loops over the elements of the first value, outermost first. */
struct loop {
    int64_t size, stride;
};
struct axis {
    struct loop loops[MAX_FACTORS];
    int n;
};
struct view {
    struct axis axis[PLD_MAX_RANK];
    int rank;
    int64_t offset;
};

struct search {
    const struct pld_graph *graph;
    const struct pld_uses *uses;
    struct pld_arena *arena;
    int from;
    int inside[MAX_NODES], n_inside;
    struct pld_pick picks[MAX_NODES];
    int n_picks;
};

static const struct pld_shape *shape_of(const struct search *s, int value)
{
    return &s->graph->values[value].desc.shape;
}

/* The value itself: every axis is one loop. */
static void view_whole(struct view *v, const struct pld_shape *shape)
{
    int64_t stride = 1;
    *v = (struct view){.rank = shape->rank};
    for (int a = shape->rank - 1; a >= 0; a--) {
        if (shape->dim[a] != 1) v->axis[a] = (struct axis){{{shape->dim[a], stride}}, 1};
        stride *= shape->dim[a];
    }
}

/* Appends a loop; one that goes on where the last one ends is part of it. */
static bool append(struct axis *axis, struct loop loop)
{
    struct loop *last = axis->n ? &axis->loops[axis->n - 1] : NULL;
    if (last && last->stride == loop.size * loop.stride) {
        *last = (struct loop){last->size * loop.size, loop.stride};
        return true;
    }
    if (axis->n == MAX_FACTORS) return false;
    axis->loops[axis->n++] = loop;
    return true;
}

/* All loops in order, dealt out again to axes of the new sizes; a loop may be cut in two. */
static bool view_reshape(struct view *out, const struct view *in, const struct pld_shape *shape)
{
    struct loop queue[PLD_MAX_RANK * MAX_FACTORS];
    int n = 0, at = 0;
    for (int a = 0; a < in->rank; a++)
        for (int i = 0; i < in->axis[a].n; i++)
            queue[n++] = in->axis[a].loops[i];
    *out = (struct view){.rank = shape->rank, .offset = in->offset};
    for (int a = 0; a < shape->rank; a++) {
        for (int64_t need = shape->dim[a]; need > 1;) {
            if (at == n) return false;
            struct loop *next = &queue[at];
            if (need % next->size == 0) {
                need /= next->size;
                if (!append(&out->axis[a], *next)) return false;
                at++;
            } else if (next->size % need == 0) {
                int64_t rest = next->size / need;
                if (!append(&out->axis[a], (struct loop){need, rest * next->stride})) return false;
                next->size = rest;
                need = 1;
            } else {
                return false;
            }
        }
    }
    return at == n;
}

/* Where index i of an axis starts. */
static int64_t place(const struct axis *axis, int64_t i)
{
    int64_t at = 0;
    for (int k = axis->n - 1; k >= 0; k--) {
        at += i % axis->loops[k].size * axis->loops[k].stride;
        i /= axis->loops[k].size;
    }
    return at;
}

/* Gather of a single constant index: the axis disappears. */
static bool view_gather(struct view *out, const struct view *in, const struct search *s,
                        const struct pld_node *node)
{
    const struct pld_value *index = &s->graph->values[node->in[1]];
    int axis = (int)node->params.axis.axis;
    if (!index->data || index->desc.shape.rank != 0 || index->desc.dtype != PLD_I64) return false;
    int64_t i = *(const int64_t *)index->data;
    if (i < 0) i += shape_of(s, node->in[0])->dim[axis];
    *out = *in;
    out->offset += place(&in->axis[axis], i);
    out->rank--;
    for (int a = axis; a < out->rank; a++)
        out->axis[a] = in->axis[a + 1];
    return true;
}

static bool step(struct view *out, const struct view *in, const struct search *s,
                 const struct pld_node *node)
{
    switch (node->op) {
    case PLD_OP_RESHAPE:
    case PLD_OP_FLATTEN:
    case PLD_OP_SQUEEZE:
    case PLD_OP_UNSQUEEZE:
        return view_reshape(out, in, shape_of(s, node->out[0]));
    case PLD_OP_TRANSPOSE:
        *out = *in;
        for (int a = 0; a < in->rank; a++)
            out->axis[a] = in->axis[node->params.transpose.perm[a]];
        return true;
    case PLD_OP_GATHER:
        return view_gather(out, in, s, node);
    default:
        return false;
    }
}

static bool same_axis(const struct axis *a, const struct axis *b)
{
    return a->n == b->n && memcmp(a->loops, b->loops, (size_t)a->n * sizeof a->loops[0]) == 0;
}

/* Does the view pick channels of the first value and leave its other axes alone? */
static bool picks_channels(const struct view *v, const struct pld_shape *from, int64_t channels)
{
    struct view whole;
    view_whole(&whole, from);
    if (v->rank != from->rank) return false;
    for (int a = 0; a < v->rank; a++)
        if (a != PLD_SHUFFLE_AXIS && !same_axis(&v->axis[a], &whole.axis[a])) return false;
    int64_t stride = 1;
    for (int a = PLD_SHUFFLE_AXIS + 1; a < from->rank; a++)
        stride *= from->dim[a];
    for (int64_t i = 0; i < channels; i++) {
        int64_t at = v->offset + place(&v->axis[PLD_SHUFFLE_AXIS], i);
        if (at % stride != 0 || at / stride >= from->dim[PLD_SHUFFLE_AXIS]) return false;
    }
    return true;
}

static bool add_pick(struct search *s, int node, const struct view *v)
{
    const struct pld_shape *from = shape_of(s, s->from);
    int64_t n = shape_of(s, s->graph->nodes[node].out[0])->dim[PLD_SHUFFLE_AXIS], stride = 1;
    for (int a = PLD_SHUFFLE_AXIS + 1; a < from->rank; a++)
        stride *= from->dim[a];
    struct pld_pick *pick = &s->picks[s->n_picks];
    *pick = (struct pld_pick){.node = node, .from = s->from, .n = n};
    pick->index = pld_arena_array(s->arena, (size_t)n, sizeof *pick->index);
    if (!pick->index) return false;
    for (int64_t i = 0; i < n; i++)
        pick->index[i] = (v->offset + place(&v->axis[PLD_SHUFFLE_AXIS], i)) / stride;
    s->n_picks++;
    return true;
}

/* Follows a node whose input 0 is `view`: an end, or further nodes that all lead to ends. */
static bool follow(struct search *s, int index, const struct view *view)
{
    const struct pld_node *node = &s->graph->nodes[index];
    struct view next;
    if (!pld_node_live(node) || node->n_out != 1 || !step(&next, view, s, node)) return false;
    if (s->n_picks == MAX_NODES || s->n_inside == MAX_NODES) return false;
    int out = node->out[0];
    const struct pld_shape *shape = shape_of(s, out);
    if (shape->rank > PLD_SHUFFLE_AXIS &&
        picks_channels(&next, shape_of(s, s->from), shape->dim[PLD_SHUFFLE_AXIS]))
        return add_pick(s, index, &next);
    if (pld_graph_is_output(s->graph, out)) return false;
    s->inside[s->n_inside++] = index;
    int first = s->uses->first[out], end = s->uses->first[out + 1];
    for (int k = first; k < end; k++) {
        const struct pld_node *user = &s->graph->nodes[s->uses->users[k]];
        if (user->in[0] != out || !follow(s, s->uses->users[k], &next)) return false;
    }
    return end > first;
}

/* A shuffle starts at a Reshape that no earlier shuffle has swallowed. */
static bool starts(struct search *s, const struct pld_shuffles *found, int index)
{
    const struct pld_node *node = &s->graph->nodes[index];
    if (!pld_node_live(node) || node->op != PLD_OP_RESHAPE || found->pick_of_node[index])
        return false;
    const struct pld_shape *shape = shape_of(s, node->in[0]);
    if (shape->rank <= PLD_SHUFFLE_AXIS || pld_shape_count(shape) == 0) return false;
    struct view view;
    s->from = node->in[0];
    s->n_inside = s->n_picks = 0;
    view_whole(&view, shape);
    return follow(s, index, &view);
}

pld_status pld_shuffles_find(struct pld_shuffles *out, struct pld_arena *arena,
                             const struct pld_graph *graph)
{
    struct pld_uses uses;
    struct search s = {.graph = graph, .uses = &uses, .arena = arena};
    size_t nodes = (size_t)graph->n_nodes + 1;
    *out = (struct pld_shuffles){.picks = pld_arena_array(arena, nodes, sizeof *out->picks),
                                 .pick_of_node = pld_arena_array(arena, nodes, sizeof(int))};
    if (!out->picks || !out->pick_of_node) return PLD_EDEVICE;
    PLD_TRY(pld_graph_uses(&uses, arena, graph));
    for (int i = 0; i < graph->n_nodes; i++) {
        if (!starts(&s, out, i)) continue;
        for (int k = 0; k < s.n_inside; k++)
            out->pick_of_node[s.inside[k]] = -(out->n_picks + 1);
        for (int k = 0; k < s.n_picks; k++) {
            out->picks[out->n_picks++] = s.picks[k];
            out->pick_of_node[s.picks[k].node] = out->n_picks;
        }
    }
    return PLD_OK;
}
