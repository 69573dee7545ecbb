#include "run/sequential.h"

#include <stdlib.h>
#include <string.h>

#include "prune/recover/bias.h"
#include "prune/recover/dense.h"
#include "run/calibrate.h"

static const double RIDGE = 1e-3;
/* Targets of all layers are held at a time. */
static const size_t MOST_BYTES = (size_t)3 << 30;

struct layer {
    struct pld_compensated *report;
    const struct pld_site *site; /* of the teacher */
    int level;                   /* how many refitted layers are before it, at most */
    float *w;                    /* [rows][cols] of the teacher */
    float *targets;              /* [images][per_image][rows] */
    int64_t per_image;
    double *offset;            /* [rows] bias of the teacher minus that of the model */
    struct pld_gram fit, hold; /* of [targets, inputs] */
};

struct sequence {
    struct pld_graph *model;
    const struct pld_detector *teacher;
    const struct pld_sites *sites;
    const bool *gone;
    uint64_t seed;
    struct layer *layers;
    int n_layers, level, images, threads;
    float **buffers; /* [threads] rows of [targets, inputs] */
    void **scratch;  /* [threads] */
};

/* ---- levels ---- */

static const struct layer *layer_of_node(const struct sequence *q, int node)
{
    for (int i = 0; i < q->n_layers; i++)
        for (int k = 0; k < q->layers[i].site->n_readers; k++)
            if (q->layers[i].site->readers[k] == node) return &q->layers[i];
    return NULL;
}

/* depth[v]: refitted layers on the longest way to a value. */
static pld_status find_levels(struct sequence *q)
{
    const struct pld_graph *graph = q->sites->compiled;
    int *depth = calloc((size_t)graph->n_values + 1, sizeof *depth);
    if (!depth) return pld_fail_memory("recovery");
    for (int n = 0; n < graph->n_nodes; n++) {
        const struct pld_node *node = &graph->nodes[n];
        int most = 0;
        if (!pld_node_live(node)) continue;
        for (int k = 0; k < node->n_data; k++)
            if (node->in[k] != PLD_NONE && depth[node->in[k]] > most) most = depth[node->in[k]];
        bool refitted = layer_of_node(q, n) != NULL;
        for (int i = 0; i < q->n_layers && refitted; i++)
            for (int k = 0; k < q->layers[i].site->n_readers; k++)
                if (q->layers[i].site->readers[k] == n && most > q->layers[i].level)
                    q->layers[i].level = most;
        for (int k = 0; k < node->n_out; k++)
            if (node->out[k] != PLD_NONE) depth[node->out[k]] = most + refitted;
    }
    free(depth);
    return PLD_OK;
}

/* ---- targets ---- */

static pld_status open_layer(struct sequence *q, struct layer *layer)
{
    const struct pld_site *site = layer->site;
    const struct pld_graph *teacher = q->sites->groups->graph;
    size_t elements = (size_t)(site->rows * site->cols), rows = (size_t)site->rows;
    layer->per_image = pld_patch_rows(q->sites, site->patches, q->images);
    layer->w = malloc(elements * sizeof *layer->w + 64);
    layer->targets =
        malloc((size_t)q->images * (size_t)layer->per_image * rows * sizeof(float) + 64);
    layer->offset = malloc(2 * rows * sizeof *layer->offset + 64);
    double *w = malloc(elements * sizeof *w + 64);
    pld_status status =
        layer->w && layer->targets && layer->offset && w ? PLD_OK : pld_fail_memory("recovery");
    if (status == PLD_OK) {
        double *now = layer->offset + rows;
        pld_site_read(w, site, teacher, site->weight);
        for (size_t i = 0; i < elements; i++)
            layer->w[i] = (float)w[i];
        pld_bias_read(layer->offset, teacher, site->node, site->bias0, site->rows);
        pld_bias_read(now, q->model, site->node, site->bias0, site->rows);
        for (size_t r = 0; r < rows; r++)
            layer->offset[r] -= now[r];
    }
    free(w);
    return status;
}

