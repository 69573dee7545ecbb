#include "prune/score_file.h"

#include <string.h>

#include "core/json.h"

static pld_status read_group(double **out, struct pld_arena *arena, const char *path,
                             const struct pld_group *group, yyjson_val *list)
{
    if (yyjson_arr_size(list) != (size_t)group->units)
        return pld_fail(PLD_EUSAGE, path, "%s: a list of %d numbers is expected", group->id,
                        group->units);
    *out = pld_arena_array(arena, (size_t)group->units, sizeof **out);
    if (!*out) return PLD_EDEVICE;
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, n, item)
    {
        if (!yyjson_is_num(item))
            return pld_fail(PLD_EUSAGE, path, "%s: score %zu is not a number", group->id, i);
        (*out)[i] = yyjson_get_num(item);
    }
    return PLD_OK;
}

static pld_status read_document(double **out, struct pld_arena *arena, const char *path,
                                const struct pld_groups *groups, yyjson_val *root)
{
    yyjson_val *entries = yyjson_obj_get(root, "scores"), *key, *entry;
    if (!yyjson_is_obj(entries)) return pld_fail(PLD_EUSAGE, path, "no 'scores'");
    const char *sha256 = yyjson_get_str(yyjson_obj_get(root, "model_sha256"));
    if (sha256 && strcmp(sha256, groups->graph->sha256) != 0)
        return pld_fail(PLD_EUSAGE, path, "made for another model (sha256 %.12s...)", sha256);
    size_t i, n;
    yyjson_obj_foreach(entries, i, n, key, entry)
    {
        int g = pld_groups_find(groups, yyjson_get_str(key));
        if (g < 0)
            return pld_fail(PLD_EUSAGE, path, "the model has no group '%s'", yyjson_get_str(key));
        PLD_TRY(read_group(&out[g], arena, path, &groups->groups[g], entry));
    }
    return PLD_OK;
}

pld_status pld_score_file_read(double ***out, struct pld_arena *arena, const char *path,
                               const struct pld_groups *groups)
{
    yyjson_doc *doc;
    *out = pld_arena_array(arena, (size_t)groups->n_groups + 1, sizeof **out);
    if (!*out) return PLD_EDEVICE;
    PLD_TRY(pld_json_read(&doc, path, PLD_EUSAGE));
    pld_status status = read_document(*out, arena, path, groups, yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
    return status;
}
