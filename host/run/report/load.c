#include "run/report/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"
#include "run/report/format.h"
#include "run/report/report.h"

const struct pld_report_metric pld_report_metrics[PLD_REPORT_METRICS] = {
    {"AP", "IoU 0.50 to 0.95, all sizes"},
    {"AP50", "IoU 0.50"},
    {"AP75", "IoU 0.75"},
    {"APs", "small objects, below 32² pixels"},
    {"APm", "medium objects, 32² to 96²"},
    {"APl", "large objects, above 96²"},
    {"AR1", "recall, 1 detection an image"},
    {"AR10", "recall, 10 detections"},
    {"AR100", "recall, 100 detections"},
    {"ARs", "recall, small objects"},
    {"ARm", "recall, medium objects"},
    {"ARl", "recall, large objects"},
    {"agreement", "with the unpruned model, without labels"},
};

yyjson_val *pld_report_field(const struct pld_report *report, const char *first, const char *second)
{
    yyjson_val *value = yyjson_obj_get(yyjson_doc_get_root(report->manifest), first);
    return second ? yyjson_obj_get(value, second) : value;
}

const char *pld_report_string(const struct pld_report *report, const char *first,
                              const char *second)
{
    return yyjson_get_str(pld_report_field(report, first, second));
}

double pld_report_number(const struct pld_report *report, const char *first, const char *second)
{
    yyjson_val *value = pld_report_field(report, first, second);
    return yyjson_is_num(value) ? yyjson_get_num(value) : NAN;
}

struct pld_report_group *pld_report_group(struct pld_report *report, const char *id)
{
    /* Journals go through the groups in order: look from the last one found, i.e. backwards. */
    for (int i = report->n_groups - 1; i >= 0; i--)
        if (strcmp(report->groups[i].id, id) == 0) return &report->groups[i];
    if (report->n_groups == report->cap_groups) {
        int capacity = report->cap_groups ? 2 * report->cap_groups : 64;
        struct pld_report_group *groups =
            realloc(report->groups, (size_t)capacity * sizeof *groups);
        if (!groups) {
            pld_fail_memory("groups of the report");
            return NULL;
        }
        report->groups = groups;
        report->cap_groups = capacity;
    }
    const char *copy = pld_arena_strdup(&report->arena, id);
    if (!copy) return NULL;
    struct pld_report_group *group = &report->groups[report->n_groups++];
    *group = (struct pld_report_group){.id = copy, .name = copy, .label = copy, .prunable = true};
    group->macs_per_unit = group->params_per_unit = NAN;
    return group;
}

static double number_of(yyjson_val *object, const char *key)
{
    yyjson_val *value = yyjson_obj_get(object, key);
    return yyjson_is_num(value) ? yyjson_get_num(value) : NAN;
}

static pld_status add_group(struct pld_report *report, yyjson_val *entry, const char *path)
{
    const char *id = yyjson_get_str(yyjson_obj_get(entry, "id"));
    const char *name = yyjson_get_str(yyjson_obj_get(entry, "name"));
    const char *reason = yyjson_get_str(yyjson_obj_get(entry, "reason"));
    if (!id) return pld_fail(PLD_EDATA, path, "a group without an id");
    struct pld_report_group *group = pld_report_group(report, id);
    if (!group) return PLD_EDEVICE;
    if (name) {
        group->name = pld_arena_strdup(&report->arena, name);
        if (!group->name) return PLD_EDEVICE;
        group->label = pld_short_name(&report->arena, group->name);
    }
    if (reason && !(group->reason = pld_arena_strdup(&report->arena, reason))) return PLD_EDEVICE;
    yyjson_val *prunable = yyjson_obj_get(entry, "prunable");
    group->prunable = prunable ? yyjson_is_true(prunable) : !reason;
    group->units = yyjson_get_sint(yyjson_obj_get(entry, "units"));
    group->macs_per_unit = number_of(entry, "macs_per_unit");
    group->params_per_unit = number_of(entry, "params_per_unit");
    return PLD_OK;
}

pld_status pld_report_load_groups(struct pld_report *report)
{
    char path[4096];
    PLD_TRY(pld_path_join(path, sizeof path, report->dir, "groups.json"));
    if (!pld_file_exists(path)) return PLD_OK;
    yyjson_doc *doc;
    PLD_TRY(pld_json_read(&doc, path, PLD_EDATA));
    yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(doc), "groups"), *entry;
    pld_status status =
        yyjson_is_arr(list) ? PLD_OK : pld_fail(PLD_EDATA, path, "no list 'groups'");
    size_t index, count;
    yyjson_arr_foreach(list, index, count, entry)
    {
        if (status == PLD_OK) status = add_group(report, entry, path);
    }
    yyjson_doc_free(doc);
    return status;
}

static pld_status load_manifest(struct pld_report *report)
{
    char path[4096];
    PLD_TRY(pld_path_join(path, sizeof path, report->dir, "manifest.json"));
    if (!pld_file_exists(path)) {
        pld_log(PLD_LOG_WARN, "%s: missing; the report cannot say what was measured", path);
        return PLD_OK;
    }
    return pld_json_read(&report->manifest, path, PLD_EDATA);
}

static pld_status load_all(struct pld_report *report, const char *dir)
{
    if (!pld_dir_exists(dir)) return pld_fail(PLD_EDATA, dir, "no such folder");
    report->dir = pld_arena_strdup(&report->arena, dir);
    if (!report->dir) return PLD_EDEVICE;
    PLD_TRY(load_manifest(report));
    PLD_TRY(pld_report_load_groups(report));
    PLD_TRY(pld_report_load_journal(report));
    return pld_report_analyse(report);
}

pld_status pld_report_load(struct pld_report **out, const char *dir)
{
    *out = NULL;
    struct pld_report *report = calloc(1, sizeof *report);
    if (!report) return pld_fail_memory("report");
    report->tolerance = 0.005;
    pld_status status = load_all(report, dir);
    if (status != PLD_OK) {
        pld_report_free(report);
        return status;
    }
    *out = report;
    return PLD_OK;
}

void pld_report_free(struct pld_report *report)
{
    if (!report) return;
    for (int i = 0; i < report->n_groups; i++)
        free(report->groups[i].points);
    free(report->groups);
    yyjson_doc_free(report->manifest);
    pld_arena_release(&report->arena);
    free(report);
}

void pld_report_set_tolerance(struct pld_report *report, double drop)
{
    if (!(drop > 0)) return;
    report->tolerance = drop;
    pld_report_analyse(report); /* nothing new is allocated after the first time */
}
