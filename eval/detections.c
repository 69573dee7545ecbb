/* Lists of detections, and COCO results files. */
#include "eval/detection.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/str.h"

void pld_detections_release(struct pld_detections *list)
{
    free(list->items);
    *list = (struct pld_detections){0};
}

static pld_status reserve(struct pld_detections *list, size_t capacity)
{
    if (capacity <= list->capacity) return PLD_OK;
    if (capacity > SIZE_MAX / sizeof *list->items) return pld_fail_memory("detections");
    struct pld_detection *items = realloc(list->items, capacity * sizeof *items);
    if (!items) return pld_fail_memory("detections");
    list->items = items;
    list->capacity = capacity;
    return PLD_OK;
}

pld_status pld_detections_add(struct pld_detections *list, const struct pld_detection *item)
{
    if (list->count == list->capacity)
        PLD_TRY(reserve(list, list->capacity ? list->capacity * 2 : 256));
    list->items[list->count++] = *item;
    return PLD_OK;
}

/* ---- reading ------------------------------------------------------------------------------- */

struct reader {
    const char *path;
    const struct pld_dataset *dataset;
    size_t index; /* of the entry being read, from 0 */
    int64_t last_image_id, last_category_id;
    int last_image, last_category; /* -1: none yet. Neighbours are often of one image */
};

/* The fields of an entry; those that are missing are NULL. */
struct fields {
    yyjson_val *image_id, *category_id, *bbox, *score;
};

static pld_status wrong(const struct reader *reader, const char *what)
{
    return pld_fail(PLD_EDATA, reader->path, "detection %zu (from 0): %s", reader->index, what);
}

static struct fields find_fields(yyjson_val *entry)
{
    struct fields fields = {0};
    yyjson_obj_iter it = yyjson_obj_iter_with(entry);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it));) {
        yyjson_val *value = yyjson_obj_iter_get_val(key);
        if (yyjson_equals_str(key, "image_id"))
            fields.image_id = value;
        else if (yyjson_equals_str(key, "category_id"))
            fields.category_id = value;
        else if (yyjson_equals_str(key, "bbox"))
            fields.bbox = value;
        else if (yyjson_equals_str(key, "score"))
            fields.score = value;
    }
    return fields;
}

static pld_status read_id(int64_t *out, const struct reader *reader, yyjson_val *value,
                          const char *name)
{
    if (!value)
        return pld_fail(PLD_EDATA, reader->path, "detection %zu (from 0): no \"%s\"", reader->index,
                        name);
    if (!yyjson_is_int(value) || (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX))
        return pld_fail(PLD_EDATA, reader->path, "detection %zu (from 0): \"%s\" is not an integer",
                        reader->index, name);
    *out = yyjson_get_sint(value);
    return PLD_OK;
}

static pld_status read_image(int32_t *out, struct reader *reader, yyjson_val *value)
{
    int64_t id;
    PLD_TRY(read_id(&id, reader, value, "image_id"));
    if (reader->last_image < 0 || reader->last_image_id != id) {
        int image = pld_dataset_image(reader->dataset, id);
        if (image < 0)
            return pld_fail(PLD_EDATA, reader->path,
                            "detection %zu (from 0): image_id %lld is not in the dataset",
                            reader->index, (long long)id);
        reader->last_image = image;
        reader->last_image_id = id;
    }
    *out = reader->last_image;
    return PLD_OK;
}

static pld_status read_category(int32_t *out, struct reader *reader, yyjson_val *value)
{
    int64_t id;
    PLD_TRY(read_id(&id, reader, value, "category_id"));
    if (reader->last_category < 0 || reader->last_category_id != id) {
        int category = pld_dataset_category(reader->dataset, id);
        if (category < 0)
            return pld_fail(PLD_EDATA, reader->path,
                            "detection %zu (from 0): category_id %lld is not in the dataset",
                            reader->index, (long long)id);
        reader->last_category = category;
        reader->last_category_id = id;
    }
    *out = reader->last_category;
    return PLD_OK;
}

static pld_status read_entry(struct pld_detection *out, struct reader *reader, yyjson_val *entry)
{
    if (!yyjson_is_obj(entry)) return wrong(reader, "not an object");
    struct fields fields = find_fields(entry);
    PLD_TRY(read_image(&out->image, reader, fields.image_id));
    PLD_TRY(read_category(&out->category, reader, fields.category_id));
    if (!fields.bbox) return wrong(reader, "no \"bbox\"");
    if (!yyjson_is_arr(fields.bbox) || yyjson_arr_size(fields.bbox) != 4)
        return wrong(reader, "\"bbox\" is not [x, y, width, height]");
    double box[4];
    yyjson_arr_iter it = yyjson_arr_iter_with(fields.bbox);
    for (int i = 0; i < 4; i++) {
        yyjson_val *number = yyjson_arr_iter_next(&it);
        if (!yyjson_is_num(number)) return wrong(reader, "\"bbox\" has an entry that is no number");
        box[i] = yyjson_get_num(number);
    }
    if (!fields.score) return wrong(reader, "no \"score\"");
    if (!yyjson_is_num(fields.score)) return wrong(reader, "\"score\" is not a number");
    out->x = box[0];
    out->y = box[1];
    out->w = box[2];
    out->h = box[3];
    out->score = yyjson_get_num(fields.score);
    return PLD_OK;
}

