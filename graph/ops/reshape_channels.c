/* The channel rule of Reshape, Flatten, Squeeze and Unsqueeze.
 *
 * Both shapes are cut into common factors: 64x80x80 -> 4x16x6400 has the factors 4, 16, 80, 80. A
 * factor that is a whole axis on both sides ties index with index. Where axes are merged or split,
 * one factor at most can lose indices, or the rest would not be rectangular any more: removing
 * index i of that factor removes every index of the merged axis that has i in it, and the other
 * factors are locked. Which factor that should be depends on what happens to the axes apart: in a
 * flatten before a Gemm the channels and not the pixels, in attention whole heads and not parts of
 * a contracted one, in a channel shuffle the channels of a group. So the neighbourhood is asked:
 * which of the axes meets no lock, and which has more merges hanging on it.
 */
#include <stdlib.h>
#include <string.h>

#include "graph/ops/ops.h"

static const char merged[] = "merged with another axis by Reshape";

/* A factor within an axis: index = (outer * size + i) * inner + rest. */
struct place {
    int value, axis;
    int64_t outer, inner;
};

struct factor {
    int64_t size;
    struct place in, out;
    int segment; /* factors of axes that are merged or split with each other */
};

enum { MAX_FACTORS = 2 * PLD_MAX_RANK };

struct factors {
    struct factor at[MAX_FACTORS]; /* outermost first */
    int n;
    bool ragged[MAX_FACTORS]; /* of a segment: its sizes have no common factors */
};

/* ---- cutting shapes into factors ---- */

/* Products of the trailing axes, ascending: cut[0] = 1, one more for each axis above 1. */
static int cuts_of(int64_t *cut, const struct pld_shape *shape)
{
    int n = 0;
    cut[n++] = 1;
    for (int a = shape->rank - 1; a >= 0; a--)
        if (shape->dim[a] != 1) {
            cut[n] = cut[n - 1] * shape->dim[a];
            n++;
        }
    return n;
}

static bool contains(const int64_t *cut, int n, int64_t value)
{
    for (int i = 0; i < n; i++)
        if (cut[i] == value) return true;
    return false;
}

/* The axis that spans the cuts lo..hi, and the factor's place within it. */
static struct place place_of(int value, const struct pld_shape *shape, int64_t lo, int64_t hi)
{
    int64_t below = 1;
    for (int a = shape->rank - 1; a >= 0; a--) {
        int64_t above = below * shape->dim[a];
        if (below <= lo && hi <= above) return (struct place){value, a, above / hi, lo / below};
        below = above;
    }
    return (struct place){value, 0, 1, 1}; /* not reached: cuts come from the shapes */
}

static void factorise(struct factors *out, int x, const struct pld_shape *sx, int y,
                      const struct pld_shape *sy)
{
    int64_t cx[PLD_MAX_RANK + 1], cy[PLD_MAX_RANK + 1];
    int nx = cuts_of(cx, sx), ny = cuts_of(cy, sy), segment = 0;
    int64_t lo = 1;
    struct factor found[MAX_FACTORS]; /* innermost first */
    *out = (struct factors){0};
    for (int ix = 1, iy = 1; ix < nx && iy < ny;) {
        int64_t hi = cx[ix] < cy[iy] ? cx[ix] : cy[iy];
        if (hi % lo != 0) out->ragged[segment] = true;
        found[out->n++] = (struct factor){.size = hi / lo,
                                          .in = place_of(x, sx, lo, hi),
                                          .out = place_of(y, sy, lo, hi),
                                          .segment = segment};
        if (contains(cx, nx, hi) && contains(cy, ny, hi)) segment++;
        ix += cx[ix] == hi;
        iy += cy[iy] == hi;
        lo = hi;
    }
    for (int i = 0; i < out->n; i++)
        out->at[i] = found[out->n - 1 - i];
}

static bool whole(const struct place *p)
{
    return p->outer == 1 && p->inner == 1;
}

static bool alone(const struct factor *f)
{
    return whole(&f->in) && whole(&f->out);
}

/* ---- asking the neighbourhood of an axis ---- */

struct probe {
    const struct pld_graph *graph;
    const struct pld_uses *uses;
    uint8_t *seen;          /* of a value: bit a: axis a is in the queue */
    bool *counted;          /* of a node: is in `merges` */
    struct pld_axis *queue; /* axes tied to the one asked about */
    int n;
    struct pld_axis at; /* the one being looked at */
    bool locked;        /* some of it cannot lose indices */
    int merges;         /* nodes that merge or split it */
};

static void push(struct probe *p, struct pld_axis axis)
{
    if (p->seen[axis.value] >> axis.axis & 1) return;
    p->seen[axis.value] |= (uint8_t)(1u << axis.axis);
    p->queue[p->n++] = axis;
}

