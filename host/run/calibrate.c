#include "run/calibrate.h"

#include <stdlib.h>
#include <string.h>

#include "core/progress.h"

enum { HOLD_EVERY = 5 };

pld_status pld_calibrate_check(const struct pld_session *session)
{
    int n = session->images->count;
    if (n >= PLD_CALIBRATE_IMAGES) return PLD_OK;
    return pld_fail(PLD_EDATA, session->dataset.source,
                    "%d images are too few to calibrate with; %d are needed, 64 are good", n,
                    PLD_CALIBRATE_IMAGES);
}

/* ---- which patches ---- */

static int64_t rows_wanted(int64_t cols, int images)
{
    int64_t n = (16 * cols + images - 1) / images;
    return n < 256 ? 256 : n > 1024 ? 1024 : n;
}

int64_t pld_calibrate_rows(const struct pld_sites *sites, int p, int images)
{
    const struct pld_patches *patches = &sites->patches[p];
    int64_t total = 0, want = rows_wanted(patches->cols, images);
    for (int t = 0; t < patches->n_taps; t++)
        total += pld_tap_positions(&patches->taps[t], sites->compiled);
    return want < total ? want : total;
}

int64_t pld_calibrate_positions(int64_t *positions, const struct pld_sites *sites, int p,
                                int images, int image, uint64_t seed)
{
    const struct pld_patches *patches = &sites->patches[p];
    int64_t total = 0;
    struct pld_rng rng;
    for (int t = 0; t < patches->n_taps; t++)
        total += pld_tap_positions(&patches->taps[t], sites->compiled);
    pld_rng_init(&rng, seed + (uint64_t)image * 1000003u + (uint64_t)p);
    return pld_tap_draw(positions, rows_wanted(patches->cols, images), total, &rng);
}

/* ---- a wave: as many images as there are threads ---- */

struct lane {
    struct pld_detector_lane *detector;
    float **rows;   /* [n_patches] */
    int64_t *count; /* [n_patches] */
    int64_t *positions;
    void *scratch; /* of pld_gram_add() */
};

struct pass {
    const struct pld_detector *detector;
    const struct pld_sites *sites;
    struct pld_moments *moments;
    struct pld_program *program;
    struct lane *lanes;
    int *order, n_order; /* patches to measure, largest first */
    int threads, images, first;
    uint64_t seed;
};