static pld_status take_targets(void *context, int p, int image, float *rows, int64_t count,
                               int worker)
{
    struct sequence *q = context;
    (void)worker;
    for (int i = 0; i < q->n_layers; i++) {
        struct layer *layer = &q->layers[i];
        const struct pld_site *site = layer->site;
        if (site->patches != p) continue;
        pld_dense_apply_f32(layer->targets + image * layer->per_image * site->rows, rows, layer->w,
                            count, site->rows, site->cols);
    }
    return PLD_OK;
}

/* ---- one level ---- */

/* Rows of [target, input] of a layer, added to its moments. */
static pld_status take_inputs(void *context, int p, int image, float *rows, int64_t count,
                              int worker)
{
    struct sequence *q = context;
    for (int i = 0; i < q->n_layers; i++) {
        struct layer *layer = &q->layers[i];
        const struct pld_site *site = layer->site;
        if (site->patches != p || layer->level != q->level) continue;
        int64_t m = site->rows, n = site->cols;
        const float *targets = layer->targets + image * layer->per_image * m;
        float *joint = q->buffers[worker];
        for (int64_t r = 0; r < count; r++) {
            memcpy(joint + r * (m + n), targets + r * m, (size_t)m * sizeof *joint);
            memcpy(joint + r * (m + n) + m, rows + r * n, (size_t)n * sizeof *joint);
        }
        pld_gram_add(pld_held_out(image) ? &layer->hold : &layer->fit, joint, count,
                     q->scratch[worker]);
    }
    return PLD_OK;
}

/* Is the model, as it is or with a new bias alone, as good on the images held out? */
static pld_status is_better(bool *better, struct layer *layer, const struct pld_layer *problem,
                            double *w, double *shift)
{
    double as_it_is, plain, *error = &layer->report->error[PLD_RUNG_SEQUENTIAL];
    double *kept = shift + problem->rows;
    for (int64_t r = 0; r < problem->rows; r++)
        kept[r] = -layer->offset[r];
    PLD_TRY(pld_fit_targets_error(&as_it_is, problem->w, kept, problem, &layer->hold));
    PLD_TRY(pld_fit_targets(w, shift, problem, &layer->fit, PLD_RUNG_PLAIN, RIDGE));
    PLD_TRY(pld_fit_targets_error(&plain, w, shift, problem, &layer->hold));
    PLD_TRY(pld_fit_targets(w, shift, problem, &layer->fit, PLD_RUNG_LS, RIDGE));
    PLD_TRY(pld_fit_targets_error(error, w, shift, problem, &layer->hold));
    *better = *error < as_it_is && *error < plain;
    return PLD_OK;
}

static pld_status write_back(struct sequence *q, const struct layer *layer, const double *w,
                             double *shift)
{
    const struct pld_site *site = layer->site;
    struct pld_desc desc = q->model->values[site->weight].desc;
    float *data = pld_arena_alloc(&q->model->arena, pld_desc_bytes(&desc));
    if (!data) return PLD_EDEVICE;
    memcpy(data, q->model->values[site->weight].data, pld_desc_bytes(&desc));
    pld_site_write(data, site, w);
    for (int64_t r = 0; r < site->rows; r++)
        shift[r] += layer->offset[r];
    PLD_TRY(pld_graph_set_constant(q->model, site->weight, &desc, data));
    return pld_bias_shift(q->model, site->node, site->bias0, shift, site->rows);
}

