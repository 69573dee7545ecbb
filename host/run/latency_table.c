#include "run/latency_table.h"

#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/progress.h"
#include "run/bench.h"
#include "run/layer_time.h"

enum { WIDTHS = 5, QUARTERS = 4, BLOCK = 8, TABLE_WARMUP = 3 };
#define WHOLE_SECONDS 2

/* A convolution of the table: seconds[i * n_out + j] at in[i] inputs and out[j] outputs. */
struct layer {
    int node;
    const char *shape;
    int64_t in[WIDTHS], out[WIDTHS];
    int n_in, n_out;
    double seconds[WIDTHS * WIDTHS]; /* alone */
    double inside;                   /* in the whole model, at full width */
};

struct table {
    const struct pld_latency_table_options *options;
    const struct pld_groups *groups;
    struct pld_session_options single; /* the session's, for the model's own batch */
    struct pld_session session;
    struct pld_bench_result bench;
    struct pld_arena arena;
    struct layer *layers;
    int n_layers;
};

/* ---- which layers, at which widths ---- */

static bool shrinks(const struct pld_groups *groups, int value, int axis)
{
    for (int g = 0; g < groups->n_groups; g++)
        for (int m = 0; groups->groups[g].prunable && m < groups->groups[g].n_members; m++)
            if (groups->groups[g].members[m].value == value &&
                groups->groups[g].members[m].axis == axis)
                return true;
    return false;
}

/* The smallest step and the quarters of `size` in whole steps, ascending; size is the last one. */
static int list_widths(int64_t widths[WIDTHS], int64_t size, int64_t step, bool shrinking)
{
    int n = 0;
    for (int k = 0; k < QUARTERS && shrinking; k++) {
        int64_t width = (size * k / QUARTERS + step - 1) / step * step;
        if (width < step) width = step;
        if (width < size && (n == 0 || width > widths[n - 1])) widths[n++] = width;
    }
    widths[n++] = size;
    return n;
}

static int64_t common_multiple(int64_t a, int64_t b)
{
    int64_t x = a, y = b;
    while (y) {
        int64_t rest = x % y;
        x = y;
        y = rest;
    }
    return a / x * b;
}

/* Conv groups stay whole: of grouped convolutions their number, of depthwise ones their outputs. */
static int64_t step_of_outputs(const struct pld_node *node, const struct pld_shape *weights,
                               int64_t step)
{
    int64_t groups = pld_node_int(node, "group", 1);
    bool depthwise = groups > 1 && weights->dim[1] == 1;
    return common_multiple(step, depthwise ? weights->dim[0] / groups : groups);
}

static pld_status add_layer(struct table *t, int index)
{
    const struct pld_graph *model = t->session.model;
    const struct pld_node *node = &model->nodes[index];
    if (!pld_node_live(node) || node->op != PLD_OP_CONV || !model->values[node->in[1]].data)
        return PLD_OK;
    bool in = shrinks(t->groups, node->in[1], 1), out = shrinks(t->groups, node->in[1], 0);
    if (!in && !out) return PLD_OK;
    const struct pld_shape *weights = &model->values[node->in[1]].desc.shape;
    int64_t step = t->options->align > 1 ? t->options->align : BLOCK;
    struct layer *layer = &t->layers[t->n_layers++];
    layer->node = index;
    layer->n_in = list_widths(layer->in, weights->dim[1], step, in);
    layer->n_out =
        list_widths(layer->out, weights->dim[0], step_of_outputs(node, weights, step), out);
    layer->shape = pld_layer_shape(&t->arena, model, index);
    return layer->shape ? PLD_OK : PLD_EDEVICE;
}

/* ---- measuring ---- */

static const struct layer *measured_before(const struct table *t, const struct layer *layer)
{
    for (const struct layer *other = t->layers; other < layer; other++)
        if (strcmp(other->shape, layer->shape) == 0 && other->n_in == layer->n_in &&
            other->n_out == layer->n_out)
            return other;
    return NULL;
}

static pld_status measure_layer(struct pld_latency_table_summary *out, const struct table *t,
                                struct layer *layer)
{
    const struct layer *same = measured_before(t, layer);
    if (same) {
        memcpy(layer->seconds, same->seconds, sizeof layer->seconds);
        return PLD_OK;
    }
    for (int i = 0; i < layer->n_in; i++)
        for (int j = 0; j < layer->n_out; j++)
            PLD_TRY(pld_layer_time(&layer->seconds[i * layer->n_out + j], &t->session, layer->node,
                                   layer->in[i], layer->out[j]));
    out->points += layer->n_in * layer->n_out;
    return PLD_OK;
}

