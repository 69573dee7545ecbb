/* A plain folder of images, and the lists of image files that other formats build on. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/file.h"
#include "eval/dataset_internal.h"

/* ---- lists ---- */

void pld_path_list_release(struct pld_path_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct pld_path_list){0};
}

pld_status pld_path_list_add(struct pld_path_list *list, const char *path)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 256;
        char **items = realloc(list->items, capacity * sizeof *items);
        if (!items) return pld_fail_memory("image list");
        list->items = items;
        list->capacity = capacity;
    }
    char *copy = strdup(path);
    if (!copy) return pld_fail_memory("image list");
    list->items[list->count++] = copy;
    return PLD_OK;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t pld_path_list_sort(struct pld_path_list *list)
{
    if (list->count < 2) return 0;
    qsort(list->items, list->count, sizeof *list->items, by_bytes);
    size_t kept = 1, all = list->count;
    for (size_t i = 1; i < all; i++) {
        if (strcmp(list->items[i], list->items[kept - 1]) == 0)
            free(list->items[i]);
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
    return all - kept;
}

static const char *relative_to(const char *path, const char *root)
{
    size_t n = strlen(root);
    while (n > 1 && root[n - 1] == '/')
        n--;
    if (strncmp(path, root, n) != 0 || path[n] != '/') return path;
    path += n;
    while (*path == '/')
        path++;
    return path;
}

pld_status pld_path_list_store(const struct pld_path_list *list, struct pld_dataset *dataset,
                               const char *root, int max_images)
{
    size_t count = list->count;
    if (max_images > 0 && count > (size_t)max_images) count = (size_t)max_images;
    if (count > INT32_MAX) return pld_fail(PLD_EDATA, root, "too many images");
    struct pld_image_entry *images = pld_arena_array(&dataset->arena, count, sizeof *images);
    if (!images) return PLD_EDEVICE;
    for (size_t i = 0; i < count; i++) {
        const char *path = pld_arena_strdup(&dataset->arena, list->items[i]);
        if (!path) return PLD_EDEVICE;
        images[i].id = (int64_t)i + 1;
        images[i].path = path;
        images[i].name = relative_to(path, root);
    }
    dataset->images = images;
    dataset->n_images = (int)count;
    return PLD_OK;
}

/* ---- scanning ---- */

/* Also formats that cannot be decoded: an error that says so is better than a mAP over the rest. */
static bool is_image_name(const char *name)
{
    static const char *const extensions[] = {"jpg", "jpeg", "jpe", "jfif", "mpo", "png",
                                             "bmp", "gif",  "pgm", "ppm",  "pnm", "webp",
                                             "tif", "tiff", "dng", "heic", "avif"};
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name) return false;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (strcasecmp(dot + 1, extensions[i]) == 0) return true;
    return false;
}

/* The folders that are being read, from the innermost out: a link back to one of them is a loop. */
struct level {
    const struct level *outer;
    dev_t device;
    ino_t inode;
    int depth;
};

static pld_status scan(struct pld_path_list *list, const char *dir, const struct level *outer);

static pld_status scan_entry(struct pld_path_list *list, const char *dir, const char *name,
                             const struct level *level)
{
    if (name[0] == '.') return PLD_OK; /* hidden, and the folder itself and its parent */
    char path[4096];
    if (pld_path_join(path, sizeof path, dir, name) != PLD_OK)
        return pld_fail(PLD_EDATA, dir, "path too long: %s", name);
    struct stat st;
    if (stat(path, &st) != 0) {
        if (!is_image_name(name)) return PLD_OK;
        return pld_fail(PLD_EDATA, path, "cannot stat: %s", strerror(errno));
    }
    if (S_ISDIR(st.st_mode)) return scan(list, path, level);
    if (!S_ISREG(st.st_mode) || !is_image_name(name)) return PLD_OK;
    return pld_path_list_add(list, path);
}

static pld_status scan(struct pld_path_list *list, const char *dir, const struct level *outer)
{
    enum { MAX_DEPTH = 32 };
    struct stat st;
    if (stat(dir, &st) != 0) return pld_fail(PLD_EDATA, dir, "cannot stat: %s", strerror(errno));
    for (const struct level *l = outer; l; l = l->outer)
        if (l->device == st.st_dev && l->inode == st.st_ino) return PLD_OK;
    struct level level = {outer, st.st_dev, st.st_ino, outer ? outer->depth + 1 : 0};
    if (level.depth > MAX_DEPTH)
        return pld_fail(PLD_EDATA, dir, "folders nested deeper than %d levels", MAX_DEPTH);
    DIR *stream = opendir(dir);
    if (!stream) return pld_fail(PLD_EDATA, dir, "cannot open: %s", strerror(errno));
    pld_status status = PLD_OK;
    const struct dirent *entry;
    while (status == PLD_OK && (entry = readdir(stream)))
        status = scan_entry(list, dir, entry->d_name, &level);
    closedir(stream);
    return status;
}

pld_status pld_path_list_scan(struct pld_path_list *list, const char *dir)
{
    return scan(list, dir, NULL);
}

/* ---- the format ---- */

/* A label file in the folder that the user may have meant, or NULL. */
static const char *find_label_file(const char *dir)
{
    static const char *const names[] = {"annotations.json", "_annotations.coco.json",
                                        "instances.json", "data.yaml"};
    char path[4096];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (pld_path_join(path, sizeof path, dir, names[i]) == PLD_OK && pld_file_exists(path))
            return names[i];
    return NULL;
}

static pld_status fail_hint(const char *dir, const char *what)
{
    const char *file = find_label_file(dir);
    if (!file) return pld_fail(PLD_EDATA, dir, "%s", what);
    return pld_fail(PLD_EDATA, dir, "%s; it holds %s, which may be what you meant", what, file);
}

static pld_status read_into(struct pld_path_list *list, struct pld_dataset *out, const char *path,
                            const struct pld_dataset_options *options)
{
    PLD_TRY(pld_path_list_scan(list, path));
    if (list->count == 0) return fail_hint(path, "no images in this folder");
    if (options->need_labels)
        return fail_hint(path, "a folder of images has no labels, and this command needs them");
    pld_path_list_sort(list);
    return pld_path_list_store(list, out, path, options->max_images);
}

pld_status pld_dataset_read_folder(struct pld_dataset *out, const char *path,
                                   const struct pld_dataset_options *options)
{
    out->format = "images";
    struct pld_path_list list = {0};
    pld_status status = read_into(&list, out, path, options);
    pld_path_list_release(&list);
    return status;
}
