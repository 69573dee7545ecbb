/* Ultralytics data.yaml with one text file of normalised boxes an image. Written from the format's
 * documentation (docs.ultralytics.com/datasets/detect) alone. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/log.h"
#include "core/str.h"
#include "core/yaml.h"
#include "eval/dataset_internal.h"
#include "eval/image.h"

enum { MAX_CLASSES = 100000 };

struct reader {
    struct pld_dataset *out;
    const struct pld_dataset_options *options;
    const struct pld_yaml *yaml;
    const char *dir;  /* of the yaml file */
    const char *root; /* that the lists of images start from */
    struct pld_path_list list;
};

/* ---- classes ---- */

/* nc: 0 where it is not given. */
static pld_status read_nc(struct reader *r, int *nc)
{
    const struct pld_yaml_node *node = pld_yaml_get(r->yaml->root, "nc");
    long long value = 0;
    *nc = 0;
    if (!node) return PLD_OK;
    PLD_TRY(pld_yaml_i64(&value, r->yaml, node, "nc"));
    if (value < 1 || value > MAX_CLASSES)
        return pld_yaml_fail(r->yaml, node->line, "nc must be from 1 to %d", MAX_CLASSES);
    *nc = (int)value;
    return PLD_OK;
}

/* The class number of item `i`: its place in a list, its key in a mapping. */
static pld_status class_of(const struct reader *r, const struct pld_yaml_node *names, int i,
                           int *class)
{
    const struct pld_yaml_item *item = &names->items[i];
    long long value = i;
    if (item->key && (!pld_parse_i64(item->key, &value) || value < 0 || value >= names->count))
        return pld_yaml_fail(r->yaml, item->line, "names: class number '%s' is not one of 0 .. %d",
                             item->key, names->count - 1);
    *class = (int)value;
    return PLD_OK;
}

static pld_status read_names(struct reader *r, const struct pld_yaml_node *names, int nc)
{
    struct pld_dataset *out = r->out;
    if (names->kind == PLD_YAML_SCALAR || names->count == 0)
        return pld_yaml_fail(r->yaml, names->line, "names must be a list or a mapping of classes");
    if (names->count > MAX_CLASSES)
        return pld_yaml_fail(r->yaml, names->line, "more than %d classes", MAX_CLASSES);
    if (nc && nc != names->count)
        return pld_yaml_fail(r->yaml, names->line, "%d names, but nc is %d", names->count, nc);
    for (int i = 0; i < names->count; i++) {
        const struct pld_yaml_node *name = names->items[i].value;
        int class = 0;
        PLD_TRY(class_of(r, names, i, &class));
        if (name->kind != PLD_YAML_SCALAR)
            return pld_yaml_fail(r->yaml, names->items[i].line, "names: a class must be a string");
        if (out->categories[class].name) /* keys "1" and "01" */
            return pld_yaml_fail(r->yaml, names->items[i].line, "names: class %d comes twice",
                                 class);
        out->categories[class].name = pld_arena_strdup(&out->arena, name->text);
        if (!out->categories[class].name) return PLD_EDEVICE;
    }
    return PLD_OK;
}

static pld_status read_classes(struct reader *r)
{
    struct pld_dataset *out = r->out;
    const struct pld_yaml_node *names = pld_yaml_get(r->yaml->root, "names");
    int nc;
    PLD_TRY(read_nc(r, &nc));
    if (!names && !nc) return pld_fail(PLD_EDATA, r->yaml->name, "neither names nor nc");
    int count = names && names->count ? names->count : nc;
    out->categories = pld_arena_array(&out->arena, (size_t)count, sizeof *out->categories);
    if (!out->categories) return PLD_EDEVICE;
    out->n_categories = count;
    if (names) PLD_TRY(read_names(r, names, nc));
    for (int i = 0; i < count; i++) {
        out->categories[i].id = i;
        if (!names) out->categories[i].name = pld_arena_printf(&out->arena, "class_%d", i);
        if (!out->categories[i].name) return PLD_EDEVICE;
    }
    return PLD_OK;
}

/* ---- where the images are ---- */

static bool path_exists(const char *path)
{
    return pld_file_exists(path) || pld_dir_exists(path);
}

/* `path` is relative to the yaml file or to the current folder; a dataset that was moved together
 * with its yaml is found beside it. */
static pld_status find_root(struct reader *r)
{
    const struct pld_yaml_node *node = pld_yaml_get(r->yaml->root, "path");
    r->root = r->dir;
    if (pld_yaml_is_null(node)) return PLD_OK;
    const char *path;
    PLD_TRY(pld_yaml_string(&path, r->yaml, node, "path"));
    const char *beside = pld_dataset_path(r->out, r->dir, path);
    const char *here = pld_arena_strdup(&r->out->arena, path);
    if (!beside || !here) return PLD_EDEVICE;
    if (pld_dir_exists(beside))
        r->root = beside;
    else if (pld_dir_exists(here))
        r->root = here;
    else
        pld_log(PLD_LOG_WARN, "%s:%d: path '%s' does not exist; looking beside the yaml file",
                r->yaml->name, node->line, path);
    return PLD_OK;
}

/* Some exporters write "../valid/images" for a folder that lies beside the yaml. */
static const char *resolve(struct reader *r, const char *entry)
{
    const char *path = pld_dataset_path(r->out, r->root, entry);
    if (!path || path_exists(path) || strncmp(entry, "../", 3) != 0) return path;
    const char *inside = pld_dataset_path(r->out, r->root, entry + 3);
    return inside && path_exists(inside) ? inside : path;
}

