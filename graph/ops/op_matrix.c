/* OneHot, CumSum, Trilu and EyeLike. */
#include "graph/onnx.h"
#include "graph/ops/ops.h"

/* Inputs: indices, depth, [off, on]. A new axis of `depth` is put in. */
static pld_status infer_one_hot(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *values;
    float depth;
    int n, given = node->n_in;
    int64_t axis = pld_node_int(node, "axis", -1);
    pld_op_begin(node, 3);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&values, graph, node, 2));
    PLD_TRY(pld_infer_floats(&depth, &n, 1, graph, node, 1));
    if (n != 1 || given < 3 || !(depth >= 0 && depth < 0x1p24f))
        return pld_op_fail(node, "the depth must be a number");
    if (x->shape.rank == PLD_MAX_RANK || pld_shape_count(&values->shape) != 2)
        return pld_op_fail(node, "the inputs do not fit");
    PLD_TRY(pld_infer_axis(&axis, x->shape.rank + 1, false, node));
    node->params.axis.axis = axis;
    struct pld_shape out = {.rank = x->shape.rank + 1};
    for (int a = 0; a < out.rank; a++)
        out.dim[a] = a == axis ? (int64_t)depth : x->shape.dim[a < axis ? a : a - 1];
    return pld_infer_output(graph, node, 0, values->dtype, &out);
}

static pld_status channels_one_hot(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], axis = (int)node->params.axis.axis;
    for (int a = 0; a < pld_op_shape(graph, x)->rank; a++)
        PLD_TRY(pld_ch_tie(c, x, a, node->out[0], a < axis ? a : a + 1,
                           pld_op_shape(graph, x)->dim[a]));
    return pld_ch_lock(c, node->out[0], axis, "one entry for each value that an index can have");
}

static pld_status infer_cum_sum(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_cum_sum_params *p = &node->params.cum_sum;
    int n;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_ints(&p->axis, &n, 1, graph, node, 1));
    if (n != 1) return pld_op_fail(node, "the axis is missing");
    PLD_TRY(pld_infer_axis(&p->axis, x->shape.rank, false, node));
    p->exclusive = pld_node_int(node, "exclusive", 0) != 0;
    p->reverse = pld_node_int(node, "reverse", 0) != 0;
    return pld_op_infer_same(graph, node);
}

static pld_status channels_cum_sum(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    PLD_TRY(pld_op_tie_all(c, graph, node->in[0], node->out[0]));
    return pld_ch_lock(c, node->in[0], (int)node->params.cum_sum.axis, "running sum over the axis");
}

/* The diagonal is column - row = shift. */
static pld_status infer_trilu(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    int n;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (x->shape.rank < 2) return pld_op_fail(node, "input of rank %d", x->shape.rank);
    node->params.diagonal.upper = pld_node_int(node, "upper", 1) != 0;
    PLD_TRY(pld_infer_ints(&node->params.diagonal.shift, &n, 1, graph, node, 1));
    return pld_op_infer_same(graph, node);
}

static pld_status infer_eye_like(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    int64_t type = pld_node_int(node, "dtype", 0);
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (x->shape.rank != 2) return pld_op_fail(node, "input of rank %d", x->shape.rank);
    enum pld_dtype dtype = x->dtype;
    if (type > 0 && type < INT32_MAX) dtype = pld_onnx_dtype((int32_t)type);
    if (dtype == PLD_DTYPE_COUNT) return pld_op_fail(node, "the type is not supported");
    node->params.diagonal.shift = pld_node_int(node, "k", 0);
    struct pld_shape shape = x->shape;
    return pld_infer_output(graph, node, 0, dtype, &shape);
}

static pld_status channels_diagonal(struct pld_channels *c, const struct pld_graph *graph,
                                    int index)
{
    static const char why[] = "row and column say which elements stay";
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], rank = pld_op_shape(graph, x)->rank;
    PLD_TRY(pld_op_tie_all(c, graph, x, node->out[0]));
    PLD_TRY(pld_ch_lock(c, x, rank - 2, why));
    return pld_ch_lock(c, x, rank - 1, why);
}

const struct pld_op_desc pld_opdesc_ONE_HOT = {infer_one_hot, NULL, channels_one_hot,
                                               PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_CUM_SUM = {infer_cum_sum, NULL, channels_cum_sum,
                                               PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_TRILU = {infer_trilu, NULL, channels_diagonal, PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_EYE_LIKE = {infer_eye_like, NULL, channels_diagonal,
                                                PLD_LAYOUT_ROWS};
