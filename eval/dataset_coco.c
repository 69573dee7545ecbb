/* COCO annotation JSON (https://cocodataset.org/#format-data, object detection). */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/log.h"
#include "eval/dataset_internal.h"

/* The file being read. */
struct reader {
    struct pld_dataset *out;
    const char *path;
    const struct pld_dataset_options *options;
    int no_area, unknown;       /* annotations without `area`; left out */
    enum pld_finding_kind kind; /* that an error in the current entry would be */
};

/* What is to become of an entry, see pld_findings_take(). */
static pld_status leave_out(const struct reader *r, pld_status status, bool *left_out)
{
    return pld_findings_take(r->options->findings, r->kind, status, left_out);
}

/* ---- values ---- */

static bool get_i64(yyjson_val *value, int64_t *out)
{
    if (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX) return false;
    if (!yyjson_is_int(value)) return false;
    *out = yyjson_get_sint(value);
    return true;
}

static bool get_number(yyjson_val *value, double *out)
{
    if (!yyjson_is_num(value)) return false;
    *out = yyjson_get_num(value);
    return isfinite(*out);
}

/* Strings with a zero byte inside count as no string. */
static const char *get_string(yyjson_val *value)
{
    const char *text = yyjson_get_str(value);
    return text && strlen(text) == yyjson_get_len(value) ? text : NULL;
}

/* A list of the document: `list` is NULL where it may be and is missing. */
static pld_status get_list(const struct reader *r, yyjson_val **list, yyjson_val *root,
                           const char *key, bool required)
{
    *list = yyjson_obj_get(root, key);
    if (!*list && required) return pld_fail(PLD_EDATA, r->path, "no \"%s\" list", key);
    if (*list && !yyjson_is_arr(*list))
        return pld_fail(PLD_EDATA, r->path, "\"%s\" is not a list", key);
    if (*list && yyjson_arr_size(*list) > INT32_MAX)
        return pld_fail(PLD_EDATA, r->path, "\"%s\" has too many entries", key);
    return PLD_OK;
}

/* An entry's "id", which says that it is an object too. */
static pld_status get_id(const struct reader *r, int64_t *id, yyjson_val *entry, const char *list,
                         size_t index)
{
    if (!yyjson_is_obj(entry))
        return pld_fail(PLD_EDATA, r->path, "%s[%zu] is not an object", list, index);
    if (!get_i64(yyjson_obj_get(entry, "id"), id))
        return pld_fail(PLD_EDATA, r->path, "%s[%zu]: \"id\" is missing or not a whole number",
                        list, index);
    return PLD_OK;
}

/* ---- images and categories ---- */

/* Width or height: a whole number above 0, or absent (0). */
static bool get_size(yyjson_val *entry, const char *key, int *out)
{
    yyjson_val *value = yyjson_obj_get(entry, key);
    int64_t size = 0;
    if (value && (!get_i64(value, &size) || size < 1 || size > INT32_MAX)) return false;
    *out = (int)size;
    return true;
}

static pld_status read_image(struct reader *r, struct pld_image_entry *image, yyjson_val *entry,
                             size_t index)
{
    PLD_TRY(get_id(r, &image->id, entry, "images", index));
    if (!get_size(entry, "width", &image->width) || !get_size(entry, "height", &image->height))
        return pld_fail(PLD_EDATA, r->path,
                        "images[%zu] (id %lld): \"width\" and \"height\" must be whole numbers "
                        "above 0",
                        index, (long long)image->id);
    yyjson_val *value = yyjson_obj_get(entry, "file_name");
    const char *name = get_string(value);
    if (name && name[0]) {
        image->name = pld_arena_strdup(&r->out->arena, name);
    } else {
        if (value || r->options->need_images)
            return pld_fail(PLD_EDATA, r->path,
                            "images[%zu] (id %lld): \"file_name\" is missing or not a name", index,
                            (long long)image->id);
        image->name = pld_arena_printf(&r->out->arena, "image %lld", (long long)image->id);
    }
    return image->name ? PLD_OK : PLD_EDEVICE;
}

