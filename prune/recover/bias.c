#include "prune/recover/bias.h"

#include <string.h>

static bool linear(const struct pld_node *node)
{
    return node->op == PLD_OP_CONV || node->op == PLD_OP_CONV_TRANSPOSE || node->op == PLD_OP_GEMM;
}

bool pld_bias_possible(bool *absent, const struct pld_graph *graph, int index, int64_t rows)
{
    const struct pld_node *node = &graph->nodes[index];
    bool none = node->n_in < 3 || node->in[2] == PLD_NONE;
    if (absent) *absent = none;
    if (!linear(node)) return false;
    if (none) return true;
    const struct pld_value *bias = &graph->values[node->in[2]];
    if (!bias->data || bias->desc.dtype != PLD_F32) return false;
    if (node->op == PLD_OP_GEMM && node->params.gemm.beta == 0) return false;
    const struct pld_shape *shape = &bias->desc.shape;
    return pld_shape_count(shape) == rows && shape->rank > 0 && shape->dim[shape->rank - 1] == rows;
}

pld_status pld_bias_add_zeros(struct pld_graph *graph, int index, int64_t rows)
{
    struct pld_desc desc = {.dtype = PLD_F32, .shape = pld_shape_of(1, &rows)};
    struct pld_node *node = &graph->nodes[index];
    const char *name = pld_arena_printf(&graph->arena, "%s.bias", node->name);
    int *in = pld_arena_array(&graph->arena, 3, sizeof *in);
    if (!name || !in) return PLD_EDEVICE;
    if (pld_graph_find_value(graph, name) != PLD_NONE)
        name = pld_arena_printf(&graph->arena, "%s.bias.%d", node->name, graph->n_values);
    int bias = name ? pld_graph_add_constant(graph, name, &desc, NULL) : PLD_NONE;
    if (bias == PLD_NONE) return PLD_EDEVICE;
    memcpy(in, node->in, 2 * sizeof *in);
    in[2] = bias;
    node->in = in;
    node->n_in = node->n_data = 3;
    return PLD_OK;
}

/* What an element of the bias adds to W x. */
static double unit_of(const struct pld_node *node)
{
    if (node->op != PLD_OP_GEMM) return 1;
    return (double)node->params.gemm.beta / (double)node->params.gemm.alpha;
}

void pld_bias_read(double *b, const struct pld_graph *graph, int index, int64_t first, int64_t n)
{
    const struct pld_node *node = &graph->nodes[index];
    bool none = node->n_in < 3 || node->in[2] == PLD_NONE;
    const float *data = none ? NULL : graph->values[node->in[2]].data;
    for (int64_t i = 0; i < n; i++)
        b[i] = data ? unit_of(node) * (double)data[first + i] : 0;
}

pld_status pld_bias_shift(struct pld_graph *graph, int index, int64_t first, const double *shift,
                          int64_t n)
{
    const struct pld_node *node = &graph->nodes[index];
    int value = node->in[2];
    struct pld_desc desc = graph->values[value].desc;
    float *data = pld_arena_alloc(&graph->arena, pld_desc_bytes(&desc));
    if (!data) return PLD_EDEVICE;
    memcpy(data, graph->values[value].data, pld_desc_bytes(&desc));
    double scale = 1 / unit_of(node);
    for (int64_t i = 0; i < n; i++)
        data[first + i] = (float)((double)data[first + i] + scale * shift[i]);
    return pld_graph_set_constant(graph, value, &desc, data);
}
