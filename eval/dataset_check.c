#include "eval/dataset_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "eval/image.h"

struct check {
    struct pld_findings *findings;
    const struct pld_dataset *dataset;
    const struct pld_dataset_check_options *options;
};

/* ---- boxes --------------------------------------------------------------------------------- */

static pld_status add_box(const struct check *c, enum pld_finding_kind kind,
                          const struct pld_annotation *a, const char *what)
{
    return pld_findings_add(c->findings, kind, c->dataset->source,
                            "box %lld [%g, %g, %g, %g] of '%s' in '%s' %s", (long long)a->id, a->x,
                            a->y, a->w, a->h, c->dataset->categories[a->category].name,
                            c->dataset->images[a->image].name, what);
}

/* How far a box reaches out of its image, in pixels; 0 where the size is not known. */
static double excess(const struct pld_image_entry *image, const struct pld_annotation *a)
{
    if (!image->width || !image->height) return 0;
    double right = a->x + a->w - image->width, bottom = a->y + a->h - image->height;
    return fmax(fmax(-a->x, -a->y), fmax(right, bottom));
}

static pld_status check_box(const struct check *c, const struct pld_annotation *a)
{
    const struct pld_image_entry *image = &c->dataset->images[a->image];
    char what[128];
    double over = excess(image, a), size = a->w * a->h;
    if (over > 1) {
        snprintf(what, sizeof what, "reaches %.4g pixels out of %d x %d", over, image->width,
                 image->height);
        PLD_TRY(add_box(c, PLD_FINDING_KIND_OUTSIDE, a, what));
    }
    if (!(a->w > 0 && a->h > 0)) return add_box(c, PLD_FINDING_KIND_ZERO_AREA, a, "has no area");
    /* A hundredth for the rounding of boxes, a pixel for that of small ones. */
    if (a->area > 1.01 * size + 1 || a->area <= 0) {
        snprintf(what, sizeof what, "is annotated with area %g", a->area);
        return add_box(c, PLD_FINDING_KIND_AREA, a, what);
    }
    return PLD_OK;
}

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_boxes(const struct pld_annotation *a, const struct pld_annotation *b)
{
    int order = (a->image > b->image) - (a->image < b->image);
    if (!order) order = (a->category > b->category) - (a->category < b->category);
    if (!order) order = compare(a->x, b->x);
    if (!order) order = compare(a->y, b->y);
    if (!order) order = compare(a->w, b->w);
    return order ? order : compare(a->h, b->h);
}

static int by_box(const void *a, const void *b)
{
    const struct pld_annotation *x = *(const struct pld_annotation *const *)a;
    const struct pld_annotation *y = *(const struct pld_annotation *const *)b;
    int order = compare_boxes(x, y);
    return order ? order : (x > y) - (x < y);
}

static pld_status check_duplicates(const struct check *c)
{
    size_t n = (size_t)c->dataset->n_annotations;
    const struct pld_annotation **sorted = malloc((n + 1) * sizeof *sorted);
    if (!sorted) return pld_fail_memory("annotations");
    pld_status status = PLD_OK;
    for (size_t i = 0; i < n; i++)
        sorted[i] = &c->dataset->annotations[i];
    qsort(sorted, n, sizeof *sorted, by_box);
    for (size_t i = 1; i < n && status == PLD_OK; i++)
        if (compare_boxes(sorted[i], sorted[i - 1]) == 0)
            status = add_box(c, PLD_FINDING_KIND_DUPLICATE_BOX, sorted[i], "is there twice");
    free(sorted);
    return status;
}

static pld_status check_counts(const struct check *c)
{
    const struct pld_dataset *d = c->dataset;
    int *images = calloc((size_t)d->n_images + 1, sizeof *images);
    int *categories = calloc((size_t)d->n_categories + 1, sizeof *categories);
    pld_status status = images && categories ? PLD_OK : pld_fail_memory("annotations");
    for (int i = 0; i < d->n_annotations && status == PLD_OK; i++) {
        images[d->annotations[i].image]++;
        categories[d->annotations[i].category]++;
    }
    for (int i = 0; i < d->n_images && status == PLD_OK; i++)
        if (!images[i])
            status = pld_findings_add(c->findings, PLD_FINDING_KIND_UNLABELLED, d->source,
                                      "image '%s' has no boxes", d->images[i].name);
    for (int i = 0; i < d->n_categories && status == PLD_OK; i++)
        if (!categories[i])
            status = pld_findings_add(c->findings, PLD_FINDING_KIND_EMPTY_CATEGORY, d->source,
                                      "category %lld ('%s') has no boxes",
                                      (long long)d->categories[i].id, d->categories[i].name);
    free(images);
    free(categories);
    return status;
}

/* ---- names --------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_letters(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static pld_status check_names(const struct check *c, const char **names, size_t n,
                              int (*order)(const void *, const void *), const char *what)
{
    qsort(names, n, sizeof *names, order);
    for (size_t i = 1; i < n; i++)
        if (order(&names[i], &names[i - 1]) == 0)
            PLD_TRY(pld_findings_add(c->findings, PLD_FINDING_KIND_DUPLICATE_NAME,
                                     c->dataset->source, "two %s of the name '%s'", what,
                                     names[i]));
    return PLD_OK;
}

static pld_status check_all_names(const struct check *c)
{
    const struct pld_dataset *d = c->dataset;
    size_t n = (size_t)(d->n_images > d->n_categories ? d->n_images : d->n_categories);
    const char **names = malloc((n + 1) * sizeof *names);
    if (!names) return pld_fail_memory("names");
    for (int i = 0; i < d->n_images; i++)
        names[i] = d->images[i].name;
    pld_status status = check_names(c, names, (size_t)d->n_images, by_text, "images");
    for (int i = 0; i < d->n_categories; i++)
        names[i] = d->categories[i].name;
    if (status == PLD_OK)
        status = check_names(c, names, (size_t)d->n_categories, by_letters, "categories");
    free(names);
    return status;
}

/* ---- classes of a model -------------------------------------------------------------------- */

