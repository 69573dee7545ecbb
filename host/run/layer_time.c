#include "run/layer_time.h"

#include <string.h>

#include "core/clock.h"
#include "core/stop.h"
#include "graph/passes.h"
#include "run/runner.h"

/* Runs of a layer: at least so many, and more of quick ones. */
enum { RUNS = 5, MOST_RUNS = 40 };
#define ENOUGH_SECONDS 0.002

static const struct pld_desc *weights_of(const struct pld_graph *model, const struct pld_node *node)
{
    return &model->values[node->in[1]].desc;
}

/* ---- the layer as a model ---- */

static pld_status copy_attributes(struct pld_graph *layer, const struct pld_node *node,
                                  int64_t groups)
{
    for (int i = 0; i < node->n_attrs; i++) {
        const struct pld_attr *a = &node->attrs[i];
        if (a->type == PLD_ATTR_INTS)
            PLD_TRY(pld_node_set_ints(layer, 0, a->name, a->ints, a->n));
        else if (a->type == PLD_ATTR_STRING)
            PLD_TRY(pld_node_set_string(layer, 0, a->name, a->s));
    }
    return pld_node_set_int(layer, 0, "group", groups);
}

/* A constant with the first elements of another one. */
static int prefix(struct pld_graph *layer, const struct pld_value *from, const char *name,
                  const struct pld_desc *desc)
{
    return pld_graph_add_constant(layer, name, desc, from->data);
}

static pld_status fill(struct pld_graph *layer, const struct pld_graph *model,
                       const struct pld_node *node, int64_t in, int64_t out)
{
    struct pld_desc weights = *weights_of(model, node);
    int64_t groups = pld_node_int(node, "group", 1);
    if (groups > 1 && weights.shape.dim[1] == 1) groups = out * groups / weights.shape.dim[0];
    weights.shape.dim[0] = out;
    weights.shape.dim[1] = in;
    int x = pld_graph_add_value(layer, "x"), y = pld_graph_add_value(layer, "y");
    int w = prefix(layer, &model->values[node->in[1]], "w", &weights);
    if (x == PLD_NONE || y == PLD_NONE || w == PLD_NONE) return PLD_EDEVICE;
    layer->values[x].desc = model->values[node->in[0]].desc;
    layer->values[x].desc.shape.dim[1] = in * groups;
    int inputs[3] = {x, w}, n = 2;
    if (node->n_in > 2 && node->in[2] != PLD_NONE && model->values[node->in[2]].data) {
        struct pld_desc bias = model->values[node->in[2]].desc;
        bias.shape.dim[0] = out;
        inputs[n] = prefix(layer, &model->values[node->in[2]], "b", &bias);
        if (inputs[n++] == PLD_NONE) return PLD_EDEVICE;
    }
    PLD_TRY(pld_graph_add_input(layer, x));
    if (pld_graph_add_node(layer, (enum pld_op)node->op, "layer", inputs, n, &y, 1) == PLD_NONE)
        return PLD_EDEVICE;
    PLD_TRY(copy_attributes(layer, node, groups));
    return pld_graph_add_output(layer, y);
}

/* ---- its time ---- */

static void note_step(void *context, int node, double seconds)
{
    double *took = context;
    if (node == 0) *took = seconds; /* not what brings in and takes out the numbers */
}

static pld_status measure(double *seconds, const struct pld_session *session,
                          struct pld_graph *layer)
{
    struct pld_runner *runner;
    PLD_TRY(pld_runner_on(&runner, session, layer));
    double took = 0, sum = 0;
    pld_runner_set_timer(runner, note_step, &took);
    pld_status status = pld_runner_run_piece(runner);
    *seconds = took;
    for (int i = 0; i < MOST_RUNS && status == PLD_OK && (i < RUNS || sum < ENOUGH_SECONDS); i++) {
        status = pld_runner_run_piece(runner);
        sum += took;
        if (took < *seconds) *seconds = took;
    }
    pld_runner_free(runner);
    return status == PLD_OK ? pld_stop_check() : status;
}

pld_status pld_layer_time(double *seconds, const struct pld_session *session, int node, int64_t in,
                          int64_t out)
{
    struct pld_graph *layer;
    const struct pld_infer_options infer = {0};
    PLD_TRY(pld_graph_new(&layer, "layer"));
    pld_status status = fill(layer, session->model, &session->model->nodes[node], in, out);
    if (status == PLD_OK) status = pld_pass_infer(layer, session->host, &infer);
    if (status == PLD_OK) status = measure(seconds, session, layer);
    pld_graph_free(layer);
    return status;
}

/* ---- what it depends on ---- */

static void add_shape(struct pld_str *text, const struct pld_shape *shape)
{
    for (int i = 0; i < shape->rank; i++)
        pld_str_printf(text, "%lld ", (long long)shape->dim[i]);
}

char *pld_layer_shape(struct pld_arena *arena, const struct pld_graph *model, int node)
{
    const struct pld_node *n = &model->nodes[node];
    struct pld_str text = {0};
    add_shape(&text, &model->values[n->in[0]].desc.shape);
    add_shape(&text, &weights_of(model, n)->shape);
    for (int i = 0; i < n->n_attrs; i++) {
        const struct pld_attr *a = &n->attrs[i];
        pld_str_printf(&text, "%s %lld %s ", a->name, (long long)a->i, a->s ? a->s : "");
        for (int k = 0; k < a->n && a->ints; k++)
            pld_str_printf(&text, "%lld ", (long long)a->ints[k]);
    }
    char *copy = text.data && !text.failed ? pld_arena_strdup(arena, text.data) : NULL;
    if (!copy) pld_fail_memory("latency");
    pld_str_release(&text);
    return copy;
}
