#include "prune/recover/compensate.h"

#include <stdlib.h>
#include <string.h>

#include "prune/recover/bias.h"

static const double default_ridge = 1e-3;

/* ---- moments ---- */

pld_status pld_moments_init(struct pld_moments *m, const struct pld_sites *sites, int first,
                            int end, bool hold)
{
    *m = (struct pld_moments){.n_patches = sites->n_patches};
    m->fit = calloc((size_t)m->n_patches + 1, sizeof *m->fit);
    if (hold) m->hold = calloc((size_t)m->n_patches + 1, sizeof *m->hold);
    if (!m->fit || (hold && !m->hold)) return pld_fail_memory("covariances");
    for (int p = first; p < end; p++) {
        PLD_TRY(pld_gram_init(&m->fit[p], sites->patches[p].cols));
        if (hold) PLD_TRY(pld_gram_init(&m->hold[p], sites->patches[p].cols));
    }
    return PLD_OK;
}

static void release_grams(struct pld_gram *grams, int n)
{
    for (int p = 0; grams && p < n; p++)
        pld_gram_release(&grams[p]);
    free(grams);
}

void pld_moments_release(struct pld_moments *m)
{
    release_grams(m->fit, m->n_patches);
    release_grams(m->hold, m->n_patches);
    *m = (struct pld_moments){0};
}

size_t pld_moments_bytes(const struct pld_sites *sites, int first, int end, bool hold)
{
    size_t bytes = 0;
    for (int p = first; p < end; p++) {
        size_t n = (size_t)sites->patches[p].cols;
        bytes += (n * n + 2 * n) * sizeof(double);
    }
    return hold ? 2 * bytes : bytes;
}

void pld_moments_join(struct pld_moments *m)
{
    for (int p = 0; m->hold && p < m->n_patches; p++)
        pld_gram_merge(&m->fit[p], &m->hold[p]);
    release_grams(m->hold, m->n_patches);
    m->hold = NULL;
}

void pld_compensation_release(struct pld_compensation *c)
{
    free(c->layers);
    *c = (struct pld_compensation){0};
}

/* ---- one site ---- */

struct work {
    struct pld_graph *model;
    const struct pld_sites *sites;
    const bool *gone; /* [units] */
    const struct pld_compensate_options *options;
    double ridge;
    float **fresh; /* [n_values] new elements of a weight, or NULL */
};

static bool lost_columns(const struct pld_site *site, const bool *gone)
{
    for (int64_t c = 0; c < site->cols; c++)
        if (site->col_unit[c] != PLD_NONE && gone[site->col_unit[c]]) return true;
    return false;
}

/* Elements that the bias of the site's node has. */
static int64_t bias_size(const struct pld_graph *model, const struct pld_site *site)
{
    const struct pld_shape *y = &model->values[model->nodes[site->node].out[0]].desc.shape;
    int op = model->nodes[site->node].op;
    return y->dim[op == PLD_OP_CONV || op == PLD_OP_CONV_TRANSPOSE ? 1 : y->rank - 1];
}

static bool reads(const struct pld_node *node, int weight)
{
    return pld_node_live(node) && node->n_in > 1 && node->in[1] == weight;
}

/* Can every node that reads the weight take a change of its bias? The cells that a transposed
 * convolution makes of one share a bias, but not a mean. */
static bool biased(const struct pld_graph *model, const struct pld_site *site)
{
    if (model->nodes[site->node].op == PLD_OP_CONV_TRANSPOSE) return false;
    for (int i = 0; i < model->n_nodes; i++) {
        bool absent;
        if (!reads(&model->nodes[i], site->weight)) continue;
        if (!pld_bias_possible(&absent, model, i, bias_size(model, site)) || absent) return false;
    }
    return true;
}

