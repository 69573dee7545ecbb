/* Datasets: which format DATA is in, and what all formats have in common. */
#include "eval/dataset.h"

#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "eval/dataset_internal.h"

/* ---- shared parts ---- */

void pld_dataset_limit(struct pld_dataset *dataset, int max_images)
{
    if (max_images <= 0 || dataset->n_images <= max_images) return;
    dataset->n_images = max_images;
    int kept = 0;
    for (int i = 0; i < dataset->n_annotations; i++)
        if (dataset->annotations[i].image < max_images)
            dataset->annotations[kept++] = dataset->annotations[i];
    dataset->n_annotations = kept;
}

const char *pld_dataset_path(struct pld_dataset *dataset, const char *dir, const char *name)
{
    if (name[0] == '/') return pld_arena_strdup(&dataset->arena, name);
    size_t n = strlen(dir);
    const char *slash = n && dir[n - 1] == '/' ? "" : "/";
    return pld_arena_printf(&dataset->arena, "%s%s%s", dir, slash, name);
}

const char *pld_dataset_dirname(struct pld_dataset *dataset, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) return pld_arena_strdup(&dataset->arena, ".");
    return pld_arena_strndup(&dataset->arena, path, slash == path ? 1 : (size_t)(slash - path));
}

pld_status pld_annotation_list_add(struct pld_annotation_list *list,
                                   const struct pld_annotation *item)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 256;
        if (capacity > INT32_MAX) return pld_fail(PLD_EDATA, NULL, "too many annotations");
        struct pld_annotation *items = realloc(list->items, capacity * sizeof *items);
        if (!items) return pld_fail_memory("annotations");
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = *item;
    return PLD_OK;
}

pld_status pld_annotation_list_store(struct pld_annotation_list *list, struct pld_dataset *dataset)
{
    struct pld_annotation *items = pld_arena_array(&dataset->arena, list->count, sizeof *items);
    if (!items) return PLD_EDEVICE;
    if (list->count) memcpy(items, list->items, list->count * sizeof *items);
    dataset->annotations = items;
    dataset->n_annotations = (int)list->count;
    pld_annotation_list_release(list);
    return PLD_OK;
}

void pld_annotation_list_release(struct pld_annotation_list *list)
{
    free(list->items);
    *list = (struct pld_annotation_list){0};
}

/* ---- digest ---- */

/* Numbers go in as their eight bytes, little-endian. */
static void digest_number(SHA2_CTX *digest, int64_t value)
{
    SHA256Update(digest, (const uint8_t *)&value, sizeof value);
}

/* The length goes first, so no name can be taken for the next field. */
static void digest_name(SHA2_CTX *digest, int64_t id, const char *name)
{
    size_t n = strlen(name);
    digest_number(digest, id);
    digest_number(digest, (int64_t)n);
    SHA256Update(digest, (const uint8_t *)name, n);
}

static void digest_annotation(SHA2_CTX *digest, const struct pld_dataset *dataset,
                              const struct pld_annotation *a)
{
    const int64_t ids[] = {a->id, dataset->images[a->image].id, dataset->categories[a->category].id,
                           a->crowd | a->difficult << 1 | a->truncated << 2};
    const double box[] = {a->x, a->y, a->w, a->h, a->area};
    SHA256Update(digest, (const uint8_t *)ids, sizeof ids);
    SHA256Update(digest, (const uint8_t *)box, sizeof box);
}

static void make_digest(struct pld_dataset *dataset)
{
    static const char head[] = "pollard dataset 2\n";
    SHA2_CTX digest;
    SHA256Init(&digest);
    SHA256Update(&digest, (const uint8_t *)head, sizeof head - 1);
    const int counts[] = {dataset->has_labels, dataset->n_categories, dataset->n_images,
                          dataset->n_annotations};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        digest_number(&digest, counts[i]);
    for (int i = 0; i < dataset->n_categories; i++)
        digest_name(&digest, dataset->categories[i].id, dataset->categories[i].name);
    for (int i = 0; i < dataset->n_images; i++)
        digest_name(&digest, dataset->images[i].id, dataset->images[i].name);
    for (int i = 0; i < dataset->n_annotations; i++)
        digest_annotation(&digest, dataset, &dataset->annotations[i]);
    uint8_t bytes[SHA256_DIGEST_LENGTH];
    SHA256Final(bytes, &digest);
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(dataset->sha256 + 2 * i, 3, "%02x", bytes[i]);
}