static pld_status measure_layers(struct pld_latency_table_summary *out, struct table *t)
{
    struct pld_progress *progress =
        pld_progress_start("latency", t->n_layers, t->options->session->quiet);
    pld_status status = PLD_OK;
    for (int i = 0; i < t->n_layers && status == PLD_OK; i++) {
        status = measure_layer(out, t, &t->layers[i]);
        pld_progress_add(progress, 1, t->session.model->nodes[t->layers[i].node].name);
    }
    pld_progress_stop(progress);
    return status;
}

/* The whole model, and each layer inside it. */
static pld_status measure_whole(struct pld_latency_table_summary *out, struct table *t)
{
    const char *models[] = {t->options->model};
    const struct pld_bench_options options = {.session = &t->single,
                                              .models = {models, 1},
                                              .seconds = WHOLE_SECONDS,
                                              .warmup = TABLE_WARMUP,
                                              .layers = true};
    PLD_TRY(pld_bench_run(&t->bench, &options));
    const struct pld_bench_model *whole = &t->bench.models[0];
    double sum = 0;
    for (int i = 0; i < t->n_layers; i++) {
        const char *name = t->session.model->nodes[t->layers[i].node].name;
        for (int k = 0; k < whole->n_layers && !t->layers[i].inside; k++)
            if (strcmp(whole->layers[k].node, name) == 0)
                t->layers[i].inside = whole->layers[k].seconds;
        sum += t->layers[i].inside;
    }
    out->layers = t->n_layers;
    out->whole_ms = whole->stats.median * 1e3;
    out->rest_ms = fmax(0, out->whole_ms - sum * 1e3);
    return PLD_OK;
}

/* ---- the file ---- */

static void add_widths(yyjson_mut_doc *doc, yyjson_mut_val *entry, const char *key,
                       const int64_t *widths, int n)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, entry, key);
    for (int i = 0; i < n; i++)
        yyjson_mut_arr_add_int(doc, list, widths[i]);
}

static void add_entry(yyjson_mut_doc *doc, yyjson_mut_val *list, const struct table *t,
                      const struct layer *layer)
{
    int n = layer->n_in * layer->n_out;
    double full = layer->seconds[n - 1];
    double scale = full > 0 ? layer->inside / full : 0;
    yyjson_mut_val *entry = yyjson_mut_arr_add_obj(doc, list);
    yyjson_mut_obj_add_strcpy(doc, entry, "node", t->session.model->nodes[layer->node].name);
    add_widths(doc, entry, "in", layer->in, layer->n_in);
    add_widths(doc, entry, "out", layer->out, layer->n_out);
    yyjson_mut_val *ms = yyjson_mut_obj_add_arr(doc, entry, "ms");
    for (int i = 0; i < n; i++)
        yyjson_mut_arr_add_val(ms, pld_json_real(doc, layer->seconds[i] * scale * 1e3));
    pld_json_add_real(doc, entry, "alone_ms", full * 1e3);
}

static pld_status write_table(const struct table *t, const struct pld_latency_table_summary *s)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("latency");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_int(doc, root, "version", 1);
    yyjson_mut_obj_add_strcpy(doc, root, "model_sha256", t->session.model->sha256);
    yyjson_mut_obj_add_strcpy(doc, root, "device", t->bench.device);
    yyjson_mut_obj_add_int(doc, root, "threads", t->bench.threads);
    yyjson_mut_obj_add_int(doc, root, "batch", t->bench.models[0].batch);
    pld_json_add_real(doc, root, "whole_ms", s->whole_ms);
    pld_json_add_real(doc, root, "rest_ms", s->rest_ms);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "layers");
    for (int i = 0; i < t->n_layers; i++)
        add_entry(doc, list, t, &t->layers[i]);
    pld_status status = pld_json_write(t->options->out, doc, false);
    yyjson_mut_doc_free(doc);
    return status;
}

static pld_status work(struct pld_latency_table_summary *out, struct table *t)
{
    t->single = *t->options->session;
    t->single.batch = 0;
    PLD_TRY(pld_session_open(&t->session, &t->single));
    PLD_TRY(pld_session_load_model(&t->session, t->options->model));
    t->layers =
        pld_arena_array(&t->arena, (size_t)t->session.model->n_nodes + 1, sizeof *t->layers);
    if (!t->layers) return PLD_EDEVICE;
    for (int i = 0; i < t->session.model->n_nodes; i++)
        PLD_TRY(add_layer(t, i));
    PLD_TRY(measure_whole(out, t));
    PLD_TRY(measure_layers(out, t));
    return write_table(t, out);
}

pld_status pld_latency_table_write(struct pld_latency_table_summary *out,
                                   const struct pld_latency_table_options *options,
                                   const struct pld_groups *groups)
{
    struct table t = {.options = options, .groups = groups};
    *out = (struct pld_latency_table_summary){0};
    double start = pld_clock_now();
    pld_status status = work(out, &t);
    out->seconds = pld_clock_now() - start;
    pld_bench_result_release(&t.bench);
    pld_session_close(&t.session);
    pld_arena_release(&t.arena);
    return status;
}
