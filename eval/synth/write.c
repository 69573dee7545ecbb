/* A rendered series as a dataset on disk: JPEG files and COCO annotations. */
#include "eval/synth/synth.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eval/image.h"
#include "yyjson/yyjson.h"

enum { PATH_SIZE = 4096 };

static pld_status join(char *path, const char *dir, const char *rest)
{
    int length = snprintf(path, PATH_SIZE, "%s/%s", dir, rest);
    if (length < 0 || length >= PATH_SIZE) return pld_fail(PLD_EFAIL, dir, "path is too long");
    return PLD_OK;
}

static pld_status make_folder(const char *path)
{
    if (mkdir(path, 0777) == 0) return PLD_OK;
    int reason = errno;
    struct stat info;
    if (reason == EEXIST && stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode)) return PLD_OK;
        reason = ENOTDIR;
    }
    return pld_fail(PLD_EFAIL, path, "cannot make the folder: %s", strerror(reason));
}

/* Writes bytes to PATH by way of PATH.tmp.PID, so that a reader never sees half a file. */
static pld_status write_file(const char *path, const void *bytes, size_t size)
{
    char temporary[PATH_SIZE + 32];
    snprintf(temporary, sizeof temporary, "%s.tmp.%ld", path, (long)getpid());
    FILE *file = fopen(temporary, "wb");
    if (!file) return pld_fail(PLD_EFAIL, path, "cannot write: %s", strerror(errno));
    errno = 0;
    bool good = fwrite(bytes, 1, size, file) == size;
    good = fclose(file) == 0 && good;
    good = good && rename(temporary, path) == 0;
    if (good) return PLD_OK;
    int reason = errno;
    remove(temporary);
    return pld_fail(PLD_EFAIL, path, "cannot write: %s", reason ? strerror(reason) : "short write");
}

/* The JSON document while it grows. yyjson's add functions return false when memory is short. */
struct annotations {
    yyjson_mut_doc *doc;
    yyjson_mut_val *images, *boxes;
    int64_t next_id;
};

static bool begin_annotations(struct annotations *a, uint64_t seed)
{
    a->doc = yyjson_mut_doc_new(NULL);
    if (!a->doc) return false;
    yyjson_mut_val *root = yyjson_mut_obj(a->doc);
    yyjson_mut_doc_set_root(a->doc, root);
    yyjson_mut_val *info = yyjson_mut_obj_add_obj(a->doc, root, "info");
    bool good = yyjson_mut_obj_add_str(a->doc, info, "description",
                                       "synthetic panel inspection, drawn by pollard") &&
                yyjson_mut_obj_add_uint(a->doc, info, "seed", seed);
    yyjson_mut_val *categories = yyjson_mut_obj_add_arr(a->doc, root, "categories");
    for (int c = 0; c < pld_synth_class_count() && good; c++) {
        yyjson_mut_val *category = yyjson_mut_arr_add_obj(a->doc, categories);
        good = yyjson_mut_obj_add_int(a->doc, category, "id", c + 1) &&
               yyjson_mut_obj_add_str(a->doc, category, "name", pld_synth_class_name(c)) &&
               yyjson_mut_obj_add_str(a->doc, category, "supercategory", "defect");
    }
    a->images = yyjson_mut_obj_add_arr(a->doc, root, "images");
    a->boxes = yyjson_mut_obj_add_arr(a->doc, root, "annotations");
    a->next_id = 1;
    return good && a->images && a->boxes;
}

static bool add_picture(struct annotations *a, const struct pld_synth_image *image, int index,
                        const char *name)
{
    int64_t image_id = (int64_t)index + 1;
    yyjson_mut_val *entry = yyjson_mut_arr_add_obj(a->doc, a->images);
    bool good = yyjson_mut_obj_add_int(a->doc, entry, "id", image_id) &&
                yyjson_mut_obj_add_strcpy(a->doc, entry, "file_name", name) &&
                yyjson_mut_obj_add_int(a->doc, entry, "width", image->width) &&
                yyjson_mut_obj_add_int(a->doc, entry, "height", image->height);
    for (int i = 0; i < image->box_count && good; i++) {
        const struct pld_synth_box *box = &image->boxes[i];
        double corner[4] = {box->x, box->y, box->w, box->h};
        yyjson_mut_val *note = yyjson_mut_arr_add_obj(a->doc, a->boxes);
        good = yyjson_mut_obj_add_int(a->doc, note, "id", a->next_id++) &&
               yyjson_mut_obj_add_int(a->doc, note, "image_id", image_id) &&
               yyjson_mut_obj_add_int(a->doc, note, "category_id", box->class_id + 1) &&
               yyjson_mut_obj_add_val(a->doc, note, "bbox",
                                      yyjson_mut_arr_with_real(a->doc, corner, 4)) &&
               yyjson_mut_obj_add_real(a->doc, note, "area", corner[2] * corner[3]) &&
               yyjson_mut_obj_add_int(a->doc, note, "iscrowd", 0);
    }
    return good;
}

static pld_status write_pictures(struct annotations *a, const char *dir, uint64_t seed, int first,
                                 int count)
{
    char path[PATH_SIZE], name[32];
    PLD_TRY(join(path, dir, "images"));
    PLD_TRY(make_folder(dir));
    PLD_TRY(make_folder(path));
    if (!begin_annotations(a, seed)) return pld_fail_memory("annotations");
    for (int i = 0; i < count; i++) {
        struct pld_synth_image image;
        snprintf(name, sizeof name, "%06d.jpg", first + i);
        char relative[48];
        snprintf(relative, sizeof relative, "images/%s", name);
        PLD_TRY(join(path, dir, relative));
        PLD_TRY(pld_synth_render(&image, seed, first + i));
        struct pld_image plain = {.rgb = image.rgb, .width = image.width, .height = image.height};
        pld_status status = pld_image_write_jpeg(path, &plain, 90);
        if (status == PLD_OK && !add_picture(a, &image, first + i, name))
            status = pld_fail_memory("annotations");
        pld_synth_image_release(&image);
        PLD_TRY(status);
    }
    size_t size;
    char *text = yyjson_mut_write(a->doc, YYJSON_WRITE_NEWLINE_AT_END, &size);
    if (!text) return pld_fail_memory("annotations");
    pld_status status = join(path, dir, "annotations.json");
    if (status == PLD_OK) status = write_file(path, text, size);
    free(text);
    return status;
}

pld_status pld_synth_write_dataset(const char *dir, uint64_t seed, int first, int count)
{
    if (first < 0 || count < 0 || first > INT32_MAX - 1 - count)
        return pld_fail(PLD_EUSAGE, dir, "pictures %d to %lld are no valid range", first,
                        (long long)first + count - 1);
    struct annotations a = {0};
    pld_status status = write_pictures(&a, dir, seed, first, count);
    yyjson_mut_doc_free(a.doc);
    return status;
}
