/* Reads results.jsonl: one JSON object a line, the baseline first. */
#include "run/report/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"

static const char *const status_names[] = {"full", "stopped", "inferred"};

const char *pld_point_status_name(enum pld_point_status status)
{
    return status_names[status];
}

static double number_of(yyjson_val *object, const char *key)
{
    yyjson_val *value = yyjson_obj_get(object, key);
    return yyjson_is_num(value) ? yyjson_get_num(value) : NAN;
}

static void parse_point(struct pld_report_point *p, yyjson_val *line)
{
    yyjson_val *metrics = yyjson_obj_get(line, "metrics"), *ci = yyjson_obj_get(line, "ci95");
    const char *status = yyjson_get_str(yyjson_obj_get(line, "status"));
    *p = (struct pld_report_point){.ratio = number_of(line, "ratio"), .ci_lo = NAN, .ci_hi = NAN};
    p->macs = number_of(line, "macs");
    p->params = number_of(line, "params");
    p->drop = number_of(line, "drop");
    p->removed = yyjson_get_sint(yyjson_obj_get(line, "removed"));
    for (int i = 0; i < PLD_REPORT_METRICS; i++)
        p->metrics[i] = number_of(metrics, pld_report_metrics[i].key);
    yyjson_val *lo = yyjson_arr_get(ci, 0), *hi = yyjson_arr_get(ci, 1);
    if (yyjson_is_num(lo) && yyjson_is_num(hi)) {
        p->ci_lo = yyjson_get_num(lo);
        p->ci_hi = yyjson_get_num(hi);
    }
    for (int i = 0; status && i < 3; i++)
        if (strcmp(status, status_names[i]) == 0) p->status = (enum pld_point_status)i;
}

/* Keeps the points in ascending ratio. A ratio that is there already was measured again after a
 * resume or came from another shard: the later line counts. */
static pld_status insert_point(struct pld_report_group *g, const struct pld_report_point *p)
{
    int at = g->n_points;
    while (at && g->points[at - 1].ratio > p->ratio)
        at--;
    if (at && g->points[at - 1].ratio == p->ratio) {
        g->points[at - 1] = *p;
        return PLD_OK;
    }
    if (g->n_points == g->cap_points) {
        int capacity = g->cap_points ? 2 * g->cap_points : 16;
        struct pld_report_point *points = realloc(g->points, (size_t)capacity * sizeof *points);
        if (!points) return pld_fail_memory("points of the report");
        g->points = points;
        g->cap_points = capacity;
    }
    memmove(&g->points[at + 1], &g->points[at], (size_t)(g->n_points - at) * sizeof *g->points);
    g->points[at] = *p;
    g->n_points++;
    return PLD_OK;
}

/* One parsed line. Sets *used to false when it is no result. */
static pld_status take_line(struct pld_report *report, yyjson_val *line, bool *have_baseline,
                            bool *used)
{
    struct pld_report_point p;
    yyjson_val *group = yyjson_obj_get(line, "group");
    *used = true;
    parse_point(&p, line);
    if (yyjson_is_null(group)) {
        if (!*have_baseline) report->baseline = p;
        *have_baseline = true;
        return PLD_OK;
    }
    if (!yyjson_is_str(group) || !(p.ratio > 0 && p.ratio <= 1)) {
        *used = false;
        return PLD_OK;
    }
    struct pld_report_group *g = pld_report_group(report, yyjson_get_str(group));
    if (!g) return PLD_EDEVICE;
    if (!g->units) g->units = yyjson_get_sint(yyjson_obj_get(line, "units"));
    return insert_point(g, &p);
}

static pld_status read_lines(struct pld_report *report, struct pld_bytes *bytes,
                             bool *have_baseline)
{
    char *at = (char *)bytes->data, *end = at + bytes->size;
    while (at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((stop ? stop : end) - at);
        bool used = n == 0;
        yyjson_doc *doc = n ? yyjson_read(at, n, 0) : NULL;
        if (doc) {
            pld_status status = take_line(report, yyjson_doc_get_root(doc), have_baseline, &used);
            yyjson_doc_free(doc);
            if (status != PLD_OK) return status;
        }
        /* A line without its newline at the very end is one that was being written. */
        if (!used && stop) report->bad_lines++;
        at += n + 1;
    }
    return PLD_OK;
}

pld_status pld_report_load_journal(struct pld_report *report)
{
    char path[4096];
    struct pld_bytes bytes;
    bool have_baseline = false;
    PLD_TRY(pld_path_join(path, sizeof path, report->dir, "results.jsonl"));
    PLD_TRY(pld_file_read(&bytes, path, PLD_EDATA));
    pld_status status = read_lines(report, &bytes, &have_baseline);
    pld_bytes_release(&bytes);
    if (status != PLD_OK) return status;
    if (!have_baseline)
        return pld_fail(PLD_EINCOMPLETE, path, "no baseline yet: nothing to report on");
    if (report->bad_lines)
        pld_log(PLD_LOG_WARN, "%s: %d unreadable lines left out", path, report->bad_lines);
    return PLD_OK;
}
