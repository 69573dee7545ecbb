/* Pascal VOC: Annotations/, JPEGImages/, ImageSets/Main/val.txt. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "eval/dataset_write_internal.h"

/* Folders do not exist in VOC: a/b.jpg becomes a_b.jpg. */
static pld_status flatten_names(struct pld_writer *w)
{
    for (int i = 0; i < w->dataset->n_images; i++) {
        char *name = pld_arena_strdup(&w->arena, w->names[i]);
        if (!name) return PLD_EDEVICE;
        for (char *c = name; *c; c++)
            if (*c == '/') *c = '_';
        w->names[i] = name;
    }
    return PLD_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static pld_status write_set(struct pld_writer *w)
{
    struct pld_str text = {0};
    size_t n = (size_t)w->dataset->n_images;
    const char **stems = pld_arena_array(&w->arena, n, sizeof *stems);
    if (!stems) return PLD_EDEVICE;
    for (size_t i = 0; i < n; i++) {
        stems[i] = pld_writer_stem(w, (int)i);
        if (!stems[i]) return PLD_EDEVICE;
        if (strpbrk(stems[i], " \t\r\n"))
            return pld_fail(PLD_EDATA, w->dataset->source,
                            "image name '%s' has a space in it, which VOC lists cannot hold",
                            w->names[i]);
    }
    qsort(stems, n, sizeof *stems, by_text);
    for (size_t i = 0; i < n; i++) {
        if (i && strcmp(stems[i], stems[i - 1]) == 0) {
            pld_str_release(&text);
            return pld_fail(PLD_EDATA, w->dataset->source, "two images would have the name '%s'",
                            stems[i]);
        }
        pld_str_printf(&text, "%s\n", stems[i]);
    }
    return pld_writer_put(w, "ImageSets/Main/val.txt", &text);
}

static void add_escaped(struct pld_str *text, const char *string)
{
    for (; *string; string++) {
        unsigned char c = (unsigned char)*string;
        if (c == '&')
            pld_str_append(text, "&amp;");
        else if (c == '<')
            pld_str_append(text, "&lt;");
        else if (c == '>')
            pld_str_append(text, "&gt;");
        else
            pld_str_append_n(text, c < 32 ? " " : string, 1); /* XML has no control characters */
    }
}

/* Whole pixels where the box lies on them, as far as rounding let it. */
static void add_side(struct pld_str *text, const char *name, double value)
{
    char number[32];
    double whole = rint(value);
    pld_str_printf(text, "<%s>%s</%s>", name,
                   pld_real_text(number, fabs(value - whole) < 1e-9 ? whole : value), name);
}

static void add_object(struct pld_str *text, const struct pld_dataset *d,
                       const struct pld_annotation *a)
{
    pld_str_append(text, "  <object>\n    <name>");
    add_escaped(text, d->categories[a->category].name);
    pld_str_printf(text,
                   "</name>\n    <truncated>%d</truncated>\n    <difficult>%d</difficult>\n"
                   "    <bndbox>",
                   a->truncated, a->difficult || a->crowd);
    add_side(text, "xmin", a->x + 1);
    add_side(text, "ymin", a->y + 1);
    add_side(text, "xmax", a->x + a->w);
    add_side(text, "ymax", a->y + a->h);
    pld_str_append(text, "</bndbox>\n  </object>\n");
}

static pld_status write_annotations(struct pld_writer *w, int i)
{
    const struct pld_dataset *d = w->dataset;
    const struct pld_image_entry *image = &d->images[i];
    struct pld_str text = {0};
    pld_str_append(&text, "<annotation>\n  <filename>");
    add_escaped(&text, w->names[i]);
    pld_str_append(&text, "</filename>\n");
    if (image->width && image->height)
        pld_str_printf(&text,
                       "  <size><width>%d</width><height>%d</height><depth>3</depth></size>\n",
                       image->width, image->height);
    for (int n = w->first[i]; n < w->first[i + 1]; n++)
        add_object(&text, d, &d->annotations[w->by_image[n]]);
    pld_str_append(&text, "</annotation>\n");
    const char *stem = pld_writer_stem(w, i);
    const char *path = stem ? pld_arena_printf(&w->arena, "Annotations/%s.xml", stem) : NULL;
    if (path) return pld_writer_put(w, path, &text);
    pld_str_release(&text);
    return PLD_EDEVICE;
}

/* Categories of which no box tells the name. */
static int unnamed_categories(const struct pld_dataset *d)
{
    int n = 0;
    for (int k = 0; k < d->n_categories; k++) {
        int a = 0;
        while (a < d->n_annotations && d->annotations[a].category != k)
            a++;
        n += a == d->n_annotations;
    }
    return n;
}

pld_status pld_dataset_write_voc(struct pld_writer *w)
{
    int crowds = 0;
    PLD_TRY(flatten_names(w));
    PLD_TRY(write_set(w));
    for (int i = 0; i < w->dataset->n_images; i++) {
        const char *path = pld_arena_printf(&w->arena, "JPEGImages/%s", w->names[i]);
        if (!path) return PLD_EDEVICE;
        PLD_TRY(pld_writer_image(w, i, path));
        PLD_TRY(write_annotations(w, i));
    }
    /* A folder without pictures must be one of VOC all the same. */
    PLD_TRY(pld_writer_folder(w, "JPEGImages"));
    for (int i = 0; i < w->dataset->n_annotations; i++)
        crowds += w->dataset->annotations[i].crowd;
    pld_writer_warn(w, crowds, "crowd boxes written as difficult: VOC has no such mark");
    pld_writer_warn(w, unnamed_categories(w->dataset),
                    "categories without boxes are lost: VOC names classes in boxes only");
    return PLD_OK;
}
