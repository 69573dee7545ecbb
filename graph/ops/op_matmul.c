/* MatMul as in numpy: leading axes broadcast; a rank 1 operand is a row (left) or a column (right)
 * whose axis does not appear in the result. */
#include "graph/ops/ops.h"

/* The axes of an operand: the contracted one, the free one (PLD_NONE for a vector), and how many
 * leading ones broadcast. */
struct operand {
    int inner, outer, batch;
};

static struct operand left(const struct pld_shape *a)
{
    if (a->rank == 1) return (struct operand){0, PLD_NONE, 0};
    return (struct operand){a->rank - 1, a->rank - 2, a->rank - 2};
}

static struct operand right(const struct pld_shape *b)
{
    if (b->rank == 1) return (struct operand){0, PLD_NONE, 0};
    return (struct operand){b->rank - 2, b->rank - 1, b->rank - 2};
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *a, *b;
    char ta[128], tb[128];
    pld_op_begin(node, 2);
    PLD_TRY(pld_infer_input(&a, graph, node, 0));
    PLD_TRY(pld_infer_input(&b, graph, node, 1));
    if (a->dtype != b->dtype)
        return pld_op_fail(node, "inputs of types %s and %s", pld_dtype_name(a->dtype),
                           pld_dtype_name(b->dtype));
    if (a->shape.rank < 1 || b->shape.rank < 1) return pld_op_fail(node, "an input is a scalar");
    struct operand l = left(&a->shape), r = right(&b->shape);
    struct pld_shape la = pld_shape_of(l.batch, a->shape.dim), out;
    struct pld_shape rb = pld_shape_of(r.batch, b->shape.dim);
    if (a->shape.dim[l.inner] != b->shape.dim[r.inner] || !pld_shape_broadcast(&out, &la, &rb))
        return pld_op_fail(node, "shapes %s and %s do not multiply",
                           pld_shape_text(ta, sizeof ta, &a->shape),
                           pld_shape_text(tb, sizeof tb, &b->shape));
    if (l.outer != PLD_NONE) out.dim[out.rank++] = a->shape.dim[l.outer];
    if (r.outer != PLD_NONE) out.dim[out.rank++] = b->shape.dim[r.outer];
    return pld_infer_output(graph, node, 0, a->dtype, &out);
}

static int64_t macs(const struct pld_graph *graph, const struct pld_node *node)
{
    const struct pld_shape *a = pld_op_shape(graph, node->in[0]);
    return pld_op_macs(pld_shape_count(pld_op_shape(graph, node->out[0])), a->dim[left(a).inner]);
}

/* Ties the leading axes of operand v with those of y, right aligned, where they do not broadcast.
 */
static pld_status batch_axes(struct pld_channels *c, const struct pld_graph *graph, int v, int n,
                             int y, int n_y)
{
    const struct pld_shape *sv = pld_op_shape(graph, v), *sy = pld_op_shape(graph, y);
    for (int a = 0; a < n; a++) {
        int b = a + n_y - n;
        if (sv->dim[a] == sy->dim[b]) PLD_TRY(pld_ch_tie(c, v, a, y, b, sv->dim[a]));
    }
    return PLD_OK;
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int a = node->in[0], b = node->in[1], y = node->out[0];
    const struct pld_shape *sa = pld_op_shape(graph, a), *sb = pld_op_shape(graph, b);
    const struct pld_shape *sy = pld_op_shape(graph, y);
    struct operand l = left(sa), r = right(sb);
    int n_y = sy->rank - (l.outer != PLD_NONE) - (r.outer != PLD_NONE);

    PLD_TRY(batch_axes(c, graph, a, l.batch, y, n_y));
    PLD_TRY(batch_axes(c, graph, b, r.batch, y, n_y));
    if (l.outer != PLD_NONE) PLD_TRY(pld_ch_tie(c, a, l.outer, y, n_y, sa->dim[l.outer]));
    if (r.outer != PLD_NONE) PLD_TRY(pld_ch_tie(c, b, r.outer, y, sy->rank - 1, sb->dim[r.outer]));
    PLD_TRY(pld_ch_tie(c, a, l.inner, b, r.inner, sa->dim[l.inner]));
    if (graph->values[a].data) return pld_op_weight(c, graph, b, r.inner, a, l.inner, l.outer);
    return pld_op_weight(c, graph, a, l.inner, b, r.inner, r.outer);
}

const struct pld_op_desc pld_opdesc_MATMUL = {infer, macs, channels, PLD_LAYOUT_ROWS};
