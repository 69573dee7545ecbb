#include "run/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "prune/recover/dense.h"

/* Box and Muller, "A note on the generation of random normal deviates", 1958. */
static double normal(struct pld_rng *rng)
{
    double u = 1 - pld_rng_unit(rng), v = pld_rng_unit(rng);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

struct work {
    struct pld_noise *noise;
    const struct pld_detector *detector;
    const struct pld_sites *sites;
    const struct pld_moments *moments;
    const bool *gone;
    double size;
    uint64_t seed;
};

static bool is_gone(const struct work *work, int unit)
{
    return unit != PLD_NONE && work->gone && work->gone[unit];
}

/* left[]: columns of the site that are left; returns how many. */
static int64_t columns_left(int64_t *left, const struct work *work, const struct pld_site *site)
{
    int64_t n = 0;
    for (int64_t c = 0; c < site->cols; c++)
        if (!is_gone(work, site->col_unit[c])) left[n++] = c;
    return n;
}

/* a[n][n]: Cholesky factor of the covariance of the inputs that are left. */
static pld_status factor(double *a, const struct pld_gram *g, const int64_t *left, int64_t n,
                         const char *name)
{
    double trace = 0;
    for (int64_t i = 0; i < n; i++)
        trace += g->cov[left[i] * g->n + left[i]];
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++)
            a[i * n + j] = g->cov[left[i] * g->n + left[j]];
        a[i * n + i] += trace > 0 ? 1e-3 * trace / (double)n : 1;
    }
    return pld_dense_factor(a, n, name);
}

/* The variance of output row r. */
static double row_variance(const double *w, const double *product, int64_t cols)
{
    double sum = 0;
    for (int64_t c = 0; c < cols; c++)
        sum += w[c] * product[c];
    return sum > 0 ? sum : 0;
}

/* Adds noise to w[rows][cols]; shift[rows] receives what keeps the means. */
static pld_status perturb(double *w, double *shift, struct work *work, int s)
{
    const struct pld_site *site = &work->sites->items[s];
    const struct pld_gram *g = &work->moments->fit[site->patches];
    const char *name = work->detector->graph->nodes[site->readers[0]].name;
    int64_t rows = site->rows, cols = site->cols;
    size_t room = (size_t)(cols * cols + 2 * rows * cols) + 1;
    double *a = malloc(room * sizeof *a);
    int64_t *left = malloc(((size_t)cols + 1) * sizeof *left);
    pld_status status = a && left ? PLD_OK : pld_fail_memory("sensitivity");
    if (status == PLD_OK) {
        double *z = a + cols * cols, *product = z + rows * cols;
        int64_t n = columns_left(left, work, site);
        struct pld_rng rng;
        pld_rng_init(&rng, work->seed + (uint64_t)s);
        for (int64_t i = 0; i < rows * n; i++)
            z[i] = normal(&rng);
        pld_dense_multiply(product, w, g->cov, rows, cols, cols, false);
        status = factor(a, g, left, n, name);
        if (status == PLD_OK) pld_dense_divide(z, a, rows, n, false);
        for (int64_t r = 0; r < rows && status == PLD_OK; r++) {
            double variance = row_variance(w + r * cols, product + r * cols, cols);
            double scale = n > 0 ? work->size * sqrt(variance / (double)n) : 0;
            shift[r] = 0;
            if (is_gone(work, site->row_unit[r])) continue;
            work->noise[s].variance += variance;
            for (int64_t i = 0; i < n; i++) {
                double d = scale * z[r * n + i];
                w[r * cols + left[i]] += d;
                shift[r] -= d * g->mean[left[i]];
            }
        }
    }
    free(left);
    free(a);
    return status;
}

/* ---- overrides ---- */