static bool same_axis(struct pld_axis a, struct pld_axis b)
{
    return a.value == b.value && a.axis == b.axis;
}

static pld_status probe_tie(void *self, int node, struct pld_axis a, int64_t a0, int64_t a_step,
                            struct pld_axis b, int64_t b0, int64_t b_step, int64_t count)
{
    struct probe *p = self;
    (void)node, (void)a0, (void)a_step, (void)b0, (void)b_step, (void)count;
    if (same_axis(a, p->at)) push(p, b);
    if (same_axis(b, p->at)) push(p, a);
    return PLD_OK;
}

static pld_status probe_lock(void *self, int node, struct pld_axis axis, const char *why)
{
    struct probe *p = self;
    (void)node, (void)why;
    if (same_axis(axis, p->at)) p->locked = true;
    return PLD_OK;
}

static pld_status probe_weight(void *self, int node, struct pld_axis weight)
{
    (void)self, (void)node, (void)weight;
    return PLD_OK;
}

static pld_status probe_contract(void *self, int node, struct pld_axis a, struct pld_axis b)
{
    (void)self, (void)node, (void)a, (void)b;
    return PLD_OK;
}

static const struct pld_channel_sink probe_sink = {probe_tie, probe_lock, probe_weight,
                                                   probe_weight, probe_contract};

/* Another Reshape: goes on where the axis only changes its place, counts where it is merged. */
static void probe_reshape(struct probe *p, int index)
{
    const struct pld_node *node = &p->graph->nodes[index];
    struct factors f;
    int x = node->in[0], y = node->out[0];
    factorise(&f, x, pld_op_shape(p->graph, x), y, pld_op_shape(p->graph, y));
    for (int i = 0; i < f.n; i++) {
        struct pld_axis in = {x, f.at[i].in.axis}, out = {y, f.at[i].out.axis};
        if (!same_axis(in, p->at) && !same_axis(out, p->at)) continue;
        if (alone(&f.at[i]) && !f.ragged[f.at[i].segment]) {
            push(p, in);
            push(p, out);
        } else if (!p->counted[index]) {
            p->counted[index] = true;
            p->merges++;
        }
    }
}

static pld_status probe_node(struct probe *p, int index)
{
    const struct pld_node *node = &p->graph->nodes[index];
    if (!pld_node_live(node)) return PLD_OK;
    const struct pld_op_desc *desc =
        node->op == PLD_NONE ? NULL : pld_op_describe((enum pld_op)node->op);
    if (!desc || !desc->channels) {
        p->locked = true;
        return PLD_OK;
    }
    if (desc->channels == pld_reshape_channels) {
        probe_reshape(p, index);
        return PLD_OK;
    }
    struct pld_channels c = {&probe_sink, p, index};
    return desc->channels(&c, p->graph, index);
}

static bool at_the_border(const struct pld_graph *graph, int value)
{
    for (int i = 0; i < graph->n_inputs; i++)
        if (graph->inputs[i] == value) return true;
    return pld_graph_is_output(graph, value);
}

/* Follows an axis through everything tied to it until it meets a lock. */
static pld_status probe_axis(struct probe *p, struct pld_axis axis)
{
    memset(p->seen, 0, (size_t)p->graph->n_values);
    memset(p->counted, 0, (size_t)p->graph->n_nodes * sizeof *p->counted);
    p->n = p->merges = 0;
    p->locked = false;
    push(p, axis);
    for (int i = 0; i < p->n && !p->locked; i++) {
        p->at = p->queue[i];
        int v = p->at.value, producer = p->graph->values[v].producer;
        if (at_the_border(p->graph, v)) p->locked = true;
        if (producer != PLD_NONE && !p->locked) PLD_TRY(probe_node(p, producer));
        for (int k = p->uses->first[v]; k < p->uses->first[v + 1] && !p->locked; k++)
            PLD_TRY(probe_node(p, p->uses->users[k]));
    }
    return PLD_OK;
}

/* How well a factor would do as the one that stays removable. */
static pld_status rate(int *out, struct probe *p, const struct factor *f)
{
    enum { LOCKED = -1, UNKNOWN = 0, FREE = 1 };
    const struct place *apart = whole(&f->in) ? &f->in : whole(&f->out) ? &f->out : NULL;
    *out = UNKNOWN; /* part of a larger axis on both sides: no axis to ask about */
    if (!apart) return PLD_OK;
    PLD_TRY(probe_axis(p, (struct pld_axis){apart->value, apart->axis}));
    *out = p->locked ? LOCKED : FREE + p->merges;
    return PLD_OK;
}

