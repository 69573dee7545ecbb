/* A model exported for one image may have that 1 baked into places where no pass can widen it: a
 * Reshape to 80x-1 makes 80x3200 of two images of 80x1600, with the images stacked where the
 * classes should be. Every shape fits, and every number is wrong. So where the images are is
 * followed through the graph, and must be where the shapes have grown. */
#include "graph/passes/pass.h"

/* Along `axis`, index = (o * batch + image) * inner + i. */
struct place {
    int axis; /* PLD_NONE: not known */
    int64_t inner;
};

struct tracker {
    const struct pld_graph *graph, *model; /* widened, and as it was */
    int64_t batch, before;
    struct place *place; /* [n_values] */
};

static const struct pld_shape *shape_of(const struct pld_graph *graph, int value)
{
    return &graph->values[value].desc.shape;
}

/* The one axis that is longer than for the model's own batch, by the right factor. */
static int grown_axis(const struct tracker *t, int value)
{
    const struct pld_shape *was = shape_of(t->model, value), *is = shape_of(t->graph, value);
    int grown = PLD_NONE;
    for (int k = 0; k < is->rank && is->rank == was->rank; k++) {
        if (is->dim[k] == was->dim[k]) continue;
        if (grown != PLD_NONE || is->dim[k] * t->before != was->dim[k] * t->batch) return PLD_NONE;
        grown = k;
    }
    return grown;
}

static int64_t stride_of(const struct pld_shape *shape, int axis)
{
    int64_t stride = 1;
    for (int k = axis + 1; k < shape->rank; k++)
        stride *= shape->dim[k];
    return stride;
}

/* The same elements under another shape. False when an axis boundary cuts through the images. */
static bool through_view(struct place *out, const struct tracker *t, struct place in,
                         const struct pld_shape *from, const struct pld_shape *to)
{
    int64_t step = in.inner * stride_of(from, in.axis); /* elements from image to image */
    for (int k = 0; k < to->rank; k++) {
        int64_t stride = stride_of(to, k);
        if (step < stride || step >= stride * to->dim[k]) continue;
        *out = (struct place){k, step / stride};
        return step % stride == 0 && stride * to->dim[k] % (step * t->batch) == 0;
    }
    *out = (struct place){.axis = PLD_NONE};
    return true;
}

/* Where an operator that is neither a view nor a transposition leaves the images: where they were,
 * or else where an axis of one became one of `batch`. */
static struct place through_other(const struct tracker *t, struct place in,
                                  const struct pld_shape *from, int out)
{
    const struct pld_shape *to = shape_of(t->graph, out);
    if (in.axis != PLD_NONE && to->rank == from->rank && to->dim[in.axis] == from->dim[in.axis])
        return in;
    int grown = grown_axis(t, out);
    if (grown != PLD_NONE && to->dim[grown] == t->batch) return (struct place){grown, 1};
    return (struct place){.axis = PLD_NONE};
}

static struct place through_transpose(const struct pld_node *node, struct place in, int rank)
{
    for (int k = 0; k < rank; k++)
        if (node->params.transpose.perm[k] == in.axis) return (struct place){k, in.inner};
    return (struct place){.axis = PLD_NONE};
}

/* The first input that is an activation, or PLD_NONE. */
static int activation(const struct pld_graph *graph, const struct pld_node *node)
{
    for (int i = 0; i < node->n_data; i++)
        if (node->in[i] != PLD_NONE && !graph->values[node->in[i]].data) return node->in[i];
    return PLD_NONE;
}

static bool follow(struct tracker *t, const struct pld_node *node)
{
    int x = activation(t->graph, node);
    if (x == PLD_NONE) return true;
    const struct pld_shape *from = shape_of(t->graph, x);
    struct place in = t->place[x];
    for (int k = 0; k < node->n_out; k++) {
        int v = node->out[k];
        if (v == PLD_NONE) continue;
        if (in.axis != PLD_NONE && pld_is_view(node)) {
            if (!through_view(&t->place[v], t, in, from, shape_of(t->graph, v))) return false;
        } else if (in.axis != PLD_NONE && node->op == PLD_OP_TRANSPOSE) {
            t->place[v] = through_transpose(node, in, from->rank);
        } else {
            t->place[v] = through_other(t, in, from, v);
        }
        int grown = grown_axis(t, v);
        if (t->place[v].axis != PLD_NONE && grown != PLD_NONE && grown != t->place[v].axis)
            return false;
    }
    return true;
}

static pld_status check_outputs(const struct tracker *t)
{
    for (int i = 0; i < t->graph->n_outputs; i++) {
        int v = t->graph->outputs[i];
        char text[128];
        if (t->graph->values[v].data) continue;      /* the same for any number of images */
        if (!t->graph->values[v].inferred) continue; /* the tail's: each run has its own shapes */
        const struct pld_shape *was = shape_of(t->model, v);
        if (was->rank > 0 && was->dim[0] == t->before && grown_axis(t, v) == 0) continue;
        return pld_fail(PLD_EMODEL, t->graph->path,
                        "does not run on a batch of %lld: output '%s' of %s has no batch axis",
                        (long long)t->batch, t->graph->values[v].name,
                        pld_shape_text(text, sizeof text, was));
    }
    return PLD_OK;
}

static pld_status check_nodes(struct tracker *t)
{
    for (int v = 0; v < t->graph->n_values; v++)
        t->place[v].axis = PLD_NONE;
    for (int i = 0; i < t->graph->n_inputs; i++)
        if (grown_axis(t, t->graph->inputs[i]) == 0)
            t->place[t->graph->inputs[i]] = (struct place){0, 1};
    for (int i = 0; i < t->graph->n_nodes; i++) {
        const struct pld_node *node = &t->graph->nodes[i];
        if (pld_node_live(node) && !follow(t, node))
            return pld_fail(PLD_EMODEL, node->name,
                            "does not run on a batch of %lld: %s would mix the images",
                            (long long)t->batch, node->type);
    }
    return PLD_OK;
}

pld_status pld_check_batch(const struct pld_graph *graph, const struct pld_graph *model)
{
    struct pld_arena arena = {0};
    struct tracker t = {.graph = graph,
                        .model = model,
                        .batch = graph->batch,
                        .before = model->batch > 0 ? model->batch : 1};
    if (t.batch == t.before || t.batch <= 1) return PLD_OK;
    PLD_TRY(check_outputs(&t));
    t.place = pld_arena_array(&arena, (size_t)graph->n_values, sizeof *t.place);
    pld_status status = t.place ? check_nodes(&t) : PLD_EDEVICE;
    pld_arena_release(&arena);
    return status;
}
