#include "eval/loader.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/log.h"
#include "eval/image.h"

struct work {
    struct pld_loaded_set *set;
    const struct pld_dataset *dataset;
    const struct pld_preprocess *preprocess;
};

static pld_status load_one(void *context, size_t index, int worker)
{
    (void)worker;
    const struct work *work = context;
    struct pld_loaded_set *set = work->set;
    const struct pld_image_entry *entry = &work->dataset->images[set->first + (int)index];
    if (!entry->path)
        return pld_fail(PLD_EDATA, work->dataset->source, "image '%s' was not located",
                        entry->name);
    struct pld_image image;
    PLD_TRY(pld_image_read(&image, entry->path));
    pld_status status =
        pld_preprocess_fit(set->rgb + index * set->image_bytes, set->width, set->height,
                           &set->placements[index], work->preprocess, &image);
    pld_image_release(&image);
    return status;
}

static pld_status load_all(struct work *work, struct pld_pool *pool)
{
    size_t count = (size_t)work->set->count;
    if (pool) return pld_pool_run(pool, count, load_one, work);
    for (size_t i = 0; i < count; i++)
        PLD_TRY(load_one(work, i, 0));
    return PLD_OK;
}

/* Annotations of a resized or turned copy of the images give a mAP near 0 that nobody can explain.
 */
static void warn_of_sizes(const struct work *work)
{
    const struct pld_loaded_set *set = work->set;
    int wrong = 0, example = 0;
    for (int i = set->count - 1; i >= 0; i--) {
        const struct pld_image_entry *entry = &work->dataset->images[set->first + i];
        const struct pld_placement *found = &set->placements[i];
        if (entry->width < 1 || entry->height < 1) continue;
        if (entry->width == found->width && entry->height == found->height) continue;
        wrong++;
        example = i;
    }
    if (!wrong) return;
    const struct pld_image_entry *entry = &work->dataset->images[set->first + example];
    pld_log(PLD_LOG_WARN,
            "%s: %d of %d images do not have their annotated size, e.g. %s is %d x %d, annotated "
            "%d x %d",
            work->dataset->source, wrong, set->count, entry->name, set->placements[example].width,
            set->placements[example].height, entry->width, entry->height);
}

/* ---- memory ---- */

/* The first number that `format` finds at the start of a line of a system file, times `unit`;
 * SIZE_MAX where there is none. */
static size_t number_in(const char *path, const char *format, size_t unit)
{
    FILE *file = fopen(path, "re");
    if (!file) return SIZE_MAX;
    char line[256];
    unsigned long long value;
    size_t found = SIZE_MAX;
    while (found == SIZE_MAX && fgets(line, sizeof line, file))
        if (sscanf(line, format, &value) == 1 && value < SIZE_MAX / unit)
            found = (size_t)value * unit;
    fclose(file);
    return found;
}

/* What the machine can still give and what a container may use: Linux promises more than it has and
 * kills later. SIZE_MAX where neither can be told. */
static size_t memory_available(void)
{
    size_t machine = number_in("/proc/meminfo", "MemAvailable: %llu kB", 1024);
    size_t container = number_in("/sys/fs/cgroup/memory.max", "%llu", 1);
    return machine < container ? machine : container;
}

static pld_status check_memory(const struct pld_loaded_set *set, size_t *bytes)
{
    size_t available = memory_available();
    bool overflow = __builtin_mul_overflow((size_t)set->count, set->image_bytes, bytes);
    if (!overflow && *bytes <= available) return PLD_OK;
    double need = (double)set->count * (double)set->image_bytes / 1e9;
    return pld_fail(PLD_EDEVICE, NULL,
                    "%d images at %d x %d need %.1f GB of memory, %.1f GB are available; use fewer "
                    "images (--max-images)",
                    set->count, set->width, set->height, need, (double)available / 1e9);
}

static pld_status allocate(struct pld_loaded_set *set)
{
    size_t bytes;
    PLD_TRY(check_memory(set, &bytes));
    set->rgb = malloc(bytes ? bytes : 1);
    set->placements = calloc(set->count ? (size_t)set->count : 1, sizeof *set->placements);
    return set->rgb && set->placements ? PLD_OK : pld_fail_memory("decoded images");
}

/* ---- public ---- */

pld_status pld_loaded_set_new(struct pld_loaded_set **out, const struct pld_dataset *dataset,
                              int first, int count, int width, int height,
                              const struct pld_preprocess *preprocess, struct pld_pool *pool)
{
    *out = NULL;
    if (first < 0 || count < 0 || first > dataset->n_images - count || width < 1 || height < 1 ||
        width > PLD_IMAGE_MAX_SIDE || height > PLD_IMAGE_MAX_SIDE)
        return pld_fail(PLD_EFAIL, dataset->source, "cannot load images %d..%d of %d at %d x %d",
                        first, first + count - 1, dataset->n_images, width, height);
    struct pld_loaded_set *set = calloc(1, sizeof *set);
    if (!set) return pld_fail_memory("decoded images");
    *set = (struct pld_loaded_set){.first = first,
                                   .count = count,
                                   .width = width,
                                   .height = height,
                                   .image_bytes = (size_t)width * (size_t)height * 3};
    struct work work = {set, dataset, preprocess};
    pld_status status = allocate(set);
    if (status == PLD_OK) status = load_all(&work, pool);
    if (status != PLD_OK) {
        pld_loaded_set_free(set);
        return status;
    }
    warn_of_sizes(&work);
    *out = set;
    return PLD_OK;
}

void pld_loaded_set_free(struct pld_loaded_set *set)
{
    if (!set) return;
    free(set->rgb);
    free(set->placements);
    free(set);
}

const uint8_t *pld_loaded_set_image(const struct pld_loaded_set *set, int index)
{
    return set->rgb + (size_t)index * set->image_bytes;
}
