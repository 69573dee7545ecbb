#include "run/groups.h"

#include <stdlib.h>

#include "core/file.h"
#include "core/json.h"
#include "run/groups_json.h"
#include "run/groups_picture.h"

static void add_names(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
                      const struct pld_graph *graph, const int *nodes, int n)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, object, key);
    for (int i = 0; i < n; i++)
        yyjson_mut_arr_add_str(doc, list, graph->nodes[nodes[i]].name);
}

static void add_members(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct pld_graph *graph,
                        const struct pld_group *group)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, object, "members");
    for (int m = 0; m < group->n_members; m++) {
        const struct pld_member *member = &group->members[m];
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_str(doc, item, "tensor", graph->values[member->value].name);
        yyjson_mut_obj_add_int(doc, item, "axis", member->axis);
        yyjson_mut_obj_add_str(doc, item, "role", pld_role_name(member->role));
        yyjson_mut_obj_add_int(doc, item, "per_unit", member->per_unit);
    }
}

yyjson_mut_doc *pld_groups_json(const struct pld_groups *groups)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return NULL;
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "groups");
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
        yyjson_mut_obj_add_str(doc, item, "id", group->id);
        yyjson_mut_obj_add_str(doc, item, "name", group->name);
        yyjson_mut_obj_add_int(doc, item, "units", group->units);
        yyjson_mut_obj_add_bool(doc, item, "prunable", group->prunable);
        if (group->reason)
            yyjson_mut_obj_add_str(doc, item, "reason", group->reason);
        else
            yyjson_mut_obj_add_null(doc, item, "reason");
        add_members(doc, item, groups->graph, group);
        add_names(doc, item, "producers", groups->graph, group->producers, group->n_producers);
        add_names(doc, item, "consumers", groups->graph, group->consumers, group->n_consumers);
        yyjson_mut_obj_add_int(doc, item, "macs_per_unit", group->macs_per_unit);
        yyjson_mut_obj_add_int(doc, item, "params_per_unit", group->params_per_unit);
    }
    return doc;
}

static pld_status append_json(struct pld_str *out, const struct pld_groups *groups)
{
    yyjson_mut_doc *doc = pld_groups_json(groups);
    char *text = doc ? pld_json_text(doc, true, NULL) : NULL;
    yyjson_mut_doc_free(doc);
    if (!text) return pld_fail_memory("groups");
    pld_str_append(out, text);
    pld_str_append(out, "\n");
    free(text);
    return PLD_OK;
}

static void append_nodes(struct pld_str *out, const char *title, const struct pld_graph *graph,
                         const int *nodes, int n)
{
    for (int i = 0; i < n; i++)
        pld_str_printf(out, "      %s %s\n", title, graph->nodes[nodes[i]].name);
}

static void append_row(struct pld_str *out, const struct pld_groups *groups,
                       const struct pld_group *group, bool verbose)
{
    const struct pld_graph *graph = groups->graph;
    pld_str_printf(out, "%-5s %6d  %9.3f  %8.1f  %-44s %s\n", group->id, group->units,
                   (double)group->macs_per_unit / 1e6, (double)group->params_per_unit, group->name,
                   group->prunable ? "prunable" : group->reason);
    if (!verbose) return;
    append_nodes(out, "made by", graph, group->producers, group->n_producers);
    append_nodes(out, "read by", graph, group->consumers, group->n_consumers);
    for (int m = 0; m < group->n_members; m++)
        pld_str_printf(out, "      %-5s axis %d of %s\n", pld_role_name(group->members[m].role),
                       group->members[m].axis, graph->values[group->members[m].value].name);
}

static void append_table(struct pld_str *out, const struct pld_groups *groups, bool verbose)
{
    int prunable = 0;
    pld_str_append(out, "id     units  MMACs/unit  par/unit  first producer"
                        "                               state\n");
    for (int g = 0; g < groups->n_groups; g++) {
        append_row(out, groups, &groups->groups[g], verbose);
        prunable += groups->groups[g].prunable;
    }
    pld_str_printf(out, "%d groups, %d prunable, %d locked (pollard groups MODEL --why ID)\n",
                   groups->n_groups, prunable, groups->n_groups - prunable);
}

static pld_status write_picture(const char *path, const struct pld_groups *groups,
                                pld_status (*draw)(struct pld_str *, const struct pld_groups *))
{
    struct pld_str text = {0};
    if (!path) return PLD_OK;
    pld_status status = draw(&text, groups);
    if (status == PLD_OK && text.failed) status = PLD_EDEVICE;
    if (status == PLD_OK) status = pld_file_write(path, text.data, text.len);
    pld_str_release(&text);
    return status;
}

pld_status pld_groups_describe(struct pld_str *out, const struct pld_groups_options *options)
{
    struct pld_session session;
    struct pld_groups *groups = NULL;
    pld_status status = pld_session_open(&session, options->session);
    if (status == PLD_OK) status = pld_session_load_model(&session, options->model);
    if (status == PLD_OK) status = pld_groups_new(&groups, session.model);
    if (status == PLD_OK) status = write_picture(options->svg, groups, pld_groups_svg);
    if (status == PLD_OK) status = write_picture(options->dot, groups, pld_groups_dot);
    if (status == PLD_OK) {
        if (options->why)
            status = pld_groups_why(out, groups, options->why);
        else if (options->json)
            status = append_json(out, groups);
        else
            append_table(out, groups, options->verbose);
    }
    pld_groups_free(groups);
    pld_session_close(&session);
    return status == PLD_OK && out->failed ? PLD_EDEVICE : status;
}
