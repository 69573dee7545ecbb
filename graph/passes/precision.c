/* Half precision: activations are stored in 16 bits, but for the tail of the network.
 *
 * The tail is what follows the last costly products: decoding of boxes, softmax over distances,
 * scores. It costs nothing and would lose pixels (a half has 11 bits, an image has 640 columns), so
 * it stays in single precision. Weights stay as they are: kernels convert them when they pack. */
#include <stdlib.h>
#include <string.h>

#include "backend/element.h"
#include "graph/op_desc.h"
#include "graph/passes.h"
#include "graph/passes/pass.h"

enum { COSTLY = 2000 }; /* a product with more than 1 / COSTLY of all MACs is no tail */

struct precision {
    struct pld_graph *graph;
    struct pld_readers readers;
    bool *tail;             /* [n_nodes] */
    int *half, *full;       /* [n_values] the value in that precision, or PLD_NONE */
    struct pld_node *nodes; /* the new order */
    int n_nodes;
};

static bool takes_float_weights(int op)
{
    return op == PLD_OP_CONV || op == PLD_OP_CONV_TRANSPOSE || op == PLD_OP_MATMUL ||
           op == PLD_OP_GEMM;
}

static void find_tail(struct precision *p)
{
    const struct pld_graph *graph = p->graph;
    const struct pld_uses *uses = &p->readers.uses;
    int64_t all = 0;
    for (int i = 0; i < graph->n_nodes; i++)
        if (pld_node_live(&graph->nodes[i])) all += pld_node_macs(graph, i);
    for (int i = graph->n_nodes - 1; i >= 0; i--) {
        const struct pld_node *node = &graph->nodes[i];
        if (!pld_node_live(node)) continue;
        p->tail[i] = pld_node_macs(graph, i) <= all / COSTLY;
        for (int k = 0; k < node->n_out && p->tail[i]; k++) {
            int v = node->out[k];
            for (int u = v == PLD_NONE ? 0 : uses->first[v];
                 v != PLD_NONE && u < uses->first[v + 1] && p->tail[i]; u++)
                p->tail[i] = p->tail[uses->users[u]];
        }
    }
}

/* A node that converts `from` into the new value `to`. */
static pld_status emit_cast(struct precision *p, int from, int to)
{
    struct pld_graph *graph = p->graph;
    int *ends = pld_arena_array(&graph->arena, 2, sizeof *ends);
    if (!ends) return PLD_EDEVICE;
    ends[0] = from;
    ends[1] = to;
    graph->values[to].producer = p->n_nodes;
    p->nodes[p->n_nodes++] = (struct pld_node){.op = PLD_OP_CAST,
                                               .type = pld_op_name(PLD_OP_CAST),
                                               .name = graph->values[to].name,
                                               .domain = "",
                                               .n_in = 1,
                                               .n_out = 1,
                                               .n_data = 1,
                                               .in = ends,
                                               .out = ends + 1};
    return PLD_OK;
}

static pld_status new_twin(int *out, struct precision *p, int value, enum pld_dtype dtype)
{
    struct pld_graph *graph = p->graph;
    *out = pld_graph_add_value(graph, graph->values[value].name);
    if (*out == PLD_NONE) return PLD_EDEVICE;
    graph->values[*out].desc = graph->values[value].desc;
    graph->values[*out].desc.dtype = dtype;
    graph->values[*out].inferred = true;
    return PLD_OK;
}

/* A constant in half precision, beside the one it comes from. */
static pld_status round_constant(int *out, struct precision *p, int value)
{
    int64_t count = pld_shape_count(&p->graph->values[value].desc.shape);
    PLD_TRY(new_twin(out, p, value, PLD_F16));
    struct pld_value *twin = &p->graph->values[*out];
    void *data = pld_arena_array(&p->graph->arena, (size_t)count + 1, sizeof(uint16_t));
    if (!data) return PLD_EDEVICE;
    const float *from = p->graph->values[value].data;
    for (int64_t i = 0; i < count; i++)
        pld_store(PLD_F16, data, i, from[i]);
    twin->data = data;
    twin->origin = value;
    return PLD_OK;
}

