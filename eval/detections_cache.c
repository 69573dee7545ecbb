/* The binary form of detections (.pldt): columns of numbers, as docs/detections.md describes them.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "eval/detections_internal.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian");

static const char magic[8] = {'P', 'L', 'D', 'T', 'D', 'E', 'T', '\n'};

enum { VERSION = 1, COLUMNS = 5 /* x y w h score */, ALL_SINGLE = (1 << COLUMNS) - 1 };

struct header {
    char magic[8];
    uint32_t version;
    uint32_t single; /* bit c: column c holds 32-bit floats */
    uint64_t count;
    uint32_t n_images, n_categories;
};

/* Where the parts of a file lie, in bytes from its beginning. */
struct layout {
    uint64_t image_ids, category_ids, images, categories, columns[COLUMNS], checksum, size;
};

static uint64_t padded(uint64_t size)
{
    return (size + 7) & ~(uint64_t)7;
}

/* `count` is below 2^32, so nothing overflows. */
static struct layout layout_of(const struct header *h)
{
    struct layout l;
    l.image_ids = sizeof *h;
    l.category_ids = l.image_ids + (uint64_t)h->n_images * 8;
    l.images = l.category_ids + (uint64_t)h->n_categories * 8;
    l.categories = l.images + padded(h->count * 4);
    uint64_t at = l.categories + padded(h->count * 4);
    for (int c = 0; c < COLUMNS; c++) {
        l.columns[c] = at;
        at += padded(h->count * (h->single >> c & 1 ? 4 : 8));
    }
    l.checksum = at;
    l.size = at + 8;
    return l;
}

/* Fletcher's checksum over 32-bit words (J. Fletcher, IEEE Trans. Comm. 30, 1982), modulo 2^32 - 1:
 * the sum of the words below, the sum of the sums above. `size` is a multiple of 4. */
uint64_t pld_detections_checksum(const unsigned char *data, uint64_t size)
{
    enum { BLOCK = 1 << 16 }; /* words until the sums may overflow */
    const uint64_t modulus = UINT32_MAX;
    uint64_t low = 0, high = 0, words = size / 4;
    for (uint64_t i = 0; i < words;) {
        uint64_t end = words - i < BLOCK ? words : i + BLOCK;
        for (; i < end; i++) {
            uint32_t word;
            memcpy(&word, data + 4 * i, sizeof word);
            low += word;
            high += low;
        }
        low %= modulus;
        high %= modulus;
    }
    return high << 32 | low;
}

static double *column_of(struct pld_detection *det, int c)
{
    double *const columns[COLUMNS] = {&det->x, &det->y, &det->w, &det->h, &det->score};
    return columns[c];
}

/* ---- writing ------------------------------------------------------------------------------- */

/* The columns whose numbers are all 32-bit floats; most detectors give no others. */
static uint32_t single_columns(const struct pld_detections *list)
{
    uint32_t single = ALL_SINGLE;
    for (size_t i = 0; i < list->count && single; i++)
        for (int c = 0; c < COLUMNS; c++) {
            double value = *column_of(&list->items[i], c);
            if ((double)(float)value != value) single &= ~(1u << c);
        }
    return single;
}

static void put_ids(unsigned char *data, const struct layout *l, const struct pld_dataset *dataset)
{
    for (int i = 0; i < dataset->n_images; i++)
        memcpy(data + l->image_ids + 8 * (size_t)i, &dataset->images[i].id, 8);
    for (int i = 0; i < dataset->n_categories; i++)
        memcpy(data + l->category_ids + 8 * (size_t)i, &dataset->categories[i].id, 8);
}

static void put_list(unsigned char *data, const struct header *h, const struct layout *l,
                     const struct pld_detections *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct pld_detection *det = &list->items[i];
        memcpy(data + l->images + 4 * i, &det->image, 4);
        memcpy(data + l->categories + 4 * i, &det->category, 4);
        for (int c = 0; c < COLUMNS; c++) {
            double value = *column_of(det, c);
            float single = (float)value;
            if (h->single >> c & 1)
                memcpy(data + l->columns[c] + 4 * i, &single, 4);
            else
                memcpy(data + l->columns[c] + 8 * i, &value, 8);
        }
    }
}

pld_status pld_detections_write_cache(const char *path, const struct pld_detections *list,
                                      const struct pld_dataset *dataset)
{
    if (list->count > UINT32_MAX)
        return pld_fail(PLD_EFAIL, path, "too many detections (%zu)", list->count);
    struct header h = {.version = VERSION,
                       .single = single_columns(list),
                       .count = list->count,
                       .n_images = (uint32_t)dataset->n_images,
                       .n_categories = (uint32_t)dataset->n_categories};
    memcpy(h.magic, magic, sizeof magic);
    struct layout l = layout_of(&h);
    unsigned char *data = calloc(1, l.size);
    if (!data) return pld_fail_memory("detections file");
    memcpy(data, &h, sizeof h);
    put_ids(data, &l, dataset);
    put_list(data, &h, &l, list);
    uint64_t checksum = pld_detections_checksum(data, l.checksum);
    memcpy(data + l.checksum, &checksum, sizeof checksum);
    pld_status status = pld_file_write(path, data, l.size);
    free(data);
    return status;
}

/* ---- reading ------------------------------------------------------------------------------- */

bool pld_detections_is_cache(const void *data, size_t size)
{
    return size >= sizeof magic && memcmp(data, magic, sizeof magic) == 0;
}

