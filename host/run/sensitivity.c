#include "run/sensitivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/progress.h"
#include "run/noise.h"

static const double NOISE = 0.1; /* standard deviation, as a part of that of the output */

/* ---- distance ---- */

static double box_change(const struct pld_candidate *a, const struct pld_candidate *b)
{
    double w = (double)a->x2 - (double)a->x1, h = (double)a->y2 - (double)a->y1;
    double d[4] = {(double)a->x1 - (double)b->x1, (double)a->y1 - (double)b->y1,
                   (double)a->x2 - (double)b->x2, (double)a->y2 - (double)b->y2};
    double area = w > 1 && h > 1 ? w * h : 1;
    return (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + d[3] * d[3]) / area;
}

pld_status pld_candidates_distance(double *out, const struct pld_candidates *teacher,
                                   const struct pld_candidates *student, const char *where)
{
    if (teacher->count != student->count)
        return pld_fail(PLD_EMODEL, where,
                        "this head's locations cannot be compared one by one (%zu and %zu)",
                        teacher->count, student->count);
    *out = 0;
    for (size_t i = 0; i < teacher->count; i++) {
        const struct pld_candidate *a = &teacher->items[i], *b = &student->items[i];
        double p = (double)a->score, d = p - (double)b->score;
        double term = d * d;
        if (p > 1e-3) term += 4 * p * p * box_change(a, b); /* the rest is below 1e-6 a box */
        *out += term;
    }
    return PLD_OK;
}

/* ---- what runs behind each site ---- */

struct tail {
    struct pld_program *program;
    int *clean_outputs, n_clean; /* outputs of the graph that do not depend on the site */
};

struct lane {
    struct pld_detector_lane *detector;
    const void **base; /* [n_values] the clean activations */
    void *slab;        /* of the tails */
    struct pld_candidates teacher, student;
};

struct run {
    const struct pld_detector *detector;
    const struct pld_sites *sites;
    struct pld_program *base;
    struct tail *tails;      /* [sites] */
    struct pld_noise *noise; /* [sites] */
    struct lane *lanes;
    double *distance; /* [images][sites] */
    int images, threads;
    size_t slab;
    struct pld_arena arena;
    struct pld_progress *progress;
};

static pld_status plan_tail(struct run *run, int s, bool *nodes, bool *values)
{
    const struct pld_graph *graph = run->detector->graph;
    const struct pld_site *site = &run->sites->items[s];
    struct tail *tail = &run->tails[s];
    memset(nodes, 0, (size_t)graph->n_nodes * sizeof *nodes);
    memset(values, 0, (size_t)graph->n_values * sizeof *values);
    for (int i = 0; i < site->n_readers; i++)
        nodes[site->readers[i]] = true;
    pld_graph_downstream(nodes, values, graph);
    struct pld_program_options options = {.nodes = nodes};
    PLD_TRY(pld_program_new(&tail->program, run->detector->engine, &options));
    tail->clean_outputs =
        pld_arena_array(&run->arena, (size_t)graph->n_outputs + 1, sizeof *tail->clean_outputs);
    if (!tail->clean_outputs) return PLD_EDEVICE;
    for (int i = 0; i < graph->n_outputs; i++)
        if (!values[graph->outputs[i]]) tail->clean_outputs[tail->n_clean++] = graph->outputs[i];
    if (pld_program_slab(tail->program) > run->slab) run->slab = pld_program_slab(tail->program);
    return PLD_OK;
}

static pld_status plan_tails(struct run *run)
{
    const struct pld_graph *graph = run->detector->graph;
    bool *nodes = calloc((size_t)graph->n_nodes + 1, sizeof *nodes);
    bool *values = calloc((size_t)graph->n_values + 1, sizeof *values);
    pld_status status = nodes && values ? PLD_OK : pld_fail_memory("sensitivity");
    for (int s = 0; s < run->sites->count && status == PLD_OK; s++)
        status = plan_tail(run, s, nodes, values);
    free(nodes);
    free(values);
    return status;
}

/* ---- running ---- */

static pld_status decode(struct pld_candidates *out, struct lane *lane)
{
    out->count = 0;
    return pld_detector_decode(out, lane->detector, 0, -INFINITY);
}

static pld_status run_tail(double *distance, struct run *run, struct lane *lane, int s)
{
    struct pld_lane *exec = lane->detector->lane;
    const struct tail *tail = &run->tails[s];
    int n;
    const int *externals = pld_program_externals(tail->program, &n);
    for (int k = 0; k < n; k++)
        pld_lane_bind(exec, externals[k], lane->base[externals[k]]);
    for (int k = 0; k < tail->n_clean; k++)
        pld_lane_bind(exec, tail->clean_outputs[k], lane->base[tail->clean_outputs[k]]);
    PLD_TRY(
        pld_lane_run(exec, tail->program, lane->slab, run->noise[s].overrides, run->noise[s].n));
    PLD_TRY(decode(&lane->student, lane));
    return pld_candidates_distance(distance, &lane->teacher, &lane->student,
                                   run->detector->graph->path);
}

