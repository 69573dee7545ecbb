#include "eval/metrics/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"

void pld_bootstrap_weights(uint32_t *weight, int n_images, uint64_t seed, int sample)
{
    struct pld_rng rng;
    /* Seeds of neighbours must not be neighbours: 2^64 / phi apart, as splitmix64 steps. */
    pld_rng_init(&rng, seed + ((uint64_t)sample + 1) * 0x9E3779B97F4A7C15u);
    memset(weight, 0, (size_t)n_images * sizeof *weight);
    for (int i = 0; i < n_images; i++)
        weight[pld_rng_below(&rng, (uint64_t)n_images)]++;
}

/* ---- resamples ----------------------------------------------------------------------------- */

/* What a resample gives: AP, AP at the first threshold, AP of each class. */
enum { AP, AP50, CLASSES };

struct worker {
    uint32_t *weight;
    struct pld_scores scores;
};

struct resampling {
    const struct pld_matches *matches[2];
    int n_lists, samples;
    uint64_t seed;
    size_t width;           /* numbers a resample and list */
    double *whole;          /* [n_lists][width] with all images */
    double *values;         /* [samples][n_lists][width] */
    struct worker *workers; /* [threads] */
    int threads;
};

static pld_status measure(double *out, const struct pld_matches *matches, struct pld_scores *scores,
                          const uint32_t *weight)
{
    PLD_TRY(pld_scores_fill(scores, matches, weight, 0));
    out[AP] = pld_scores_ap(scores, -1, 0, scores->n_iou);
    out[AP50] = pld_scores_ap(scores, -1, 0, 1);
    for (int k = 0; k < matches->n_classes; k++)
        out[CLASSES + k] = pld_scores_ap(scores, k, 0, scores->n_iou);
    return PLD_OK;
}

static pld_status sample_task(void *context, size_t index, int worker)
{
    struct resampling *r = context;
    struct worker *w = &r->workers[worker];
    pld_bootstrap_weights(w->weight, r->matches[0]->n_images, r->seed, (int)index);
    for (int i = 0; i < r->n_lists; i++)
        PLD_TRY(measure(r->values + (index * (size_t)r->n_lists + (size_t)i) * r->width,
                        r->matches[i], &w->scores, w->weight));
    return PLD_OK;
}

static pld_status workers_init(struct resampling *r)
{
    r->workers = calloc((size_t)r->threads, sizeof *r->workers);
    if (!r->workers) return pld_fail_memory("bootstrap");
    for (int i = 0; i < r->threads; i++) {
        struct worker *w = &r->workers[i];
        w->weight = malloc(((size_t)r->matches[0]->n_images + 1) * sizeof *w->weight);
        if (!w->weight) return pld_fail_memory("bootstrap");
        PLD_TRY(pld_scores_init(&w->scores, r->matches[0]));
    }
    return PLD_OK;
}

static pld_status resample(struct resampling *r, const struct pld_bootstrap_options *options,
                           struct pld_pool *pool)
{
    size_t lists = (size_t)r->n_lists;
    r->samples = options->samples;
    r->seed = options->seed;
    r->width = CLASSES + (size_t)r->matches[0]->n_classes;
    r->threads = pool ? pld_pool_threads(pool) : 1;
    r->whole = malloc(lists * r->width * sizeof *r->whole);
    r->values = malloc((size_t)r->samples * lists * r->width * sizeof *r->values);
    if (!r->whole || !r->values) return pld_fail_memory("bootstrap");
    PLD_TRY(workers_init(r));
    for (size_t i = 0; i < lists; i++)
        PLD_TRY(measure(r->whole + i * r->width, r->matches[i], &r->workers[0].scores, NULL));
    if (pool) return pld_pool_run(pool, (size_t)r->samples, sample_task, r);
    for (size_t i = 0; i < (size_t)r->samples; i++)
        PLD_TRY(sample_task(r, i, 0));
    return PLD_OK;
}

static void resampling_free(struct resampling *r)
{
    for (int i = 0; r->workers && i < r->threads; i++) {
        free(r->workers[i].weight);
        pld_scores_release(&r->workers[i].scores);
    }
    free(r->workers);
    free(r->whole);
    free(r->values);
}

