/* Ultralytics data.yaml, images/val/ and labels/val/. */
#include <stdio.h>

#include "core/json.h"
#include "eval/dataset_write_internal.h"

struct losses {
    int crowd, difficult, cut;
};

static double within(double value, double limit)
{
    return value < 0 ? 0 : value > limit ? limit : value;
}

/* The part of a box inside of the image, which is all that readers of the format accept. */
static bool cut(struct pld_annotation *a, int width, int height)
{
    double right = a->x + a->w, bottom = a->y + a->h;
    if (a->x >= 0 && a->y >= 0 && right <= width && bottom <= height) return false;
    a->x = within(a->x, width);
    a->y = within(a->y, height);
    a->w = within(right, width) - a->x;
    a->h = within(bottom, height) - a->y;
    return true;
}

static void add_label(struct pld_str *text, const struct pld_annotation *a, int width, int height)
{
    const double box[] = {(a->x + a->w / 2) / width, (a->y + a->h / 2) / height, a->w / width,
                          a->h / height};
    char number[32];
    pld_str_printf(text, "%d", (int)a->category);
    for (int i = 0; i < 4; i++)
        pld_str_printf(text, " %s", pld_real_text(number, box[i]));
    pld_str_append(text, "\n");
}

static pld_status write_labels(struct pld_writer *w, int i, struct losses *losses)
{
    struct pld_str text = {0};
    int width, height;
    PLD_TRY(pld_writer_size(w, i, &width, &height));
    for (int n = w->first[i]; n < w->first[i + 1]; n++) {
        struct pld_annotation a = w->dataset->annotations[w->by_image[n]];
        losses->crowd += a.crowd;
        losses->difficult += a.difficult && !a.crowd;
        if (a.crowd || a.difficult) continue;
        losses->cut += cut(&a, width, height);
        add_label(&text, &a, width, height);
    }
    const char *stem = pld_writer_stem(w, i);
    const char *path = stem ? pld_arena_printf(&w->arena, "labels/val/%s.txt", stem) : NULL;
    if (path) return pld_writer_put(w, path, &text);
    pld_str_release(&text);
    return PLD_EDEVICE;
}

static pld_status write_yaml(struct pld_writer *w)
{
    struct pld_str text = {0};
    pld_str_append(&text, "train: images/val\nval: images/val\nnames:\n");
    for (int i = 0; i < w->dataset->n_categories; i++) {
        pld_str_printf(&text, "  %d: ", i);
        pld_writer_quote(&text, w->dataset->categories[i].name);
        pld_str_append(&text, "\n");
    }
    return pld_writer_put(w, "data.yaml", &text);
}

pld_status pld_dataset_write_yolo(struct pld_writer *w)
{
    struct losses losses = {0};
    if (!w->dataset->n_categories)
        return pld_fail(PLD_EDATA, w->dataset->source, "no categories to name in a data.yaml");
    PLD_TRY(write_yaml(w));
    for (int i = 0; i < w->dataset->n_images; i++) {
        const char *path = pld_arena_printf(&w->arena, "images/val/%s", w->names[i]);
        if (!path) return PLD_EDEVICE;
        PLD_TRY(pld_writer_image(w, i, path));
        PLD_TRY(write_labels(w, i, &losses));
    }
    pld_writer_warn(w, losses.crowd, "crowd boxes left out: YOLO labels have no such mark");
    pld_writer_warn(w, losses.difficult, "difficult boxes left out: YOLO labels have no such mark");
    pld_writer_warn(w, losses.cut, "boxes cut at the edge of their image");
    return PLD_OK;
}
