/* Evaluates an inferred graph node by node, each with a fresh plan: slow, and independent of the
 * executor. Values keep whatever layout the graph gives them. */
#ifndef PLD_TESTS_GRAPH_EVAL_H
#define PLD_TESTS_GRAPH_EVAL_H

#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "graph/graph.h"

struct graph_eval {
    const struct pld_graph *graph;
    struct pld_backend *backend;
    const void **value; /* [n_values] elements, constants included */
    void **owned;       /* [n_values] */
};

/* Copies between layouts, by strides. */
static inline void eval_copy(void *to, const struct pld_desc *to_desc, const void *from,
                             const struct pld_desc *from_desc)
{
    int64_t a[PLD_MAX_RANK], b[PLD_MAX_RANK], at[PLD_MAX_RANK] = {0};
    const struct pld_shape *shape = &to_desc->shape;
    size_t size = pld_dtype_size(to_desc->dtype);
    pld_desc_strides(a, to_desc);
    pld_desc_strides(b, from_desc);
    for (int64_t n = pld_shape_count(shape); n > 0; n--) {
        int64_t i = 0, j = 0;
        for (int k = 0; k < shape->rank; k++) {
            i += at[k] * a[k];
            j += at[k] * b[k];
        }
        memcpy((char *)to + i * (int64_t)size, (const char *)from + j * (int64_t)size, size);
        for (int k = shape->rank - 1; k >= 0 && ++at[k] == shape->dim[k]; k--)
            at[k] = 0;
    }
}

static inline void eval_new(struct graph_eval *e, const struct pld_graph *graph,
                            struct pld_backend *backend)
{
    size_t n = (size_t)graph->n_values + 1;
    *e = (struct graph_eval){graph, backend, calloc(n, sizeof(void *)), calloc(n, sizeof(void *))};
    for (int v = 0; v < graph->n_values; v++)
        e->value[v] = graph->values[v].data;
}

static inline void eval_release(struct graph_eval *e)
{
    for (int v = 0; v < e->graph->n_values; v++)
        free(e->owned[v]);
    free(e->owned);
    free(e->value);
}

static inline void *eval_room(struct graph_eval *e, int v)
{
    free(e->owned[v]);
    size_t bytes = pld_desc_bytes(&e->graph->values[v].desc);
    void *room = aligned_alloc(64, (bytes + 64) / 64 * 64);
    e->value[v] = e->owned[v] = room;
    return room;
}

/* Sets a graph input from row-major elements. */
static inline void eval_input(struct graph_eval *e, int input, const void *rows)
{
    int v = e->graph->inputs[input];
    struct pld_desc desc = e->graph->values[v].desc;
    desc.layout = PLD_ROW_MAJOR;
    eval_copy(eval_room(e, v), &e->graph->values[v].desc, rows, &desc);
}

static inline pld_status eval_run_plan(struct graph_eval *e, const struct pld_node *node,
                                       const struct pld_kernel *kernel, const void *plan,
                                       size_t workspace)
{
    const void *in[64];
    void *out[64], *packed[64] = {NULL}, *lane = NULL;
    void *room = aligned_alloc(64, (workspace + 64) / 64 * 64);
    pld_status status = PLD_OK;
    for (int i = 0; i < node->n_data && status == PLD_OK; i++) {
        in[i] = node->in[i] == PLD_NONE ? NULL : e->value[node->in[i]];
        size_t size = in[i] && kernel->pack_size ? kernel->pack_size(plan, i) : 0;
        if (!size) continue;
        packed[i] = aligned_alloc(64, (size + 64) / 64 * 64);
        status = kernel->pack(plan, i, packed[i], in[i]);
        in[i] = packed[i];
    }
    for (int i = 0; i < node->n_out; i++)
        out[i] = node->out[i] == PLD_NONE ? NULL : eval_room(e, node->out[i]);
    if (status == PLD_OK && kernel->lane_new) status = kernel->lane_new(&lane, plan);
    if (status == PLD_OK) status = kernel->run(plan, lane, in, out, room);
    if (lane && kernel->lane_free) kernel->lane_free(lane);
    for (int i = 0; i < 64; i++)
        free(packed[i]);
    free(room);
    return status;
}

static inline pld_status eval_node(struct graph_eval *e, const struct pld_node *node)
{
    struct pld_desc in[64], out[64];
    if (node->n_data > 64 || node->n_out > 64)
        return pld_fail(PLD_EFAIL, node->name, "too many inputs or outputs for the test");
    for (int i = 0; i < node->n_data; i++) {
        in[i].dtype = PLD_DTYPE_COUNT;
        if (node->in[i] != PLD_NONE) in[i] = e->graph->values[node->in[i]].desc;
    }
    for (int i = 0; i < node->n_out; i++) {
        out[i].dtype = PLD_DTYPE_COUNT;
        if (node->out[i] != PLD_NONE) out[i] = e->graph->values[node->out[i]].desc;
    }
    const struct pld_signature sig = {.op = (enum pld_op)node->op,
                                      .params = &node->params,
                                      .in = in,
                                      .out = out,
                                      .n_in = node->n_data,
                                      .n_out = node->n_out,
                                      .node = node->name};
    const struct pld_kernel *kernel = pld_kernel_choose(e->backend, &sig);
    if (!kernel) return pld_fail(PLD_EMODEL, node->name, "no kernel for %s", node->type);
    void *plan;
    size_t workspace = 0;
    PLD_TRY(kernel->plan_new(&plan, &workspace, &sig));
    pld_status status = eval_run_plan(e, node, kernel, plan, workspace);
    kernel->plan_free(plan);
    return status;
}

static inline pld_status eval_run(struct graph_eval *e)
{
    for (int i = 0; i < e->graph->n_nodes; i++)
        if (pld_node_live(&e->graph->nodes[i])) PLD_TRY(eval_node(e, &e->graph->nodes[i]));
    return PLD_OK;
}

#endif