/* ---- intervals ----------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Between order statistics in proportion, as numpy.quantile. */
static double quantile(const double *sorted, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    if (i + 1 >= n) return sorted[n - 1];
    return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

/* Sorts `values`. */
static struct pld_interval interval_of(double estimate, double *values, size_t n)
{
    struct pld_interval out = {estimate, -INFINITY, INFINITY, 0};
    double mean = 0, squares = 0;
    if (n == 0) return out;
    qsort(values, n, sizeof *values, ascending);
    out.low = quantile(values, n, 0.025);
    out.high = quantile(values, n, 0.975);
    for (size_t i = 0; i < n; i++)
        mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    if (n > 1) out.standard_error = sqrt(squares / (double)(n - 1));
    return out;
}

/* Number `what` of list `i` in every resample that has it. */
static size_t gather(double *out, const struct resampling *r, size_t what)
{
    size_t n = 0;
    for (size_t s = 0; s < (size_t)r->samples; s++)
        if (r->values[s * r->width + what] > -1) out[n++] = r->values[s * r->width + what];
    return n;
}

pld_status pld_bootstrap(struct pld_bootstrap *out, const struct pld_matches *matches,
                         const struct pld_bootstrap_options *options, struct pld_pool *pool)
{
    struct resampling r = {.matches = {matches}, .n_lists = 1};
    *out = (struct pld_bootstrap){.samples = options->samples, .n_classes = matches->n_classes};
    out->classes = calloc((size_t)matches->n_classes + 1, sizeof *out->classes);
    out->values = malloc((size_t)options->samples * sizeof *out->values);
    double *space = malloc((size_t)options->samples * sizeof *space);
    pld_status status =
        out->classes && out->values && space ? PLD_OK : pld_fail_memory("bootstrap");
    if (status == PLD_OK) status = resample(&r, options, pool);
    if (status == PLD_OK) {
        for (size_t s = 0; s < (size_t)r.samples; s++)
            out->values[s] = r.values[s * r.width + AP];
        out->ap = interval_of(r.whole[AP], space, gather(space, &r, AP));
        out->ap50 = interval_of(r.whole[AP50], space, gather(space, &r, AP50));
        for (int k = 0; k < matches->n_classes; k++) {
            size_t what = CLASSES + (size_t)k;
            out->classes[k] = interval_of(r.whole[what], space, gather(space, &r, what));
        }
    }
    free(space);
    resampling_free(&r);
    return status;
}

void pld_bootstrap_release(struct pld_bootstrap *bootstrap)
{
    free(bootstrap->classes);
    free(bootstrap->values);
    *bootstrap = (struct pld_bootstrap){0};
}

/* ---- two lists ----------------------------------------------------------------------------- */

static struct pld_difference difference_of(const struct resampling *r, size_t what, double *space)
{
    struct pld_difference out = {.a = r->whole[what], .b = r->whole[r->width + what], .p = 1};
    size_t n = 0, below = 0, above = 0;
    for (size_t s = 0; s < (size_t)r->samples; s++) {
        const double *a = r->values + s * 2 * r->width, *b = a + r->width;
        if (!(a[what] > -1 && b[what] > -1)) continue;
        double d = a[what] - b[what];
        space[n++] = d;
        below += d <= 0;
        above += d >= 0;
    }
    bool known = out.a > -1 && out.b > -1;
    out.d = interval_of(known ? out.a - out.b : 0, space, n);
    double tail = (double)(below < above ? below : above) + 1;
    out.p = fmin(1, 2 * tail / ((double)n + 1));
    return out;
}

pld_status pld_compare(struct pld_comparison *out, const struct pld_matches *a,
                       const struct pld_matches *b, const struct pld_bootstrap_options *options,
                       struct pld_pool *pool)
{
    struct resampling r = {.matches = {a, b}, .n_lists = 2};
    *out = (struct pld_comparison){.samples = options->samples, .n_classes = a->n_classes};
    if (a->n_images != b->n_images || a->n_classes != b->n_classes ||
        a->rules.n_iou != b->rules.n_iou || a->rules.average != b->rules.average)
        return pld_fail(PLD_EFAIL, "comparison", "the lists are not of one dataset and protocol");
    out->classes = calloc((size_t)a->n_classes + 1, sizeof *out->classes);
    double *space = malloc((size_t)options->samples * sizeof *space);
    pld_status status = out->classes && space ? PLD_OK : pld_fail_memory("comparison");
    if (status == PLD_OK) status = resample(&r, options, pool);
    if (status == PLD_OK) {
        out->ap = difference_of(&r, AP, space);
        out->ap50 = difference_of(&r, AP50, space);
        for (int k = 0; k < a->n_classes; k++)
            out->classes[k] = difference_of(&r, CLASSES + (size_t)k, space);
    }
    free(space);
    resampling_free(&r);
    return status;
}

void pld_comparison_release(struct pld_comparison *comparison)
{
    free(comparison->classes);
    *comparison = (struct pld_comparison){0};
}
