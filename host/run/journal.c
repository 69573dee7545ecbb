#include "run/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "core/str.h"

static const char FILE_NAME[] = "results.jsonl";

void pld_points_release(struct pld_points *points)
{
    free(points->items);
    pld_arena_release(&points->arena);
    *points = (struct pld_points){0};
}

pld_status pld_points_add(struct pld_points *points, const struct pld_point *point)
{
    if (points->count == points->capacity) {
        int capacity = points->capacity ? 2 * points->capacity : 256;
        struct pld_point *items = realloc(points->items, (size_t)capacity * sizeof *items);
        if (!items) return pld_fail_memory("results");
        points->items = items;
        points->capacity = capacity;
    }
    struct pld_point copy = *point;
    if (copy.group && !(copy.group = pld_arena_strdup(&points->arena, copy.group)))
        return PLD_EDEVICE;
    if (!(copy.status = pld_arena_strdup(&points->arena, copy.status))) return PLD_EDEVICE;
    points->items[points->count++] = copy;
    return PLD_OK;
}

const struct pld_point *pld_points_find(const struct pld_points *points, const char *group,
                                        double ratio)
{
    for (int i = 0; i < points->count; i++) {
        const struct pld_point *p = &points->items[i];
        if (!group && !p->group) return p;
        if (group && p->group && strcmp(group, p->group) == 0 && p->ratio == ratio) return p;
    }
    return NULL;
}

static pld_status bad_line(const char *path, int line, const char *what)
{
    return pld_fail(PLD_EDATA, path, "line %d: %s", line, what);
}

static double real_or_nan(yyjson_val *value)
{
    return yyjson_is_num(value) ? yyjson_get_num(value) : NAN;
}

static bool parse_stats(struct pld_point *p, yyjson_val *metrics)
{
    for (int i = 0; i < PLD_COCO_STATS; i++) {
        yyjson_val *v = yyjson_obj_get(metrics, pld_coco_stat_names[i]);
        if (!yyjson_is_num(v)) return false;
        p->stats[i] = yyjson_get_num(v);
    }
    p->value = p->stats[0];
    return true;
}

static pld_status parse_point(struct pld_points *out, yyjson_val *root, const char *path, int line)
{
    struct pld_point p = {.status = "full"};
    yyjson_val *metrics = yyjson_obj_get(root, "metrics"), *ci = yyjson_obj_get(root, "ci95");
    if (!yyjson_is_obj(metrics)) return bad_line(path, line, "not a result");
    yyjson_val *group = yyjson_obj_get(root, "group");
    p.group = yyjson_get_str(group);
    if (!p.group && !yyjson_is_null(group)) return bad_line(path, line, "'group' is missing");
    p.ratio = yyjson_get_num(yyjson_obj_get(root, "ratio"));
    p.units = (int)yyjson_get_sint(yyjson_obj_get(root, "units"));
    p.removed = (int)yyjson_get_sint(yyjson_obj_get(root, "removed"));
    p.macs = yyjson_get_sint(yyjson_obj_get(root, "macs"));
    p.params = yyjson_get_sint(yyjson_obj_get(root, "params"));
    p.drop = real_or_nan(yyjson_obj_get(root, "drop"));
    p.ci[0] = real_or_nan(yyjson_arr_get(ci, 0));
    p.ci[1] = real_or_nan(yyjson_arr_get(ci, 1));
    yyjson_val *agreement = yyjson_obj_get(metrics, "agreement");
    if (yyjson_is_num(agreement)) {
        p.metric = PLD_QUALITY_AGREEMENT;
        p.value = yyjson_get_num(agreement);
    } else if (!parse_stats(&p, metrics)) {
        return bad_line(path, line, "a metric is missing");
    }
    const char *status = yyjson_get_str(yyjson_obj_get(root, "status"));
    if (status) p.status = status;
    return pld_points_add(out, &p);
}

static pld_status read_lines(struct pld_points *out, size_t *intact, const struct pld_bytes *bytes,
                             const char *path)
{
    size_t start = 0;
    for (int line = 1; start < bytes->size; line++) {
        const char *text = (const char *)bytes->data + start;
        const char *end = memchr(text, '\n', bytes->size - start);
        if (!end) break; /* torn by a kill; its point is computed again */
        yyjson_doc *doc = yyjson_read(text, (size_t)(end - text), 0);
        pld_status status = doc ? parse_point(out, yyjson_doc_get_root(doc), path, line)
                                : bad_line(path, line, "not JSON");
        yyjson_doc_free(doc);
        PLD_TRY(status);
        start += (size_t)(end - text) + 1;
        *intact = start;
    }
    return PLD_OK;
}

