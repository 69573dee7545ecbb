/* DepthToSpace and SpaceToDepth. */
#include <string.h>

#include "graph/ops/ops.h"

static pld_status read_block(const struct pld_desc **x, const struct pld_graph *graph,
                             struct pld_node *node)
{
    pld_op_begin(node, 1);
    PLD_TRY(pld_infer_input(x, graph, node, 0));
    int64_t block = pld_node_int(node, "blocksize", 0);
    if ((*x)->shape.rank != 4) return pld_op_fail(node, "input of rank %d", (*x)->shape.rank);
    if (block < 1 || block > 1 << 10) /* its square times an axis stays far from overflow */
        return pld_op_fail(node, "blocksize is %lld", (long long)block);
    node->params.depth_space.block = block;
    return PLD_OK;
}

static pld_status infer_d2s(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    PLD_TRY(read_block(&x, graph, node));
    int64_t block = node->params.depth_space.block;
    const char *mode = pld_node_string(node, "mode", "DCR");
    node->params.depth_space.crd = strcmp(mode, "CRD") == 0;
    if (!node->params.depth_space.crd && strcmp(mode, "DCR") != 0)
        return pld_op_fail(node, "unknown mode %s", mode);
    struct pld_shape out = x->shape;
    if (out.dim[1] % (block * block) != 0)
        return pld_op_fail(node, "%lld channels do not make blocks of %lld", (long long)out.dim[1],
                           (long long)block);
    out.dim[1] /= block * block;
    out.dim[2] *= block;
    out.dim[3] *= block;
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status infer_s2d(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x;
    PLD_TRY(read_block(&x, graph, node));
    int64_t block = node->params.depth_space.block;
    struct pld_shape out = x->shape;
    if (out.dim[2] % block != 0 || out.dim[3] % block != 0)
        return pld_op_fail(node, "%lldx%lld pixels do not make blocks of %lld",
                           (long long)out.dim[2], (long long)out.dim[3], (long long)block);
    out.dim[1] *= block * block;
    out.dim[2] /= block;
    out.dim[3] /= block;
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

/* Channel c of the image lies in the channels k*C + c (DCR) or c*b*b + k (CRD) of the packed tensor
 * for each of the b*b places k of a block; row h covers the rows h*b .. h*b+b-1 of the image. */
static pld_status map(struct pld_channels *c, const struct pld_graph *graph, int packed, int image,
                      int64_t block, bool crd)
{
    const struct pld_shape *small = pld_op_shape(graph, packed);
    int64_t channels = pld_op_shape(graph, image)->dim[1], places = block * block;
    PLD_TRY(pld_op_tie_axis(c, graph, packed, image, 0));
    for (int64_t k = 0; k < places; k++) {
        int64_t first = crd ? k : k * channels, step = crd ? places : 1;
        PLD_TRY(pld_ch_tie_range(c, packed, 1, first, step, image, 1, 0, 1, channels));
    }
    for (int a = 2; a < 4; a++)
        for (int64_t k = 0; k < block; k++)
            PLD_TRY(pld_ch_tie_range(c, packed, a, 0, 1, image, a, k, block, small->dim[a]));
    return PLD_OK;
}

static pld_status channels_d2s(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    return map(c, graph, node->in[0], node->out[0], node->params.depth_space.block,
               node->params.depth_space.crd != 0);
}

static pld_status channels_s2d(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    return map(c, graph, node->out[0], node->in[0], node->params.depth_space.block, false);
}

const struct pld_op_desc pld_opdesc_DEPTH_TO_SPACE = {infer_d2s, NULL, channels_d2s,
                                                      PLD_LAYOUT_ROWS};
const struct pld_op_desc pld_opdesc_SPACE_TO_DEPTH = {infer_s2d, NULL, channels_s2d,
                                                      PLD_LAYOUT_ROWS};
