#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "graph/engine.h"
#include "graph/memplan.h"
#include "graph/transfer.h"

struct pld_program {
    struct pld_engine *engine;
    struct pld_arena arena;
    int *nodes, n_nodes;
    size_t *offset; /* [n_values] in the slab; SIZE_MAX for values of others */
    int *externals, n_externals;
    size_t slab;
    int64_t macs;
};

/* While a program is laid out: what holds a value's bytes, and how long. */
struct layout {
    const struct pld_graph *graph;
    int *home; /* [n_values] value whose memory this one is (itself unless a view), or PLD_NONE */
    int *first, *last; /* [n_values] steps, of homes */
};

static bool selected(const struct pld_engine *engine, const struct pld_program_options *options,
                     int node)
{
    if (!pld_node_live(&engine->graph->nodes[node])) return false;
    return !options || !options->nodes || options->nodes[node];
}

static void touch(struct layout *l, int value, int step)
{
    int home = l->home[value];
    if (home != PLD_NONE && l->last[home] < step) l->last[home] = step;
}

/* Marks an input that no selected node wrote as external, once. */
static void note_external(struct pld_program *program, const struct layout *l, bool *seen,
                          int value)
{
    if (l->home[value] != PLD_NONE || l->graph->values[value].data || seen[value]) return;
    seen[value] = true;
    program->externals[program->n_externals++] = value;
}

static void trace(struct pld_program *program, struct layout *l, bool *seen)
{
    for (int s = 0; s < program->n_nodes; s++) {
        const struct pld_node *node = &l->graph->nodes[program->nodes[s]];
        for (int i = 0; i < node->n_data; i++) {
            if (node->in[i] == PLD_NONE) continue;
            note_external(program, l, seen, node->in[i]);
            touch(l, node->in[i], s);
        }
        bool view = !program->engine->steps[program->nodes[s]].planned;
        for (int i = 0; i < node->n_out; i++) {
            int v = node->out[i];
            if (v == PLD_NONE) continue;
            if (view) {
                l->home[v] = l->home[node->in[0]]; /* PLD_NONE when the input is external */
                touch(l, v, s);
                seen[v] = true; /* written here, though it has no memory of its own */
                continue;
            }
            l->home[v] = v;
            l->first[v] = l->last[v] = s;
        }
    }
}

static pld_status place(struct pld_program *program, struct layout *l)
{
    int n = l->graph->n_values, count = 0;
    struct pld_lifetime *items = calloc((size_t)n + 1, sizeof *items);
    int *owner = malloc(((size_t)n + 1) * sizeof *owner);
    pld_status status = PLD_OK;
    if (!items || !owner) {
        status = pld_fail_memory("program");
        goto out;
    }
    for (int v = 0; v < n; v++) {
        if (l->home[v] != v) continue;
        items[count] = (struct pld_lifetime){.size = pld_desc_bytes(&l->graph->values[v].desc),
                                             .first = l->first[v],
                                             .last = l->last[v]};
        owner[count++] = v;
    }
    status = pld_memplan(&program->slab, items, count);
    if (status != PLD_OK) goto out;
    for (int i = 0; i < count; i++)
        program->offset[owner[i]] = items[i].offset;
    for (int v = 0; v < n; v++)
        if (l->home[v] != PLD_NONE) program->offset[v] = program->offset[l->home[v]];
out:
    free(items);
    free(owner);
    return status;
}

static void extend_kept(struct pld_program *program, struct layout *l,
                        const struct pld_program_options *options)
{
    for (int v = 0; v < l->graph->n_values; v++) {
        bool keep = options && (options->keep_all || (options->keep && options->keep[v]));
        if (keep) touch(l, v, program->n_nodes);
    }
    for (int i = 0; i < l->graph->n_outputs; i++)
        touch(l, l->graph->outputs[i], program->n_nodes);
}

