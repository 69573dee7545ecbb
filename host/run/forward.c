#include "run/forward.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/file.h"
#include "graph/exec.h"
#include "graph/passes.h"
#include "graph/tail.h"
#include "run/arrange.h"
#include "run/npy.h"

enum { MOST_INPUTS = 64 };

struct forward {
    struct pld_session session;
    struct pld_npy given[MOST_INPUTS]; /* by input of the model */
    struct pld_graph *graph;           /* compiled */
    struct pld_engine *engine;
    struct pld_program *program;
    struct pld_lane *lane;
    struct pld_tail *tail;      /* or NULL */
    void *buffers[MOST_INPUTS]; /* inputs on the device */
};

/* ---- inputs ---- */

static int find_input(const struct pld_graph *model, const char *name, size_t n)
{
    for (int i = 0; i < model->n_inputs; i++) {
        const char *candidate = model->values[model->inputs[i]].name;
        if (strlen(candidate) == n && memcmp(candidate, name, n) == 0) return i;
    }
    return -1;
}

/* Which input a word is for, and the file it names. A word without NAME= is for the first input
 * that has nothing yet. */
static pld_status resolve_word(int *input, const char **path, const struct forward *f,
                               const char *word)
{
    const struct pld_graph *model = f->session.model;
    const char *equals = strchr(word, '=');
    *input = equals ? find_input(model, word, (size_t)(equals - word)) : -1;
    *path = *input >= 0 ? equals + 1 : word;
    if (*input >= 0) {
        if (f->given[*input].data) return pld_fail(PLD_EUSAGE, word, "this input is given twice");
        return PLD_OK;
    }
    if (equals && !pld_file_exists(word))
        return pld_fail(PLD_EUSAGE, word, "%s has no input '%.*s'; its first is '%s'", model->path,
                        (int)(equals - word), word,
                        model->n_inputs ? model->values[model->inputs[0]].name : "(none)");
    for (int i = 0; i < model->n_inputs; i++) {
        if (f->given[i].data) continue;
        *input = i;
        return PLD_OK;
    }
    return pld_fail(PLD_EUSAGE, word, "%s has only %d inputs", model->path, model->n_inputs);
}

/* Does a file fit what the model declares? A declared batch of 1 may be widened. */
static pld_status check_fit(const struct pld_value *value, const struct pld_npy *npy,
                            const char *path)
{
    char have[96], want[96] = "";
    const struct pld_shape *shape = &npy->desc.shape;
    if (npy->desc.dtype != value->desc.dtype)
        return pld_fail(PLD_EUSAGE, path, "holds %s, input '%s' takes %s",
                        pld_dtype_name(npy->desc.dtype), value->name,
                        pld_dtype_name(value->desc.dtype));
    const struct pld_declared *d = value->declared;
    if (!d || d->rank < 0) return PLD_OK;
    bool fits = d->rank == shape->rank;
    for (int i = 0; i < d->rank && fits; i++)
        fits = d->dim[i] < 0 || d->dim[i] == shape->dim[i] || (i == 0 && d->dim[0] == 1);
    if (fits) return PLD_OK;
    size_t at = 0;
    for (int i = 0; i < d->rank && at < sizeof want; i++) {
        const char *times = i ? "x" : "";
        int n = d->dim[i] < 0
                    ? snprintf(want + at, sizeof want - at, "%s?", times)
                    : snprintf(want + at, sizeof want - at, "%s%lld", times, (long long)d->dim[i]);
        at += n > 0 ? (size_t)n : 0;
    }
    return pld_fail(PLD_EUSAGE, path, "has shape %s, input '%s' takes %s",
                    pld_shape_text(have, sizeof have, shape), value->name, want);
}

static pld_status read_inputs(struct forward *f, const struct pld_forward_options *options)
{
    struct pld_graph *model = f->session.model;
    if (model->n_inputs > MOST_INPUTS)
        return pld_fail(PLD_EMODEL, model->path, "has more than %d inputs", MOST_INPUTS);
    for (size_t i = 0; i < options->inputs.count; i++) {
        int input;
        const char *path;
        PLD_TRY(resolve_word(&input, &path, f, options->inputs.items[i]));
        PLD_TRY(pld_npy_read(&f->given[input], path));
        PLD_TRY(check_fit(&model->values[model->inputs[input]], &f->given[input], path));
    }
    for (int i = 0; i < model->n_inputs; i++)
        if (!f->given[i].data)
            return pld_fail(PLD_EUSAGE, "--input", "input '%s' of %s is missing",
                            model->values[model->inputs[i]].name, model->path);
    return PLD_OK;
}

/* The files say what the shapes are; what the exporter declared is no longer of interest. Returns
 * the batch to widen to, or 0. */
