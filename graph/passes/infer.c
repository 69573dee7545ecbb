#include "graph/op_desc.h"
#include "graph/passes.h"
#include "graph/passes/pass.h"

/* Constants that a model computes, in bytes: a small hostile file could fill the machine with them.
 */
#define MAX_CONSTANTS (INT64_C(4) << 30)

/* What was declared of an input. For a graph built by hand that is the shape it has at the first
 * inference, kept so that later ones can choose another batch. */
static pld_status declaration(struct pld_declared *out, struct pld_graph *graph,
                              struct pld_value *value)
{
    if (!value->declared) {
        struct pld_declared *d = pld_arena_alloc(&graph->arena, sizeof *d);
        if (!d) return PLD_EDEVICE;
        d->rank = value->desc.shape.rank;
        for (int i = 0; i < d->rank; i++)
            d->dim[i] = value->desc.shape.dim[i];
        value->declared = d;
    }
    *out = *value->declared;
    return PLD_OK;
}

static pld_status dynamic_axis(const struct pld_graph *graph, const struct pld_value *value,
                               const struct pld_declared *d, int axis)
{
    if (d->rank == 4 && axis >= 2)
        return pld_fail(PLD_EMODEL, graph->path,
                        "input '%s' has dynamic height/width: give --imgsz", value->name);
    const char *name = d->axis_name[axis];
    return pld_fail(PLD_EMODEL, graph->path, "input '%s': axis %d%s%s%s is dynamic", value->name,
                    axis, name ? " ('" : "", name ? name : "", name ? "')" : "");
}

/* The size of one axis: as asked for, else as declared, else as it was inferred before. */
static int64_t axis_size(const struct pld_value *value, const struct pld_declared *d, int axis,
                         const struct pld_infer_options *options)
{
    int64_t declared = d->dim[axis];
    bool known = value->inferred && value->desc.shape.rank == d->rank;
    int64_t before = known ? value->desc.shape.dim[axis] : -1;
    if (axis == 0 && (declared < 0 || declared == 1)) {
        if (options->batch > 0) return options->batch;
        return before >= 0 ? before : 1;
    }
    if (declared >= 0) return declared;
    int64_t wanted = 0;
    if (d->rank == 4 && axis == 2) wanted = options->height;
    if (d->rank == 4 && axis == 3) wanted = options->width;
    return wanted > 0 ? wanted : before;
}

static pld_status settle_input(struct pld_graph *graph, int index,
                               const struct pld_infer_options *options)
{
    struct pld_value *value = &graph->values[index];
    struct pld_declared d;
    if (value->desc.dtype == PLD_DTYPE_COUNT)
        return pld_fail(PLD_EMODEL, graph->path, "input '%s' has a type that is not supported",
                        value->name);
    PLD_TRY(declaration(&d, graph, value));
    if (d.rank < 0)
        return pld_fail(PLD_EMODEL, graph->path, "input '%s' does not state its shape",
                        value->name);
    struct pld_shape shape = {.rank = d.rank};
    for (int i = 0; i < d.rank; i++) {
        shape.dim[i] = axis_size(value, &d, i, options);
        if (shape.dim[i] < 0) return dynamic_axis(graph, value, &d, i);
    }
    PLD_TRY(pld_shape_check(&shape, value->name));
    value->desc = (struct pld_desc){.dtype = value->desc.dtype, .shape = shape};
    value->inferred = true;
    if (d.rank > 0 && (d.dim[0] < 0 || d.dim[0] == 1)) graph->batch = shape.dim[0];
    return PLD_OK;
}

/* Forgets what an earlier inference, perhaps of another batch size, found out. */
static void reset(struct pld_graph *graph, struct pld_node *node)
{
    node->constant = node->dynamic = false;
    for (int i = 0; i < node->n_out; i++) {
        if (node->out[i] == PLD_NONE) continue;
        struct pld_value *value = &graph->values[node->out[i]];
        value->data = NULL;
        value->inferred = false;
        value->desc = (struct pld_desc){.dtype = PLD_DTYPE_COUNT};
    }
}

