#include "run/bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/stop.h"
#include "run/runner.h"

enum { ROUNDS = 8, LAYER_RUNS = 15 };

/* Seconds of forwards, growing. */
struct samples {
    double *items;
    int count, cap;
};

static pld_status add_sample(struct samples *samples, double seconds)
{
    if (samples->count == samples->cap) {
        int cap = samples->cap ? 2 * samples->cap : 256;
        double *grown = realloc(samples->items, (size_t)cap * sizeof *grown);
        if (!grown) return pld_fail_memory("bench");
        samples->items = grown;
        samples->cap = cap;
    }
    samples->items[samples->count++] = seconds;
    return PLD_OK;
}

/* ---- statistics ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const double *sorted, int n, double percent)
{
    double at = percent / 100 * (n - 1);
    int i = (int)at;
    return i + 1 < n ? sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

void pld_bench_stats_of(struct pld_bench_stats *out, double *seconds, int n)
{
    double sum = 0, square = 0;
    qsort(seconds, (size_t)n, sizeof *seconds, ascending);
    for (int i = 0; i < n; i++)
        sum += seconds[i];
    *out = (struct pld_bench_stats){
        .runs = n,
        .mean = sum / n,
        .min = seconds[0],
        .max = seconds[n - 1],
        .median = percentile(seconds, n, 50),
        .p5 = percentile(seconds, n, 5),
        .p25 = percentile(seconds, n, 25),
        .p75 = percentile(seconds, n, 75),
        .p95 = percentile(seconds, n, 95),
        .p99 = percentile(seconds, n, 99),
    };
    for (int i = 0; i < n; i++)
        square += (seconds[i] - out->mean) * (seconds[i] - out->mean);
    if (n > 1 && out->mean > 0) out->cv = sqrt(square / (n - 1)) / out->mean;
}

/* ---- forwards ---- */

/* One round: a forward to get the caches back, then measured ones. */
static pld_status measure(struct samples *samples, struct pld_runner *runner, double seconds,
                          int runs)
{
    PLD_TRY(pld_runner_run(runner));
    double end = pld_clock_now() + seconds;
    for (int i = 0; runs ? i < runs : i == 0 || pld_clock_now() < end; i++) {
        PLD_TRY(pld_stop_check());
        double start = pld_clock_now();
        PLD_TRY(pld_runner_run(runner));
        PLD_TRY(add_sample(samples, pld_clock_now() - start));
    }
    return PLD_OK;
}

static pld_status measure_all(struct samples *samples, struct pld_runner **runners, int n,
                              const struct pld_bench_options *o)
{
    for (int m = 0; m < n; m++)
        for (int i = 0; i < o->warmup; i++)
            PLD_TRY(pld_runner_run(runners[m]));
    for (int round = 0; round < ROUNDS; round++) {
        int runs = (o->runs + ROUNDS - 1 - round) / ROUNDS; /* adds up to o->runs */
        for (int m = 0; m < n && (!o->runs || runs); m++)
            PLD_TRY(measure(&samples[m], runners[m], o->seconds / ROUNDS, runs));
    }
    return PLD_OK;
}

/* ---- layers ---- */

struct layer_times {
    struct samples *of; /* [n_nodes] */
    pld_status status;
};

static void note_step(void *context, int node, double seconds)
{
    struct layer_times *times = context;
    if (times->status == PLD_OK) times->status = add_sample(&times->of[node], seconds);
}

