#include "run/draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "eval/draw.h"

enum { QUALITY = 92, PATH_SIZE = 4096 };

struct work {
    const struct pld_dataset *dataset;
    const struct pld_draw_options *options;
    const struct pld_detection **sorted; /* by image, then ascending score */
    size_t *first;                       /* [n_images + 1] into sorted */
};

static int by_image_and_score(const void *a, const void *b)
{
    const struct pld_detection *x = *(const struct pld_detection *const *)a;
    const struct pld_detection *y = *(const struct pld_detection *const *)b;
    if (x->image != y->image) return x->image < y->image ? -1 : 1;
    return x->score < y->score ? -1 : x->score > y->score ? 1 : 0;
}

static void caption(char *text, size_t size, const struct work *work, const struct pld_detection *d)
{
    const struct pld_draw_options *o = work->options;
    if (d->category < work->dataset->n_categories)
        snprintf(text, size, "%s %.2f", work->dataset->categories[d->category].name, d->score);
    else if (o->class_names && d->category < o->classes)
        snprintf(text, size, "%s %.2f", o->class_names[d->category], d->score);
    else
        snprintf(text, size, "#%d %.2f", d->category, d->score);
}

static void draw(struct pld_image *image, const struct work *work, const struct pld_detection *d)
{
    char text[96];
    uint8_t rgb[3];
    int longer = image->width > image->height ? image->width : image->height;
    int scale = 1 + longer / 800, thickness = 1 + longer / 400;
    caption(text, sizeof text, work, d);
    pld_draw_colour(rgb, d->category);
    pld_draw_box(image, d->x, d->y, d->w, d->h, rgb, thickness);
    pld_draw_caption(image, (int)d->x, (int)d->y - PLD_GLYPH_HEIGHT * scale, text, rgb, scale);
}

/* DIR/<name of the image, '/' as '_', without its ending>.jpg */
static pld_status target(char *path, const struct work *work, int image)
{
    char name[PATH_SIZE];
    int n = snprintf(name, sizeof name, "%s", work->dataset->images[image].name);
    for (char *c = name; *c; c++)
        if (*c == '/') *c = '_';
    char *dot = strrchr(name, '.');
    if (dot && dot != name) *dot = '\0';
    if (n < 0 || strlen(name) + 5 > sizeof name)
        return pld_fail(PLD_EFAIL, work->dataset->images[image].name, "name too long");
    strcat(name, ".jpg");
    return pld_path_join(path, PATH_SIZE, work->options->dir, name);
}

static pld_status draw_image(void *context, size_t index, int worker)
{
    (void)worker;
    const struct work *work = context;
    char path[PATH_SIZE];
    struct pld_image image;
    PLD_TRY(target(path, work, (int)index));
    PLD_TRY(pld_image_read(&image, work->dataset->images[index].path));
    for (size_t i = work->first[index]; i < work->first[index + 1]; i++)
        if (work->sorted[i]->score > work->options->score) draw(&image, work, work->sorted[i]);
    pld_status status = pld_image_write_jpeg(path, &image, QUALITY);
    pld_image_release(&image);
    return status;
}

static void sort(struct work *work, const struct pld_detections *found)
{
    for (size_t i = 0; i < found->count; i++)
        work->sorted[i] = &found->items[i];
    if (found->count) qsort(work->sorted, found->count, sizeof *work->sorted, by_image_and_score);
    size_t at = 0;
    for (int image = 0; image <= work->dataset->n_images; image++) {
        while (at < found->count && work->sorted[at]->image < image)
            at++;
        work->first[image] = at;
    }
}

pld_status pld_draw_detections(const struct pld_dataset *dataset,
                               const struct pld_detections *found,
                               const struct pld_draw_options *options, struct pld_pool *pool)
{
    PLD_TRY(pld_dir_make(options->dir));
    struct work work = {.dataset = dataset, .options = options};
    work.sorted = malloc((found->count + 1) * sizeof *work.sorted);
    work.first = malloc(((size_t)dataset->n_images + 1) * sizeof *work.first);
    pld_status status = work.sorted && work.first ? PLD_OK : pld_fail_memory("drawing");
    if (status == PLD_OK) {
        sort(&work, found);
        status = pld_pool_run(pool, (size_t)dataset->n_images, draw_image, &work);
    }
    free(work.sorted);
    free(work.first);
    return status;
}