/* The value as a node in half precision (or, in the tail, in single precision) reads it. */
static pld_status in_precision(int *out, struct precision *p, int value, bool half)
{
    const struct pld_value *v = &p->graph->values[value];
    enum pld_dtype wanted = half ? PLD_F16 : PLD_F32;
    int *twins = half ? p->half : p->full;
    bool real = v->desc.dtype == PLD_F32 || v->desc.dtype == PLD_F16;
    *out = value;
    if (!real || v->desc.dtype == wanted) return PLD_OK;
    if (twins[value] == PLD_NONE) {
        bool constant = v->data != NULL; /* of the model: single precision */
        if (constant) {
            PLD_TRY(round_constant(&twins[value], p, value));
        } else {
            PLD_TRY(new_twin(&twins[value], p, value, wanted));
            PLD_TRY(emit_cast(p, value, twins[value]));
        }
    }
    *out = twins[value];
    return PLD_OK;
}

static pld_status adapt_inputs(struct precision *p, int index)
{
    struct pld_graph *graph = p->graph;
    struct pld_node *node = &graph->nodes[index];
    for (int i = 0; i < node->n_data; i++) {
        int v = node->in[i];
        if (v == PLD_NONE || (graph->values[v].data && takes_float_weights(node->op))) continue;
        PLD_TRY(in_precision(&node->in[i], p, v, !p->tail[index]));
    }
    return PLD_OK;
}

/* Outputs of the graph keep their type under their own name: a node that computes them in half
 * precision writes a twin. */
static pld_status emit_node(struct precision *p, int index)
{
    struct pld_graph *graph = p->graph;
    struct pld_node *node = &graph->nodes[index];
    bool half = pld_node_live(node) && !p->tail[index];
    int place = p->n_nodes++;
    for (int k = 0; k < node->n_out; k++) {
        int v = node->out[k];
        if (v == PLD_NONE) continue;
        if (!node->dead) graph->values[v].producer = place;
        if (!half || graph->values[v].desc.dtype != PLD_F32) continue;
        if (!p->readers.output[v]) {
            graph->values[v].desc.dtype = PLD_F16;
            continue;
        }
        PLD_TRY(new_twin(&p->half[v], p, v, PLD_F16));
        node->out[k] = p->half[v];
        graph->values[p->half[v]].producer = place;
        PLD_TRY(emit_cast(p, p->half[v], v));
    }
    p->nodes[place] = *node;
    return PLD_OK;
}

static pld_status rewrite(struct precision *p)
{
    struct pld_graph *graph = p->graph;
    size_t values = (size_t)graph->n_values, room = (size_t)graph->n_nodes + 2 * values;
    p->tail = pld_arena_array(&p->readers.arena, (size_t)graph->n_nodes + 1, sizeof *p->tail);
    p->half = pld_arena_array(&p->readers.arena, 2 * values + 1, sizeof *p->half);
    p->nodes = pld_arena_array(&graph->arena, room + 1, sizeof *p->nodes);
    if (!p->tail || !p->half || !p->nodes) return PLD_EDEVICE;
    p->full = p->half + values;
    for (size_t v = 0; v < 2 * values; v++)
        p->half[v] = PLD_NONE;
    find_tail(p);
    int n = graph->n_nodes;
    for (int i = 0; i < n; i++) {
        if (pld_node_live(&graph->nodes[i])) PLD_TRY(adapt_inputs(p, i));
        PLD_TRY(emit_node(p, i));
    }
    graph->nodes = p->nodes;
    graph->n_nodes = p->n_nodes;
    graph->cap_nodes = (int)room;
    return PLD_OK;
}

pld_status pld_pass_precision(struct pld_graph *graph)
{
    struct precision p = {.graph = graph};
    pld_status status = pld_readers_init(&p.readers, graph);
    if (status == PLD_OK) status = rewrite(&p);
    pld_readers_release(&p.readers);
    return status;
}
