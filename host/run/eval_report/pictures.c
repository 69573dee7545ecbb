/* The worst images with their boxes. A box of the data is dashed where nothing found it; a
 * detection that finds nothing has a full line; what is right is thin. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/image.h"
#include "eval/resize.h"
#include "run/eval_report/sections.h"
#include "run/report/format.h"
#include "run/report/svg.h"

enum { MOST = 12, WIDTH = 480, QUALITY = 72, MOST_BYTES = 160 << 10, MOST_BOXES = 80, LABELS = 24 };

/* ---- pixels ---- */

/* A quarter of the pixels, each the mean of four. */
static void halve(struct pld_image *image)
{
    int width = image->width / 2, height = image->height / 2;
    size_t row = (size_t)image->width * 3;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width * 3; x++) {
            const uint8_t *at = image->rgb + 2 * (size_t)y * row + 6 * (x / 3) + x % 3;
            image->rgb[(size_t)y * (size_t)width * 3 + (size_t)x] =
                (uint8_t)((at[0] + at[3] + at[row] + at[row + 3] + 2) / 4);
        }
    image->width = width;
    image->height = height;
}

/* At most WIDTH x 2 WIDTH pixels. */
static pld_status shrink(struct pld_image *image)
{
    while (image->width >= 2 * WIDTH || image->height >= 4 * WIDTH)
        halve(image);
    double scale = fmin(WIDTH / (double)image->width, 2.0 * WIDTH / image->height);
    if (scale >= 1) return PLD_OK;
    int width = (int)fmax(1, round(image->width * scale));
    int height = (int)fmax(1, round(image->height * scale));
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3);
    if (!rgb) return pld_fail_memory("picture");
    pld_status status = pld_resize_linear(rgb, (size_t)width * 3, width, height, image->rgb,
                                          image->width, image->height);
    free(image->rgb);
    *image = (struct pld_image){.rgb = rgb, .width = width, .height = height};
    return status;
}

/* The picture of an image as a data URI on the canvas, and its real size. */
static pld_status put_pixels(struct pld_str *s, const char *path, int *width, int *height)
{
    struct pld_image image;
    struct pld_bytes jpeg = {0};
    PLD_TRY(pld_image_read(&image, path));
    *width = image.width;
    *height = image.height;
    pld_status status = shrink(&image);
    if (status == PLD_OK) status = pld_image_encode_jpeg(&jpeg, &image, QUALITY, path);
    if (status == PLD_OK && jpeg.size > MOST_BYTES) {
        pld_bytes_release(&jpeg);
        status = pld_image_encode_jpeg(&jpeg, &image, QUALITY / 2, path);
    }
    if (status == PLD_OK) {
        pld_str_append(s, "<image width=\"100%\" height=\"100%\" href=\"data:image/jpeg;base64,");
        pld_put_base64(s, jpeg.data, jpeg.size);
        pld_str_append(s, "\"/>");
    }
    pld_bytes_release(&jpeg);
    pld_image_release(&image);
    return status;
}

/* ---- boxes ---- */

struct area {
    double x, y, w, h;
};

struct canvas {
    struct pld_str boxes, labels;
    double scale, width, height;
    struct area taken[LABELS]; /* by labels */
    int n_labels, n_boxes;
};

