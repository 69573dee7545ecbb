#include "run/plan_record.h"

#include "core/json.h"

static void add_input_shape(yyjson_mut_doc *doc, yyjson_mut_val *root,
                            const struct pld_graph *graph)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "input_shape");
    if (graph->n_inputs == 0) return;
    const struct pld_shape *shape = &graph->values[graph->inputs[0]].desc.shape;
    for (int a = 0; a < shape->rank; a++)
        yyjson_mut_arr_add_int(doc, list, shape->dim[a]);
}

static void add_group(yyjson_mut_doc *doc, yyjson_mut_val *entries, const struct pld_group *group,
                      const int *units, int removed)
{
    yyjson_mut_val *entry = yyjson_mut_obj_add_obj(doc, entries, group->id);
    pld_json_add_real(doc, entry, "ratio", (double)removed / group->units);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, entry, "remove");
    for (int i = 0; i < removed; i++)
        yyjson_mut_arr_add_int(doc, list, units[i]);
}

pld_status pld_plan_record(char **text, const struct pld_groups *groups,
                           const struct pld_plan *plan)
{
    *text = NULL;
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return pld_fail_memory("plan");
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_int(doc, root, "version", 1);
    if (groups->graph->sha256[0])
        yyjson_mut_obj_add_str(doc, root, "model_sha256", groups->graph->sha256);
    add_input_shape(doc, root, groups->graph);
    yyjson_mut_val *entries = yyjson_mut_obj_add_obj(doc, root, "groups");
    for (int g = 0; g < groups->n_groups; g++)
        if (plan->removed[g])
            add_group(doc, entries, &groups->groups[g], plan->units[g], plan->removed[g]);
    *text = pld_json_text(doc, false, NULL);
    yyjson_mut_doc_free(doc);
    return *text ? PLD_OK : PLD_EDEVICE;
}