/* The factor of a segment that stays removable: one that meets no lock; of those the one with the
 * most merges (locking it would lock all of those), then the largest, then the outermost. */
static pld_status choose(int *best, struct probe *p, const struct factors *f, int segment)
{
    int best_rating = 0;
    *best = -1;
    for (int i = 0; i < f->n; i++) {
        int rating;
        if (f->at[i].segment != segment) continue;
        PLD_TRY(rate(&rating, p, &f->at[i]));
        bool better = *best < 0 || rating > best_rating ||
                      (rating == best_rating && rating >= 0 && f->at[i].size > f->at[*best].size);
        if (!better) continue;
        *best = i;
        best_rating = rating;
    }
    return PLD_OK;
}

/* ---- telling the receiver ---- */

/* Ties index i*step of axis `ref` with every index of `p` that has coordinate i. */
static pld_status tie_place(struct pld_channels *c, struct pld_axis ref, int64_t step,
                            const struct place *p, int64_t size)
{
    for (int64_t o = 0; o < p->outer; o++)
        for (int64_t r = 0; r < p->inner; r++)
            PLD_TRY(pld_ch_tie_range(c, ref.value, ref.axis, 0, step, p->value, p->axis,
                                     o * size * p->inner + r, p->inner, size));
    return PLD_OK;
}

/* The reference is the first index with each coordinate, on the side where the factor is a whole
 * axis if there is one. */
static pld_status tie_factor(struct pld_channels *c, const struct factor *f)
{
    const struct place *ref = whole(&f->out) ? &f->out : &f->in;
    const struct place *other = whole(&f->out) ? &f->in : &f->out;
    struct pld_axis axis = {ref->value, ref->axis};
    PLD_TRY(tie_place(c, axis, ref->inner, other, f->size));
    return whole(ref) ? PLD_OK : tie_place(c, axis, ref->inner, ref, f->size);
}

/* Locks the axes of a segment that the chosen factor (may be NULL) is no part of. */
static pld_status lock_others(struct pld_channels *c, const struct factors *f, int segment,
                              const struct factor *chosen)
{
    for (int i = 0; i < f->n; i++) {
        const struct factor *factor = &f->at[i];
        if (factor->segment != segment) continue;
        if (!chosen || factor->in.axis != chosen->in.axis)
            PLD_TRY(pld_ch_lock(c, factor->in.value, factor->in.axis, merged));
        if (!chosen || factor->out.axis != chosen->out.axis)
            PLD_TRY(pld_ch_lock(c, factor->out.value, factor->out.axis, merged));
    }
    return PLD_OK;
}

static pld_status relate_segments(struct pld_channels *c, struct probe *p, const struct factors *f)
{
    for (int i = 0; i < f->n; i++) {
        int segment = f->at[i].segment, best;
        if (i > 0 && f->at[i - 1].segment == segment) continue;
        if (f->ragged[segment]) {
            PLD_TRY(lock_others(c, f, segment, NULL));
        } else if (alone(&f->at[i])) {
            PLD_TRY(tie_factor(c, &f->at[i]));
        } else {
            PLD_TRY(choose(&best, p, f, segment));
            PLD_TRY(tie_factor(c, &f->at[best]));
            PLD_TRY(lock_others(c, f, segment, &f->at[best]));
        }
    }
    return PLD_OK;
}

static pld_status with_probe(struct pld_channels *c, const struct pld_graph *graph,
                             const struct factors *f)
{
    struct pld_arena arena = {0};
    struct pld_uses uses;
    size_t values = (size_t)graph->n_values, nodes = (size_t)graph->n_nodes;
    struct probe p = {.graph = graph, .uses = &uses};
    pld_status status = pld_graph_uses(&uses, &arena, graph);
    if (status == PLD_OK) {
        p.seen = pld_arena_array(&arena, values, sizeof *p.seen);
        p.counted = pld_arena_array(&arena, nodes, sizeof *p.counted);
        p.queue = pld_arena_array(&arena, values * PLD_MAX_RANK, sizeof *p.queue);
        status = p.seen && p.counted && p.queue ? relate_segments(c, &p, f) : PLD_EDEVICE;
    }
    pld_arena_release(&arena);
    return status;
}

pld_status pld_reshape_channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], y = node->out[0];
    const struct pld_shape *sx = pld_op_shape(graph, x);
    struct factors f;
    if (pld_shape_count(sx) == 0) return PLD_OK; /* nothing is in it */
    factorise(&f, x, sx, y, pld_op_shape(graph, y));
    bool merges = false;
    for (int i = 0; i < f.n; i++)
        merges |= !alone(&f.at[i]);
    return merges ? with_probe(c, graph, &f) : relate_segments(c, NULL, &f);
}
