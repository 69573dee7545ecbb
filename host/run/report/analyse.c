/* What follows from the points: which groups are tolerant, how much of each could go, who is first.
 *
 * A point is one group pruned alone. `removable` is where a group's curve crosses the tolerance,
 * between measured ratios by a straight line, and on the curve's running maximum, so that a lucky
 * dip at a large ratio does not count.
 */
#include "run/report/data.h"

#include <math.h>
#include <stdlib.h>

enum { FOCUS_PERCENT = 30 }; /* the ratio spoken of first, if it was measured */

/* Drops in units of the tolerance. */
static const double edges[PLD_REPORT_BINS] = {-INFINITY, -1, 0.2, 0.5, 1, 2, 4, 8, 16, 32};

int pld_report_bin(const struct pld_report *report, double drop)
{
    if (isnan(drop)) return -1;
    int bin = 0;
    while (bin + 1 < PLD_REPORT_BINS && drop >= edges[bin + 1] * report->tolerance)
        bin++;
    return bin;
}

double pld_report_bin_edge(const struct pld_report *report, int bin)
{
    return edges[bin] * report->tolerance;
}

const struct pld_report_point *pld_report_at(const struct pld_report_group *group, double ratio)
{
    for (int i = 0; i < group->n_points; i++)
        if (fabs(group->points[i].ratio - ratio) < 1e-9) return &group->points[i];
    return NULL;
}

static double zero_if_nan(double value)
{
    return isnan(value) ? 0 : value;
}

static double upper_end(const struct pld_report_point *p)
{
    return isnan(p->ci_hi) ? p->drop : p->ci_hi;
}

/* Where a curve of (ratio, value) crosses the limit, starting from (0, 0). Sets *before to the
 * number of points below it and *share to how far it lies from that one to the next. */
static double crossing(const struct pld_report_group *g, double limit, bool upper, int *before,
                       double *share)
{
    double last_ratio = 0, last = 0;
    *share = 0;
    for (int i = 0; i < g->n_points; i++) {
        const struct pld_report_point *p = &g->points[i];
        double value = fmax(last, zero_if_nan(upper ? upper_end(p) : p->drop));
        if (value > limit) {
            *before = i;
            *share = (limit - last) / (value - last);
            return last_ratio + *share * (p->ratio - last_ratio);
        }
        last = value;
        last_ratio = p->ratio;
    }
    *before = g->n_points;
    return last_ratio;
}

/* What is saved between point before-1 (0: nothing) and the next one. */
static double interpolate(const struct pld_report_group *g, double base, int before, double share,
                          bool params)
{
    double left = 0, right = 0;
    if (before > 0) {
        const struct pld_report_point *p = &g->points[before - 1];
        left = zero_if_nan(base - (params ? p->params : p->macs));
    }
    if (before < g->n_points) {
        const struct pld_report_point *p = &g->points[before];
        right = zero_if_nan(base - (params ? p->params : p->macs));
    }
    return left + share * (right - left);
}

static void analyse_group(struct pld_report *report, struct pld_report_group *g)
{
    int before;
    double share;
    g->focus = report->n_ratios ? pld_report_at(g, report->ratios[report->focus_ratio]) : NULL;
    g->removable_sure = crossing(g, report->tolerance, true, &before, &share);
    g->removable = crossing(g, report->tolerance, false, &before, &share);
    g->reaches = before < g->n_points;
    g->saved_macs = interpolate(g, report->baseline.macs, before, share, false);
    g->saved_params = interpolate(g, report->baseline.params, before, share, true);
    for (int i = 0; i < g->n_points; i++) {
        report->worst_drop = fmax(report->worst_drop, zero_if_nan(g->points[i].drop));
        report->best_drop = fmin(report->best_drop, zero_if_nan(g->points[i].drop));
    }
}

