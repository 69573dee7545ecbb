/* Averages of the curves: the twelve numbers and those of each class. */
#include <stdlib.h>

#include "eval/metrics/coco_impl.h"

const char *const pld_coco_stat_names[PLD_COCO_STATS] = {
    "AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"};

double pld_coco_sum(const double *values, size_t n)
{
    if (n < 8) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += values[i];
        return sum;
    }
    if (n > 128) {
        size_t half = n / 2 / 8 * 8;
        return pld_coco_sum(values, half) + pld_coco_sum(values + half, n - half);
    }
    double s[8];
    for (int j = 0; j < 8; j++)
        s[j] = values[j];
    size_t i = 8;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            s[j] += values[i + j];
    double sum = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    for (; i < n; i++)
        sum += values[i];
    return sum;
}

double pld_coco_mean_precision(const double *const *rows, uint32_t n, int t0, int t1, double *space)
{
    if (n == 0) return -1;
    size_t at = 0;
    for (int i = t0 * R; i < t1 * R; i++)
        for (uint32_t k = 0; k < n; k++)
            space[at++] = rows[k][i];
    return pld_coco_sum(space, at) / (double)at;
}

/* Mean over thresholds, then rows. */
static double mean_recall(const double *const *rows, uint32_t n, double *space)
{
    if (n == 0) return -1;
    size_t at = 0;
    for (int t = 0; t < T; t++)
        for (uint32_t k = 0; k < n; k++)
            space[at++] = rows[k][t];
    return pld_coco_sum(space, at) / (double)at;
}

/* The recall rows of the categories that have ground truth in area a. */
static uint32_t recall_rows(const struct coco_run *run, int m, int a, const double **rows)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < run->gt->n_categories; k++)
        if (run->gt->categories[k].positives[a]) rows[n++] = pld_coco_recall_row(run, m, a, k);
    return n;
}

static uint32_t precision_rows(const struct coco_run *run, int a, const double **rows)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < run->gt->n_categories; k++)
        if (run->gt->categories[k].positives[a]) rows[n++] = pld_coco_precision_row(run, a, k);
    return n;
}

static void summarize_classes(struct coco_run *run)
{
    for (uint32_t k = 0; k < run->gt->n_categories; k++) {
        const double *row = pld_coco_precision_row(run, AREA_ALL, k);
        struct pld_coco_class *class = &run->result->classes[k];
        *class = (struct pld_coco_class){-1, -1, {-1, -1, -1}};
        for (int a = 1; a < A; a++)
            if (run->gt->categories[k].positives[a])
                class->size[a - 1] =
                    pld_coco_sum(pld_coco_precision_row(run, a, k), (size_t)T * R) / (T * R);
        if (!run->gt->categories[k].positives[AREA_ALL]) continue;
        class->ap = pld_coco_sum(row, (size_t)T * R) / (T * R);
        class->ap50 = pld_coco_sum(row, R) / R;
    }
}

pld_status pld_coco_summarize(struct coco_run *run)
{
    enum { IOU_50 = 0, IOU_75 = 5 };
    size_t n_categories = run->gt->n_categories;
    const double **rows = malloc((n_categories + 1) * sizeof *rows);
    double *space = malloc((n_categories * T * R + 1) * sizeof *space), *stats = run->result->stats;
    pld_status status = rows && space ? PLD_OK : pld_fail_memory("averages");
    if (status == PLD_OK) {
        uint32_t n = precision_rows(run, AREA_ALL, rows);
        stats[0] = pld_coco_mean_precision(rows, n, 0, T, space);
        stats[1] = pld_coco_mean_precision(rows, n, IOU_50, IOU_50 + 1, space);
        stats[2] = pld_coco_mean_precision(rows, n, IOU_75, IOU_75 + 1, space);
        for (int a = 1; a < A; a++)
            stats[2 + a] = pld_coco_mean_precision(rows, precision_rows(run, a, rows), 0, T, space);
        for (int m = 0; m < M; m++)
            stats[6 + m] = mean_recall(rows, recall_rows(run, m, AREA_ALL, rows), space);
        for (int a = 1; a < A; a++)
            stats[8 + a] = mean_recall(rows, recall_rows(run, LIMIT_100, a, rows), space);
        summarize_classes(run);
    }
    free(rows);
    free(space);
    return status;
}
