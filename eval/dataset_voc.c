/* Pascal VOC folders: Annotations/NAME.xml, JPEGImages/NAME.jpg, ImageSets/Main/val.txt. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"
#include "core/str.h"
#include "eval/dataset_internal.h"
#include "eval/image.h"
#include "eval/voc_xml.h"

/* The classes of VOC 2007 to 2012, which are numbered 1 to 20 by everyone. */
static const char *const voc_classes[] = {
    "aeroplane", "bicycle",     "bird",  "boat",        "bottle", "bus",      "car",
    "cat",       "chair",       "cow",   "diningtable", "dog",    "horse",    "motorbike",
    "person",    "pottedplant", "sheep", "sofa",        "train",  "tvmonitor"};
enum { VOC_CLASSES = sizeof voc_classes / sizeof *voc_classes };

struct reader {
    struct pld_dataset *out;
    const struct pld_dataset_options *options;
    const char *path;
    struct pld_path_list names;   /* of the images, without folder and extension */
    struct pld_path_list classes; /* sorted */
    struct pld_voc_file *files;   /* [names.count] */
    struct pld_annotation_list boxes;
};

/* ---- which images ---- */

/* The first word of each line; lists of one class have a mark behind it. */
static pld_status read_set(struct reader *r, const char *file)
{
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, file, PLD_EDATA));
    pld_status status = PLD_OK;
    if (memchr(bytes.data, 0, bytes.size)) status = pld_fail(PLD_EDATA, file, "not a text file");
    char *rest = (char *)bytes.data;
    for (char *line; status == PLD_OK && (line = strsep(&rest, "\n"));) {
        line += strspn(line, " \t\r");
        line[strcspn(line, " \t\r")] = '\0';
        if (*line) status = pld_path_list_add(&r->names, line);
    }
    pld_bytes_release(&bytes);
    return status;
}

static pld_status read_folder(struct reader *r, const char *dir)
{
    DIR *stream = opendir(dir);
    if (!stream) return pld_fail(PLD_EDATA, dir, "cannot open");
    pld_status status = PLD_OK;
    const struct dirent *entry;
    while (status == PLD_OK && (entry = readdir(stream))) {
        const char *name = entry->d_name, *dot = strrchr(name, '.');
        char stem[256];
        if (name[0] == '.' || !dot || strcmp(dot, ".xml") != 0) continue;
        snprintf(stem, sizeof stem, "%.*s", (int)(dot - name), name);
        status = pld_path_list_add(&r->names, stem);
    }
    closedir(stream);
    return status;
}

static pld_status list_names(struct reader *r)
{
    static const char *const sets[] = {"val", "test"};
    struct pld_arena *arena = &r->out->arena;
    for (size_t i = 0; i < 2; i++) {
        const char *file = pld_arena_printf(arena, "%s/ImageSets/Main/%s.txt", r->path, sets[i]);
        if (!file) return PLD_EDEVICE;
        if (!pld_file_exists(file)) continue;
        PLD_TRY(read_set(r, file));
        if (r->names.count == 0) return pld_fail(PLD_EDATA, file, "names no image");
        return PLD_OK;
    }
    const char *dir = pld_arena_printf(arena, "%s/Annotations", r->path);
    if (!dir) return PLD_EDEVICE;
    pld_log(PLD_LOG_INFO,
            "%s: neither val.txt nor test.txt in ImageSets/Main; all annotations are "
            "taken",
            r->path);
    PLD_TRY(read_folder(r, dir));
    return r->names.count ? PLD_OK : pld_fail(PLD_EDATA, dir, "no .xml files");
}

/* 000012 is image 12 where all names are such numbers, as in VOC 2007; else ids count from 1. */
static bool all_numbers(const struct pld_path_list *names)
{
    long long before = -1, value;
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        if (strspn(name, "0123456789") != strlen(name) || !pld_parse_i64(name, &value) ||
            value <= before)
            return false;
        before = value;
    }
    return true;
}

static pld_status make_images(struct reader *r)
{
    struct pld_dataset *out = r->out;
    size_t dropped = pld_path_list_sort(&r->names), count = r->names.count;
    if (dropped) pld_log(PLD_LOG_WARN, "%s: %zu images are listed twice", r->path, dropped);
    if (count > INT32_MAX) return pld_fail(PLD_EDATA, r->path, "too many images");
    bool numbers = all_numbers(&r->names);
    out->images = pld_arena_array(&out->arena, count, sizeof *out->images);
    if (!out->images) return PLD_EDEVICE;
    for (size_t i = 0; i < count; i++) {
        long long id = (long long)i + 1;
        if (numbers) pld_parse_i64(r->names.items[i], &id);
        out->images[i].id = id;
    }
    if (r->options->max_images > 0 && count > (size_t)r->options->max_images)
        count = (size_t)r->options->max_images;
    out->n_images = (int)count;
    return PLD_OK;
}

/* ---- files ---- */

static pld_status read_file(struct reader *r, size_t i)
{
    struct pld_arena *arena = &r->out->arena;
    const char *file = pld_arena_printf(arena, "%s/Annotations/%s.xml", r->path, r->names.items[i]);
    struct pld_bytes bytes;
    if (!file) return PLD_EDEVICE;
    PLD_TRY(pld_file_read(&bytes, file, PLD_EDATA));
    pld_status status =
        pld_voc_parse(&r->files[i], arena, (const char *)bytes.data, bytes.size, file);
    pld_bytes_release(&bytes);
    for (size_t o = 0; status == PLD_OK && o < r->files[i].n_objects; o++) {
        const struct pld_voc_object *object = &r->files[i].objects[o];
        if (object->xmax >= object->xmin && object->ymax >= object->ymin) continue;
        const char *where = pld_arena_printf(arena, "%s:%d", file, object->line);
        status = pld_fail(PLD_EDATA, where ? where : file,
                          "a box that ends before it begins ('%s')", object->name);
    }
    return status;
}