pld_status pld_journal_read(struct pld_points *out, size_t *intact, const char *dir)
{
    char path[4096];
    size_t good = 0;
    *out = (struct pld_points){0};
    PLD_TRY(pld_path_join(path, sizeof path, dir, FILE_NAME));
    if (pld_file_exists(path)) {
        struct pld_bytes bytes;
        PLD_TRY(pld_file_read(&bytes, path, PLD_EDATA));
        pld_status status = read_lines(out, &good, &bytes, path);
        pld_bytes_release(&bytes);
        if (status != PLD_OK) {
            pld_points_release(out);
            return status;
        }
    }
    if (intact) *intact = good;
    return PLD_OK;
}

/* NaN (no interval from a single image) is null in JSON. */
static void print_real(struct pld_str *s, const char *before, double value)
{
    pld_str_append(s, before);
    if (isfinite(value))
        pld_str_printf(s, "%.17g", value);
    else
        pld_str_append(s, "null");
}

static void print_point(struct pld_str *s, const struct pld_point *p)
{
    if (p->group)
        pld_str_printf(s, "{\"group\":\"%s\"", p->group);
    else
        pld_str_append(s, "{\"group\":null");
    char ratio[32];
    pld_str_printf(s, ",\"ratio\":%s,\"units\":%d,\"removed\":%d,\"macs\":%lld,\"params\":%lld",
                   pld_real_text(ratio, p->ratio), p->units, p->removed, (long long)p->macs,
                   (long long)p->params);
    if (p->metric == PLD_QUALITY_AGREEMENT)
        pld_str_printf(s, ",\"metrics\":{\"agreement\":%.17g", p->value);
    for (int i = 0; i < PLD_COCO_STATS && p->metric == PLD_QUALITY_MAP; i++)
        pld_str_printf(s, "%s\"%s\":%.17g", i ? "," : ",\"metrics\":{", pld_coco_stat_names[i],
                       p->stats[i]);
    print_real(s, "},\"drop\":", p->drop);
    print_real(s, ",\"ci95\":[", p->ci[0]);
    print_real(s, ",", p->ci[1]);
    pld_str_printf(s, "],\"status\":\"%s\"}\n", p->status);
}

struct pld_journal {
    int fd;
    char path[4096];
};

pld_status pld_journal_open(struct pld_journal **out, const char *dir, size_t intact)
{
    *out = NULL;
    struct pld_journal *journal = calloc(1, sizeof *journal);
    if (!journal) return pld_fail_memory("journal");
    journal->fd = -1;
    pld_status status = pld_path_join(journal->path, sizeof journal->path, dir, FILE_NAME);
    if (status == PLD_OK) {
        journal->fd = open(journal->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (journal->fd < 0 || ftruncate(journal->fd, (off_t)intact) != 0 ||
            lseek(journal->fd, 0, SEEK_END) < 0)
            status = pld_fail(PLD_EFAIL, journal->path, "cannot write: %s", strerror(errno));
    }
    if (status != PLD_OK) {
        pld_journal_close(journal);
        return status;
    }
    *out = journal;
    return PLD_OK;
}

pld_status pld_journal_append(struct pld_journal *journal, const struct pld_point *points, int n)
{
    struct pld_str text = {0};
    for (int i = 0; i < n; i++)
        print_point(&text, &points[i]);
    pld_status status = text.failed ? PLD_EDEVICE : PLD_OK;
    for (size_t done = 0; status == PLD_OK && done < text.len;) {
        ssize_t k = write(journal->fd, text.data + done, text.len - done);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0)
            status = pld_fail(PLD_EFAIL, journal->path, "cannot write: %s", strerror(errno));
        else
            done += (size_t)k;
    }
    if (status == PLD_OK && fdatasync(journal->fd) != 0)
        status = pld_fail(PLD_EFAIL, journal->path, "cannot write: %s", strerror(errno));
    pld_str_release(&text);
    return status;
}

void pld_journal_close(struct pld_journal *journal)
{
    if (!journal) return;
    if (journal->fd >= 0) close(journal->fd);
    free(journal);
}

pld_status pld_journal_write(const char *dir, const struct pld_points *points)
{
    char path[4096];
    PLD_TRY(pld_path_join(path, sizeof path, dir, FILE_NAME));
    struct pld_str text = {0};
    for (int i = 0; i < points->count; i++)
        print_point(&text, &points->items[i]);
    pld_status status = text.failed ? PLD_EDEVICE : pld_file_write(path, text.data, text.len);
    pld_str_release(&text);
    return status;
}
