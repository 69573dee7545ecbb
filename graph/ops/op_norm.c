/* Normalisations with statistics of the input: LayerNormalization, InstanceNormalization,
 * GroupNormalization, MeanVarianceNormalization, LpNormalization. */
#include "graph/ops/ops.h"

static uint32_t axes_from(int first, int rank)
{
    return (1u << rank) - (1u << first);
}

/* Input i, when it is there, must be a list of one of the two lengths. */
static pld_status check_list(const struct pld_graph *graph, const struct pld_node *node, int i,
                             int64_t a, int64_t b)
{
    const struct pld_desc *p;
    PLD_TRY(pld_infer_input(&p, graph, node, i));
    if (p->shape.rank != 1 || (p->shape.dim[0] != a && p->shape.dim[0] != b))
        return pld_op_fail(node, "input %d must be a list of %lld", i, (long long)a);
    return PLD_OK;
}

static pld_status check_broadcast(const struct pld_graph *graph, const struct pld_node *node, int i,
                                  const struct pld_shape *x)
{
    const struct pld_desc *p;
    struct pld_shape sum;
    if (pld_op_in(node, i) == PLD_NONE) return PLD_OK;
    PLD_TRY(pld_infer_input(&p, graph, node, i));
    if (!pld_shape_broadcast(&sum, x, &p->shape) || !pld_shape_equal(&sum, x))
        return pld_op_fail(node, "input %d does not fit the input", i);
    return PLD_OK;
}

static pld_status infer_layer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_norm_params *norm = &node->params.norm;
    int64_t axis = pld_node_int(node, "axis", -1);
    pld_op_begin(node, 3);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_axis(&axis, x->shape.rank, false, node));
    norm->epsilon = pld_node_float(node, "epsilon", 1e-5f);
    norm->axes = axes_from((int)axis, x->shape.rank);
    if (pld_op_in(node, 1) == PLD_NONE) return pld_op_fail(node, "the scale is missing");
    for (int i = 1; i < 3; i++)
        PLD_TRY(check_broadcast(graph, node, i, &x->shape));
    const struct pld_reduce_params reduced = {.axes = norm->axes, .keep_dims = 1};
    struct pld_shape statistics = pld_op_reduced(&x->shape, &reduced);
    PLD_TRY(pld_infer_output(graph, node, 1, PLD_F32, &statistics)); /* mean */
    PLD_TRY(pld_infer_output(graph, node, 2, PLD_F32, &statistics)); /* 1 / standard deviation */
    return pld_op_infer_same(graph, node);
}

/* Each channel, or each group of channels, of an image on its own. Before opset 21 the scale of
 * GroupNormalization has an entry for each group, since then for each channel. */
static pld_status infer_grouped(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    struct pld_norm_params *norm = &node->params.norm;
    pld_op_begin(node, 3);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (x->shape.rank < 2 || x->shape.rank >= PLD_MAX_RANK)
        return pld_op_fail(node, "input of rank %d", x->shape.rank);
    int64_t channels = x->shape.dim[1];
    norm->epsilon = pld_node_float(node, "epsilon", 1e-5f);
    norm->axes = axes_from(2, x->shape.rank);
    norm->groups = channels;
    if (node->op == PLD_OP_GROUP_NORM) norm->groups = pld_node_int(node, "num_groups", 0);
    if (norm->groups < 1 || channels % norm->groups != 0)
        return pld_op_fail(node, "%lld groups of %lld channels", (long long)norm->groups,
                           (long long)channels);
    for (int i = 1; i < 3; i++)
        PLD_TRY(check_list(graph, node, i, channels, norm->groups));
    return pld_op_infer_same(graph, node);
}

static pld_status infer_mean_variance(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    bool given;
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_op_axes(&node->params.norm.axes, &given, x->shape.rank, graph, node, -1));
    if (!given) node->params.norm.axes = 0xdu & axes_from(0, x->shape.rank); /* 0, 2, 3 */
    return pld_op_infer_same(graph, node);
}

static pld_status infer_lp(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    int64_t axis = pld_node_int(node, "axis", -1), p = pld_node_int(node, "p", 2);
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_axis(&axis, x->shape.rank, false, node));
    if (p != 1 && p != 2) return pld_op_fail(node, "p is %lld, not 1 or 2", (long long)p);
    node->params.norm.axes = 1u << axis;
    node->params.norm.p = (int)p;
    return pld_op_infer_same(graph, node);
}

/* Channels that are normalised together go together, and their scale with them. */
static pld_status grouped_channels(struct pld_channels *c, const struct pld_graph *graph,
                                   const struct pld_node *node)
{
    int x = node->in[0];
    int64_t channels = pld_op_shape(graph, x)->dim[1], groups = node->params.norm.groups;
    int64_t each = channels / groups;
    for (int64_t j = 1; j < each; j++)
        PLD_TRY(pld_ch_tie_range(c, x, 1, 0, each, x, 1, j, each, groups));
    for (int i = 1; i < node->n_data; i++) {
        int p = node->in[i];
        if (p == PLD_NONE) continue;
        int64_t n = pld_op_shape(graph, p)->dim[0];
        PLD_TRY(pld_ch_tie_range(c, x, 1, 0, channels / n, p, 0, 0, 1, n));
    }
    return PLD_OK;
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    static const char why[] = "normalisation over the axis";
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_norm_params *norm = &node->params.norm;
    int x = node->in[0], y = node->out[0];
    const struct pld_shape *shape = pld_op_shape(graph, x);
    PLD_TRY(pld_op_tie_all(c, graph, x, y));
    for (int a = 0; a < shape->rank; a++)
        if (norm->axes >> a & 1) PLD_TRY(pld_ch_lock(c, x, a, why));
    if (norm->groups > 0) return grouped_channels(c, graph, node);
    for (int i = 1; i < node->n_data; i++)
        if (node->in[i] != PLD_NONE) PLD_TRY(pld_op_tie_broadcast(c, graph, node->in[i], y));
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_LAYER_NORM = {infer_layer, NULL, channels, PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_INSTANCE_NORM = {infer_grouped, NULL, channels,
                                                     PLD_LAYOUT_BOTH};
const struct pld_op_desc pld_opdesc_GROUP_NORM = {infer_grouped, NULL, channels, PLD_LAYOUT_BOTH};
const struct pld_op_desc pld_opdesc_MEAN_VARIANCE_NORM = {infer_mean_variance, NULL, channels,
                                                          PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_LP_NORM = {infer_lp, NULL, channels, PLD_LAYOUT_ROWS};