static pld_status read_list(struct pld_detections *out, struct reader *reader, yyjson_val *root)
{
    if (!yyjson_is_arr(root))
        return pld_fail(PLD_EDATA, reader->path, "not a list of detections%s",
                        yyjson_obj_get(root, "annotations") ? " (these look like annotations)"
                                                            : "");
    PLD_TRY(reserve(out, yyjson_arr_size(root)));
    yyjson_arr_iter it = yyjson_arr_iter_with(root);
    for (yyjson_val *entry; (entry = yyjson_arr_iter_next(&it)); reader->index++) {
        PLD_TRY(read_entry(&out->items[out->count], reader, entry));
        out->count++;
    }
    return PLD_OK;
}

pld_status pld_detections_read(struct pld_detections *out, const char *path,
                               const struct pld_dataset *dataset)
{
    *out = (struct pld_detections){0};
    yyjson_doc *doc;
    PLD_TRY(pld_json_read(&doc, path, PLD_EDATA));
    struct reader reader = {
        .path = path, .dataset = dataset, .last_image = -1, .last_category = -1};
    pld_status status = read_list(out, &reader, yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
    if (status != PLD_OK) pld_detections_release(out);
    return status;
}

/* ---- writing ------------------------------------------------------------------------------- */

enum { CHUNK = 512 }; /* entries written at a time */

static pld_status check_entry(const char *path, size_t index, const struct pld_detection *det,
                              const struct pld_dataset *dataset)
{
    if (det->image < 0 || det->image >= dataset->n_images || det->category < 0 ||
        det->category >= dataset->n_categories)
        return pld_fail(PLD_EFAIL, path,
                        "detection %zu is of an image or category outside of the dataset", index);
    if (!isfinite(det->x) || !isfinite(det->y) || !isfinite(det->w) || !isfinite(det->h) ||
        !isfinite(det->score))
        return pld_fail(PLD_EFAIL, path,
                        "detection %zu, of image %lld, has a number that JSON cannot hold", index,
                        (long long)dataset->images[det->image].id);
    return PLD_OK;
}

/* The five numbers of `n` entries as "[x,y,w,h,score,x,...]": the shortest digits that read back as
 * the same double, seventeen at most. Caller frees. */
static char *number_text(const struct pld_detection *items, size_t n)
{
    double values[5 * CHUNK];
    for (size_t i = 0; i < n; i++) {
        const struct pld_detection *det = &items[i];
        const double numbers[5] = {det->x, det->y, det->w, det->h, det->score};
        memcpy(values + 5 * i, numbers, sizeof numbers);
    }
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (doc) yyjson_mut_doc_set_root(doc, yyjson_mut_arr_with_double(doc, values, 5 * n));
    char *text = doc ? pld_json_text(doc, false, NULL) : NULL;
    if (!doc) pld_fail_memory("JSON text");
    yyjson_mut_doc_free(doc);
    return text;
}

/* Moves `count` numbers with the commas between them from *numbers to the end of `text`. */
static void move_numbers(struct pld_str *text, const char **numbers, int count)
{
    const char *start = ++*numbers; /* past the bracket or comma before them */
    for (int i = 0; i < count; i++)
        *numbers += strcspn(*numbers, ",]") + (i + 1 < count);
    pld_str_append_n(text, start, (size_t)(*numbers - start));
}

static pld_status write_chunk(struct pld_str *text, const struct pld_detection *items, size_t n,
                              const struct pld_dataset *dataset)
{
    char *all = number_text(items, n), ids[96];
    if (!all) return PLD_EDEVICE;
    const char *numbers = all;
    for (size_t i = 0; i < n; i++) {
        int length =
            snprintf(ids, sizeof ids, "%s{\"image_id\":%lld,\"category_id\":%lld,",
                     text->len > 1 ? ",\n" : "\n", (long long)dataset->images[items[i].image].id,
                     (long long)dataset->categories[items[i].category].id);
        pld_str_append_n(text, ids, (size_t)length);
        pld_str_append(text, "\"bbox\":[");
        move_numbers(text, &numbers, 4);
        pld_str_append(text, "],\"score\":");
        move_numbers(text, &numbers, 1);
        pld_str_append(text, "}");
    }
    free(all);
    return text->failed ? PLD_EDEVICE : PLD_OK; /* recorded by the buffer */
}

pld_status pld_detections_write(const char *path, const struct pld_detections *list,
                                const struct pld_dataset *dataset)
{
    for (size_t i = 0; i < list->count; i++)
        PLD_TRY(check_entry(path, i, &list->items[i], dataset));
    struct pld_str text = {0};
    pld_status status = PLD_OK;
    pld_str_append(&text, "[");
    for (size_t i = 0; i < list->count && status == PLD_OK; i += CHUNK) {
        size_t n = list->count - i < CHUNK ? list->count - i : CHUNK;
        status = write_chunk(&text, list->items + i, n, dataset);
    }
    pld_str_append(&text, "\n]\n");
    if (status == PLD_OK && text.failed) status = PLD_EDEVICE;
    if (status == PLD_OK) status = pld_file_write(path, text.data, text.len);
    pld_str_release(&text);
    return status;
}