static bool constant_inputs(const struct pld_graph *graph, const struct pld_node *node)
{
    for (int i = 0; i < node->n_in; i++)
        if (node->in[i] != PLD_NONE && !graph->values[node->in[i]].data) return false;
    return true;
}

static bool constant_outputs(const struct pld_graph *graph, const struct pld_node *node)
{
    for (int i = 0; i < node->n_out; i++)
        if (node->out[i] != PLD_NONE && !graph->values[node->out[i]].data) return false;
    return true;
}

/* Bytes of the results of a folded node that did not exist before. */
static int64_t new_bytes(const struct pld_graph *graph, const struct pld_node *node)
{
    int64_t bytes = 0;
    for (int i = 0; i < node->n_out && node->constant; i++) {
        if (node->out[i] == PLD_NONE) continue;
        const struct pld_value *value = &graph->values[node->out[i]];
        bool shared = node->n_in > 0 && node->in[0] != PLD_NONE &&
                      graph->values[node->in[0]].data == value->data;
        if (!shared) bytes += (int64_t)pld_desc_bytes(&value->desc);
    }
    return bytes;
}

static bool reads_dynamic(const struct pld_graph *graph, const struct pld_node *node)
{
    for (int i = 0; i < node->n_in; i++) {
        int producer = node->in[i] == PLD_NONE ? PLD_NONE : graph->values[node->in[i]].producer;
        if (producer != PLD_NONE && graph->nodes[producer].dynamic) return true;
    }
    return false;
}

static pld_status infer_node(struct pld_graph *graph, struct pld_node *node,
                             struct pld_backend *host)
{
    node->dynamic = reads_dynamic(graph, node);
    if (node->dynamic) return PLD_OK;
    pld_status status = pld_op_describe((enum pld_op)node->op)->infer(graph, node);
    if (status == PLD_EINCOMPLETE) {
        reset(graph, node);
        node->dynamic = true;
        return PLD_OK;
    }
    PLD_TRY(status);
    for (int i = 0; i < node->n_out; i++) {
        if (node->out[i] == PLD_NONE) continue;
        struct pld_value *value = &graph->values[node->out[i]];
        if (value->desc.dtype == PLD_DTYPE_COUNT)
            return pld_fail(PLD_EMODEL, node->name, "%s has no output %d", node->type, i);
        value->inferred = true;
    }
    if (constant_outputs(graph, node))
        node->constant = true;
    else if (host && constant_inputs(graph, node))
        return pld_fold_node(graph, node, host);
    return PLD_OK;
}

pld_status pld_pass_infer_node(struct pld_graph *graph, int node, struct pld_backend *host)
{
    reset(graph, &graph->nodes[node]);
    return infer_node(graph, &graph->nodes[node], host);
}

pld_status pld_pass_infer(struct pld_graph *graph, struct pld_backend *host,
                          const struct pld_infer_options *options)
{
    PLD_TRY(pld_graph_check_supported(graph));
    graph->batch = 1; /* stays so for a model of another fixed batch */
    for (int i = 0; i < graph->n_inputs; i++)
        PLD_TRY(settle_input(graph, graph->inputs[i], options));
    int64_t folded = 0;
    for (int i = 0; i < graph->n_nodes; i++) {
        struct pld_node *node = &graph->nodes[i];
        if (node->dead) continue;
        reset(graph, node);
        PLD_TRY(infer_node(graph, node, host));
        folded += new_bytes(graph, node);
        if (folded > MAX_CONSTANTS)
            return pld_fail(PLD_EMODEL, node->name, "the model's computed constants exceed %d GB",
                            (int)(MAX_CONSTANTS >> 30));
    }
    return PLD_OK;
}