static int find_name(const char *const *names, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcasecmp(names[i], name) == 0) return i;
    return -1;
}

static pld_status check_class(const struct check *c, int class)
{
    const struct pld_dataset *d = c->dataset;
    const char *name = c->options->class_names[class];
    int place = 0;
    while (place < d->n_categories && strcasecmp(d->categories[place].name, name) != 0)
        place++;
    if (place == class) return PLD_OK;
    if (place == d->n_categories)
        return pld_findings_add(c->findings, PLD_FINDING_KIND_CLASS_ORDER, c->options->model,
                                "class %d of the model, '%s', is no category of the dataset", class,
                                name);
    return pld_findings_add(c->findings, PLD_FINDING_KIND_CLASS_ORDER, c->options->model,
                            "class %d of the model, '%s', is category number %d (from 0) of the "
                            "dataset; whatever goes by number takes one for the other",
                            class, name, place);
}

static pld_status check_classes(const struct check *c)
{
    const struct pld_dataset_check_options *o = c->options;
    const struct pld_dataset *d = c->dataset;
    if (!o->model) return PLD_OK;
    if (!o->class_names) {
        if (d->n_categories == o->n_classes) return PLD_OK;
        return pld_findings_add(c->findings, PLD_FINDING_KIND_CLASS_ORDER, o->model,
                                "%d classes without names for %d categories", o->n_classes,
                                d->n_categories);
    }
    for (int i = 0; i < o->n_classes; i++)
        PLD_TRY(check_class(c, i));
    for (int i = 0; i < d->n_categories; i++)
        if (find_name(o->class_names, o->n_classes, d->categories[i].name) < 0)
            PLD_TRY(pld_findings_add(c->findings, PLD_FINDING_KIND_CLASS_ORDER, o->model,
                                     "category %lld ('%s') of the dataset is no class of the model",
                                     (long long)d->categories[i].id, d->categories[i].name));
    return PLD_OK;
}

/* ---- image files --------------------------------------------------------------------------- */

struct seen {
    int width, height;
    char *fault; /* NULL: none */
};

struct look {
    const struct check *check;
    struct seen *seen; /* [n_images] */
};

static pld_status look_at(struct seen *seen, const char *path, bool decode)
{
    if (!decode) return pld_image_size(&seen->width, &seen->height, path);
    struct pld_image image;
    PLD_TRY(pld_image_read(&image, path));
    seen->width = image.width;
    seen->height = image.height;
    bool damaged = image.damaged;
    pld_image_release(&image);
    return damaged ? pld_fail(PLD_EDATA, path, "damaged: decodes only in part") : PLD_OK;
}

static pld_status image_task(void *context, size_t i, int worker)
{
    struct look *look = context;
    const struct check *c = look->check;
    const char *path = c->dataset->images[i].path;
    (void)worker;
    if (!path) return PLD_OK;
    pld_status status = look_at(&look->seen[i], path, c->options->decode);
    if (status == PLD_OK || status == PLD_EDEVICE) return status;
    look->seen[i].fault = strdup(pld_error_last()->message);
    return look->seen[i].fault ? PLD_OK : pld_fail_memory("images");
}

static pld_status report_image(const struct check *c, const struct pld_image_entry *image,
                               const struct seen *seen)
{
    if (seen->fault)
        return pld_findings_add(c->findings, PLD_FINDING_KIND_BROKEN_IMAGE, image->path, "%s",
                                seen->fault);
    bool known = image->path && image->width && image->height;
    if (!known || (seen->width == image->width && seen->height == image->height)) return PLD_OK;
    return pld_findings_add(c->findings, PLD_FINDING_KIND_WRONG_SIZE, image->path,
                            "is %d x %d, annotated as %d x %d", seen->width, seen->height,
                            image->width, image->height);
}

static pld_status check_images(const struct check *c)
{
    size_t n = (size_t)c->dataset->n_images;
    struct look look = {.check = c, .seen = calloc(n + 1, sizeof *look.seen)};
    if (!look.seen) return pld_fail_memory("images");
    pld_status status = PLD_OK;
    if (c->options->pool) status = pld_pool_run(c->options->pool, n, image_task, &look);
    for (size_t i = 0; i < n && status == PLD_OK && !c->options->pool; i++)
        status = image_task(&look, i, 0);
    for (size_t i = 0; i < n && status == PLD_OK; i++)
        status = report_image(c, &c->dataset->images[i], &look.seen[i]);
    for (size_t i = 0; i < n; i++)
        free(look.seen[i].fault);
    free(look.seen);
    return status;
}

/* ---- all ----------------------------------------------------------------------------------- */

pld_status pld_dataset_check(struct pld_findings *findings, const struct pld_dataset *dataset,
                             const struct pld_dataset_check_options *options)
{
    struct check c = {findings, dataset, options};
    PLD_TRY(check_images(&c));
    for (int i = 0; i < dataset->n_annotations; i++)
        PLD_TRY(check_box(&c, &dataset->annotations[i]));
    PLD_TRY(check_duplicates(&c));
    PLD_TRY(check_all_names(&c));
    PLD_TRY(check_classes(&c));
    return dataset->has_labels ? check_counts(&c) : PLD_OK;
}
