#include "prune/planfile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

static void add_group(yyjson_mut_doc *doc, yyjson_mut_val *groups, const struct pld_group *group,
                      const int *units, int removed)
{
    yyjson_mut_val *entry = yyjson_mut_obj_add_obj(doc, groups, group->id);
    yyjson_mut_obj_add_strcpy(doc, entry, "name", group->name);
    pld_json_add_real(doc, entry, "ratio", (double)removed / group->units);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, entry, "remove");
    for (int i = 0; i < removed; i++)
        yyjson_mut_arr_add_int(doc, list, units[i]);
}

static void add_interval(yyjson_mut_doc *doc, yyjson_mut_val *object, double drop,
                         const double ci[2])
{
    if (!isfinite(drop)) return;
    pld_json_add_real(doc, object, "drop", drop);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, object, "ci95");
    for (int k = 0; k < 2; k++)
        yyjson_mut_arr_add_val(list, pld_json_real(doc, ci[k]));
}

static void add_notes(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct pld_groups *groups,
                      const struct pld_plan_notes *notes)
{
    const struct pld_graph *graph = groups->graph;
    yyjson_mut_obj_add_int(doc, root, "version", 1);
    yyjson_mut_obj_add_strcpy(doc, root, "model_sha256", graph->sha256);
    yyjson_mut_val *shape = yyjson_mut_obj_add_arr(doc, root, "input_shape");
    const struct pld_shape *input = &graph->values[graph->inputs[0]].desc.shape;
    for (int i = 0; i < input->rank; i++)
        yyjson_mut_arr_add_int(doc, shape, input->dim[i]);
    yyjson_mut_obj_add_strcpy(doc, root, "method", notes->method);
    yyjson_mut_obj_add_strcpy(doc, root, "criterion", notes->criterion);
    yyjson_mut_val *target = yyjson_mut_obj_add_obj(doc, root, "target");
    pld_json_add_real(doc, target, notes->target, notes->target_value);
    yyjson_mut_obj_add_bool(doc, target, "reached", notes->reached);
    yyjson_mut_val *predicted = yyjson_mut_obj_add_obj(doc, root, "predicted");
    yyjson_mut_obj_add_int(doc, predicted, "macs", notes->macs);
    yyjson_mut_obj_add_int(doc, predicted, "params", notes->params);
    if (isfinite(notes->latency_ms))
        pld_json_add_real(doc, predicted, "latency_ms", notes->latency_ms);
    add_interval(doc, predicted, notes->drop, notes->ci);
    if (!notes->metric) return;
    yyjson_mut_val *measured = yyjson_mut_obj_add_obj(doc, root, "measured");
    yyjson_mut_obj_add_strcpy(doc, measured, "metric", notes->metric);
    pld_json_add_real(doc, measured, "value", notes->measured);
    add_interval(doc, measured, notes->measured_drop, notes->measured_ci);
}

pld_status pld_plan_write(const char *path, const struct pld_groups *groups,
                          const struct pld_plan *plan, const struct pld_plan_notes *notes)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("plan");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    add_notes(doc, root, groups, notes);
    yyjson_mut_val *entries = yyjson_mut_obj_add_obj(doc, root, "groups");
    for (int g = 0; g < groups->n_groups; g++)
        if (plan->removed[g])
            add_group(doc, entries, &groups->groups[g], plan->units[g], plan->removed[g]);
    pld_status status = pld_json_write(path, doc, true);
    yyjson_mut_doc_free(doc);
    return status;
}

static int ascending(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

pld_status pld_plan_from_order(struct pld_plan *out, const struct pld_groups *groups,
                               int *const *order, const int *removed)
{
    size_t n = (size_t)groups->n_groups + 1;
    *out = (struct pld_plan){.n_groups = groups->n_groups, .latency_ms = NAN};
    out->units = pld_arena_array(&out->arena, n, sizeof *out->units);
    out->removed = pld_arena_array(&out->arena, n, sizeof *out->removed);
    if (!out->units || !out->removed) return PLD_EDEVICE;
    for (int g = 0; g < groups->n_groups; g++) {
        if (!removed[g]) continue;
        size_t count = (size_t)removed[g];
        out->units[g] = pld_arena_array(&out->arena, count, sizeof(int));
        if (!out->units[g]) return PLD_EDEVICE;
        memcpy(out->units[g], order[g], count * sizeof(int));
        qsort(out->units[g], count, sizeof(int), ascending);
        out->removed[g] = removed[g];
    }
    return PLD_OK;
}
