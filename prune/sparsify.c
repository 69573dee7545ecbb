#include "prune/sparsify.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct work {
    struct pld_sparsified *out;
    const struct pld_sparse_options *o;
    float **data; /* [n_layers] the clone's own copy; NULL where the layer stays dense */
};

static bool has_weights(int op)
{
    return op == PLD_OP_CONV || op == PLD_OP_CONV_TRANSPOSE || op == PLD_OP_GEMM ||
           op == PLD_OP_MATMUL;
}

static bool listed(const struct pld_sparsified *s, int value)
{
    for (int i = 0; i < s->n_layers; i++)
        if (s->layers[i].value == value) return true;
    return false;
}

static const char *why_dense(const struct pld_value *value, const struct pld_sparse_options *o)
{
    const struct pld_shape *shape = &value->desc.shape;
    if (value->desc.dtype != PLD_F32) return "weights are not float32";
    if (!value->initializer && value->producer == PLD_NONE) return "weights are computed";
    if (o->mode == PLD_SPARSE_2_4 && shape->dim[1] % 4 != 0)
        return "input channels of a filter are no multiple of 4";
    return NULL;
}

static pld_status list_layers(struct pld_sparsified *s, const struct pld_sparse_options *o)
{
    const struct pld_graph *graph = s->graph;
    s->layers = pld_arena_array(&s->arena, (size_t)graph->n_nodes + 1, sizeof *s->layers);
    if (!s->layers) return PLD_EDEVICE;
    for (int n = 0; n < graph->n_nodes; n++) {
        const struct pld_node *node = &graph->nodes[n];
        if (!pld_node_live(node) || !has_weights(node->op) || node->n_in < 2) continue;
        const struct pld_value *value = &graph->values[node->in[1]];
        if (!value->data || value->desc.shape.rank < 2 || listed(s, node->in[1])) continue;
        s->layers[s->n_layers++] =
            (struct pld_sparse_layer){.node = n,
                                      .value = node->in[1],
                                      .weights = pld_shape_count(&value->desc.shape),
                                      .kept = 1,
                                      .dense = why_dense(value, o)};
    }
    return PLD_OK;
}

static pld_status protect(struct pld_sparsified *s, const struct pld_words *globs)
{
    for (size_t i = 0; i < globs->count; i++) {
        bool any = false;
        for (int k = 0; k < s->n_layers; k++) {
            if (fnmatch(globs->items[i], s->graph->nodes[s->layers[k].node].name, 0) != 0) continue;
            s->layers[k].dense = "protected";
            any = true;
        }
        if (!any)
            return pld_fail(PLD_EUSAGE, "--protect", "'%s' matches no layer", globs->items[i]);
    }
    return PLD_OK;
}

static pld_status copy_weights(struct work *w)
{
    struct pld_graph *graph = w->out->graph;
    w->data = pld_arena_array(&w->out->arena, (size_t)w->out->n_layers + 1, sizeof *w->data);
    if (!w->data) return PLD_EDEVICE;
    for (int i = 0; i < w->out->n_layers; i++) {
        const struct pld_sparse_layer *layer = &w->out->layers[i];
        if (layer->dense) continue;
        const struct pld_value *value = &graph->values[layer->value];
        w->data[i] = pld_arena_array(&graph->arena, (size_t)layer->weights, sizeof(float));
        if (!w->data[i]) return PLD_EDEVICE;
        memcpy(w->data[i], value->data, (size_t)layer->weights * sizeof(float));
    }
    return PLD_OK;
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The magnitude below which the share of smallest weights lies; -1 on lack of memory. */
static double magnitude_at(const struct work *w, int first, int end, double share)
{
    int64_t all = 0, n = 0;
    for (int i = first; i < end; i++)
        all += w->data[i] ? w->out->layers[i].weights : 0;
    float *sorted = malloc(((size_t)all + 1) * sizeof *sorted);
    if (!sorted) return -1;
    for (int i = first; i < end; i++)
        for (int64_t k = 0; w->data[i] && k < w->out->layers[i].weights; k++)
            sorted[n++] = fabsf(w->data[i][k]);
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    int64_t cut = (int64_t)floor(share * (double)n + 0.5);
    double at = cut < n ? (double)sorted[cut] : INFINITY;
    free(sorted);
    return at;
}

static void cut_below(float *data, int64_t n, double magnitude)
{
    for (int64_t i = 0; i < n; i++)
        if ((double)fabsf(data[i]) < magnitude) data[i] = 0;
}

static pld_status sparsify_layer(struct work *w, int i, double global)
{
    const struct pld_sparse_layer *layer = &w->out->layers[i];
    const struct pld_shape *shape = &w->out->graph->values[layer->value].desc.shape;
    double at = w->o->mode == PLD_SPARSE_THRESHOLD ? w->o->amount : global;
    if (w->o->mode == PLD_SPARSE_2_4) {
        pld_sparse_2_4(w->data[i], shape->dim[0], shape->dim[1],
                       layer->weights / (shape->dim[0] * shape->dim[1]));
        return PLD_OK;
    }
    if (w->o->mode == PLD_SPARSE_LAYER) at = magnitude_at(w, i, i + 1, w->o->amount);
    if (at < 0) return pld_fail_memory("sparsify");
    cut_below(w->data[i], layer->weights, at);
    return PLD_OK;
}

static void count(struct pld_sparse_layer *layer, const float *before, const float *after)
{
    double sum = 0, left = 0;
    for (int64_t i = 0; i < layer->weights; i++) {
        layer->zeros += after[i] == 0;
        sum += fabs((double)before[i]);
        left += fabs((double)after[i]);
    }
    layer->kept = sum > 0 ? left / sum : 1;
}

static pld_status sparsify_all(struct work *w)
{
    struct pld_graph *graph = w->out->graph;
    double global = 0;
    if (w->o->mode == PLD_SPARSE_GLOBAL)
        global = magnitude_at(w, 0, w->out->n_layers, w->o->amount);
    for (int i = 0; i < w->out->n_layers; i++) {
        struct pld_sparse_layer *layer = &w->out->layers[i];
        const struct pld_value *value = &graph->values[layer->value];
        if (layer->dense) {
            if (value->desc.dtype == PLD_F32) count(layer, value->data, value->data);
            continue;
        }
        PLD_TRY(sparsify_layer(w, i, global));
        count(layer, value->data, w->data[i]);
        PLD_TRY(pld_graph_set_constant(graph, layer->value, &value->desc, w->data[i]));
    }
    return PLD_OK;
}

pld_status pld_sparsify(struct pld_sparsified *out, const struct pld_groups *groups,
                        const struct pld_sparse_options *options)
{
    *out = (struct pld_sparsified){0};
    struct work w = {.out = out, .o = options};
    PLD_TRY(pld_graph_clone(&out->graph, groups->graph));
    if (options->mode == PLD_SPARSE_2_4 && options->permute)
        PLD_TRY(pld_sparse_permute(out->graph, groups, options->seed));
    PLD_TRY(list_layers(out, options));
    PLD_TRY(protect(out, &options->protect));
    PLD_TRY(copy_weights(&w));
    return sparsify_all(&w);
}

void pld_sparsified_release(struct pld_sparsified *sparse)
{
    pld_graph_free(sparse->graph);
    pld_arena_release(&sparse->arena);
    *sparse = (struct pld_sparsified){0};
}