/* The file that the annotations name, else one of the same name with another ending. */
static pld_status find_image(struct reader *r, size_t i)
{
    static const char *const endings[] = {"jpg", "jpeg", "png", "JPG", "JPEG", "PNG", "bmp"};
    struct pld_image_entry *image = &r->out->images[i];
    struct pld_arena *arena = &r->out->arena;
    const char *stem = r->names.items[i], *named = r->files[i].filename;
    const char *file = named ? pld_path_basename(named) : NULL;
    for (int e = -1; e < (int)(sizeof endings / sizeof *endings); e++) {
        if (e >= 0) file = pld_arena_printf(arena, "%s.%s", stem, endings[e]);
        if (!file) {
            if (e >= 0) return PLD_EDEVICE;
            continue;
        }
        image->path = pld_arena_printf(arena, "%s/JPEGImages/%s", r->path, file);
        if (!image->path) return PLD_EDEVICE;
        image->name = image->path + strlen(image->path) - strlen(file);
        if (pld_file_exists(image->path)) return PLD_OK;
    }
    image->path = NULL;
    image->name = named ? pld_path_basename(named) : pld_arena_printf(arena, "%s.jpg", stem);
    if (!image->name) return PLD_EDEVICE;
    if (r->options->need_images)
        return pld_fail(PLD_EDATA, r->path, "no image file for '%s' in JPEGImages", stem);
    return PLD_OK;
}

static pld_status read_files(struct reader *r)
{
    r->files = pld_arena_array(&r->out->arena, (size_t)r->out->n_images, sizeof *r->files);
    if (!r->files) return PLD_EDEVICE;
    struct pld_findings *findings = r->options->findings;
    for (int i = 0; i < r->out->n_images; i++) {
        struct pld_image_entry *image = &r->out->images[i];
        bool left_out;
        PLD_TRY(pld_findings_take(findings, PLD_FINDING_KIND_ENTRY, read_file(r, (size_t)i),
                                  &left_out));
        if (left_out) r->files[i].n_objects = 0;
        PLD_TRY(pld_findings_take(findings, PLD_FINDING_KIND_MISSING_IMAGE,
                                  find_image(r, (size_t)i), NULL));
        image->width = r->files[i].width;
        image->height = r->files[i].height;
    }
    return PLD_OK;
}

/* ---- classes and boxes ---- */

static bool is_voc_class(const char *name)
{
    for (int i = 0; i < VOC_CLASSES; i++)
        if (strcmp(name, voc_classes[i]) == 0) return true;
    return false;
}

/* The names in the files, sorted; all twenty where those of VOC are the only ones, since a class
 * may be missing in a small set. Ids from 1. */
static pld_status make_classes(struct reader *r)
{
    struct pld_dataset *out = r->out;
    bool voc = true;
    for (int i = 0; i < out->n_images; i++)
        for (size_t o = 0; o < r->files[i].n_objects; o++) {
            const char *name = r->files[i].objects[o].name;
            voc = voc && is_voc_class(name);
            PLD_TRY(pld_path_list_add(&r->classes, name));
        }
    for (int i = 0; voc && i < VOC_CLASSES; i++)
        PLD_TRY(pld_path_list_add(&r->classes, voc_classes[i]));
    pld_path_list_sort(&r->classes);
    out->n_categories = (int)r->classes.count;
    out->categories = pld_arena_array(&out->arena, r->classes.count, sizeof *out->categories);
    if (!out->categories) return PLD_EDEVICE;
    for (int i = 0; i < out->n_categories; i++) {
        out->categories[i].id = i + 1;
        out->categories[i].name = pld_arena_strdup(&out->arena, r->classes.items[i]);
        if (!out->categories[i].name) return PLD_EDEVICE;
    }
    return PLD_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

static pld_status add_box(struct reader *r, int image, const struct pld_voc_object *object)
{
    char **class = bsearch(object->name, r->classes.items, r->classes.count,
                           sizeof *r->classes.items, by_name);
    struct pld_annotation a = {.id = (int64_t)r->boxes.count + 1,
                               .image = image,
                               .category = (int32_t)(class - r->classes.items),
                               .x = object->xmin - 1,
                               .y = object->ymin - 1,
                               .w = object->xmax - object->xmin + 1,
                               .h = object->ymax - object->ymin + 1,
                               .difficult = object->difficult,
                               .truncated = object->truncated};
    a.area = a.w * a.h;
    return pld_annotation_list_add(&r->boxes, &a);
}

static pld_status read_all(struct reader *r)
{
    PLD_TRY(list_names(r));
    PLD_TRY(make_images(r));
    PLD_TRY(read_files(r));
    PLD_TRY(make_classes(r));
    for (int i = 0; i < r->out->n_images; i++)
        for (size_t o = 0; o < r->files[i].n_objects; o++)
            PLD_TRY(add_box(r, i, &r->files[i].objects[o]));
    r->out->has_labels = true;
    return pld_annotation_list_store(&r->boxes, r->out);
}

pld_status pld_dataset_read_voc(struct pld_dataset *out, const char *path,
                                const struct pld_dataset_options *options)
{
    out->format = "voc";
    out->last_pixel_inside = true;
    struct reader r = {.out = out, .options = options, .path = path};
    pld_status status = read_all(&r);
    pld_annotation_list_release(&r.boxes);
    pld_path_list_release(&r.names);
    pld_path_list_release(&r.classes);
    return status;
}
