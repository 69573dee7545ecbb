#include "eval/dataset_write.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "core/log.h"
#include "eval/dataset_write_internal.h"
#include "eval/image.h"

static const struct {
    const char *format;
    pld_status (*write)(struct pld_writer *);
} writers[] = {
#define PLD_DATASET_WRITER(format) {#format, pld_dataset_write_##format},
#include "eval/dataset_write.def"
#undef PLD_DATASET_WRITER
};

const char *const pld_dataset_writers[] = {
#define PLD_DATASET_WRITER(format) #format,
#include "eval/dataset_write.def"
#undef PLD_DATASET_WRITER
    NULL};

/* ---- files --------------------------------------------------------------------------------- */

static pld_status make_parent(char *full, size_t size, const struct pld_writer *w, const char *path)
{
    char parent[4096];
    PLD_TRY(pld_path_join(full, size, w->dir, path));
    PLD_TRY(pld_path_dirname(parent, sizeof parent, full));
    return pld_dir_make(parent);
}

/* Without pld_file_write()'s care for each file: the folder is renamed when all are there. */
static pld_status write_plain(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wxe");
    if (!file) return pld_fail(PLD_EFAIL, path, "cannot write: %s", strerror(errno));
    bool good = fwrite(data, 1, size, file) == size;
    good = fclose(file) == 0 && good;
    return good ? PLD_OK : pld_fail(PLD_EFAIL, path, "cannot write: %s", strerror(errno));
}

pld_status pld_writer_put(struct pld_writer *w, const char *path, struct pld_str *text)
{
    char full[4096];
    pld_status status = text->failed ? PLD_EDEVICE : make_parent(full, sizeof full, w, path);
    if (status == PLD_OK) status = write_plain(full, text->data ? text->data : "", text->len);
    pld_str_release(text);
    return status;
}

pld_status pld_writer_folder(struct pld_writer *w, const char *path)
{
    char full[4096];
    PLD_TRY(pld_path_join(full, sizeof full, w->dir, path));
    return pld_dir_make(full);
}

static pld_status copy_image(const char *to, const char *from)
{
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, from, PLD_EDATA));
    pld_status status = write_plain(to, bytes.data, bytes.size);
    pld_bytes_release(&bytes);
    return status;
}

pld_status pld_writer_image(struct pld_writer *w, int i, const char *path)
{
    const char *source = w->dataset->images[i].path;
    char full[4096];
    if (w->placing == PLD_IMAGES_NONE) return PLD_OK;
    if (!source || !pld_file_exists(source))
        return pld_fail(PLD_EDATA, w->dataset->source, "no file of image '%s' to place",
                        w->dataset->images[i].name);
    PLD_TRY(make_parent(full, sizeof full, w, path));
    if (w->placing == PLD_IMAGES_COPY) return copy_image(full, source);
    char *target = realpath(source, NULL);
    bool good = target && symlink(target, full) == 0;
    int error = errno;
    free(target);
    return good ? PLD_OK : pld_fail(PLD_EFAIL, full, "cannot link: %s", strerror(error));
}

/* ---- shared parts -------------------------------------------------------------------------- */

pld_status pld_writer_size(const struct pld_writer *w, int i, int *width, int *height)
{
    const struct pld_image_entry *image = &w->dataset->images[i];
    *width = image->width;
    *height = image->height;
    if (*width && *height) return PLD_OK;
    if (image->path) return pld_image_size(width, height, image->path);
    return pld_fail(PLD_EDATA, w->dataset->source,
                    "the size of image '%s' is not known: neither annotated nor a file",
                    image->name);
}

char *pld_writer_stem(struct pld_writer *w, int i)
{
    const char *name = w->names[i], *dot = strrchr(name, '.');
    if (!dot || strchr(dot, '/')) dot = name + strlen(name);
    return pld_arena_strndup(&w->arena, name, (size_t)(dot - name));
}

void pld_writer_quote(struct pld_str *text, const char *string)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    if (doc) yyjson_mut_doc_set_root(doc, yyjson_mut_str(doc, string));
    char *quoted = doc ? yyjson_mut_write(doc, YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL) : NULL;
    if (quoted)
        pld_str_append(text, quoted);
    else
        text->failed = true;
    if (!quoted) pld_fail_memory("JSON text");
    free(quoted);
    yyjson_mut_doc_free(doc);
}

void pld_writer_warn(const struct pld_writer *w, int count, const char *what)
{
    if (count) pld_log(PLD_LOG_WARN, "%s: %d %s", w->dataset->source, count, what);
}

/* ---- names --------------------------------------------------------------------------------- */

