/* GridSample: an image read at positions that are computed (deformable attention). */
#include <string.h>

#include "graph/ops/ops.h"

static pld_status choose(int *out, const struct pld_node *node, const char *attr,
                         const char *fallback, const char *const *names, int n, int count)
{
    const char *text = pld_node_string(node, attr, fallback);
    for (int i = 0; i < n; i++)
        if (strcmp(text, names[i]) == 0) {
            *out = i % count;
            return PLD_OK;
        }
    return pld_op_fail(node, "%s %s is not supported", attr, text);
}

static pld_status read_modes(struct pld_grid_sample_params *params, const struct pld_node *node)
{
    /* Newer opsets name the modes without the dimension. */
    static const char *const modes[] = {"linear",   "nearest", "cubic",
                                        "bilinear", "nearest", "bicubic"};
    static const char *const paddings[] = {"zeros", "border", "reflection"};
    PLD_TRY(choose(&params->mode, node, "mode", "linear", modes, 6, 3));
    PLD_TRY(choose(&params->padding, node, "padding_mode", "zeros", paddings, 3, 3));
    params->align_corners = pld_node_int(node, "align_corners", 0) != 0;
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    const struct pld_desc *x, *grid;
    pld_op_begin(node, 2);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    PLD_TRY(pld_infer_input(&grid, graph, node, 1));
    PLD_TRY(read_modes(&node->params.grid_sample, node));
    int rank = x->shape.rank;
    if (rank < 3 || rank > 2 + PLD_MAX_SPATIAL || grid->shape.rank != rank ||
        grid->shape.dim[rank - 1] != rank - 2 || grid->shape.dim[0] != x->shape.dim[0])
        return pld_op_fail(node, "the grid does not fit the input");
    struct pld_shape out = x->shape;
    for (int k = 2; k < rank; k++) {
        if (x->shape.dim[k] < 1) return pld_op_fail(node, "the input is empty");
        out.dim[k] = grid->shape.dim[k - 1];
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    static const char why[] = "the axis is sampled";
    const struct pld_node *node = &graph->nodes[index];
    int x = node->in[0], grid = node->in[1], y = node->out[0];
    int rank = pld_op_shape(graph, x)->rank;
    PLD_TRY(pld_op_tie_axis(c, graph, x, y, 0));
    PLD_TRY(pld_op_tie_axis(c, graph, x, y, 1));
    PLD_TRY(pld_op_tie_axis(c, graph, x, grid, 0));
    for (int a = 2; a < rank; a++) {
        PLD_TRY(pld_ch_lock(c, x, a, why));
        PLD_TRY(pld_ch_tie(c, grid, a - 1, y, a, pld_op_shape(graph, y)->dim[a]));
    }
    return pld_ch_lock(c, grid, rank - 1, "coordinates");
}

const struct pld_op_desc pld_opdesc_GRID_SAMPLE = {infer, NULL, channels, PLD_LAYOUT_ROWS};