static int64_t adopt_shapes(struct forward *f)
{
    struct pld_graph *model = f->session.model;
    int64_t batch = 0;
    for (int i = 0; i < model->n_inputs; i++) {
        struct pld_value *value = &model->values[model->inputs[i]];
        const struct pld_shape *shape = &f->given[i].desc.shape;
        const struct pld_declared *d = value->declared;
        if (!batch && d && d->rank > 0 && d->dim[0] <= 1) batch = shape->dim[0];
        value->declared = NULL;
        value->desc.shape = *shape;
    }
    return batch;
}

static pld_status check_shapes(const struct forward *f)
{
    const struct pld_graph *model = f->session.model;
    for (int i = 0; i < model->n_inputs; i++) {
        const struct pld_value *value = &f->graph->values[model->inputs[i]];
        char have[96], want[96];
        if (pld_shape_equal(&value->desc.shape, &f->given[i].desc.shape)) continue;
        return pld_fail(PLD_EUSAGE, value->name,
                        "has shape %s, with the other inputs it must be %s",
                        pld_shape_text(have, sizeof have, &f->given[i].desc.shape),
                        pld_shape_text(want, sizeof want, &value->desc.shape));
    }
    return PLD_OK;
}

/* ---- the forward ---- */

static pld_status upload(struct forward *f, int i)
{
    struct pld_backend *device = f->session.device;
    int value = f->session.model->inputs[i];
    const struct pld_desc *desc = &f->graph->values[value].desc;
    size_t bytes = pld_desc_bytes(desc);
    unsigned char *host = calloc(1, bytes + 1);
    f->buffers[i] = device->alloc(device, bytes ? bytes : 1);
    pld_status status = host && f->buffers[i] ? PLD_OK : pld_fail_memory("inputs");
    if (status == PLD_OK) {
        pld_arrange(host, desc, f->given[i].data);
        status = device->upload(device, f->buffers[i], host, bytes);
    }
    free(host);
    if (status == PLD_OK) pld_lane_bind(f->lane, value, f->buffers[i]);
    return status;
}

static pld_status compile(struct forward *f, bool plain)
{
    const struct pld_program_options keep = {.keep_all = plain};
    struct pld_session *s = &f->session;
    int64_t batch = adopt_shapes(f);
    struct pld_infer_options infer = {.batch = batch};
    PLD_TRY(pld_pass_infer(s->model, s->host, &infer));
    if (plain)
        PLD_TRY(pld_graph_compile_plain(&f->graph, s->model, s->host, batch));
    else
        PLD_TRY(pld_graph_compile(&f->graph, s->model, s->host, s->device, batch));
    PLD_TRY(check_shapes(f));
    PLD_TRY(pld_engine_new(&f->engine, f->graph, s->device));
    PLD_TRY(pld_program_new(&f->program, f->engine, &keep));
    PLD_TRY(pld_tail_new(&f->tail, f->graph, s->host, s->device));
    return pld_lane_new(&f->lane, f->engine, pld_program_slab(f->program));
}

/* ---- outputs ---- */

static pld_status output_path(const char **path, struct pld_arena *arena, const char *dir,
                              const char *name)
{
    char *copy = pld_arena_printf(arena, "%s/%s.npy", dir, name);
    if (!copy) return PLD_EDEVICE;
    for (char *c = copy + strlen(dir) + 1; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) *c = '_';
    *path = copy;
    return PLD_OK;
}

/* The value as it is known now: the tail's have their shapes once it has run. */
static const struct pld_value *settled(const struct forward *f, int value)
{
    const struct pld_value *v = &f->graph->values[value];
    return v->inferred || !f->tail ? v : pld_tail_value(f->tail, value);
}

/* Written by a node that ran: what --dump-all shows besides the outputs. */
static bool computed(const struct forward *f, int value)
{
    int producer = f->graph->values[value].producer;
    if (producer == PLD_NONE) return false;
    const struct pld_node *node = &f->graph->nodes[producer];
    return pld_node_live(node) || node->dynamic;
}

/* The model's outputs, in order, then perhaps all that was computed on the way. */
static pld_status list_values(struct pld_forward_result *out, const struct forward *f,
                              const struct pld_forward_options *options)
{
    const struct pld_graph *model = f->session.model;
    out->outputs = pld_arena_array(
        &out->arena, (size_t)model->n_outputs + (size_t)model->n_values + 1, sizeof *out->outputs);
    if (!out->outputs) return PLD_EDEVICE;
    for (int i = 0; i < model->n_outputs; i++)
        out->outputs[out->n_outputs++].value = model->outputs[i];
    for (int v = 0; options->dump_all && v < model->n_values; v++)
        if (computed(f, v) && !pld_graph_is_output(model, v))
            out->outputs[out->n_outputs++].value = v;
    for (int i = 0; i < out->n_outputs; i++) {
        struct pld_forward_output *o = &out->outputs[i];
        o->name = pld_arena_strdup(&out->arena, model->values[o->value].name);
        if (!o->name) return PLD_EDEVICE;
        PLD_TRY(output_path(&o->path, &out->arena, options->out, o->name));
    }
    return PLD_OK;
}

