#include "run/manifest.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/file.h"

static const char FILE_NAME[] = "manifest.json";

static void add_time(yyjson_mut_doc *doc, yyjson_mut_val *root, const char *key, double seconds)
{
    char text[32];
    time_t when = (time_t)seconds;
    struct tm utc;
    gmtime_r(&when, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    yyjson_mut_obj_add_strcpy(doc, root, key, text);
}

static void add_model(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct pld_manifest *m)
{
    yyjson_mut_val *model = yyjson_mut_obj_add_obj(doc, root, "model");
    const struct pld_graph *graph = m->session->model;
    const struct pld_shape *shape = &m->detector->graph->values[m->detector->input].desc.shape;
    yyjson_mut_obj_add_strcpy(doc, model, "path", m->model_path);
    yyjson_mut_obj_add_strcpy(doc, model, "sha256", graph->sha256);
    yyjson_mut_obj_add_int(doc, model, "params", m->params);
    yyjson_mut_obj_add_int(doc, model, "macs", m->macs);
    yyjson_mut_val *dims = yyjson_mut_obj_add_arr(doc, model, "input_shape");
    for (int i = 0; i < shape->rank; i++)
        yyjson_mut_arr_add_int(doc, dims, i ? shape->dim[i] : 1);
}

static void add_dataset(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct pld_manifest *m)
{
    yyjson_mut_val *data = yyjson_mut_obj_add_obj(doc, root, "dataset");
    const struct pld_dataset *d = &m->session->dataset;
    yyjson_mut_obj_add_strcpy(doc, data, "path", m->data_path);
    yyjson_mut_obj_add_strcpy(doc, data, "format", d->format);
    yyjson_mut_obj_add_strcpy(doc, data, "sha256", d->sha256);
    yyjson_mut_obj_add_int(doc, data, "images", d->n_images);
    yyjson_mut_obj_add_int(doc, data, "annotations", d->n_annotations);
    yyjson_mut_obj_add_int(doc, data, "categories", d->n_categories);
}

static void add_settings(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct pld_manifest *m)
{
    const struct pld_decode_options *decode = &m->session->decode;
    yyjson_mut_obj_add_strcpy(doc, root, "criterion", m->criterion);
    yyjson_mut_val *ratios = yyjson_mut_obj_add_arr(doc, root, "ratios");
    for (size_t i = 0; i < m->ratios.count; i++)
        yyjson_mut_arr_add_real(doc, ratios, m->ratios.items[i]);
    yyjson_mut_obj_add_strcpy(doc, root, "metric", m->metric);
    yyjson_mut_obj_add_str(doc, root, "protocol", "coco");
    yyjson_mut_obj_add_strcpy(doc, root, "head", m->session->head.head->name);
    yyjson_mut_obj_add_strcpy(doc, root, "preprocess", m->session->preprocess->name);
    pld_json_add_real(doc, root, "conf", (double)decode->conf);
    pld_json_add_real(doc, root, "iou", (double)decode->iou);
    yyjson_mut_obj_add_int(doc, root, "max_det", decode->max_det);
    yyjson_mut_obj_add_int(doc, root, "batch", m->detector->batch);
    yyjson_mut_obj_add_uint(doc, root, "seed", m->session->options->seed);
}

yyjson_mut_doc *pld_manifest_doc(const struct pld_manifest *m)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (!doc) return NULL;
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_int(doc, root, "version", 1);
    yyjson_mut_val *program = yyjson_mut_obj_add_obj(doc, root, "program");
    yyjson_mut_obj_add_str(doc, program, "name", "pollard");
    yyjson_mut_obj_add_str(doc, program, "version", PLD_VERSION);
    yyjson_mut_val *command = yyjson_mut_obj_add_arr(doc, root, "command");
    yyjson_mut_arr_add_strcpy(doc, command, m->command_line ? m->command_line : "");
    add_model(doc, root, m);
    add_dataset(doc, root, m);
    add_settings(doc, root, m);
    yyjson_mut_obj_add_strcpy(doc, root, "device", m->session->device->description);
    yyjson_mut_obj_add_int(doc, root, "threads", pld_pool_threads(m->session->pool));
    yyjson_mut_obj_add_int(doc, root, "shard", m->shard);
    yyjson_mut_obj_add_int(doc, root, "shards", m->shards);
    yyjson_mut_obj_add_int(doc, root, "points_total", m->points_total);
    pld_json_add_real(doc, root, "suffix_macs_share", m->suffix_share);
    add_time(doc, root, "started", m->started);
    if (m->seconds >= 0) {
        add_time(doc, root, "finished", (double)time(NULL));
        pld_json_add_real(doc, root, "seconds", m->seconds);
    }
    return doc;
}

pld_status pld_manifest_write(const char *dir, const struct pld_manifest *manifest)
{
    char path[4096];
    PLD_TRY(pld_path_join(path, sizeof path, dir, FILE_NAME));
    yyjson_mut_doc *doc = pld_manifest_doc(manifest);
    if (!doc) return pld_fail_memory("manifest");
    pld_status status = pld_json_write(path, doc, true);
    yyjson_mut_doc_free(doc);
    return status;
}

pld_status pld_manifest_read(yyjson_doc **out, const char *dir)
{
    char path[4096];
    PLD_TRY(pld_path_join(path, sizeof path, dir, FILE_NAME));
    PLD_TRY(pld_json_read(out, path, PLD_EDATA));
    if (yyjson_is_obj(yyjson_doc_get_root(*out))) return PLD_OK;
    yyjson_doc_free(*out);
    *out = NULL;
    return pld_fail(PLD_EDATA, path, "not a manifest");
}

/* Everything that the numbers depend on. Threads and shards do not matter, the batch size may. */
static const char *const identity[] = {
    "/program/version", "/model/sha256", "/dataset/sha256",
    "/dataset/images",  "/criterion",    "/metric",
    "/ratios",          "/protocol",     "/head",
    "/preprocess",      "/conf",         "/iou",
    "/max_det",         "/batch",        "/seed",
};

static char *text_of(yyjson_val *value)
{
    return value ? yyjson_val_write(value, 0, NULL) : strdup("absent");
}

pld_status pld_manifest_match(yyjson_val *a, yyjson_val *b, const char *dir)
{
    for (size_t i = 0; i < sizeof identity / sizeof identity[0]; i++) {
        char *x = text_of(yyjson_ptr_get(a, identity[i]));
        char *y = text_of(yyjson_ptr_get(b, identity[i]));
        pld_status status = PLD_OK;
        if (!x || !y)
            status = pld_fail_memory("manifest");
        else if (strcmp(x, y) != 0)
            status = pld_fail(PLD_EUSAGE, dir, "another sweep: %s is %.100s there and %.100s here",
                              identity[i] + 1, y, x);
        free(x);
        free(y);
        PLD_TRY(status);
    }
    return PLD_OK;
}
