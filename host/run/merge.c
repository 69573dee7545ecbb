#include "run/merge.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "run/journal.h"
#include "run/manifest.h"
#include "run/results.h"

/* Adds the points of one shard; a point that several shards have must be equal in all. */
static pld_status add_shard(struct pld_points *all, const char *dir)
{
    struct pld_points part;
    PLD_TRY(pld_journal_read(&part, NULL, dir));
    pld_status status = PLD_OK;
    for (int i = 0; i < part.count && status == PLD_OK; i++) {
        const struct pld_point *p = &part.items[i];
        const struct pld_point *known = pld_points_find(all, p->group, p->ratio);
        if (!known)
            status = pld_points_add(all, p);
        else if (known->value != p->value || memcmp(known->stats, p->stats, sizeof p->stats) != 0)
            status =
                pld_fail(PLD_EDATA, dir, "%s at ratio %g was measured differently by two shards",
                         p->group ? p->group : "the baseline", p->ratio);
    }
    pld_points_release(&part);
    return status;
}

static int group_number(const char *id)
{
    return id ? atoi(id + 1) : -1;
}

static int in_network_order(const void *a, const void *b)
{
    const struct pld_point *x = a, *y = b;
    int gx = group_number(x->group), gy = group_number(y->group);
    if (gx != gy) return gx < gy ? -1 : 1;
    return x->ratio < y->ratio ? -1 : x->ratio > y->ratio;
}

/* Which shards of the sweep no folder is of, as "2 3"; and the number of points of the whole. */
static pld_status missing_shards(char *out, size_t size, int *points_total,
                                 const struct pld_words *in)
{
    int shards = 1;
    bool seen[4096] = {false};
    size_t used = 0;
    *points_total = 0;
    for (size_t i = 0; i < in->count; i++) {
        yyjson_doc *doc;
        PLD_TRY(pld_manifest_read(&doc, in->items[i]));
        yyjson_val *root = yyjson_doc_get_root(doc);
        int shard = (int)yyjson_get_sint(yyjson_obj_get(root, "shard"));
        int of = (int)yyjson_get_sint(yyjson_obj_get(root, "shards"));
        if (of > shards) shards = of;
        if (shard > 0 && shard < 4096 && !seen[shard])
            *points_total += (int)yyjson_get_sint(yyjson_obj_get(root, "points_total"));
        if (shard > 0 && shard < 4096) seen[shard] = true;
        yyjson_doc_free(doc);
    }
    out[0] = '\0';
    for (int k = 1; k <= shards && k < 4096 && used < size; k++)
        if (!seen[k]) used += (size_t)snprintf(out + used, size - used, " %d", k);
    return PLD_OK;
}

/* The manifest of the first shard, as that of the whole. */
static pld_status write_manifest(const char *out, const char *first, int points_total)
{
    char path[4096];
    yyjson_doc *doc;
    PLD_TRY(pld_manifest_read(&doc, first));
    yyjson_mut_doc *copy = yyjson_doc_mut_copy(doc, NULL);
    yyjson_doc_free(doc);
    if (!copy) return pld_fail_memory("manifest");
    yyjson_mut_val *root = yyjson_mut_doc_get_root(copy);
    static const char *const drop[] = {"shard", "shards", "points_total"};
    for (size_t i = 0; i < sizeof drop / sizeof drop[0]; i++)
        yyjson_mut_obj_remove_key(root, drop[i]);
    yyjson_mut_obj_add_int(copy, root, "shard", 1);
    yyjson_mut_obj_add_int(copy, root, "shards", 1);
    yyjson_mut_obj_add_int(copy, root, "points_total", points_total);
    pld_status status = pld_path_join(path, sizeof path, out, "manifest.json");
    if (status == PLD_OK) status = pld_json_write(path, copy, true);
    yyjson_mut_doc_free(copy);
    return status;
}

static pld_status copy_file(const char *out, const char *from, const char *name)
{
    char source[4096], target[4096];
    PLD_TRY(pld_path_join(source, sizeof source, from, name));
    PLD_TRY(pld_path_join(target, sizeof target, out, name));
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, source, PLD_EDATA));
    pld_status status = pld_file_write(target, bytes.data, bytes.size);
    pld_bytes_release(&bytes);
    return status;
}

static pld_status check_manifests(const struct pld_words *in)
{
    yyjson_doc *first, *other;
    PLD_TRY(pld_manifest_read(&first, in->items[0]));
    pld_status status = PLD_OK;
    for (size_t i = 1; i < in->count && status == PLD_OK; i++) {
        status = pld_manifest_read(&other, in->items[i]);
        if (status != PLD_OK) break;
        status = pld_manifest_match(yyjson_doc_get_root(first), yyjson_doc_get_root(other),
                                    in->items[i]);
        yyjson_doc_free(other);
    }
    yyjson_doc_free(first);
    return status;
}

static pld_status join(struct pld_merge_summary *summary, struct pld_points *all, const char *out,
                       const struct pld_words *in)
{
    char absent[256];
    int total;
    PLD_TRY(check_manifests(in));
    PLD_TRY(missing_shards(absent, sizeof absent, &total, in));
    for (size_t i = 0; i < in->count; i++)
        PLD_TRY(add_shard(all, in->items[i]));
    qsort(all->items, (size_t)all->count, sizeof *all->items, in_network_order);
    PLD_TRY(pld_dir_make(out));
    PLD_TRY(write_manifest(out, in->items[0], total));
    PLD_TRY(copy_file(out, in->items[0], "groups.json"));
    PLD_TRY(pld_journal_write(out, all));
    PLD_TRY(pld_results_write(out));
    summary->shards = (int)in->count;
    summary->points = all->count ? all->count - 1 : 0;
    summary->missing = total - summary->points;
    if (absent[0]) return pld_fail(PLD_EINCOMPLETE, out, "shards missing:%s", absent);
    if (summary->missing > 0)
        return pld_fail(PLD_EINCOMPLETE, out, "%d of %d points are missing; --resume the shards",
                        summary->missing, total);
    return PLD_OK;
}

pld_status pld_merge_run(struct pld_merge_summary *summary, const char *out,
                         const struct pld_words *in)
{
    struct pld_points all = {0};
    *summary = (struct pld_merge_summary){0};
    if (!in->count) return pld_fail(PLD_EUSAGE, "merge", "no folder to join");
    pld_status status = join(summary, &all, out, in);
    pld_points_release(&all);
    return status;
}
