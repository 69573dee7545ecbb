#include "run/keep_index.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "prune/cut.h"

static void add_shape(yyjson_mut_doc *doc, yyjson_mut_val *item, const struct pld_shape *shape)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, item, "shape");
    for (int a = 0; a < shape->rank; a++)
        yyjson_mut_arr_add_int(doc, list, shape->dim[a]);
}

/* The indices of an axis that stay (or, with `gone`, that go). */
static yyjson_mut_val *index_list(yyjson_mut_doc *doc, const struct pld_cut *cut, int value,
                                  int axis, bool gone)
{
    yyjson_mut_val *list = yyjson_mut_arr(doc);
    int64_t size = cut->groups->graph->values[value].desc.shape.dim[axis];
    for (int64_t i = 0; i < size; i++)
        if (pld_cut_keeps(cut, value, axis, i) != gone) yyjson_mut_arr_add_int(doc, list, i);
    return list;
}

static void add_tensor(yyjson_mut_doc *doc, yyjson_mut_val *tensors, const struct pld_cut *cut,
                       int index)
{
    const struct pld_value *value = &cut->groups->graph->values[index];
    yyjson_mut_val *item = yyjson_mut_obj_add_obj(doc, tensors, value->name);
    add_shape(doc, item, &value->desc.shape);
    yyjson_mut_val *keep = yyjson_mut_obj_add_obj(doc, item, "keep");
    for (int a = 0; a < value->desc.shape.rank; a++) {
        if (pld_cut_kept(cut, index, a) == value->desc.shape.dim[a]) continue;
        char key[16];
        snprintf(key, sizeof key, "%d", a);
        yyjson_mut_obj_add(keep, yyjson_mut_strcpy(doc, key),
                           index_list(doc, cut, index, a, false));
    }
}

/* The length of a weight's module name, or 0 for an initializer that has none. */
static size_t module_length(const char *name)
{
    static const char suffix[] = ".weight";
    size_t n = strlen(name), k = sizeof suffix - 1;
    return n > k && strcmp(name + n - k, suffix) == 0 ? n - k : 0;
}

static bool is_output(const struct pld_groups *groups, int value, int axis)
{
    for (int g = 0; g < groups->n_groups; g++)
        for (int m = 0; m < groups->groups[g].n_members; m++) {
            const struct pld_member *member = &groups->groups[g].members[m];
            if (member->value == value && member->axis == axis && member->role == PLD_ROLE_OUT)
                return true;
        }
    return false;
}

static void add_history(yyjson_mut_doc *doc, yyjson_mut_val *history, const struct pld_cut *cut,
                        int index)
{
    const struct pld_value *value = &cut->groups->graph->values[index];
    size_t length = module_length(value->name);
    for (int a = 0; a < value->desc.shape.rank && length; a++) {
        if (pld_cut_kept(cut, index, a) == value->desc.shape.dim[a]) continue;
        if (!is_output(cut->groups, index, a)) continue;
        yyjson_mut_val *entry = yyjson_mut_arr_add_arr(doc, history);
        yyjson_mut_arr_add_strncpy(doc, entry, value->name, length);
        yyjson_mut_arr_add_bool(doc, entry, true);
        yyjson_mut_arr_append(entry, index_list(doc, cut, index, a, true));
    }
}

static yyjson_mut_doc *document(const struct pld_cut *cut)
{
    const struct pld_graph *graph = cut->groups->graph;
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return NULL;
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_int(doc, root, "version", 1);
    yyjson_mut_obj_add_str(doc, root, "model_sha256", graph->sha256);
    yyjson_mut_val *tensors = yyjson_mut_obj_add_obj(doc, root, "tensors");
    yyjson_mut_val *history = yyjson_mut_obj_add_arr(doc, root, "history");
    for (int v = 0; v < graph->n_values; v++) {
        if (!graph->values[v].initializer || !pld_cut_touches(cut, v)) continue;
        add_tensor(doc, tensors, cut, v);
        add_history(doc, history, cut, v);
    }
    return doc;
}

pld_status pld_keep_index_write(const char *path, const struct pld_groups *groups,
                                const struct pld_plan *plan)
{
    struct pld_cut cut;
    pld_status status = pld_cut_init(&cut, groups, plan->units, plan->removed);
    if (status == PLD_OK) {
        yyjson_mut_doc *doc = document(&cut);
        status = doc ? pld_json_write(path, doc, true) : pld_fail_memory("keep-index");
        yyjson_mut_doc_free(doc);
    }
    pld_cut_release(&cut);
    return status;
}