/* A site as a layer: its weights and removed columns are allocated together. */
static pld_status open_layer(struct pld_layer *layer, const struct work *work,
                             const struct pld_site *site)
{
    const struct pld_graph *model = work->model;
    size_t elements = (size_t)(site->rows * site->cols);
    double *w = malloc(elements * sizeof *w + (size_t)site->cols);
    if (!w) return pld_fail_memory("compensation");
    bool *gone = (bool *)(w + elements);
    pld_site_read(w, site, model, site->weight);
    for (int64_t c = 0; c < site->cols; c++)
        gone[c] = site->col_unit[c] != PLD_NONE && work->gone[site->col_unit[c]];
    *layer = (struct pld_layer){.name = model->nodes[site->node].name,
                                .rows = site->rows,
                                .cols = site->cols,
                                .w = w,
                                .gone = gone,
                                .biased = biased(work->model, site)};
    return PLD_OK;
}

static void close_layer(struct pld_layer *layer)
{
    free((void *)(uintptr_t)layer->w);
}

/* Fits on the images for fitting, measures on those held out, keeps the best up to the rung. */
static pld_status choose(struct pld_compensated *out, const struct pld_layer *layer,
                         const struct pld_gram *fit, const struct pld_gram *hold,
                         const struct work *work)
{
    double *w = malloc(((size_t)(layer->rows * layer->cols + layer->rows) + 1) * sizeof *w);
    if (!w) return pld_fail_memory(layer->name);
    double *shift = w + layer->rows * layer->cols;
    pld_status status = PLD_OK;
    enum pld_rung top = work->options->rung, best = PLD_RUNG_PLAIN;
    for (enum pld_rung r = PLD_RUNG_PLAIN; r <= top && status == PLD_OK; r++) {
        status = pld_fit(w, shift, layer, fit, r, work->ridge);
        if (status == PLD_OK)
            status = pld_fit_error(&out->error[r], w, shift, layer, hold ? hold : fit);
        if (status == PLD_OK && out->error[r] < out->error[best]) best = r;
    }
    out->used = hold ? best : top;
    free(w);
    return status;
}

static void describe(struct pld_compensated *out, const struct pld_layer *layer,
                     const struct pld_gram *fit)
{
    out->layer = layer->name;
    out->cols = layer->cols;
    out->patches = (int64_t)fit->rows;
    for (int64_t c = 0; c < layer->cols; c++)
        out->kept += !layer->gone[c];
}

/* ---- writing ---- */

/* A copy of a weight's elements that sites write into; several sites may share it. */
static float *fresh_weight(struct work *work, int weight)
{
    const struct pld_value *value = &work->model->values[weight];
    size_t bytes = pld_desc_bytes(&value->desc);
    if (work->fresh[weight]) return work->fresh[weight];
    work->fresh[weight] = pld_arena_alloc(&work->model->arena, bytes);
    if (work->fresh[weight]) memcpy(work->fresh[weight], value->data, bytes);
    return work->fresh[weight];
}

/* Nodes that share a bias as well as the weight move it once. */
static pld_status shift_biases(struct pld_graph *model, const struct pld_site *site,
                               const double *shift)
{
    int done = PLD_NONE;
    for (int i = 0; i < model->n_nodes; i++) {
        if (!reads(&model->nodes[i], site->weight) || model->nodes[i].in[2] == done) continue;
        done = model->nodes[i].in[2];
        PLD_TRY(pld_bias_shift(model, i, site->bias0, shift, site->rows));
    }
    return PLD_OK;
}

static pld_status write_site(struct work *work, const struct pld_site *site, const double *w,
                             const double *shift, bool with_bias)
{
    float *data = fresh_weight(work, site->weight);
    if (!data) return PLD_EDEVICE;
    pld_site_write(data, site, w);
    return with_bias ? shift_biases(work->model, site, shift) : PLD_OK;
}