static pld_status add_override(struct work *work, struct pld_noise *noise, int node, int input,
                               const float *plain)
{
    struct pld_engine *engine = work->detector->engine;
    struct pld_backend *device = work->detector->session->device;
    const struct pld_graph *graph = work->detector->graph;
    size_t bytes = pld_desc_bytes(&graph->values[graph->nodes[node].in[input]].desc);
    size_t packed = pld_engine_pack_size(engine, node, input);
    void *data = device->alloc(device, packed ? packed : bytes);
    if (!data) return pld_fail_memory("sensitivity");
    noise->overrides[noise->n++] = (struct pld_override){node, input, data};
    return pld_engine_pack(engine, node, input, data, plain);
}

static bool has_bias(const struct pld_graph *graph, const struct pld_node *node)
{
    if (node->op == PLD_OP_CONV_TRANSPOSE || node->n_data < 3 || node->in[2] == PLD_NONE)
        return false;
    const struct pld_value *bias = &graph->values[node->in[2]];
    return bias->data && bias->desc.dtype == PLD_F32;
}

/* Copies of a reader's constants with the site's part replaced. */
static pld_status override_reader(struct work *work, int s, int index, const double *w,
                                  const double *shift)
{
    const struct pld_site *site = &work->sites->items[s];
    const struct pld_graph *graph = work->detector->graph;
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_value *weight = &graph->values[node->in[1]];
    size_t bytes = pld_desc_bytes(&weight->desc);
    float *plain = malloc(bytes);
    if (!plain) return pld_fail_memory("sensitivity");
    memcpy(plain, weight->data, bytes);
    pld_site_write(plain, site, w);
    pld_status status = add_override(work, &work->noise[s], index, 1, plain);
    free(plain);
    if (status != PLD_OK || !has_bias(graph, node)) return status;
    const struct pld_value *bias = &graph->values[node->in[2]];
    int64_t n = pld_shape_count(&bias->desc.shape);
    float *b = malloc(pld_desc_bytes(&bias->desc));
    if (!b) return pld_fail_memory("sensitivity");
    memcpy(b, bias->data, pld_desc_bytes(&bias->desc));
    for (int64_t r = 0; r < site->rows && site->bias0 + r < n; r++)
        b[site->bias0 + r] += (float)shift[r];
    status = add_override(work, &work->noise[s], index, 2, b);
    free(b);
    return status;
}

static pld_status fill_one(void *context, size_t index, int worker)
{
    struct work *work = context;
    int s = (int)index;
    const struct pld_site *site = &work->sites->items[s];
    size_t elements = (size_t)(site->rows * site->cols);
    double *w = malloc((elements + (size_t)site->rows) * sizeof *w);
    (void)worker;
    work->noise[s].overrides =
        calloc(2 * (size_t)site->n_readers, sizeof *work->noise[s].overrides);
    pld_status status = w && work->noise[s].overrides ? PLD_OK : pld_fail_memory("sensitivity");
    if (status == PLD_OK) {
        pld_site_read(w, site, work->sites->compiled, pld_site_compiled_weight(work->sites, site));
        status = perturb(w, w + elements, work, s);
    }
    for (int i = 0; i < site->n_readers && status == PLD_OK; i++)
        status = override_reader(work, s, site->readers[i], w, w + elements);
    free(w);
    return status;
}

pld_status pld_noise_fill(struct pld_noise *noise, const struct pld_detector *detector,
                          const struct pld_sites *sites, const struct pld_moments *moments,
                          const bool *gone, double size, uint64_t seed)
{
    struct work work = {noise, detector, sites, moments, gone, size, seed};
    return pld_pool_run(detector->session->pool, (size_t)sites->count, fill_one, &work);
}

void pld_noise_release(struct pld_noise *noise, const struct pld_detector *detector)
{
    struct pld_backend *device = detector->session->device;
    for (int i = 0; i < noise->n; i++)
        device->free(device, (void *)(uintptr_t)noise->overrides[i].data);
    free(noise->overrides);
    *noise = (struct pld_noise){0};
}