pld_status pld_program_new(struct pld_program **out, struct pld_engine *engine,
                           const struct pld_program_options *options)
{
    *out = NULL;
    const struct pld_graph *graph = engine->graph;
    size_t n = (size_t)graph->n_values + 1;
    struct pld_program *program = calloc(1, sizeof *program);
    if (!program) return pld_fail_memory("program");
    program->engine = engine;
    program->nodes = pld_arena_array(&program->arena, (size_t)graph->n_nodes + 1, sizeof(int));
    program->offset = pld_arena_array(&program->arena, n, sizeof(size_t));
    program->externals = pld_arena_array(&program->arena, n, sizeof(int));
    struct layout l = {.graph = graph};
    l.home = malloc(3 * n * sizeof(int));
    bool *seen = calloc(n, sizeof *seen);
    pld_status status = PLD_OK;
    if (!program->nodes || !program->offset || !program->externals || !l.home || !seen) {
        status = pld_fail_memory("program");
        goto out;
    }
    l.first = l.home + n;
    l.last = l.first + n;
    for (size_t v = 0; v < n; v++) {
        l.home[v] = PLD_NONE;
        l.first[v] = l.last[v] = -1;
        program->offset[v] = SIZE_MAX;
    }
    for (int i = 0; i < graph->n_nodes; i++) {
        if (!selected(engine, options, i)) continue;
        program->nodes[program->n_nodes++] = i;
        program->macs += pld_node_macs(graph, i);
    }
    trace(program, &l, seen);
    extend_kept(program, &l, options);
    status = place(program, &l);
out:
    free(l.home);
    free(seen);
    if (status != PLD_OK) {
        pld_program_free(program);
        return status;
    }
    *out = program;
    return PLD_OK;
}

void pld_program_free(struct pld_program *program)
{
    if (!program) return;
    pld_arena_release(&program->arena);
    free(program);
}

size_t pld_program_slab(const struct pld_program *program)
{
    return program->slab;
}

size_t pld_program_offset(const struct pld_program *program, int value)
{
    return program->offset[value];
}

const int *pld_program_externals(const struct pld_program *program, int *count)
{
    *count = program->n_externals;
    return program->externals;
}

int64_t pld_program_macs(const struct pld_program *program)
{
    return program->macs;
}

struct pld_lane {
    struct pld_engine *engine;
    void *slab, *workspace;
    const void **value; /* [n_values] where each value lies now */
    void **state;       /* [n_plans] bound kernel state, made on first use of a plan */
    bool *bound;        /* [n_plans] */
    const void **in;
    void **out;
    struct pld_transfer transfer;
    pld_step_timer timer;
    void *timer_context;
};

/* Kernel state is made for every plan when the lane is made, so that running allocates nothing. */
static pld_status bind_plans(struct pld_lane *lane)
{
    struct pld_engine *engine = lane->engine;
    for (int i = 0; i < engine->graph->n_nodes; i++) {
        const struct pld_planned *planned = engine->steps[i].planned;
        if (!planned || !planned->kernel->lane_new) continue;
        int id = pld_step_plan(engine, i);
        if (lane->bound[id]) continue;
        PLD_TRY(planned->kernel->lane_new(&lane->state[id], planned->plan));
        lane->bound[id] = true;
    }
    return PLD_OK;
}

pld_status pld_lane_new(struct pld_lane **out, struct pld_engine *engine, size_t slab)
{
    *out = NULL;
    struct pld_lane *lane = calloc(1, sizeof *lane);
    if (!lane) return pld_fail_memory("lane");
    struct pld_backend *backend = engine->backend;
    size_t plans = (size_t)engine->n_plans + 1;
    lane->engine = engine;
    lane->value = calloc((size_t)engine->graph->n_values + 1, sizeof *lane->value);
    lane->state = calloc(plans, sizeof *lane->state);
    lane->bound = calloc(plans, sizeof *lane->bound);
    lane->in = calloc((size_t)engine->max_inputs + 1, sizeof *lane->in);
    lane->out = calloc((size_t)engine->max_outputs + 1, sizeof *lane->out);
    pld_status status = PLD_OK;
    if (slab) lane->slab = backend->alloc(backend, slab);
    lane->workspace = backend->alloc(backend, engine->workspace ? engine->workspace : 64);
    if (!lane->value || !lane->state || !lane->bound || !lane->in || !lane->out ||
        (slab && !lane->slab) || !lane->workspace)
        status = pld_fail_memory("activations");
    else
        status = bind_plans(lane);
    if (status == PLD_OK) status = pld_transfer_init(&lane->transfer, engine);
    if (status != PLD_OK) {
        pld_lane_free(lane);
        return status;
    }
    *out = lane;
    return PLD_OK;
}