static pld_status check(struct layout *l, struct header *h, const struct pld_bytes *bytes,
                        const char *path)
{
    if (bytes->size < sizeof *h || !pld_detections_is_cache(bytes->data, bytes->size))
        return pld_fail(PLD_EDATA, path, "truncated at byte %zu, within the header", bytes->size);
    memcpy(h, bytes->data, sizeof *h);
    if (h->version != VERSION)
        return pld_fail(PLD_EDATA, path, "version %u of the format; this program reads version %d",
                        h->version, VERSION);
    if (h->count > UINT32_MAX || h->single > ALL_SINGLE)
        return pld_fail(PLD_EDATA, path, "damaged header");
    *l = layout_of(h);
    if (l->size != bytes->size)
        return pld_fail(PLD_EDATA, path, "%s: %zu bytes, its header says %llu",
                        bytes->size < l->size ? "truncated" : "more than its content", bytes->size,
                        (unsigned long long)l->size);
    uint64_t checksum;
    memcpy(&checksum, bytes->data + l->checksum, sizeof checksum);
    if (checksum != pld_detections_checksum(bytes->data, l->checksum))
        return pld_fail(PLD_EDATA, path, "damaged: the checksum does not match");
    return PLD_OK;
}

/* The dataset's index of each id; -1 for those it lacks. */
static int32_t *translate(const unsigned char *ids, uint32_t n, const struct pld_dataset *dataset,
                          int (*find)(const struct pld_dataset *, int64_t))
{
    int32_t *out = malloc(((size_t)n + 1) * sizeof *out);
    if (!out) pld_fail_memory("ids of a detections file");
    for (uint32_t i = 0; out && i < n; i++) {
        int64_t id;
        memcpy(&id, ids + 8 * (size_t)i, sizeof id);
        out[i] = find(dataset, id);
    }
    return out;
}

/* Sets an index of each detection, at `offset` in its struct. */
static pld_status take_indices(struct pld_detections *out, const unsigned char *column,
                               const unsigned char *ids, uint32_t n, const int32_t *indices,
                               size_t offset, const char *path, const char *what, bool drop_unknown)
{
    for (size_t i = 0; i < out->count; i++) {
        uint32_t index;
        memcpy(&index, column + 4 * i, sizeof index);
        if (index >= n)
            return pld_fail(PLD_EDATA, path, "detection %zu (from 0): no %s %u", i, what, index);
        if (indices[index] < 0 && !drop_unknown) {
            int64_t id;
            memcpy(&id, ids + 8 * (size_t)index, sizeof id);
            return pld_fail(PLD_EDATA, path,
                            "detection %zu (from 0): %s_id %lld is not in the dataset", i, what,
                            (long long)id);
        }
        memcpy((char *)&out->items[i] + offset, &indices[index], sizeof *indices);
    }
    return PLD_OK;
}

static pld_status take_columns(struct pld_detections *out, const unsigned char *data,
                               const struct header *h, const struct layout *l, const char *path)
{
    for (size_t i = 0; i < out->count; i++)
        for (int c = 0; c < COLUMNS; c++) {
            double value;
            float single;
            if (h->single >> c & 1) {
                memcpy(&single, data + l->columns[c] + 4 * i, 4);
                value = single;
            } else {
                memcpy(&value, data + l->columns[c] + 8 * i, 8);
            }
            if (!isfinite(value))
                return pld_fail(PLD_EDATA, path, "detection %zu (from 0): a number is not finite",
                                i);
            *column_of(&out->items[i], c) = value;
        }
    return PLD_OK;
}

static pld_status take_list(struct pld_detections *out, const struct pld_bytes *bytes,
                            const struct header *h, const struct layout *l, const char *path,
                            const struct pld_dataset *dataset)
{
    const unsigned char *data = bytes->data;
    int32_t *images = translate(data + l->image_ids, h->n_images, dataset, pld_dataset_image);
    int32_t *categories =
        translate(data + l->category_ids, h->n_categories, dataset, pld_dataset_category);
    pld_status status = images && categories ? pld_detections_reserve(out, h->count) : PLD_EDEVICE;
    if (status == PLD_OK) {
        out->count = h->count;
        status = take_indices(out, data + l->images, data + l->image_ids, h->n_images, images,
                              offsetof(struct pld_detection, image), path, "image",
                              dataset->drop_unknown);
    }
    if (status == PLD_OK)
        status = take_indices(out, data + l->categories, data + l->category_ids, h->n_categories,
                              categories, offsetof(struct pld_detection, category), path,
                              "category", dataset->drop_unknown);
    if (status == PLD_OK) status = take_columns(out, data, h, l, path);
    free(images);
    free(categories);
    return status;
}

pld_status pld_detections_parse_cache(struct pld_detections *out, const struct pld_bytes *bytes,
                                      const char *path, const struct pld_dataset *dataset)
{
    struct header header;
    struct layout layout;
    *out = (struct pld_detections){0};
    PLD_TRY(check(&layout, &header, bytes, path));
    pld_status status = take_list(out, bytes, &header, &layout, path, dataset);
    if (status != PLD_OK) pld_detections_release(out);
    return status;
}

pld_status pld_detections_read_cache(struct pld_detections *out, const char *path,
                                     const struct pld_dataset *dataset)
{
    struct pld_bytes bytes;
    *out = (struct pld_detections){0};
    PLD_TRY(pld_file_read(&bytes, path, PLD_EDATA));
    pld_status status = pld_detections_parse_cache(out, &bytes, path, dataset);
    pld_bytes_release(&bytes);
    return status;
}
