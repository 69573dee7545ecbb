/* Lists of detections, the choice of a file format, and writing of COCO results. */
#include "eval/detection.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/log.h"
#include "core/str.h"
#include "eval/detections_internal.h"

void pld_detections_release(struct pld_detections *list)
{
    free(list->items);
    *list = (struct pld_detections){0};
}

pld_status pld_detections_reserve(struct pld_detections *list, size_t capacity)
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
        PLD_TRY(pld_detections_reserve(list, list->capacity ? list->capacity * 2 : 256));
    list->items[list->count++] = *item;
    return PLD_OK;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Leaves out the detections whose image or category is -1, and says which. */
static void drop_unknown(struct pld_detections *list, const char *path)
{
    size_t kept = 0, images = 0, categories = 0, first = list->count;
    for (size_t i = 0; i < list->count; i++) {
        const struct pld_detection *det = &list->items[i];
        if (det->image >= 0 && det->category >= 0) {
            list->items[kept++] = *det;
            continue;
        }
        if (first == list->count) first = i;
        det->image < 0 ? images++ : categories++;
    }
    if (images + categories)
        pld_log(PLD_LOG_WARN,
                "%s: left out %zu detections of images and %zu of categories that the dataset does "
                "not have, the first is detection %zu (from 0)",
                path, images, categories, first);
    list->count = kept;
}

pld_status pld_detections_open(struct pld_detections *out, const char *path,
                               const struct pld_dataset *dataset, struct pld_pool *pool)
{
    char start[8];
    *out = (struct pld_detections){0};
    FILE *file = fopen(path, "re");
    if (!file) return pld_fail(PLD_EDATA, path, "cannot open: %s", strerror(errno));
    size_t size = fread(start, 1, sizeof start, file);
    fclose(file);
    pld_status status = pld_detections_is_cache(start, size)
                            ? pld_detections_read_cache(out, path, dataset)
                            : pld_detections_read_json(out, path, dataset, pool, 0);
    if (status == PLD_OK && dataset->drop_unknown) drop_unknown(out, path);
    return status;
}

pld_status pld_detections_read(struct pld_detections *out, const char *path,
                               const struct pld_dataset *dataset)
{
    return pld_detections_open(out, path, dataset, NULL);
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

static pld_status write_json(const char *path, const struct pld_detections *list,
                             const struct pld_dataset *dataset)
{
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

pld_status pld_detections_write(const char *path, const struct pld_detections *list,
                                const struct pld_dataset *dataset)
{
    size_t n = strlen(path);
    for (size_t i = 0; i < list->count; i++)
        PLD_TRY(check_entry(path, i, &list->items[i], dataset));
    return n > 5 && strcmp(path + n - 5, ".pldt") == 0
               ? pld_detections_write_cache(path, list, dataset)
               : write_json(path, list, dataset);
}
