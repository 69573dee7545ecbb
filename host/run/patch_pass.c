/* A pass over images that gathers patches: images in waves of as many as there are threads. */
#include <stdlib.h>
#include <string.h>

#include "core/progress.h"
#include "run/calibrate.h"

struct lane {
    struct pld_detector_lane *detector;
    float **rows;   /* [n_patches] */
    int64_t *count; /* [n_patches] */
    int64_t *positions;
};

struct pass {
    const struct pld_detector *detector;
    const struct pld_sites *sites;
    struct pld_program *program;
    struct lane *lanes;
    int *order, n_order; /* patches that are wanted, widest first */
    int threads, images, first;
    uint64_t seed;
    pld_patch_fn fn;
    void *context;
};

/* ---- which patches ---- */

static int64_t rows_wanted(int64_t cols, int images)
{
    int64_t n = (16 * cols + images - 1) / images;
    return n < 256 ? 256 : n > 1024 ? 1024 : n;
}

static int64_t positions_of(const struct pld_sites *sites, int p)
{
    const struct pld_patches *patches = &sites->patches[p];
    int64_t total = 0;
    for (int t = 0; t < patches->n_taps; t++)
        total += pld_tap_positions(&patches->taps[t], sites->compiled);
    return total;
}

int64_t pld_patch_rows(const struct pld_sites *sites, int p, int images)
{
    int64_t total = positions_of(sites, p), want = rows_wanted(sites->patches[p].cols, images);
    return want < total ? want : total;
}

/* Positions of several taps are numbered one tap after the other. */
static void gather(struct lane *lane, const struct pass *pass, int p, int image)
{
    const struct pld_patches *patches = &pass->sites->patches[p];
    const struct pld_graph *graph = pass->detector->graph;
    struct pld_rng rng;
    pld_rng_init(&rng, pass->seed + (uint64_t)image * 1000003u + (uint64_t)p);
    int64_t n = pld_tap_draw(lane->positions, rows_wanted(patches->cols, pass->images),
                             positions_of(pass->sites, p), &rng);
    int64_t begin = 0, first = 0;
    for (int t = 0; t < patches->n_taps; t++) {
        const struct pld_tap *tap = &patches->taps[t];
        int64_t end = begin, size = pld_tap_positions(tap, graph);
        for (; end < n && lane->positions[end] < first + size; end++)
            lane->positions[end] -= first;
        pld_tap_gather(lane->rows[p] + begin * patches->cols, tap, graph,
                       pld_lane_value(lane->detector->lane, tap->value), lane->positions + begin,
                       end - begin);
        begin = end;
        first += size;
    }
    lane->count[p] = n;
}

/* ---- a wave ---- */

static pld_status forward_one(void *context, size_t index, int worker)
{
    struct pass *pass = context;
    struct lane *lane = &pass->lanes[index]; /* its rows outlive the task; workers do not matter */
    int image = pass->first + (int)index;
    (void)worker;
    PLD_TRY(pld_detector_feed(lane->detector, image));
    PLD_TRY(pld_lane_run(lane->detector->lane, pass->program, NULL, NULL, 0));
    for (int i = 0; i < pass->n_order; i++)
        gather(lane, pass, pass->order[i], image);
    return PLD_OK;
}

static pld_status hand_over(void *context, size_t index, int worker)
{
    struct pass *pass = context;
    int p = pass->order[index];
    for (int i = 0; i < pass->threads && pass->first + i < pass->images; i++)
        PLD_TRY(pass->fn(pass->context, p, pass->first + i, pass->lanes[i].rows[p],
                         pass->lanes[i].count[p], worker));
    return PLD_OK;
}

static pld_status run_waves(struct pass *pass, const char *title)
{
    const struct pld_session *session = pass->detector->session;
    struct pld_progress *progress =
        pld_progress_start(title, pass->images, session->options->quiet);
    pld_status status = PLD_OK;
    for (; pass->first < pass->images && status == PLD_OK; pass->first += pass->threads) {
        int left = pass->images - pass->first;
        int n = left < pass->threads ? left : pass->threads;
        status = pld_pool_run(session->pool, (size_t)n, forward_one, pass);
        if (status == PLD_OK)
            status = pld_pool_run(session->pool, (size_t)pass->n_order, hand_over, pass);
        pld_progress_add(progress, n, NULL);
    }
    pld_progress_stop(progress);
    return status;
}