/* Baselines and drops that the files leave out. */
static void complete(struct pld_report *report)
{
    struct pld_report_point *base = &report->baseline;
    const int headlines[] = {0, 1, PLD_REPORT_AGREEMENT};
    for (int i = 2; i >= 0; i--)
        if (!isnan(base->metrics[headlines[i]])) report->metric = headlines[i];
    if (isnan(base->macs)) base->macs = pld_report_number(report, "model", "macs");
    if (isnan(base->params)) base->params = pld_report_number(report, "model", "params");
    for (int i = 0; i < report->n_groups; i++)
        for (int k = 0; k < report->groups[i].n_points; k++) {
            struct pld_report_point *p = &report->groups[i].points[k];
            if (isnan(p->drop))
                p->drop = base->metrics[report->metric] - p->metrics[report->metric];
        }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* All ratios that occur or were asked for. */
static pld_status collect_ratios(struct pld_report *report)
{
    yyjson_val *list = pld_report_field(report, "ratios", NULL), *value;
    size_t index, count, room = yyjson_arr_size(list);
    for (int i = 0; i < report->n_groups; i++)
        room += (size_t)report->groups[i].n_points;
    double *all = pld_arena_array(&report->arena, room + 1, sizeof *all);
    if (!all) return PLD_EDEVICE;
    int n = 0;
    yyjson_arr_foreach(list, index, count, value)
    {
        double ratio = yyjson_is_num(value) ? yyjson_get_num(value) : 0;
        if (ratio > 0 && ratio <= 1) all[n++] = ratio;
    }
    for (int i = 0; i < report->n_groups; i++)
        for (int k = 0; k < report->groups[i].n_points; k++)
            all[n++] = report->groups[i].points[k].ratio;
    qsort(all, (size_t)n, sizeof *all, ascending);
    report->n_ratios = 0;
    for (int i = 0; i < n; i++)
        if (i == 0 || all[i] - all[report->n_ratios - 1] > 1e-9) all[report->n_ratios++] = all[i];
    report->ratios = all;
    for (int i = 1; i < report->n_ratios; i++) {
        double wanted = FOCUS_PERCENT / 100.0, now = report->ratios[report->focus_ratio];
        if (fabs(all[i] - wanted) < fabs(now - wanted) - 1e-9) report->focus_ratio = i;
    }
    return PLD_OK;
}

static void count_groups(struct pld_report *report)
{
    report->n_points = report->n_prunable = report->n_locked = 0;
    report->n_measured = report->n_tolerant = report->n_sure = 0;
    for (int i = 0; i < report->n_groups; i++) {
        const struct pld_report_group *g = &report->groups[i];
        report->n_points += g->n_points;
        if (!g->prunable && !g->n_points) {
            report->n_locked++;
            continue;
        }
        report->n_prunable++;
        if (!g->focus || isnan(g->focus->drop)) continue;
        report->n_measured++;
        report->n_tolerant += g->focus->drop < report->tolerance;
        report->n_sure += !isnan(g->focus->ci_hi) && g->focus->ci_hi < report->tolerance;
    }
    double total = pld_report_number(report, "points_total", NULL);
    report->points_total = total > report->n_points && total < 1e9 ? (int)total : report->n_points;
}

struct ranked {
    double key;
    int group;
};

static int by_key(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->key != y->key) return x->key > y->key ? -1 : 1;
    return x->group - y->group;
}

static void rank_groups(struct pld_report *report, struct ranked *rows, bool saving)
{
    int n = 0, *order = saving ? report->by_saving : report->by_drop;
    for (int i = 0; i < report->n_groups; i++) {
        const struct pld_report_group *g = &report->groups[i];
        double key = saving ? g->saved_macs : g->focus ? g->focus->drop : NAN;
        if (g->n_points && !isnan(key)) rows[n++] = (struct ranked){key, i};
    }
    qsort(rows, (size_t)n, sizeof *rows, by_key);
    for (int i = 0; i < n; i++)
        order[i] = rows[i].group;
    *(saving ? &report->n_by_saving : &report->n_by_drop) = n;
}

/* Arrays are made the first time only. */
static pld_status make_orders(struct pld_report *report)
{
    if (report->by_saving) return PLD_OK;
    size_t n = (size_t)report->n_groups + 1;
    report->by_drop = pld_arena_array(&report->arena, n, sizeof *report->by_drop);
    report->by_saving = pld_arena_array(&report->arena, n, sizeof *report->by_saving);
    if (!report->by_saving || !report->by_drop) return PLD_EDEVICE;
    return collect_ratios(report);
}

pld_status pld_report_analyse(struct pld_report *report)
{
    complete(report);
    PLD_TRY(make_orders(report));
    report->worst_drop = report->best_drop = 0;
    for (int i = 0; i < report->n_groups; i++)
        analyse_group(report, &report->groups[i]);
    count_groups(report);
    struct ranked *rows = calloc((size_t)report->n_groups + 1, sizeof *rows);
    if (!rows) return pld_fail_memory("report");
    rank_groups(report, rows, true);
    rank_groups(report, rows, false);
    free(rows);
    return PLD_OK;
}