static pld_status add_line(struct reader *r, const char *dir, char *line, const char *file,
                           int number)
{
    size_t n = strlen(line);
    while (n && strchr(" \t\r", line[n - 1]))
        line[--n] = '\0';
    line += strspn(line, " \t");
    if (!*line) return PLD_OK;
    const char *name = strncmp(line, "./", 2) == 0 ? line + 2 : line;
    const char *path = pld_dataset_path(r->out, dir, name);
    if (path && !pld_file_exists(path)) {
        const char *other = pld_dataset_path(r->out, r->root, name);
        if (other && pld_file_exists(other)) path = other;
    }
    if (!path) return PLD_EDEVICE;
    if (pld_file_exists(path)) return pld_path_list_add(&r->list, path);
    char where[512];
    snprintf(where, sizeof where, "%s:%d", file, number);
    return pld_findings_take(r->options->findings, PLD_FINDING_KIND_MISSING_IMAGE,
                             pld_fail(PLD_EDATA, where, "no such image: %s", line), NULL);
}

/* A text file with one image a line, relative to the file or to the root. */
static pld_status add_text_list(struct reader *r, const char *file)
{
    const char *dir = pld_dataset_dirname(r->out, file);
    if (!dir) return PLD_EDEVICE;
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, file, PLD_EDATA));
    pld_status status = PLD_OK;
    if (memchr(bytes.data, 0, bytes.size)) status = pld_fail(PLD_EDATA, file, "not a text file");
    char *line = (char *)bytes.data;
    for (int number = 1; status == PLD_OK && line; number++) {
        char *end = strchr(line, '\n');
        if (end) *end = '\0';
        status = add_line(r, dir, line, file, number);
        line = end ? end + 1 : NULL;
    }
    pld_bytes_release(&bytes);
    return status;
}

static pld_status add_entry(struct reader *r, const struct pld_yaml_node *node)
{
    const char *entry;
    PLD_TRY(pld_yaml_string(&entry, r->yaml, node, "val"));
    const char *path = resolve(r, entry);
    if (!path) return PLD_EDEVICE;
    if (pld_dir_exists(path)) return pld_path_list_scan(&r->list, path);
    if (!pld_file_exists(path))
        return pld_yaml_fail(r->yaml, node->line, "val: %s does not exist", path);
    size_t n = strlen(path);
    if (n < 4 || strcasecmp(path + n - 4, ".txt") != 0)
        return pld_yaml_fail(r->yaml, node->line,
                             "val: %s is neither a folder nor a .txt list of images", path);
    return add_text_list(r, path);
}

static pld_status list_images(struct reader *r)
{
    const struct pld_yaml_node *val = pld_yaml_get(r->yaml->root, "val");
    if (pld_yaml_is_null(val)) return pld_fail(PLD_EDATA, r->yaml->name, "no val: images to use");
    if (val->kind == PLD_YAML_SEQUENCE) {
        for (int i = 0; i < val->count; i++)
            PLD_TRY(add_entry(r, val->items[i].value));
    } else {
        PLD_TRY(add_entry(r, val));
    }
    if (r->list.count == 0) return pld_yaml_fail(r->yaml, val->line, "val: no images there");
    size_t twice = pld_path_list_sort(&r->list);
    if (twice)
        pld_log(PLD_LOG_WARN, "%s:%d: %zu images come twice; they are counted once", r->yaml->name,
                val->line, twice);
    return pld_path_list_store(&r->list, r->out, r->root, r->options->max_images);
}

/* ---- the format ---- */

static pld_status read_sizes(struct pld_dataset *out, struct pld_findings *findings)
{
    for (int i = 0; i < out->n_images; i++) {
        struct pld_image_entry *image = &out->images[i];
        bool broken;
        PLD_TRY(pld_findings_take(findings, PLD_FINDING_KIND_BROKEN_IMAGE,
                                  pld_image_size(&image->width, &image->height, image->path),
                                  &broken));
        if (broken) image->path = NULL;
    }
    return PLD_OK;
}

static pld_status read_all(struct reader *r)
{
    const struct pld_yaml_node *root = r->yaml->root;
    if (!root || root->kind != PLD_YAML_MAPPING)
        return pld_fail(PLD_EDATA, r->yaml->name, "not a data.yaml: no keys");
    r->dir = pld_dataset_dirname(r->out, r->yaml->name);
    if (!r->dir) return PLD_EDEVICE;
    PLD_TRY(read_classes(r));
    PLD_TRY(find_root(r));
    PLD_TRY(list_images(r));
    PLD_TRY(read_sizes(r->out, r->options->findings));
    return pld_dataset_read_yolo_labels(r->out, r->options);
}

pld_status pld_dataset_read_yolo(struct pld_dataset *out, const char *path,
                                 const struct pld_dataset_options *options)
{
    out->format = "yolo";
    struct pld_yaml yaml;
    struct reader r = {.out = out, .options = options, .yaml = &yaml};
    pld_status status = pld_yaml_read(&yaml, path, PLD_EDATA);
    if (status == PLD_OK) status = read_all(&r);
    pld_path_list_release(&r.list);
    pld_yaml_release(&yaml);
    return status;
}