static pld_status refit(struct sequence *q, struct layer *layer)
{
    const struct pld_site *site = layer->site;
    size_t elements = (size_t)(site->rows * site->cols), rows = (size_t)site->rows;
    double *prior = malloc((2 * elements + 2 * rows) * sizeof *prior + (size_t)site->cols + 64);
    if (!prior) return pld_fail_memory("recovery");
    double *w = prior + elements, *shift = w + elements;
    bool *gone = (bool *)(shift + 2 * rows), better = false;
    for (int64_t c = 0; c < site->cols; c++)
        gone[c] = site->col_unit[c] != PLD_NONE && q->gone[site->col_unit[c]];
    struct pld_layer problem = {layer->report->layer, site->rows, site->cols, prior, gone, true};
    pld_site_read(prior, site, q->model, site->weight);
    pld_status status = pld_gram_finish(&layer->fit, layer->report->layer);
    if (status == PLD_OK) status = pld_gram_finish(&layer->hold, layer->report->layer);
    if (status == PLD_OK) status = is_better(&better, layer, &problem, w, shift);
    if (status == PLD_OK && better) {
        pld_gram_merge(&layer->fit, &layer->hold);
        status = pld_fit_targets(w, shift, &problem, &layer->fit, PLD_RUNG_LS, RIDGE);
        if (status == PLD_OK) status = write_back(q, layer, w, shift);
        layer->report->used = PLD_RUNG_SEQUENTIAL;
    }
    free(prior);
    return status;
}

/* The model as it is now, run on the images: inputs of the layers of this level. */
static pld_status measure_level(struct sequence *q)
{
    struct pld_detector *student = NULL;
    struct pld_sites *sites = NULL;
    bool *wanted = calloc((size_t)q->sites->n_patches + 1, sizeof *wanted);
    pld_status status = wanted ? PLD_OK : pld_fail_memory("recovery");
    for (int i = 0; i < q->n_layers && status == PLD_OK; i++) {
        struct layer *layer = &q->layers[i];
        if (layer->level != q->level) continue;
        wanted[layer->site->patches] = true;
        status = pld_gram_init(&layer->fit, layer->site->rows + layer->site->cols);
        if (status == PLD_OK)
            status = pld_gram_init(&layer->hold, layer->site->rows + layer->site->cols);
    }
    if (status == PLD_OK) status = pld_detector_new(&student, q->teacher->session, q->model);
    if (status == PLD_OK) status = pld_sites_new(&sites, q->sites->groups, student->graph);
    if (status == PLD_OK &&
        (sites->count != q->sites->count || sites->n_patches != q->sites->n_patches))
        status = pld_fail(PLD_EFAIL, q->model->path, "pruned and unpruned layers do not match");
    if (status == PLD_OK)
        status = pld_patch_pass(student, sites, wanted, q->seed, take_inputs, q, "sequential");
    pld_sites_free(sites);
    pld_detector_free(student);
    free(wanted);
    return status;
}

static pld_status run_level(struct sequence *q)
{
    PLD_TRY(measure_level(q));
    for (int i = 0; i < q->n_layers; i++) {
        struct layer *layer = &q->layers[i];
        if (layer->level != q->level) continue;
        PLD_TRY(refit(q, layer));
        pld_gram_release(&layer->fit);
        pld_gram_release(&layer->hold);
    }
    return PLD_OK;
}

/* ---- all levels ---- */

static bool can_refit(const struct sequence *q, const struct pld_site *site)
{
    const struct pld_shape *y = &q->model->values[q->model->nodes[site->node].out[0]].desc.shape;
    bool absent;
    if (q->model->nodes[site->node].op == PLD_OP_CONV_TRANSPOSE || site->n_readers > 1)
        return false;
    int axis = q->model->nodes[site->node].op == PLD_OP_CONV ? 1 : y->rank - 1;
    return pld_bias_possible(&absent, q->model, site->node, y->dim[axis]) && !absent;
}