static pld_status run_image(void *context, size_t image, int worker)
{
    struct run *run = context;
    struct lane *lane = &run->lanes[worker];
    const struct pld_graph *graph = run->detector->graph;
    PLD_TRY(pld_detector_feed(lane->detector, (int)image));
    PLD_TRY(pld_lane_run(lane->detector->lane, run->base, NULL, NULL, 0));
    for (int v = 0; v < graph->n_values; v++)
        lane->base[v] = pld_lane_value(lane->detector->lane, v);
    PLD_TRY(decode(&lane->teacher, lane));
    for (int s = 0; s < run->sites->count; s++)
        PLD_TRY(
            run_tail(&run->distance[image * (size_t)run->sites->count + (size_t)s], run, lane, s));
    pld_progress_add(run->progress, 1, NULL);
    return PLD_OK;
}

static pld_status open_lane(struct run *run, struct lane *lane)
{
    struct pld_backend *device = run->detector->session->device;
    lane->base = calloc((size_t)run->detector->graph->n_values + 1, sizeof *lane->base);
    lane->slab = device->alloc(device, run->slab ? run->slab : 64);
    if (!lane->base || !lane->slab) return pld_fail_memory("sensitivity");
    return pld_detector_lane_new(&lane->detector, run->detector, pld_program_slab(run->base));
}

static void close_lane(struct run *run, struct lane *lane)
{
    struct pld_backend *device = run->detector->session->device;
    pld_detector_lane_free(lane->detector);
    if (lane->slab) device->free(device, lane->slab);
    free(lane->base);
    pld_candidates_release(&lane->teacher);
    pld_candidates_release(&lane->student);
}

static pld_status run_all(struct run *run)
{
    const struct pld_session *session = run->detector->session;
    struct pld_program_options keep = {.keep_all = true};
    PLD_TRY(pld_program_new(&run->base, run->detector->engine, &keep));
    PLD_TRY(plan_tails(run));
    for (int t = 0; t < run->threads; t++)
        PLD_TRY(open_lane(run, &run->lanes[t]));
    run->progress = pld_progress_start("sensitivity", run->images, session->options->quiet);
    pld_status status = pld_pool_run(session->pool, (size_t)run->images, run_image, run);
    pld_progress_stop(run->progress);
    return status;
}

/* A layer that nothing depends on still costs something: a division by its omega follows. */
static void weigh(double *omega, const struct run *run)
{
    double most = 0;
    for (int s = 0; s < run->sites->count; s++) {
        double sum = 0;
        for (int i = 0; i < run->images; i++)
            sum += run->distance[(size_t)i * (size_t)run->sites->count + (size_t)s];
        omega[s] = sum / run->images / (NOISE * NOISE);
        if (omega[s] > most) most = omega[s];
    }
    for (int s = 0; s < run->sites->count; s++) {
        double sensitivity = omega[s] > 1e-6 * most ? omega[s] : 1e-6 * most;
        double variance = run->noise[s].variance;
        omega[s] = variance > 0 ? sqrt(sensitivity) / variance : 0;
    }
}

pld_status pld_sensitivity(double *omega, const struct pld_detector *detector,
                           const struct pld_sites *sites, const struct pld_moments *moments,
                           const bool *gone, int images, uint64_t seed)
{
    size_t count = (size_t)sites->count + 1;
    struct run run = {.detector = detector, .sites = sites};
    run.images = detector->session->images->count;
    if (images < run.images) run.images = images;
    run.threads = pld_pool_threads(detector->session->pool);
    run.tails = calloc(count, sizeof *run.tails);
    run.noise = calloc(count, sizeof *run.noise);
    run.lanes = calloc((size_t)run.threads, sizeof *run.lanes);
    run.distance = calloc((size_t)run.images * count, sizeof *run.distance);
    pld_status status = run.tails && run.noise && run.lanes && run.distance
                            ? PLD_OK
                            : pld_fail_memory("sensitivity");
    if (status == PLD_OK)
        status = pld_noise_fill(run.noise, detector, sites, moments, gone, NOISE, seed);
    if (status == PLD_OK) status = run_all(&run);
    if (status == PLD_OK) weigh(omega, &run);
    for (int t = 0; run.lanes && t < run.threads; t++)
        close_lane(&run, &run.lanes[t]);
    for (int s = 0; s < sites->count; s++) {
        if (run.noise) pld_noise_release(&run.noise[s], detector);
        if (run.tails) pld_program_free(run.tails[s].program);
    }
    pld_program_free(run.base);
    free(run.tails);
    free(run.noise);
    free(run.lanes);
    free(run.distance);
    pld_arena_release(&run.arena);
    return status;
}