/* Length of the folders at the beginning that all names share. */
static size_t shared_folders(const struct pld_dataset *dataset)
{
    const char *first = dataset->images[0].name, *slash = strrchr(first, '/');
    size_t n = slash ? (size_t)(slash - first) + 1 : 0;
    for (int i = 1; i < dataset->n_images && n; i++) {
        const char *name = dataset->images[i].name;
        size_t same = 0;
        while (same < n && name[same] == first[same])
            same++;
        while (same && first[same - 1] != '/')
            same--;
        n = same;
    }
    return n;
}

static bool leaves_folder(const char *name)
{
    if (name[0] == '/' || name[0] == '\0') return true;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0')) return true;
    }
    return false;
}

static pld_status make_names(struct pld_writer *w)
{
    const struct pld_dataset *dataset = w->dataset;
    size_t shared = shared_folders(dataset);
    w->names = pld_arena_array(&w->arena, (size_t)dataset->n_images, sizeof *w->names);
    if (!w->names) return PLD_EDEVICE;
    for (int i = 0; i < dataset->n_images; i++) {
        w->names[i] = dataset->images[i].name + shared;
        if (leaves_folder(w->names[i]))
            return pld_fail(PLD_EDATA, dataset->source,
                            "image name '%s' is not one for a file inside of a folder",
                            dataset->images[i].name);
    }
    return PLD_OK;
}

static pld_status sort_annotations(struct pld_writer *w)
{
    const struct pld_dataset *d = w->dataset;
    w->first = pld_arena_array(&w->arena, (size_t)d->n_images + 2, sizeof *w->first);
    w->by_image = pld_arena_array(&w->arena, (size_t)d->n_annotations + 1, sizeof *w->by_image);
    if (!w->first || !w->by_image) return PLD_EDEVICE;
    int *next = w->first + 1; /* moves to where the following image begins */
    for (int a = 0; a < d->n_annotations; a++)
        if (d->annotations[a].image + 1 < d->n_images) next[d->annotations[a].image + 1]++;
    for (int i = 1; i < d->n_images; i++)
        next[i] += next[i - 1];
    for (int a = 0; a < d->n_annotations; a++)
        w->by_image[next[d->annotations[a].image]++] = a;
    return PLD_OK;
}

/* ---- the folder ---------------------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static pld_status check_absent(const char *out)
{
    if (pld_file_exists(out)) return pld_fail(PLD_EUSAGE, out, "exists already");
    if (pld_dir_exists(out) && rmdir(out) != 0) /* renaming needs no folder there */
        return pld_fail(PLD_EUSAGE, out, "exists already and is not empty");
    return PLD_OK;
}

static pld_status write_folder(struct pld_writer *w, const char *out,
                               pld_status (*write)(struct pld_writer *))
{
    char temporary[4096], parent[4096];
    PLD_TRY(check_absent(out));
    PLD_TRY(pld_path_dirname(parent, sizeof parent, out));
    PLD_TRY(pld_dir_make(parent));
    size_t n = strlen(out);
    while (n > 1 && out[n - 1] == '/')
        n--;
    if (snprintf(temporary, sizeof temporary, "%.*s.XXXXXX", (int)n, out) >= (int)sizeof temporary)
        return pld_fail(PLD_EFAIL, out, "path too long");
    if (!mkdtemp(temporary)) return pld_fail(PLD_EFAIL, out, "cannot write: %s", strerror(errno));
    w->dir = temporary;
    pld_status status = write(w);
    if (status == PLD_OK && (chmod(temporary, 0755) != 0 || rename(temporary, out) != 0))
        status = pld_fail(PLD_EFAIL, out, "cannot write: %s", strerror(errno));
    if (status != PLD_OK) nftw(temporary, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return status;
}

static pld_status write_json(struct pld_writer *w, const char *out)
{
    struct pld_str text = {0};
    pld_writer_coco_text(w, &text);
    pld_status status = text.failed ? PLD_EDEVICE : pld_file_write(out, text.data, text.len);
    pld_str_release(&text);
    return status;
}

pld_status pld_dataset_write(const char *out, const char *format, const struct pld_dataset *dataset,
                             enum pld_image_placing placing)
{
    struct pld_writer w = {.dataset = dataset, .placing = placing};
    size_t n = strlen(out), i = 0;
    bool json = n > 5 && strcmp(out + n - 5, ".json") == 0;
    while (i < sizeof writers / sizeof *writers && strcmp(writers[i].format, format) != 0)
        i++;
    if (i == sizeof writers / sizeof *writers)
        return pld_fail(PLD_EUSAGE, format, "no such dataset format");
    pld_status status = make_names(&w);
    if (status == PLD_OK) status = sort_annotations(&w);
    if (status == PLD_OK && json && strcmp(format, "coco") != 0)
        status = pld_fail(PLD_EUSAGE, out, "%s datasets are folders", format);
    if (status == PLD_OK)
        status = json ? write_json(&w, out) : write_folder(&w, out, writers[i].write);
    pld_arena_release(&w.arena);
    return status;
}
