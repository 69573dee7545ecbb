/* pollard bench: latency and throughput. */
#include "cli/command.h"
#include "cli/output.h"
#include "run/bench.h"

struct args {
    struct pld_words models;
    double seconds;
    int runs, warmup;
    bool layers;
};

static const struct pld_option options[] = {
    {.name = "seconds",
     .type = PLD_OPT_REAL,
     .offset = offsetof(struct args, seconds),
     .initial = "3",
     .min = 0,
     .max = 86400,
     .value = "S",
     .help = "measure each model for so long"},
    {.name = "runs",
     .type = PLD_OPT_INT,
     .offset = offsetof(struct args, runs),
     .initial = "0",
     .max = 1e8,
     .help = "measure so many forwards instead; 0 goes by --seconds"},
    {.name = "warmup",
     .type = PLD_OPT_INT,
     .offset = offsetof(struct args, warmup),
     .initial = "5",
     .max = 1e6,
     .help = "forwards of each model before anything is measured"},
    {.name = "layers",
     .type = PLD_OPT_FLAG,
     .offset = offsetof(struct args, layers),
     .help = "also the time of every layer"},
    {.name = NULL},
};

static const struct pld_positional positionals[] = {
    {.name = "MODEL",
     .offset = offsetof(struct args, models),
     .many = true,
     .help = "ONNX files; several are measured in turns"},
    {.name = NULL},
};

/* Billions of operations a second; FLOPs are two for each MAC. */
static double gflops(int64_t macs, double seconds)
{
    return seconds > 0 ? 2e-9 * (double)macs / seconds : 0;
}

static double per_second(const struct pld_bench_model *m)
{
    return m->stats.mean > 0 ? (double)m->batch / m->stats.mean : 0;
}

/* ---- JSON ---- */

static void add_stats(yyjson_mut_doc *doc, yyjson_mut_val *item, const struct pld_bench_stats *s)
{
    const struct {
        const char *key;
        double seconds;
    } rows[] = {{"median", s->median}, {"mean", s->mean}, {"min", s->min},
                {"max", s->max},       {"p5", s->p5},     {"p25", s->p25},
                {"p75", s->p75},       {"p95", s->p95},   {"p99", s->p99}};
    yyjson_mut_obj_add_int(doc, item, "runs", s->runs);
    yyjson_mut_val *latency = yyjson_mut_obj_add_obj(doc, item, "latency_ms");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        pld_json_add_real(doc, latency, rows[i].key, rows[i].seconds * 1e3);
    pld_json_add_real(doc, item, "cv", s->cv);
}

static void add_layers(yyjson_mut_doc *doc, yyjson_mut_val *item, const struct pld_bench_model *m)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, item, "layers");
    for (int i = 0; i < m->n_layers; i++) {
        const struct pld_bench_layer *l = &m->layers[i];
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_str(doc, row, "node", l->node);
        yyjson_mut_obj_add_str(doc, row, "op", l->op);
        yyjson_mut_obj_add_str(doc, row, "kernel", l->kernel);
        yyjson_mut_obj_add_str(doc, row, "shape", l->shape);
        pld_json_add_real(doc, row, "ms", l->seconds * 1e3);
        yyjson_mut_obj_add_sint(doc, row, "macs", l->macs);
        pld_json_add_real(doc, row, "gflops", gflops(l->macs, l->seconds));
    }
}

static pld_status print_json(const struct pld_bench_result *r, bool layers)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("JSON");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_str(doc, root, "device", r->device);
    yyjson_mut_obj_add_int(doc, root, "threads", r->threads);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "models");
    for (int i = 0; i < r->n_models; i++) {
        const struct pld_bench_model *m = &r->models[i];
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_str(doc, item, "model", m->model);
        yyjson_mut_obj_add_sint(doc, item, "batch", m->batch);
        yyjson_mut_obj_add_sint(doc, item, "macs", m->macs);
        add_stats(doc, item, &m->stats);
        pld_json_add_real(doc, item, "images_per_second", per_second(m));
        pld_json_add_real(doc, item, "load_seconds", m->load_seconds);
        if (layers) add_layers(doc, item, m);
    }
    return pld_output_json(doc);
}

/* ---- text ---- */

static void print_layers(struct pld_str *text, const struct pld_bench_model *m)
{
    double all = 0;
    for (int i = 0; i < m->n_layers; i++)
        all += m->layers[i].seconds;
    pld_str_printf(text, "\n%s: layers, one after the other, %.3f ms\n", m->model, all * 1e3);
    pld_str_printf(text, "%9s %6s %8s  %-16s %-18s %s\n", "ms", "share", "GFLOP/s", "kernel",
                   "output", "node");
    for (int i = 0; i < m->n_layers; i++) {
        const struct pld_bench_layer *l = &m->layers[i];
        pld_str_printf(text, "%9.4f %5.1f%% ", l->seconds * 1e3,
                       all > 0 ? l->seconds / all * 100 : 0);
        if (l->macs)
            pld_str_printf(text, "%8.1f", gflops(l->macs, l->seconds));
        else
            pld_str_printf(text, "%8s", "");
        pld_str_printf(text, "  %-16s %-18s %s (%s)\n", l->kernel, l->shape, l->node, l->op);
    }
}

static pld_status print_text(const struct pld_bench_result *r)
{
    struct pld_str text = {0};
    pld_str_printf(&text, "%s\n%9s %9s %9s %9s %6s %6s %9s %8s  %s\n", r->device, "median ms", "p5",
                   "p95", "p99", "cv", "runs", "images/s", "GFLOP/s", "model, batch");
    for (int i = 0; i < r->n_models; i++) {
        const struct pld_bench_model *m = &r->models[i];
        const struct pld_bench_stats *s = &m->stats;
        pld_str_printf(&text, "%9.3f %9.3f %9.3f %9.3f %5.1f%% %6d %9.1f %8.1f  %s, %lld\n",
                       s->median * 1e3, s->p5 * 1e3, s->p95 * 1e3, s->p99 * 1e3, s->cv * 100,
                       s->runs, per_second(m), gflops(m->macs * m->batch, s->median), m->model,
                       (long long)m->batch);
    }
    for (int i = 0; i < r->n_models; i++)
        if (r->models[i].n_layers) print_layers(&text, &r->models[i]);
    return pld_output_text(&text);
}

static pld_status run(const struct pld_call *call)
{
    const struct args *args = call->args;
    struct pld_bench_options o = {.session = &call->common->session,
                                  .models = args->models,
                                  .seconds = args->seconds,
                                  .runs = args->runs,
                                  .warmup = args->warmup,
                                  .layers = args->layers};
    struct pld_bench_result result;
    pld_status status = pld_bench_run(&result, &o);
    if (status == PLD_OK)
        status = call->common->json ? print_json(&result, args->layers) : print_text(&result);
    pld_bench_result_release(&result);
    return status;
}

const struct pld_command pld_cmd_bench = {
    .synopsis = "MODEL... [--layers]",
    .about =
        "Times whole forwards on random numbers, from row-major inputs to row-major outputs in\n"
        "memory. Images of a batch are spread over the threads; fewer images than threads are\n"
        "each worked on by all of them.",
    .options = options,
    .positionals = positionals,
    .args_size = sizeof(struct args),
    .run = run,
};
