#include "prune/recover/tap.h"

#include <string.h>

static const struct pld_window one_cell = {
    .kernel = {1, 1, 1}, .stride = {1, 1, 1}, .dilation = {1, 1, 1}};

static bool conv_tap(struct pld_tap *t, const struct pld_graph *graph, const struct pld_node *node,
                     int64_t group)
{
    const struct pld_conv_params *conv = &node->params.conv;
    t->axis = 1;
    t->channels = graph->values[t->value].desc.shape.dim[1] / conv->group;
    t->channel0 = group * t->channels;
    t->windowed = node->op == PLD_OP_CONV;
    t->window = t->windowed ? conv->window : one_cell;
    return true;
}

static bool matrix_tap(struct pld_tap *t, const struct pld_graph *graph,
                       const struct pld_node *node)
{
    const struct pld_shape *x = &graph->values[t->value].desc.shape;
    if (node->op == PLD_OP_GEMM && node->params.gemm.trans_a) return false;
    if (graph->values[node->in[1]].desc.shape.rank != 2 || x->rank < 2) return false;
    t->axis = x->rank - 1;
    t->channels = x->dim[t->axis];
    t->window = one_cell;
    return true;
}

bool pld_tap_of(struct pld_tap *t, const struct pld_graph *graph, int index, int64_t group)
{
    const struct pld_node *node = &graph->nodes[index];
    *t = (struct pld_tap){.node = index, .value = node->in[0]};
    const struct pld_desc *desc = &graph->values[t->value].desc;
    if (graph->values[t->value].data || desc->dtype != PLD_F32 || desc->shape.rank > 4)
        return false;
    switch (node->op) {
    case PLD_OP_CONV:
    case PLD_OP_CONV_TRANSPOSE:
        return conv_tap(t, graph, node, group);
    case PLD_OP_GEMM:
    case PLD_OP_MATMUL:
        return matrix_tap(t, graph, node);
    default:
        return false;
    }
}

bool pld_tap_equal(const struct pld_tap *a, const struct pld_tap *b)
{
    return a->value == b->value && a->axis == b->axis && a->channel0 == b->channel0 &&
           a->channels == b->channels && a->windowed == b->windowed &&
           memcmp(&a->window, &b->window, sizeof a->window) == 0;
}

int64_t pld_tap_columns(const struct pld_tap *t)
{
    return t->channels * t->window.kernel[0] * t->window.kernel[1];
}

/* The axes that positions run over. The last `cells` of them are those of the window. */
struct grid {
    int rank, cells;
    int64_t size[PLD_MAX_RANK];   /* positions along each */
    int64_t stride[PLD_MAX_RANK]; /* elements from one cell to the next */
    int64_t in[2], in_stride[2];  /* the windowed axes of the input */
};

static struct grid grid_of(const struct pld_tap *t, const struct pld_graph *graph)
{
    const struct pld_desc *desc = &graph->values[t->value].desc;
    const struct pld_shape *y = &graph->values[graph->nodes[t->node].out[0]].desc.shape;
    int64_t strides[PLD_MAX_RANK];
    struct grid g = {.in = {1, 1}};
    pld_desc_strides(strides, desc);
    g.cells = t->windowed ? desc->shape.rank - 2 : 0;
    for (int a = 0; a < desc->shape.rank; a++) {
        if (a == t->axis) continue;
        bool cell = t->windowed && a >= 2;
        if (cell) {
            int i = a - desc->shape.rank + 2;
            g.in[i] = desc->shape.dim[a];
            g.in_stride[i] = strides[a];
        }
        g.size[g.rank] = cell ? y->dim[a] : desc->shape.dim[a];
        g.stride[g.rank++] = strides[a];
    }
    return g;
}

int64_t pld_tap_positions(const struct pld_tap *t, const struct pld_graph *graph)
{
    struct grid g = grid_of(t, graph);
    int64_t n = 1;
    for (int a = 0; a < g.rank; a++)
        n *= g.size[a];
    return n;
}

int64_t pld_tap_draw(int64_t *positions, int64_t count, int64_t total, struct pld_rng *rng)
{
    int64_t n = 0;
    for (int64_t i = 0; i < total && n < count; i++)
        if (count >= total || pld_rng_below(rng, (uint64_t)(total - i)) < (uint64_t)(count - n))
            positions[n++] = i;
    return n;
}

/* Copies the channels of one cell, `step` elements apart in the row. */
static void copy_cell(float *row, int64_t step, const float *cell, int64_t stride, int64_t n)
{
    for (int64_t c = 0; c < n; c++)
        row[c * step] = cell ? cell[c * stride] : 0;
}

static void gather_one(float *row, const struct pld_tap *t, const struct grid *g, int64_t channel,
                       const float *data, int64_t position)
{
    const struct pld_window *w = &t->window;
    int64_t cell[2] = {0, 0}, step = w->kernel[0] * w->kernel[1];
    for (int a = g->rank - 1; a >= 0; a--) {
        int64_t index = position % g->size[a];
        position /= g->size[a];
        if (a < g->rank - g->cells)
            data += index * g->stride[a];
        else
            cell[2 - g->rank + a] = index;
    }
    for (int64_t ky = 0; ky < w->kernel[0]; ky++)
        for (int64_t kx = 0; kx < w->kernel[1]; kx++) {
            int64_t y = cell[0] * w->stride[0] + ky * w->dilation[0] - w->pad_begin[0];
            int64_t x = cell[1] * w->stride[1] + kx * w->dilation[1] - w->pad_begin[1];
            bool inside = y >= 0 && y < g->in[0] && x >= 0 && x < g->in[1];
            copy_cell(row + ky * w->kernel[1] + kx, step,
                      inside ? data + y * g->in_stride[0] + x * g->in_stride[1] : NULL, channel,
                      t->channels);
        }
}

void pld_tap_gather(float *rows, const struct pld_tap *t, const struct pld_graph *graph,
                    const float *data, const int64_t *positions, int64_t n)
{
    struct grid g = grid_of(t, graph);
    int64_t strides[PLD_MAX_RANK], columns = pld_tap_columns(t);
    pld_desc_strides(strides, &graph->values[t->value].desc);
    data += t->channel0 * strides[t->axis];
    for (int64_t i = 0; i < n; i++)
        gather_one(rows + i * columns, t, &g, strides[t->axis], data, positions[i]);
}