void pld_lane_free(struct pld_lane *lane)
{
    if (!lane) return;
    struct pld_engine *engine = lane->engine;
    for (int i = 0; lane->bound && i < engine->graph->n_nodes; i++) {
        const struct pld_planned *planned = engine->steps[i].planned;
        int id = planned ? pld_step_plan(engine, i) : 0;
        if (!planned || !lane->bound[id]) continue;
        if (planned->kernel->lane_free) planned->kernel->lane_free(lane->state[id]);
        lane->bound[id] = false;
    }
    if (lane->slab) engine->backend->free(engine->backend, lane->slab);
    if (lane->workspace) engine->backend->free(engine->backend, lane->workspace);
    pld_transfer_release(&lane->transfer, engine);
    free(lane->value);
    free(lane->state);
    free(lane->bound);
    free(lane->in);
    free(lane->out);
    free(lane);
}

void pld_lane_bind(struct pld_lane *lane, int value, const void *data)
{
    lane->value[value] = data;
}

const void *pld_lane_value(const struct pld_lane *lane, int value)
{
    return lane->value[value];
}

void pld_lane_set_timer(struct pld_lane *lane, pld_step_timer timer, void *context)
{
    lane->timer = timer;
    lane->timer_context = context;
}

static pld_status run_step(struct pld_lane *lane, const struct pld_program *program, int index,
                           unsigned char *slab, const struct pld_override *overrides,
                           int n_overrides, const struct pld_shared_run *run)
{
    const struct pld_node *node = &lane->engine->graph->nodes[index];
    const struct pld_step *step = &lane->engine->steps[index];
    if (!step->planned) {
        lane->value[node->out[0]] = lane->value[node->in[0]];
        return PLD_OK;
    }
    for (int i = 0; i < step->kernel_inputs; i++) {
        lane->in[i] = step->constants[i];
        if (!lane->in[i] && node->in[i] != PLD_NONE) lane->in[i] = lane->value[node->in[i]];
    }
    for (int i = 0; i < n_overrides; i++) {
        if (overrides[i].node != index) continue;
        if (step->transfer)
            return pld_fail(PLD_EMODEL, node->name, "%s runs on the CPU: its weights cannot vary",
                            node->type);
        lane->in[overrides[i].input] = overrides[i].data;
    }
    for (int i = 0; i < node->n_out; i++) {
        lane->out[i] = NULL;
        if (node->out[i] == PLD_NONE) continue;
        lane->out[i] = slab + program->offset[node->out[i]];
        lane->value[node->out[i]] = lane->out[i];
    }
    const struct pld_kernel *kernel = step->planned->kernel;
    void *state = lane->state[pld_step_plan(lane->engine, index)];
    if (step->transfer)
        return pld_transfer_run(&lane->transfer, lane->engine, index, state, lane->in, lane->out);
    if (run && kernel->run_share)
        return kernel->run_share(step->planned->plan, state, lane->in, lane->out, lane->workspace,
                                 run->share, run->shares);
    if (run && run->share != 0) return PLD_OK;
    return kernel->run(step->planned->plan, state, lane->in, lane->out, lane->workspace);
}

pld_status pld_lane_run(struct pld_lane *lane, const struct pld_program *program, void *slab,
                        const struct pld_override *overrides, int n_overrides)
{
    unsigned char *memory = slab ? slab : lane->slab;
    for (int s = 0; s < program->n_nodes; s++) {
        double start = lane->timer ? pld_clock_now() : 0;
        PLD_TRY(run_step(lane, program, program->nodes[s], memory, overrides, n_overrides, NULL));
        if (lane->timer)
            lane->timer(lane->timer_context, program->nodes[s], pld_clock_now() - start);
    }
    return PLD_OK;
}

pld_status pld_lane_run_share(struct pld_lane *lane, const struct pld_program *program, void *slab,
                              const struct pld_shared_run *run)
{
    for (int s = 0; s < program->n_nodes; s++) {
        int node = program->nodes[s];
        double start = lane->timer ? pld_clock_now() : 0;
        PLD_TRY(run_step(lane, program, node, slab, NULL, 0, run));
        if (lane->engine->steps[node].planned && !run->step_done(run->context)) return PLD_OK;
        if (lane->timer) lane->timer(lane->timer_context, node, pld_clock_now() - start);
    }
    return PLD_OK;
}
