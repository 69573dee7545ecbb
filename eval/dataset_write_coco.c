/* COCO annotation JSON. */
#include <stdio.h>

#include "core/json.h"
#include "eval/dataset_write_internal.h"

static void add_number(struct pld_str *text, const char *before, double value)
{
    char number[32];
    pld_str_append(text, before);
    pld_str_append(text, pld_real_text(number, value));
}

static void add_image(struct pld_str *text, const struct pld_image_entry *image, const char *name)
{
    pld_str_printf(text, "{\"id\": %lld, \"file_name\": ", (long long)image->id);
    pld_writer_quote(text, name);
    if (image->width && image->height)
        pld_str_printf(text, ", \"width\": %d, \"height\": %d", image->width, image->height);
    pld_str_append(text, "}");
}

static void add_annotation(struct pld_str *text, const struct pld_dataset *d,
                           const struct pld_annotation *a)
{
    pld_str_printf(text, "{\"id\": %lld, \"image_id\": %lld, \"category_id\": %lld, \"bbox\": ",
                   (long long)a->id, (long long)d->images[a->image].id,
                   (long long)d->categories[a->category].id);
    add_number(text, "[", a->x);
    add_number(text, ", ", a->y);
    add_number(text, ", ", a->w);
    add_number(text, ", ", a->h);
    add_number(text, "], \"area\": ", a->area);
    pld_str_printf(text, ", \"iscrowd\": %d", a->crowd);
    if (a->difficult) pld_str_append(text, ", \"difficult\": 1");
    if (a->truncated) pld_str_append(text, ", \"truncated\": 1");
    pld_str_append(text, "}");
}

void pld_writer_coco_text(struct pld_writer *w, struct pld_str *text)
{
    const struct pld_dataset *d = w->dataset;
    pld_str_append(text, "{");
    if (d->last_pixel_inside) pld_str_append(text, "\"info\": {\"last_pixel_inside\": true},\n");
    pld_str_append(text, "\"images\": [");
    for (int i = 0; i < d->n_images; i++) {
        pld_str_append(text, i ? ",\n" : "\n");
        add_image(text, &d->images[i], w->names[i]);
    }
    pld_str_append(text, "],\n\"annotations\": [");
    for (int i = 0; i < d->n_annotations; i++) {
        pld_str_append(text, i ? ",\n" : "\n");
        add_annotation(text, d, &d->annotations[i]);
    }
    pld_str_append(text, "],\n\"categories\": [");
    for (int i = 0; i < d->n_categories; i++) {
        pld_str_printf(text, "%s\n{\"id\": %lld, \"name\": ", i ? "," : "",
                       (long long)d->categories[i].id);
        pld_writer_quote(text, d->categories[i].name);
        pld_str_append(text, "}");
    }
    pld_str_append(text, "]}\n");
}

pld_status pld_dataset_write_coco(struct pld_writer *w)
{
    struct pld_str text = {0};
    pld_writer_coco_text(w, &text);
    PLD_TRY(pld_writer_put(w, "annotations.json", &text));
    for (int i = 0; i < w->dataset->n_images; i++) {
        const char *path = pld_arena_printf(&w->arena, "images/%s", w->names[i]);
        if (!path) return PLD_EDEVICE;
        PLD_TRY(pld_writer_image(w, i, path));
    }
    return PLD_OK;
}