static int by_path(const void *a, const void *b)
{
    const struct pld_forward_output *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

/* Names that differ only in characters that no file name should have would be one file. */
static pld_status check_paths(const struct pld_forward_result *out)
{
    size_t n = (size_t)out->n_outputs;
    const struct pld_forward_output **sorted = calloc(n + 1, sizeof *sorted);
    pld_status status = sorted ? PLD_OK : pld_fail_memory("outputs");
    for (size_t i = 0; sorted && i < n; i++)
        sorted[i] = &out->outputs[i];
    if (sorted) qsort(sorted, n, sizeof *sorted, by_path);
    for (size_t i = 1; status == PLD_OK && i < n; i++)
        if (strcmp(sorted[i - 1]->path, sorted[i]->path) == 0)
            status = pld_fail(PLD_EFAIL, sorted[i]->path, "outputs '%s' and '%s' would be one file",
                              sorted[i - 1]->name, sorted[i]->name);
    free(sorted);
    return status;
}

/* Row-major elements on the host; *owned is to be freed. */
static pld_status fetch(const void **data, void **owned, const struct forward *f,
                        const struct pld_value *value, int index)
{
    struct pld_backend *device = f->session.device;
    *owned = NULL;
    *data = value->data; /* constant folding, or the tail */
    if (*data) return PLD_OK;
    size_t bytes = pld_desc_bytes(&value->desc);
    *owned = malloc(bytes + 1);
    if (!*owned) return pld_fail_memory("outputs");
    *data = *owned;
    return bytes ? device->download(device, *owned, pld_lane_value(f->lane, index), bytes) : PLD_OK;
}

static pld_status write_output(const struct forward *f, struct pld_forward_output *o,
                               const struct pld_forward_options *options)
{
    const struct pld_value *value = settled(f, o->value);
    int producer = f->graph->values[o->value].producer;
    const void *data;
    void *owned;
    o->desc = value->desc;
    o->step = producer == PLD_NONE ? -1 : producer;
    pld_status status = fetch(&data, &owned, f, value, o->value);
    if (status == PLD_OK) status = pld_npy_write(o->path, &o->desc, data);
    if (status == PLD_OK && options->stats) pld_value_stats(&o->stats, &o->desc, data);
    free(owned);
    return status;
}

/* The first node, in the order they ran, whose output has a NaN or an infinity. */
static pld_status find_first_bad(struct pld_forward_result *out, const struct forward *f)
{
    const struct pld_forward_output *first = NULL;
    for (int i = 0; i < out->n_outputs; i++) {
        const struct pld_forward_output *o = &out->outputs[i];
        bool bad = o->stats.nan + o->stats.inf > 0 && o->step >= 0;
        if (bad && (!first || o->step < first->step)) first = o;
    }
    if (!first) return PLD_OK;
    const struct pld_node *node = &f->graph->nodes[first->step];
    out->first_bad =
        pld_arena_printf(&out->arena, "%s (%s), in '%s'", node->name, node->type, first->name);
    return out->first_bad ? PLD_OK : PLD_EDEVICE;
}

static pld_status forward(struct pld_forward_result *out, struct forward *f,
                          const struct pld_forward_options *options)
{
    PLD_TRY(pld_session_open(&f->session, options->session));
    PLD_TRY(pld_graph_load(&f->session.model, options->model));
    PLD_TRY(pld_graph_check_supported(f->session.model));
    PLD_TRY(read_inputs(f, options));
    PLD_TRY(compile(f, options->dump_all));
    PLD_TRY(list_values(out, f, options));
    PLD_TRY(check_paths(out));
    PLD_TRY(pld_dir_make(options->out));
    for (int i = 0; i < f->graph->n_inputs; i++)
        PLD_TRY(upload(f, i));
    double start = pld_clock_now();
    PLD_TRY(pld_lane_run(f->lane, f->program, NULL, NULL, 0));
    if (f->tail) PLD_TRY(pld_tail_run(f->tail, f->lane));
    out->seconds = pld_clock_now() - start;
    for (int i = 0; i < out->n_outputs; i++)
        PLD_TRY(write_output(f, &out->outputs[i], options));
    return options->dump_all ? find_first_bad(out, f) : PLD_OK;
}

static void forward_release(struct forward *f)
{
    pld_tail_free(f->tail);
    pld_lane_free(f->lane);
    for (int i = 0; i < MOST_INPUTS; i++) {
        if (f->buffers[i]) f->session.device->free(f->session.device, f->buffers[i]);
        pld_npy_release(&f->given[i]);
    }
    pld_program_free(f->program);
    pld_engine_free(f->engine);
    pld_graph_free(f->graph);
    pld_session_close(&f->session);
}

pld_status pld_forward_run(struct pld_forward_result *out,
                           const struct pld_forward_options *options)
{
    *out = (struct pld_forward_result){0};
    struct forward f = {0};
    pld_status status = forward(out, &f, options);
    forward_release(&f);
    return status;
}

void pld_forward_result_release(struct pld_forward_result *result)
{
    pld_arena_release(&result->arena);
    *result = (struct pld_forward_result){0};
}