static pld_status list_layers(struct sequence *q, struct pld_compensation *report)
{
    size_t bytes = 0;
    q->layers = calloc((size_t)report->count + 1, sizeof *q->layers);
    if (!q->layers) return pld_fail_memory("recovery");
    for (int i = 0; i < report->count; i++) {
        const struct pld_site *site = &q->sites->items[report->layers[i].site];
        if (!can_refit(q, site)) continue;
        q->layers[q->n_layers++] = (struct layer){.report = &report->layers[i], .site = site};
        bytes +=
            (size_t)(q->images * pld_patch_rows(q->sites, site->patches, q->images) * site->rows) *
            sizeof(float);
    }
    if (bytes > MOST_BYTES)
        return pld_fail(PLD_EDEVICE, "sequential",
                        "the targets of %d layers need %.1f GB, more than the %.1f GB allowed; "
                        "fewer images do",
                        q->n_layers, (double)bytes / 1e9, (double)MOST_BYTES / 1e9);
    for (int i = 0; i < q->n_layers; i++)
        PLD_TRY(open_layer(q, &q->layers[i]));
    return PLD_OK;
}

static pld_status open_threads(struct sequence *q)
{
    int64_t most = 0, widest = 0;
    for (int i = 0; i < q->n_layers; i++) {
        int64_t n = q->layers[i].site->rows + q->layers[i].site->cols;
        if (n * q->layers[i].per_image > most) most = n * q->layers[i].per_image;
        if (n > widest) widest = n;
    }
    q->buffers = calloc((size_t)q->threads, sizeof(float *));
    q->scratch = calloc((size_t)q->threads, sizeof(void *));
    if (!q->buffers || !q->scratch) return pld_fail_memory("recovery");
    for (int t = 0; t < q->threads; t++) {
        q->buffers[t] = malloc((size_t)most * sizeof(float) + 64);
        q->scratch[t] = malloc(pld_gram_scratch(widest) + 64);
        if (!q->buffers[t] || !q->scratch[t]) return pld_fail_memory("recovery");
    }
    return PLD_OK;
}

static pld_status run(struct sequence *q, struct pld_compensation *report)
{
    bool *wanted = calloc((size_t)q->sites->n_patches + 1, sizeof *wanted);
    int levels = 0;
    pld_status status = wanted ? list_layers(q, report) : pld_fail_memory("recovery");
    if (status == PLD_OK) status = find_levels(q);
    if (status == PLD_OK) status = open_threads(q);
    for (int i = 0; i < q->n_layers && status == PLD_OK; i++) {
        wanted[q->layers[i].site->patches] = true;
        if (q->layers[i].level >= levels) levels = q->layers[i].level + 1;
    }
    if (status == PLD_OK)
        status = pld_patch_pass(q->teacher, q->sites, wanted, q->seed, take_targets, q, "targets");
    for (q->level = 0; q->level < levels && status == PLD_OK; q->level++)
        status = run_level(q);
    free(wanted);
    return status;
}

pld_status pld_sequential(struct pld_compensation *report, struct pld_graph *model,
                          const struct pld_detector *teacher, const struct pld_sites *sites,
                          const bool *gone, uint64_t seed)
{
    struct sequence q = {
        .model = model, .teacher = teacher, .sites = sites, .gone = gone, .seed = seed};
    q.images = teacher->session->images->count;
    q.threads = pld_pool_threads(teacher->session->pool);
    pld_status status = run(&q, report);
    for (int i = 0; i < q.n_layers; i++) {
        struct layer *layer = &q.layers[i];
        pld_gram_release(&layer->fit);
        pld_gram_release(&layer->hold);
        free(layer->w);
        free(layer->targets);
        free(layer->offset);
    }
    for (int t = 0; t < q.threads; t++) {
        if (q.buffers) free(q.buffers[t]);
        if (q.scratch) free(q.scratch[t]);
    }
    free(q.buffers);
    free(q.scratch);
    free(q.layers);
    report->refused = 0;
    for (int i = 0; i < report->count; i++)
        report->refused += report->layers[i].used != PLD_RUNG_SEQUENTIAL;
    return status;
}