static pld_status describe_layers(struct pld_bench_model *out, struct pld_arena *arena,
                                  const struct pld_runner *runner, struct samples *of)
{
    const struct pld_graph *graph = runner->graph;
    out->layers = pld_arena_array(arena, (size_t)graph->n_nodes + 1, sizeof *out->layers);
    if (!out->layers) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct pld_node *node = &graph->nodes[i];
        const char *kernel = pld_node_live(node) ? pld_engine_kernel(runner->engine, i) : NULL;
        if (!kernel || !of[i].count) continue;
        char shape[96];
        struct pld_bench_stats stats;
        pld_bench_stats_of(&stats, of[i].items, of[i].count);
        pld_shape_text(shape, sizeof shape, &graph->values[node->out[0]].desc.shape);
        out->layers[out->n_layers++] = (struct pld_bench_layer){
            .node = pld_arena_strdup(arena, node->name),
            .op = pld_arena_strdup(arena, pld_op_name((enum pld_op)node->op)),
            .kernel = pld_arena_strdup(arena, kernel),
            .shape = pld_arena_strdup(arena, shape),
            .seconds = stats.median,
            .macs = pld_node_macs(graph, i),
        };
    }
    return PLD_OK;
}

static pld_status measure_layers(struct pld_bench_model *out, struct pld_arena *arena,
                                 struct pld_runner *runner)
{
    struct layer_times times = {calloc((size_t)runner->graph->n_nodes + 1, sizeof *times.of),
                                PLD_OK};
    if (!times.of) return pld_fail_memory("bench");
    pld_runner_set_timer(runner, note_step, &times);
    pld_status status = PLD_OK;
    for (int i = 0; i < LAYER_RUNS && status == PLD_OK; i++)
        status = pld_runner_run_piece(runner);
    pld_runner_set_timer(runner, NULL, NULL);
    if (status == PLD_OK) status = times.status;
    if (status == PLD_OK) status = describe_layers(out, arena, runner, times.of);
    for (int i = 0; i < runner->graph->n_nodes; i++)
        free(times.of[i].items);
    free(times.of);
    return status;
}

/* ---- all of it ---- */

static pld_status open_models(struct pld_bench_result *out, struct pld_runner **runners,
                              const struct pld_bench_options *o)
{
    for (int m = 0; m < out->n_models; m++) {
        struct pld_bench_model *model = &out->models[m];
        double start = pld_clock_now();
        PLD_TRY(pld_runner_new(&runners[m], o->session, o->models.items[m]));
        model->load_seconds = pld_clock_now() - start;
        model->model = pld_arena_strdup(&out->arena, o->models.items[m]);
        if (!model->model) return PLD_EDEVICE;
        model->batch = runners[m]->batch;
        model->macs = pld_graph_macs(runners[m]->session.model);
        out->threads = runners[m]->session.device->lanes;
        memcpy(out->device, runners[m]->session.device->description, sizeof out->device);
    }
    return PLD_OK;
}

static pld_status bench(struct pld_bench_result *out, struct pld_runner **runners,
                        struct samples *samples, const struct pld_bench_options *o)
{
    PLD_TRY(open_models(out, runners, o));
    PLD_TRY(measure_all(samples, runners, out->n_models, o));
    for (int m = 0; m < out->n_models; m++) {
        pld_bench_stats_of(&out->models[m].stats, samples[m].items, samples[m].count);
        if (o->layers) PLD_TRY(measure_layers(&out->models[m], &out->arena, runners[m]));
    }
    return PLD_OK;
}

pld_status pld_bench_run(struct pld_bench_result *out, const struct pld_bench_options *options)
{
    *out = (struct pld_bench_result){.n_models = (int)options->models.count};
    size_t n = options->models.count + 1;
    out->models = pld_arena_array(&out->arena, n, sizeof *out->models);
    struct pld_runner **runners = calloc(n, sizeof(struct pld_runner *));
    struct samples *samples = calloc(n, sizeof *samples);
    pld_status status = out->models && runners && samples ? bench(out, runners, samples, options)
                                                          : pld_fail_memory("bench");
    for (int m = 0; runners && m < out->n_models; m++)
        pld_runner_free(runners[m]);
    for (int m = 0; samples && m < out->n_models; m++)
        free(samples[m].items);
    free(runners);
    free(samples);
    return status;
}

void pld_bench_result_release(struct pld_bench_result *result)
{
    pld_arena_release(&result->arena);
    *result = (struct pld_bench_result){0};
}