/* ---- the pass ---- */

static pld_status open_lane(struct lane *lane, const struct pass *pass)
{
    const struct pld_sites *sites = pass->sites;
    int64_t most = 0;
    lane->rows = calloc((size_t)sites->n_patches + 1, sizeof(float *));
    lane->count = calloc((size_t)sites->n_patches + 1, sizeof *lane->count);
    if (!lane->rows || !lane->count) return pld_fail_memory("calibration");
    for (int i = 0; i < pass->n_order; i++) {
        int p = pass->order[i];
        int64_t n = pld_patch_rows(sites, p, pass->images);
        lane->rows[p] = malloc((size_t)(n * sites->patches[p].cols) * sizeof(float) + 64);
        if (!lane->rows[p]) return pld_fail_memory("calibration");
        if (n > most) most = n;
    }
    lane->positions = malloc(((size_t)most + 1) * sizeof *lane->positions);
    if (!lane->positions) return pld_fail_memory("calibration");
    return pld_detector_lane_new(&lane->detector, pass->detector, pld_program_slab(pass->program));
}

static void close_lane(struct lane *lane, const struct pass *pass)
{
    for (int p = 0; lane->rows && p < pass->sites->n_patches; p++)
        free(lane->rows[p]);
    free(lane->rows);
    free(lane->count);
    free(lane->positions);
    pld_detector_lane_free(lane->detector);
}

static void order_patches(struct pass *pass, const bool *wanted)
{
    const struct pld_patches *patches = pass->sites->patches;
    for (int p = 0; p < pass->sites->n_patches; p++) {
        int i = pass->n_order;
        if (!wanted[p]) continue;
        for (; i > 0 && patches[pass->order[i - 1]].cols < patches[p].cols; i--)
            pass->order[i] = pass->order[i - 1];
        pass->order[i] = p;
        pass->n_order++;
    }
}

static pld_status plan_program(struct pass *pass)
{
    const struct pld_graph *graph = pass->detector->graph;
    bool *keep = calloc((size_t)graph->n_values + 1, sizeof *keep);
    bool *values = calloc((size_t)graph->n_values + 1, sizeof *values);
    bool *nodes = calloc((size_t)graph->n_nodes + 1, sizeof *nodes);
    pld_status status = keep && values && nodes ? PLD_OK : pld_fail_memory("calibration");
    for (int i = 0; i < pass->n_order && status == PLD_OK; i++) {
        const struct pld_patches *patches = &pass->sites->patches[pass->order[i]];
        for (int t = 0; t < patches->n_taps; t++)
            keep[patches->taps[t].value] = values[patches->taps[t].value] = true;
    }
    if (status == PLD_OK) {
        pld_graph_upstream(nodes, values, graph);
        struct pld_program_options options = {.nodes = nodes, .keep = keep};
        status = pld_program_new(&pass->program, pass->detector->engine, &options);
    }
    free(keep);
    free(values);
    free(nodes);
    return status;
}

pld_status pld_patch_pass(const struct pld_detector *detector, const struct pld_sites *sites,
                          const bool *wanted, uint64_t seed, pld_patch_fn fn, void *context,
                          const char *title)
{
    struct pass pass = {
        .detector = detector, .sites = sites, .seed = seed, .fn = fn, .context = context};
    if (detector->batch != 1)
        return pld_fail(PLD_EUSAGE, "--batch", "calibration runs one image at a time");
    pass.images = detector->session->images->count;
    pass.threads = pld_pool_threads(detector->session->pool);
    pass.order = calloc((size_t)sites->n_patches + 1, sizeof *pass.order);
    pass.lanes = calloc((size_t)pass.threads, sizeof *pass.lanes);
    pld_status status = pass.order && pass.lanes ? PLD_OK : pld_fail_memory("calibration");
    if (status == PLD_OK) {
        order_patches(&pass, wanted);
        status = plan_program(&pass);
    }
    for (int t = 0; t < pass.threads && status == PLD_OK; t++)
        status = open_lane(&pass.lanes[t], &pass);
    if (status == PLD_OK) status = run_waves(&pass, title);
    for (int t = 0; pass.lanes && t < pass.threads; t++)
        close_lane(&pass.lanes[t], &pass);
    pld_program_free(pass.program);
    free(pass.order);
    free(pass.lanes);
    return status;
}