static bool overlap(const struct area *a, const struct area *b)
{
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/* Finds room for a label at one of the box's corners; none where all of them are taken. */
static void put_label(struct canvas *c, const char *cls, const struct area *box, const char *text)
{
    enum { HEIGHT = 15 };
    double width = 8.0 * (double)strlen(text) + 4;
    double tops[] = {box->y - HEIGHT, box->y, box->y + box->h, box->y + box->h - HEIGHT};
    for (size_t i = 0; i < sizeof tops / sizeof *tops && c->n_labels < LABELS; i++) {
        struct area at = {fmax(0, fmin(box->x, c->width - width)),
                          fmax(0, fmin(tops[i], c->height - HEIGHT)), width, HEIGHT};
        bool room = true;
        for (int k = 0; k < c->n_labels; k++)
            room = room && !overlap(&at, &c->taken[k]);
        if (!room) continue;
        c->taken[c->n_labels++] = at;
        pld_svg_text(&c->labels, cls, at.x + 2, at.y + 12, text);
        return;
    }
}

static void put_box(struct canvas *c, const char *kind, double x, double y, double w, double h,
                    const char *text, bool labelled)
{
    char cls[32];
    struct area box = {x * c->scale, y * c->scale, w * c->scale, h * c->scale};
    if (c->n_boxes++ >= MOST_BOXES) return;
    if (labelled) pld_svg_rect(&c->boxes, "box under", box.x, box.y, box.w, box.h, NULL);
    snprintf(cls, sizeof cls, "box %s", kind);
    pld_svg_rect(&c->boxes, cls, box.x, box.y, box.w, box.h, text);
    if (labelled) put_label(c, kind, &box, text);
}

static const char *class_name(const struct pld_eval_page *page, int category)
{
    return page->dataset->categories[category].name;
}

/* "cat 0.87, wrong class" */
static void detection_text(char *text, size_t size, const struct pld_eval_page *page, size_t det,
                           bool wrong)
{
    const struct pld_detection *d = &page->found->items[det];
    const signed char *errors = page->result->metrics.tide.errors;
    int error = errors && wrong ? errors[det] : -1;
    snprintf(text, size, "%s %.2f%s%s", pld_clip(class_name(page, d->category), 24).text, d->score,
             error >= 0 ? ", " : "",
             error >= 0 ? pld_eval_error_words((enum pld_tide_error)error) : "");
}

static void put_detections(struct canvas *c, const struct pld_eval_page *page,
                           const struct pld_worst *worst, int image, enum pld_judgement kind)
{
    char text[160];
    for (size_t i = 0; i < page->found->count; i++) {
        const struct pld_detection *d = &page->found->items[i];
        if (d->image != image || worst->detections[i] != kind) continue;
        bool wrong = kind == PLD_JUDGED_WRONG;
        detection_text(text, sizeof text, page, i, wrong);
        put_box(c, wrong ? "wrong" : "found", d->x, d->y, d->w, d->h, text, wrong);
    }
}

static void put_missed(struct canvas *c, const struct pld_eval_page *page,
                       const struct pld_worst *worst, int image)
{
    char text[160];
    for (int i = 0; i < page->dataset->n_annotations; i++) {
        const struct pld_annotation *a = &page->dataset->annotations[i];
        if (a->image != image || worst->boxes[i] != PLD_JUDGED_WRONG) continue;
        snprintf(text, sizeof text, "missed %s", pld_clip(class_name(page, a->category), 24).text);
        put_box(c, "missed", a->x, a->y, a->w, a->h, text, true);
    }
}

/* Errors come first, so that they are there where boxes or labels are too many. */
static void put_boxes(struct pld_str *s, const struct pld_eval_page *page,
                      const struct pld_worst *worst, int image, double width, double height)
{
    struct canvas c = {.scale = WIDTH / width, .width = WIDTH, .height = height * WIDTH / width};
    put_missed(&c, page, worst, image);
    put_detections(&c, page, worst, image, PLD_JUDGED_WRONG);
    put_detections(&c, page, worst, image, PLD_JUDGED_RIGHT);
    pld_str_append_n(s, c.boxes.data ? c.boxes.data : "", c.boxes.len);
    pld_str_append_n(s, c.labels.data ? c.labels.data : "", c.labels.len);
    s->failed |= c.boxes.failed || c.labels.failed;
    pld_str_release(&c.boxes);
    pld_str_release(&c.labels);
}

/* ---- figures ---- */

static void put_caption(struct pld_str *s, const struct pld_worst_image *image, const char *name,
                        const char *failure)
{
    pld_str_append(s, "<figcaption><b>");
    pld_put_text(s, name);
    pld_str_printf(s, "</b><br>%d found, %d missed, %d wrong; cost %.1f", image->right,
                   image->missed, image->wrong, image->cost);
    if (failure) {
        pld_str_append(s, "<br>");
        pld_put_text(s, failure);
    }
    pld_str_append(s, "</figcaption></figure>\n");
}

void pld_eval_picture(struct pld_str *s, const struct pld_eval_page *page,
                      const struct pld_worst *worst, const struct pld_worst_image *image,
                      const char *name)
{
    const struct pld_image_entry *entry = &page->dataset->images[image->image];
    int width = entry->width, height = entry->height;
    const char *failure = NULL;
    char label[256];
    struct pld_str pixels = {0};
    if (entry->path && put_pixels(&pixels, entry->path, &width, &height) != PLD_OK)
        failure = pld_error_last()->message;
    pld_str_append(s, "<figure>");
    if (width > 0 && height > 0) {
        snprintf(label, sizeof label, "%s: %d boxes found, %d missed, %d wrong detections",
                 pld_clip(name, 48).text, image->right, image->missed, image->wrong);
        pld_svg_begin(s, WIDTH, height * (double)WIDTH / width, label, false);
        pld_str_append_n(s, pixels.data ? pixels.data : "", pixels.len);
        put_boxes(s, page, worst, image->image, width, height);
        pld_svg_end(s);
    }
    put_caption(s, image, name, failure);
    s->failed |= pixels.failed;
    pld_str_release(&pixels);
}

void pld_eval_picture_legend(struct pld_str *s)
{
    static const char *const rows[][2] = {{"missed", "a box that nothing found (dashed)"},
                                          {"wrong", "a detection that is wrong (full line)"},
                                          {"found", "a right detection (thin line)"}};
    pld_str_append(s, "<ul class=\"legend\">");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char cls[32];
        snprintf(cls, sizeof cls, "box %s", rows[i][0]);
        pld_str_append(s, "<li>");
        pld_svg_begin(s, 44, 20, rows[i][1], false);
        pld_svg_rect(s, cls, 6, 4, 32, 12, NULL);
        pld_svg_end(s);
        pld_str_printf(s, "%s</li>", rows[i][1]);
    }
    pld_str_append(s, "</ul>\n");
}

void pld_eval_pictures(struct pld_str *s, const struct pld_eval_page *page,
                       const struct pld_worst *worst)
{
    char lead[512];
    int shown = worst->n_images < MOST ? worst->n_images : MOST;
    if (!shown) return;
    snprintf(lead, sizeof lead,
             "At confidence %.2f and IoU %.2f, %d of %d images have errors; these cost most. A "
             "missed box costs 1, a wrong detection its score.",
             worst->score, worst->iou, worst->n_images, page->result->images);
    pld_html_section(s, "worst", "Worst images", lead);
    if (page->no_pictures) {
        pld_str_append(s, "<p class=\"lead\">Without pictures: ");
        pld_put_text(s, page->no_pictures);
        pld_str_append(s, "</p>\n");
    }
    pld_eval_picture_legend(s);
    pld_str_append(s, "<div class=\"worst\">\n");
    for (int i = 0; i < shown; i++)
        pld_eval_picture(s, page, worst, &worst->images[i],
                         page->dataset->images[worst->images[i].image].name);
    pld_str_append(s, "</div></section>\n");
}
