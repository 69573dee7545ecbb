#include "eval/dataset_stats.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Value of rank ceil(q * n), from 1. */
static double quantile(const double *sorted, size_t n, double q)
{
    size_t rank = (size_t)ceil(q * (double)n);
    return sorted[rank ? rank - 1 : 0];
}

/* Sorts `values`. */
static struct pld_spread spread_of(double *values, size_t n)
{
    struct pld_spread s = {.count = n};
    if (n == 0) return s;
    qsort(values, n, sizeof *values, by_value);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    s.min = values[0];
    s.p5 = quantile(values, n, 0.05);
    s.p25 = quantile(values, n, 0.25);
    s.median = quantile(values, n, 0.5);
    s.p75 = quantile(values, n, 0.75);
    s.p95 = quantile(values, n, 0.95);
    s.max = values[n - 1];
    s.mean = sum / (double)n;
    return s;
}

static void count_box(struct pld_class_stats *class, const struct pld_annotation *a)
{
    class->boxes++;
    class->crowd += a->crowd;
    class->difficult += a->difficult;
    if (a->area <= 32 * 32)
        class->small++;
    else if (a->area <= 96 * 96)
        class->medium++;
    else
        class->large++;
}

/* Images in which each class is; annotations may be in any order. */
static pld_status count_images(struct pld_dataset_stats *out, const struct pld_dataset *d)
{
    size_t n = (size_t)d->n_images, cells = n * (size_t)d->n_categories;
    unsigned char *seen = calloc(cells + 1, 1);
    if (!seen) return pld_fail_memory("statistics");
    for (int i = 0; i < d->n_annotations; i++)
        seen[(size_t)d->annotations[i].category * n + (size_t)d->annotations[i].image] = 1;
    for (size_t i = 0; i < n; i++) {
        int any = 0;
        for (int k = 0; k < d->n_categories; k++) {
            out->classes[k].images += seen[(size_t)k * n + i];
            any |= seen[(size_t)k * n + i];
        }
        out->all.images += any;
    }
    free(seen);
    return PLD_OK;
}

static void measure_boxes(struct pld_dataset_stats *out, const struct pld_dataset *d,
                          double *values)
{
    size_t n = 0;
    for (int i = 0; i < d->n_annotations; i++)
        values[n++] = sqrt(d->annotations[i].w * d->annotations[i].h);
    out->side = spread_of(values, n);
    n = 0;
    for (int i = 0; i < d->n_annotations; i++)
        if (d->annotations[i].w > 0 && d->annotations[i].h > 0)
            values[n++] = d->annotations[i].w / d->annotations[i].h;
    out->aspect = spread_of(values, n);
    n = 0;
    for (int i = 0; i < d->n_annotations; i++) {
        const struct pld_annotation *a = &d->annotations[i];
        double size = (double)d->images[a->image].width * d->images[a->image].height;
        if (size > 0) values[n++] = a->w * a->h / size;
    }
    out->part = spread_of(values, n);
}

static void measure_images(struct pld_dataset_stats *out, const struct pld_dataset *d,
                           double *values)
{
    size_t n = (size_t)d->n_images, known = 0;
    for (size_t i = 0; i < n; i++)
        values[i] = 0;
    for (int i = 0; i < d->n_annotations; i++)
        values[d->annotations[i].image]++;
    out->boxes_per_image = spread_of(values, n);
    for (size_t i = 0; i < n; i++)
        if (d->images[i].width) values[known++] = d->images[i].width;
    out->width = spread_of(values, known);
    known = 0;
    for (size_t i = 0; i < n; i++)
        if (d->images[i].height) values[known++] = d->images[i].height;
    out->height = spread_of(values, known);
}

pld_status pld_dataset_stats(struct pld_dataset_stats *out, const struct pld_dataset *dataset)
{
    *out = (struct pld_dataset_stats){0};
    out->classes =
        pld_arena_array(&out->arena, (size_t)dataset->n_categories + 1, sizeof *out->classes);
    if (!out->classes) return PLD_EDEVICE;
    size_t most = (size_t)(dataset->n_annotations > dataset->n_images ? dataset->n_annotations
                                                                      : dataset->n_images);
    double *values = malloc((most + 1) * sizeof *values);
    if (!values) return pld_fail_memory("statistics");
    for (int i = 0; i < dataset->n_annotations; i++) {
        count_box(&out->classes[dataset->annotations[i].category], &dataset->annotations[i]);
        count_box(&out->all, &dataset->annotations[i]);
    }
    measure_boxes(out, dataset, values);
    measure_images(out, dataset, values);
    free(values);
    return count_images(out, dataset);
}

void pld_dataset_stats_release(struct pld_dataset_stats *stats)
{
    pld_arena_release(&stats->arena);
    *stats = (struct pld_dataset_stats){0};
}