/* Positions of several taps are numbered one tap after the other. */
static void gather(struct lane *lane, const struct pass *pass, int p, int image)
{
    const struct pld_patches *patches = &pass->sites->patches[p];
    const struct pld_graph *graph = pass->detector->graph;
    int64_t n =
        pld_calibrate_positions(lane->positions, pass->sites, p, pass->images, image, pass->seed);
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

static pld_status add_one(void *context, size_t index, int worker)
{
    struct pass *pass = context;
    int p = pass->order[index];
    for (int i = 0; i < pass->threads && pass->first + i < pass->images; i++) {
        bool held = pass->moments->hold && (pass->first + i) % HOLD_EVERY == HOLD_EVERY - 1;
        struct pld_gram *gram = held ? &pass->moments->hold[p] : &pass->moments->fit[p];
        pld_gram_add(gram, pass->lanes[i].rows[p], pass->lanes[i].count[p],
                     pass->lanes[worker].scratch);
    }
    return PLD_OK;
}

/* ---- the pass ---- */

static pld_status open_lane(struct lane *lane, const struct pass *pass)
{
    const struct pld_sites *sites = pass->sites;
    int64_t most = 0, cols = 0;
    lane->rows = calloc((size_t)sites->n_patches + 1, sizeof(float *));
    lane->count = calloc((size_t)sites->n_patches + 1, sizeof *lane->count);
    if (!lane->rows || !lane->count) return pld_fail_memory("calibration");
    for (int i = 0; i < pass->n_order; i++) {
        int p = pass->order[i];
        int64_t n = pld_calibrate_rows(sites, p, pass->images), width = sites->patches[p].cols;
        lane->rows[p] = malloc((size_t)(n * width) * sizeof(float) + 64);
        if (!lane->rows[p]) return pld_fail_memory("calibration");
        if (n > most) most = n;
        if (width > cols) cols = width;
    }
    lane->positions = malloc(((size_t)most + 1) * sizeof *lane->positions);
    lane->scratch = malloc(pld_gram_scratch(cols) + 64);
    if (!lane->positions || !lane->scratch) return pld_fail_memory("calibration");
    return pld_detector_lane_new(&lane->detector, pass->detector, pld_program_slab(pass->program));
}

static void close_lane(struct lane *lane, const struct pass *pass)
{
    for (int p = 0; lane->rows && p < pass->sites->n_patches; p++)
        free(lane->rows[p]);
    free(lane->rows);
    free(lane->count);
    free(lane->positions);
    free(lane->scratch);
    pld_detector_lane_free(lane->detector);
}

static void order_patches(struct pass *pass)
{
    const struct pld_patches *patches = pass->sites->patches;
    for (int p = 0; p < pass->sites->n_patches; p++) {
        int i = pass->n_order;
        if (pass->moments->fit[p].n == 0) continue;
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
    if (!keep) return pld_fail_memory("calibration");
    for (int i = 0; i < pass->n_order; i++) {
        const struct pld_patches *patches = &pass->sites->patches[pass->order[i]];
        for (int t = 0; t < patches->n_taps; t++)
            keep[patches->taps[t].value] = true;
    }
    struct pld_program_options options = {.keep = keep};
    pld_status status = pld_program_new(&pass->program, pass->detector->engine, &options);
    free(keep);
    return status;
}

static pld_status run_waves(struct pass *pass)
{
    const struct pld_session *session = pass->detector->session;
    struct pld_progress *progress =
        pld_progress_start("calibrate", pass->images, session->options->quiet);
    pld_status status = PLD_OK;
    for (; pass->first < pass->images && status == PLD_OK; pass->first += pass->threads) {
        int left = pass->images - pass->first;
        int n = left < pass->threads ? left : pass->threads;
        status = pld_pool_run(session->pool, (size_t)n, forward_one, pass);
        if (status == PLD_OK)
            status = pld_pool_run(session->pool, (size_t)pass->n_order, add_one, pass);
        pld_progress_add(progress, n, NULL);
    }
    pld_progress_stop(progress);
    return status;
}

static pld_status finish(struct pass *pass)
{
    const struct pld_sites *sites = pass->sites;
    struct pld_moments *m = pass->moments;
    for (int i = 0; i < pass->n_order; i++) {
        int p = pass->order[i];
        const char *where = sites->compiled->nodes[sites->patches[p].taps[0].node].name;
        PLD_TRY(pld_gram_finish(&m->fit[p], where));
        if (m->hold) PLD_TRY(pld_gram_finish(&m->hold[p], where));
    }
    m->images = pass->images;
    m->held = m->hold ? pass->images / HOLD_EVERY : 0;
    return PLD_OK;
}

pld_status pld_calibrate(struct pld_moments *moments, const struct pld_detector *detector,
                         const struct pld_sites *sites, uint64_t seed)
{
    struct pass pass = {.detector = detector, .sites = sites, .moments = moments, .seed = seed};
    pass.images = detector->session->images->count;
    pass.threads = pld_pool_threads(detector->session->pool);
    pass.order = calloc((size_t)sites->n_patches + 1, sizeof *pass.order);
    pass.lanes = calloc((size_t)pass.threads, sizeof *pass.lanes);
    pld_status status = pass.order && pass.lanes ? PLD_OK : pld_fail_memory("calibration");
    if (status == PLD_OK && detector->batch != 1)
        status = pld_fail(PLD_EUSAGE, "--batch", "calibration runs one image at a time");
    if (status == PLD_OK) {
        order_patches(&pass);
        status = plan_program(&pass);
    }
    for (int t = 0; t < pass.threads && status == PLD_OK; t++)
        status = open_lane(&pass.lanes[t], &pass);
    if (status == PLD_OK) status = run_waves(&pass);
    if (status == PLD_OK) status = finish(&pass);
    for (int t = 0; pass.lanes && t < pass.threads; t++)
        close_lane(&pass.lanes[t], &pass);
    pld_program_free(pass.program);
    free(pass.order);
    free(pass.lanes);
    return status;
}