static pld_status refit(struct work *work, const struct pld_site *site, const struct pld_gram *gram,
                        enum pld_rung rung)
{
    struct pld_layer layer;
    PLD_TRY(open_layer(&layer, work, site));
    double *w = malloc(((size_t)(layer.rows * layer.cols + layer.rows) + 1) * sizeof *w);
    pld_status status = w ? PLD_OK : pld_fail_memory(layer.name);
    double *shift = w ? w + layer.rows * layer.cols : NULL;
    if (status == PLD_OK) status = pld_fit(w, shift, &layer, gram, rung, work->ridge);
    if (status == PLD_OK) status = write_site(work, site, w, shift, layer.biased);
    free(w);
    close_layer(&layer);
    return status;
}

static pld_status replace_weights(struct work *work)
{
    for (int v = 0; v < work->model->n_values; v++) {
        struct pld_desc desc = work->model->values[v].desc;
        if (work->fresh[v]) PLD_TRY(pld_graph_set_constant(work->model, v, &desc, work->fresh[v]));
    }
    return PLD_OK;
}

/* ---- all sites ---- */

pld_status pld_compensate_prepare(bool *changed, struct pld_graph *model,
                                  const struct pld_sites *sites, const bool *gone)
{
    if (changed) *changed = false;
    for (int i = 0; i < sites->count; i++) {
        const struct pld_site *site = &sites->items[i];
        if (!lost_columns(site, gone)) continue;
        if (model->nodes[site->node].op == PLD_OP_CONV_TRANSPOSE) continue;
        for (int n = 0; n < model->n_nodes; n++) {
            bool absent;
            int64_t size = bias_size(model, site);
            if (!reads(&model->nodes[n], site->weight)) continue;
            if (!pld_bias_possible(&absent, model, n, size) || !absent) continue;
            PLD_TRY(pld_bias_add_zeros(model, n, size));
            if (changed) *changed = true;
        }
    }
    return PLD_OK;
}

static bool in_turn(const struct work *work, const struct pld_site *site,
                    const struct pld_moments *m)
{
    return m->fit[site->patches].n > 0 && lost_columns(site, work->gone);
}

static pld_status choose_all(struct pld_compensation *out, const struct work *work,
                             const struct pld_moments *m)
{
    for (int i = 0; i < work->sites->count; i++) {
        const struct pld_site *site = &work->sites->items[i];
        struct pld_layer layer;
        if (!in_turn(work, site, m)) continue;
        struct pld_compensated *c = &out->layers[out->count++];
        c->site = i;
        const struct pld_gram *fit = &m->fit[site->patches];
        PLD_TRY(open_layer(&layer, work, site));
        describe(c, &layer, fit);
        pld_status status = choose(c, &layer, fit, m->hold ? &m->hold[site->patches] : NULL, work);
        close_layer(&layer);
        PLD_TRY(status);
        out->refused += c->used != work->options->rung;
        out->scarce += c->patches < c->kept;
    }
    return PLD_OK;
}

static pld_status compensate(struct pld_compensation *out, struct work *work, struct pld_moments *m)
{
    int done = out->count;
    PLD_TRY(choose_all(out, work, m));
    pld_moments_join(m);
    for (int i = 0; i < work->sites->count; i++) {
        const struct pld_site *site = &work->sites->items[i];
        if (!in_turn(work, site, m)) continue;
        PLD_TRY(refit(work, site, &m->fit[site->patches], out->layers[done++].used));
    }
    return replace_weights(work);
}

pld_status pld_compensate(struct pld_compensation *out, struct pld_graph *model,
                          const struct pld_sites *sites, struct pld_moments *moments,
                          const bool *gone, const struct pld_compensate_options *options)
{
    struct work work = {.model = model, .sites = sites, .gone = gone, .options = options};
    work.ridge = options->ridge > 0 ? options->ridge : default_ridge;
    work.fresh = calloc((size_t)model->n_values + 1, sizeof(float *));
    if (!out->layers) out->layers = calloc((size_t)sites->count + 1, sizeof *out->layers);
    pld_status status = work.fresh && out->layers ? PLD_OK : pld_fail_memory("compensation");
    if (status == PLD_OK) status = compensate(out, &work, moments);
    free(work.fresh);
    return status;
}