static int by_image_id(const void *a, const void *b)
{
    const struct pld_image_entry *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static pld_status read_images(struct reader *r, yyjson_val *list)
{
    struct pld_dataset *out = r->out;
    size_t count = yyjson_arr_size(list), i, all;
    if (count == 0) return pld_fail(PLD_EDATA, r->path, "\"images\" is empty");
    out->images = pld_arena_array(&out->arena, count, sizeof *out->images);
    if (!out->images) return PLD_EDEVICE;
    yyjson_val *entry;
    size_t n = 0;
    bool left_out;
    r->kind = PLD_FINDING_KIND_ENTRY;
    yyjson_arr_foreach(list, i, all, entry)
    {
        PLD_TRY(leave_out(r, read_image(r, &out->images[n], entry, i), &left_out));
        n += !left_out;
    }
    qsort(out->images, n, sizeof *out->images, by_image_id);
    r->kind = PLD_FINDING_KIND_DUPLICATE_ID;
    for (i = 0; i < n; i++) {
        const struct pld_image_entry *image = &out->images[i], *last = image;
        if (out->n_images) last = &out->images[out->n_images - 1];
        if (out->n_images && last->id == image->id)
            PLD_TRY(
                leave_out(r,
                          pld_fail(PLD_EDATA, r->path, "image id %lld comes twice ('%s' and '%s')",
                                   (long long)image->id, last->name, image->name),
                          NULL));
        else
            out->images[out->n_images++] = *image;
    }
    if (out->n_images == 0) return pld_fail(PLD_EDATA, r->path, "no image can be used");
    return PLD_OK;
}

static pld_status read_category(struct reader *r, struct pld_category *category, yyjson_val *entry,
                                size_t index)
{
    PLD_TRY(get_id(r, &category->id, entry, "categories", index));
    yyjson_val *value = yyjson_obj_get(entry, "name");
    const char *name = get_string(value);
    if (value && !name)
        return pld_fail(PLD_EDATA, r->path, "categories[%zu] (id %lld): \"name\" is not a string",
                        index, (long long)category->id);
    category->name =
        name ? pld_arena_strdup(&r->out->arena, name)
             : pld_arena_printf(&r->out->arena, "category %lld", (long long)category->id);
    return category->name ? PLD_OK : PLD_EDEVICE;
}

static int by_category_id(const void *a, const void *b)
{
    const struct pld_category *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static pld_status read_categories(struct reader *r, yyjson_val *list)
{
    struct pld_dataset *out = r->out;
    size_t count = yyjson_arr_size(list), i, all;
    if (count == 0) return PLD_OK;
    out->categories = pld_arena_array(&out->arena, count, sizeof *out->categories);
    if (!out->categories) return PLD_EDEVICE;
    yyjson_val *entry;
    size_t n = 0;
    bool left_out;
    r->kind = PLD_FINDING_KIND_ENTRY;
    yyjson_arr_foreach(list, i, all, entry)
    {
        PLD_TRY(leave_out(r, read_category(r, &out->categories[n], entry, i), &left_out));
        n += !left_out;
    }
    qsort(out->categories, n, sizeof *out->categories, by_category_id);
    r->kind = PLD_FINDING_KIND_DUPLICATE_ID;
    for (i = 0; i < n; i++) {
        const struct pld_category *category = &out->categories[i], *last = category;
        if (out->n_categories) last = &out->categories[out->n_categories - 1];
        if (out->n_categories && last->id == category->id)
            PLD_TRY(leave_out(r,
                              pld_fail(PLD_EDATA, r->path,
                                       "category id %lld comes twice ('%s' and '%s')",
                                       (long long)category->id, last->name, category->name),
                              NULL));
        else
            out->categories[out->n_categories++] = *category;
    }
    return PLD_OK;
}

/* ---- annotations ---- */

static pld_status fail_annotation(const struct reader *r, size_t index, int64_t id,
                                  const char *problem)
{
    return pld_fail(PLD_EDATA, r->path, "annotations[%zu] (id %lld): %s", index, (long long)id,
                    problem);
}

/* Index of the image or category that `key` names, -1 where unknown ones may be dropped. */
static pld_status get_reference(struct reader *r, int32_t *out, yyjson_val *entry, const char *key,
                                size_t index, int64_t id)
{
    int64_t target;
    bool image = strcmp(key, "image_id") == 0;
    if (!get_i64(yyjson_obj_get(entry, key), &target))
        return pld_fail(PLD_EDATA, r->path,
                        "annotations[%zu] (id %lld): \"%s\" is missing or not a whole number",
                        index, (long long)id, key);
    *out = image ? pld_dataset_image(r->out, target) : pld_dataset_category(r->out, target);
    if (*out >= 0 || r->options->drop_unknown) return PLD_OK;
    return pld_fail(PLD_EDATA, r->path, "annotations[%zu] (id %lld): unknown %s id %lld", index,
                    (long long)id, image ? "image" : "category", (long long)target);
}

static pld_status get_box(const struct reader *r, struct pld_annotation *a, yyjson_val *entry,
                          size_t index)
{
    yyjson_val *box = yyjson_obj_get(entry, "bbox");
    double *const fields[] = {&a->x, &a->y, &a->w, &a->h};
    bool good = yyjson_is_arr(box) && yyjson_arr_size(box) == 4;
    for (size_t i = 0; i < 4 && good; i++)
        good = get_number(yyjson_arr_get(box, i), fields[i]);
    if (!good) return fail_annotation(r, index, a->id, "\"bbox\" is not a list of four numbers");
    if (a->w < 0 || a->h < 0)
        return fail_annotation(r, index, a->id, "\"bbox\" has a negative size");
    return PLD_OK;
}

static pld_status get_area(struct reader *r, struct pld_annotation *a, yyjson_val *entry,
                           size_t index)
{
    yyjson_val *area = yyjson_obj_get(entry, "area");
    if (r->options->strict && (!area || !yyjson_obj_get(entry, "iscrowd")))
        return fail_annotation(r, index, a->id, "\"area\" and \"iscrowd\" are needed (--strict)");
    if (!area) {
        a->area = a->w * a->h;
        r->no_area++;
    } else if (!get_number(area, &a->area) || a->area < 0) {
        return fail_annotation(r, index, a->id, "\"area\" is not a number of 0 or more");
    }
    return PLD_OK;
}

/* A mark that may be missing, for no. */
static pld_status get_mark(const struct reader *r, bool *out, yyjson_val *entry, const char *key,
                           size_t index, int64_t id)
{
    yyjson_val *mark = yyjson_obj_get(entry, key);
    int64_t value = 0;
    if (yyjson_is_bool(mark))
        value = yyjson_get_bool(mark);
    else if (mark && (!get_i64(mark, &value) || value < 0 || value > 1))
        return pld_fail(PLD_EDATA, r->path, "annotations[%zu] (id %lld): \"%s\" is neither 0 nor 1",
                        index, (long long)id, key);
    *out = value == 1;
    return PLD_OK;
}

/* `a->image` or `a->category` is -1 for an annotation to leave out. */
static pld_status read_annotation(struct reader *r, struct pld_annotation *a, yyjson_val *entry,
                                  size_t index)
{
    r->kind = PLD_FINDING_KIND_ENTRY;
    PLD_TRY(get_id(r, &a->id, entry, "annotations", index));
    r->kind = PLD_FINDING_KIND_UNKNOWN_IMAGE;
    PLD_TRY(get_reference(r, &a->image, entry, "image_id", index, a->id));
    r->kind = PLD_FINDING_KIND_UNKNOWN_CATEGORY;
    PLD_TRY(get_reference(r, &a->category, entry, "category_id", index, a->id));
    r->kind = PLD_FINDING_KIND_BOX;
    PLD_TRY(get_box(r, a, entry, index));
    r->kind = PLD_FINDING_KIND_ENTRY;
    PLD_TRY(get_mark(r, &a->crowd, entry, "iscrowd", index, a->id));
    PLD_TRY(get_mark(r, &a->difficult, entry, "difficult", index, a->id));
    PLD_TRY(get_mark(r, &a->truncated, entry, "truncated", index, a->id));
    return get_area(r, a, entry, index);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* pycocotools takes the last one for both, and scores something else than the file says. */
static pld_status refuse_duplicates(struct reader *r)
{
    size_t count = (size_t)r->out->n_annotations;
    if (count < 2) return PLD_OK;
    int64_t *ids = malloc(count * sizeof *ids);
    if (!ids) return pld_fail_memory("annotations");
    for (size_t i = 0; i < count; i++)
        ids[i] = r->out->annotations[i].id;
    qsort(ids, count, sizeof *ids, by_number);
    pld_status status = PLD_OK;
    r->kind = PLD_FINDING_KIND_DUPLICATE_ID;
    for (size_t i = 1; i < count && status == PLD_OK; i++)
        if (ids[i] == ids[i - 1])
            status = leave_out(
                r,
                pld_fail(PLD_EDATA, r->path, "annotation id %lld comes twice", (long long)ids[i]),
                NULL);
    free(ids);
    return status;
}

static pld_status read_annotations(struct reader *r, yyjson_val *list)
{
    struct pld_dataset *out = r->out;
    size_t i, all;
    out->annotations =
        pld_arena_array(&out->arena, yyjson_arr_size(list), sizeof *out->annotations);
    if (!out->annotations) return PLD_EDEVICE;
    yyjson_val *entry;
    yyjson_arr_foreach(list, i, all, entry)
    {
        struct pld_annotation a = {0};
        bool left_out;
        PLD_TRY(leave_out(r, read_annotation(r, &a, entry, i), &left_out));
        if (left_out) continue;
        if (a.image < 0 || a.category < 0)
            r->unknown++;
        else
            out->annotations[out->n_annotations++] = a;
    }
    out->has_labels = true;
    if (r->no_area)
        pld_log(PLD_LOG_WARN, "%s: %d annotations have no \"area\"; w * h is used", r->path,
                r->no_area);
    if (r->unknown)
        pld_log(PLD_LOG_WARN, "%s: %d annotations of unknown images or categories are left out",
                r->path, r->unknown);
    return refuse_duplicates(r);
}

/* ---- image files ---- */

/* "val2017" for ".../instances_val2017.json"; NULL where the name has no such part. */
static const char *split_of(struct pld_dataset *out, const char *path)
{
    const char *base = pld_path_basename(path), *mark = strrchr(base, '_');
    const char *dot = strrchr(base, '.');
    if (!mark || !dot || dot <= mark + 1) return NULL;
    return pld_arena_strndup(&out->arena, mark + 1, (size_t)(dot - mark - 1));
}

enum { MAX_ROOTS = 5 };

/* Folders to look in, the likeliest first. Returns how many, 0 on no memory. */
static int list_roots(const struct reader *r, const char *roots[MAX_ROOTS])
{
    struct pld_dataset *out = r->out;
    if (r->options->images_dir) {
        roots[0] = r->options->images_dir;
        return 1;
    }
    const char *dir = pld_dataset_dirname(out, r->path), *split = split_of(out, r->path);
    int n = 0;
    if (!dir) return 0;
    roots[n++] = dir;
    roots[n++] = pld_arena_printf(&out->arena, "%s/images", dir);
    roots[n++] = pld_arena_printf(&out->arena, "%s/../images", dir);
    if (split) {
        roots[n++] = pld_arena_printf(&out->arena, "%s/../%s", dir, split);
        roots[n++] = pld_arena_printf(&out->arena, "%s/../images/%s", dir, split);
    }
    for (int i = 0; i < n; i++)
        if (!roots[i]) return 0;
    return n;
}

/* The folder in which the first image is found; all others must be in the same. */
static pld_status choose_root(const struct reader *r, const char **root)
{
    const char *roots[MAX_ROOTS];
    const struct pld_image_entry *first = &r->out->images[0];
    int n = list_roots(r, roots);
    if (n == 0) return PLD_EDEVICE;
    if (r->options->images_dir && !pld_dir_exists(r->options->images_dir))
        return pld_fail(PLD_EDATA, r->options->images_dir, "no such folder of images");
    for (int i = 0; i < n; i++) {
        const char *path = pld_dataset_path(r->out, roots[i], first->name);
        if (!path) return PLD_EDEVICE;
        *root = roots[i];
        if (pld_file_exists(path)) return PLD_OK;
    }
    if (r->options->images_dir)
        return pld_fail(PLD_EDATA, r->path, "image file '%s' (id %lld) is not in %s", first->name,
                        (long long)first->id, r->options->images_dir);
    return pld_fail(PLD_EDATA, r->path,
                    "image file '%s' (id %lld) is neither beside the annotations nor in images/; "
                    "give its folder with --images",
                    first->name, (long long)first->id);
}

static pld_status locate_images(struct reader *r)
{
    const char *root = NULL;
    bool left_out;
    r->kind = PLD_FINDING_KIND_MISSING_IMAGE;
    PLD_TRY(leave_out(r, choose_root(r, &root), &left_out));
    if (left_out && (!root || !r->options->images_dir)) return PLD_OK; /* nowhere else to look */
    for (int i = 0; i < r->out->n_images; i++) {
        struct pld_image_entry *image = &r->out->images[i];
        image->path = pld_dataset_path(r->out, root, image->name);
        if (!image->path) return PLD_EDEVICE;
        if (pld_file_exists(image->path)) continue;
        image->path = NULL;
        if (i == 0 && left_out) continue; /* said already */
        PLD_TRY(leave_out(r,
                          pld_fail(PLD_EDATA, r->path, "image file '%s' (id %lld) is not in %s",
                                   image->name, (long long)image->id, root),
                          NULL));
    }
    return PLD_OK;
}

/* ---- the format ---- */

static pld_status check_root(const struct reader *r, yyjson_val *root)
{
    if (yyjson_is_obj(root)) return PLD_OK;
    if (yyjson_is_arr(root))
        return pld_fail(PLD_EDATA, r->path,
                        "a list, not COCO annotations; detections are read with --detections");
    return pld_fail(PLD_EDATA, r->path, "not COCO annotations: the document is not an object");
}

pld_status pld_dataset_parse_coco(struct pld_dataset *out, yyjson_val *root, const char *path,
                                  const struct pld_dataset_options *options)
{
    struct reader r = {.out = out, .path = path, .options = options};
    yyjson_val *images, *categories, *annotations;
    PLD_TRY(check_root(&r, root));
    out->last_pixel_inside =
        yyjson_get_bool(yyjson_obj_get(yyjson_obj_get(root, "info"), "last_pixel_inside"));
    PLD_TRY(get_list(&r, &images, root, "images", true));
    PLD_TRY(get_list(&r, &annotations, root, "annotations", options->need_labels));
    PLD_TRY(get_list(&r, &categories, root, "categories", annotations != NULL));
    PLD_TRY(read_images(&r, images));
    if (categories) PLD_TRY(read_categories(&r, categories));
    if (annotations) PLD_TRY(read_annotations(&r, annotations));
    pld_dataset_limit(out, options->max_images);
    return options->need_images ? locate_images(&r) : PLD_OK;
}

pld_status pld_dataset_read_coco(struct pld_dataset *out, const char *path,
                                 const struct pld_dataset_options *options)
{
    out->format = "coco";
    yyjson_doc *doc;
    PLD_TRY(pld_json_read(&doc, path, PLD_EDATA));
    pld_status status = pld_dataset_parse_coco(out, yyjson_doc_get_root(doc), path, options);
    yyjson_doc_free(doc);
    return status;
}
