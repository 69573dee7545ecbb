/* Reshape, Flatten, Squeeze, Unsqueeze: the elements stay, the axes change. */
#include "graph/ops/ops.h"

static pld_status does_not_fit(const struct pld_node *node, const struct pld_shape *from,
                               const struct pld_shape *to)
{
    char a[128], b[128];
    return pld_op_fail(node, "shape %s does not become %s", pld_shape_text(a, sizeof a, from),
                       pld_shape_text(b, sizeof b, to));
}

/* The target of a Reshape, while it is worked out. */
struct target {
    struct pld_shape shape;
    int unknown;     /* axis of the -1, or PLD_NONE */
    int64_t known;   /* product of the others */
    uint32_t copied; /* bit i: entry i was a 0 and has the input's size */
};

/* Replaces 0 by the input's size. */
static pld_status fill_target(struct target *t, const struct pld_shape *from,
                              const struct pld_node *node)
{
    bool allow_zero = pld_node_int(node, "allowzero", 0) != 0;
    struct pld_shape *to = &t->shape;
    t->unknown = PLD_NONE;
    t->known = 1;
    for (int i = 0; i < to->rank; i++) {
        if (to->dim[i] == -1) {
            if (t->unknown != PLD_NONE) return pld_op_fail(node, "more than one -1 in the shape");
            t->unknown = i;
            continue;
        }
        if (to->dim[i] == 0 && !allow_zero) {
            if (i >= from->rank)
                return pld_op_fail(node, "the 0 at axis %d has no axis to copy", i);
            to->dim[i] = from->dim[i];
            t->copied |= 1u << i;
        }
        if (to->dim[i] < 0 || __builtin_mul_overflow(t->known, to->dim[i], &t->known))
            return pld_op_fail(node, "axis %d of the shape is %lld", i, (long long)to->dim[i]);
    }
    return PLD_OK;
}

/* Was the model exported for one image, or for any number? (For several, nothing is widened.) */
static bool exported_for_one(const struct pld_graph *graph)
{
    for (int i = 0; i < graph->n_inputs; i++) {
        const struct pld_declared *d = graph->values[graph->inputs[i]].declared;
        if (d && d->rank == 4 && d->dim[0] > 1) return false;
    }
    return true;
}

/* Stored in the model as it is, as opposed to computed from shapes that hold the batch already. */
static bool is_literal(const struct pld_graph *graph, const struct pld_node *node)
{
    const struct pld_value *v = pld_op_in_value(graph, node, 1);
    if (!v) return true; /* an attribute */
    return v->initializer ||
           (v->producer != PLD_NONE && graph->nodes[v->producer].op == PLD_OP_CONSTANT);
}

/* A model exported for one image has that baked into its targets. When it runs on more, the entry
 * that holds the batch grows: surely when the elements match only then; with a -1 in the target,
 * which would swallow the batch, when the entry can only have been meant for one image. */
static void widen(struct target *t, const struct pld_shape *from, const struct pld_graph *graph,
                  const struct pld_node *node)
{
    int64_t batch = graph->batch, wide, outer = 1;
    struct pld_shape *to = &t->shape;
    if (batch <= 1 || to->rank < 1 || !exported_for_one(graph)) return;
    if (__builtin_mul_overflow(t->known, batch, &wide)) return;
    if (t->unknown == PLD_NONE && wide != pld_shape_count(from)) return;
    int in = pld_batch_axis(graph, node->in[0]);
    if (in == PLD_NONE || from->dim[in] % batch != 0) return;
    for (int i = 0; i < in; i++)
        outer *= from->dim[i];
    int axis = pld_axis_after(to, outer);
    if (axis == PLD_NONE || to->dim[axis] < 1 || (t->copied >> axis & 1)) return;
    if (t->unknown != PLD_NONE && to->dim[axis] != 1 && !is_literal(graph, node)) return;
    to->dim[axis] *= batch; /* a factor of `wide`: cannot overflow */
    t->known = wide;
}

static pld_status infer_reshape(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct target t = {0};
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_op_ints(t.shape.dim, &t.shape.rank, PLD_MAX_RANK, graph, node, 1, "shape"));
    if (t.shape.rank < 0) return pld_op_fail(node, "the shape is missing");
    struct pld_shape asked = t.shape;
    PLD_TRY(fill_target(&t, &x->shape, node));
    /* A constant is the same for any number of images. */
    if (!pld_op_is_constant(&graph->values[node->in[0]])) widen(&t, &x->shape, graph, node);
    int64_t count = pld_shape_count(&x->shape);
    if (t.unknown != PLD_NONE) {
        if (t.known == 0 || count % t.known != 0) return does_not_fit(node, &x->shape, &asked);
        t.shape.dim[t.unknown] = count / t.known;
        t.known = count;
    }
    if (t.known != count) return does_not_fit(node, &x->shape, &asked);
    return pld_infer_output(graph, node, 0, x->dtype, &t.shape);
}

static pld_status infer_flatten(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    int64_t axis = pld_node_int(node, "axis", 1);
    PLD_TRY(pld_infer_axis(&axis, x->shape.rank, true, node));
    struct pld_shape out = {2, {1, 1}};
    for (int i = 0; i < x->shape.rank; i++)
        if (__builtin_mul_overflow(out.dim[i >= axis], x->shape.dim[i], &out.dim[i >= axis]))
            return pld_op_fail(node, "the result is too large"); /* beside an axis of 0 */
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status infer_squeeze(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    uint32_t axes;
    bool given;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_op_axes(&axes, &given, x->shape.rank, graph, node, 1));
    struct pld_shape out = {0};
    for (int i = 0; i < x->shape.rank; i++) {
        int64_t d = x->shape.dim[i];
        bool drop = given ? axes >> i & 1 : d == 1;
        if (drop && d != 1)
            return pld_op_fail(node, "axis %d of size %lld cannot be dropped", i, (long long)d);
        if (!drop) out.dim[out.rank++] = d;
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status infer_unsqueeze(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    int64_t list[PLD_MAX_RANK];
    uint32_t axes;
    bool given;
    int n;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_op_ints(list, &n, PLD_MAX_RANK, graph, node, 1, "axes"));
    if (n < 0) return pld_op_fail(node, "the axes are missing");
    int rank = x->shape.rank + n, from = 0;
    if (rank > PLD_MAX_RANK) return pld_op_fail(node, "the result has rank %d", rank);
    PLD_TRY(pld_op_axes(&axes, &given, rank, graph, node, 1));
    struct pld_shape out = {.rank = rank};
    for (int i = 0; i < rank; i++)
        out.dim[i] = axes >> i & 1 ? 1 : x->shape.dim[from++];
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

#define RESHAPE(ID, infer) \
    const struct pld_op_desc pld_opdesc_##ID = {infer, NULL, pld_reshape_channels, PLD_LAYOUT_ROWS}

RESHAPE(RESHAPE, infer_reshape);
RESHAPE(FLATTEN, infer_flatten);
RESHAPE(SQUEEZE, infer_squeeze);
RESHAPE(UNSQUEEZE, infer_unsqueeze);