/* ---- detection of the format ---- */

typedef pld_status (*reader_fn)(struct pld_dataset *, const char *,
                                const struct pld_dataset_options *);

static bool has_extension(const char *path, const char *extension)
{
    size_t n = strlen(path), m = strlen(extension);
    return n > m && strcasecmp(path + n - m, extension) == 0;
}

static bool has_folder(const char *path, const char *name)
{
    char part[4096];
    return snprintf(part, sizeof part, "%s/%s", path, name) < (int)sizeof part &&
           pld_dir_exists(part);
}

static void choose_folder_reader(reader_fn *out, const char *path)
{
    if (has_folder(path, "Annotations") && has_folder(path, "JPEGImages"))
        *out = pld_dataset_read_voc;
    else
        *out = pld_dataset_read_folder;
}

/* By the first character that is not space: JSON objects and lists have no other beginning. */
static pld_status choose_by_content(reader_fn *out, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file) return pld_fail(PLD_EDATA, path, "cannot open");
    int c;
    do {
        c = getc(file);
    } while (c == ' ' || c == '\t' || c == '\r' || c == '\n');
    fclose(file);
    if (c != '{' && c != '[')
        return pld_fail(PLD_EDATA, path,
                        "not a dataset: expected a COCO .json, an Ultralytics data.yaml, a "
                        "Pascal VOC folder or a folder of images");
    *out = pld_dataset_read_coco;
    return PLD_OK;
}

static pld_status choose_reader(reader_fn *out, const char *path)
{
    if (pld_dir_exists(path)) {
        choose_folder_reader(out, path);
        return PLD_OK;
    }
    if (!pld_file_exists(path)) return pld_fail(PLD_EDATA, path, "no such file or folder");
    if (has_extension(path, ".json")) {
        *out = pld_dataset_read_coco;
        return PLD_OK;
    }
    if (has_extension(path, ".yaml") || has_extension(path, ".yml")) {
        *out = pld_dataset_read_yolo;
        return PLD_OK;
    }
    if (has_extension(path, ".xml"))
        return pld_fail(PLD_EDATA, path,
                        "one file of annotations; give the Pascal VOC folder that holds "
                        "Annotations/ and JPEGImages/");
    return choose_by_content(out, path);
}

/* ---- public ---- */

pld_status pld_dataset_open(struct pld_dataset *out, const char *path,
                            const struct pld_dataset_options *options)
{
    static const struct pld_dataset_options none;
    if (!options) options = &none;
    *out = (struct pld_dataset){.format = ""};
    out->source = pld_arena_strdup(&out->arena, path);
    if (!out->source) return PLD_EDEVICE;
    reader_fn reader = NULL;
    PLD_TRY(choose_reader(&reader, path));
    if (options->images_dir && reader != pld_dataset_read_coco)
        return pld_fail(PLD_EUSAGE, path, "--images goes with COCO annotations only");
    out->drop_unknown = options->drop_unknown;
    PLD_TRY(reader(out, path, options));
    make_digest(out);
    return PLD_OK;
}

void pld_dataset_release(struct pld_dataset *dataset)
{
    pld_arena_release(&dataset->arena);
    *dataset = (struct pld_dataset){0};
}

int pld_dataset_category(const struct pld_dataset *dataset, int64_t id)
{
    int low = 0, high = dataset->n_categories;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (dataset->categories[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < dataset->n_categories && dataset->categories[low].id == id ? low : -1;
}

int pld_dataset_image(const struct pld_dataset *dataset, int64_t id)
{
    int low = 0, high = dataset->n_images;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (dataset->images[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < dataset->n_images && dataset->images[low].id == id ? low : -1;
}
