#include "eval/synth/scene.h"

#include "eval/synth/synth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A picture while it is drawn. `covered` and `visible` hold one bit a defect: the pixels it paints,
 * and those of them that nothing hides. */
struct canvas {
    struct synth_panel panel;
    float *rgb;
    uint16_t *covered, *visible;
};

struct pixel_rect {
    int x0, y0, x1, y1; /* x1, y1 excluded */
};

static struct pixel_rect rect_in_picture(const struct synth_panel *panel,
                                         const struct synth_rect *bounds)
{
    float x0 = 1e9f, y0 = 1e9f, x1 = -1e9f, y1 = -1e9f;
    for (int i = 0; i < 4; i++) {
        struct synth_vec p = pld_synth_to_picture(panel, i & 1 ? bounds->x1 : bounds->x0,
                                                  i & 2 ? bounds->y1 : bounds->y0);
        x0 = fminf(x0, p.x);
        y0 = fminf(y0, p.y);
        x1 = fmaxf(x1, p.x);
        y1 = fmaxf(y1, p.y);
    }
    float w = (float)panel->width, h = (float)panel->height;
    return (struct pixel_rect){(int)pld_synth_clamp(floorf(x0), 0.0f, w),
                               (int)pld_synth_clamp(floorf(y0), 0.0f, h),
                               (int)pld_synth_clamp(floorf(x1) + 1.0f, 0.0f, w),
                               (int)pld_synth_clamp(floorf(y1) + 1.0f, 0.0f, h)};
}

/* Paints a shape. `bit` marks the defect's pixels; with bit 0 and `hides` the shape takes what it
 * covers out of sight. */
static void draw_shape(struct canvas *canvas, const struct synth_shape *shape, uint16_t bit,
                       bool hides)
{
    const struct synth_panel *panel = &canvas->panel;
    struct pixel_rect r = rect_in_picture(panel, &shape->bounds);
    for (int y = r.y0; y < r.y1; y++) {
        for (int x = r.x0; x < r.x1; x++) {
            struct synth_vec p = pld_synth_to_panel(panel, (float)x + 0.5f, (float)y + 0.5f);
            size_t at = (size_t)y * (size_t)panel->width + (size_t)x;
            float cover = shape->paint(shape, panel, p.x, p.y, canvas->rgb + 3 * at);
            if (bit && cover >= 0.35f) {
                canvas->covered[at] |= bit;
                canvas->visible[at] |= bit;
            }
            if (hides && cover >= 0.55f) canvas->visible[at] = 0;
        }
    }
}

static float overlap(const struct synth_rect *a, const struct synth_rect *b)
{
    float w = fminf(a->x1, b->x1) - fmaxf(a->x0, b->x0);
    float h = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);
    if (w <= 0.0f || h <= 0.0f) return 0.0f;
    float area = (a->x1 - a->x0) * (a->y1 - a->y0), other = (b->x1 - b->x0) * (b->y1 - b->y0);
    return w * h / fminf(area, other);
}

static int choose_class(struct synth_rng *rng)
{
    int total = 0;
    for (int c = 0; c < SYNTH_CLASSES; c++)
        total += pld_synth_classes[c].weight;
    int ticket = pld_synth_rng_int(rng, 0, total - 1);
    for (int c = 0; c < SYNTH_CLASSES; c++) {
        ticket -= pld_synth_classes[c].weight;
        if (ticket < 0) return c;
    }
    return 0;
}

static struct synth_vec anywhere(const struct synth_panel *panel, struct synth_rng *rng)
{
    float x = pld_synth_rng_range(rng, 8.0f, (float)panel->width - 8.0f);
    float y = pld_synth_rng_range(rng, 8.0f, (float)panel->height - 8.0f);
    return pld_synth_to_panel(panel, x, y);
}

/* How much of the smaller of two defects may lie under or over the other: little for two of one
 * class, none where only a missing cell's silicon could carry it. */
static float most_overlap(int a, int b)
{
    if (a == b) return 0.15f;
    const struct synth_class *p = &pld_synth_classes[a], *q = &pld_synth_classes[b];
    if (p->layer == SYNTH_LAYER_HOLE && !q->over_hole) return 0.02f;
    if (q->layer == SYNTH_LAYER_HOLE && !p->over_hole) return 0.02f;
    return 0.55f;
}

/* Chooses the defects of a picture. Returns how many there are. */
static int choose_defects(struct synth_shape *shapes, int *classes, const struct synth_panel *panel,
                          struct synth_rng *rng)
{
    int wanted = pld_synth_rng_int(rng, 3, 10), count = 0;
    if (pld_synth_rng_chance(rng, 0.04f)) wanted = 0; /* a clean panel */
    for (int attempt = 0; attempt < 60 && count < wanted; attempt++) {
        struct synth_shape *shape = &shapes[count];
        memset(shape, 0, sizeof *shape);
        shape->salt = pld_synth_rng_u32(rng);
        int class_id = choose_class(rng);
        if (!pld_synth_classes[class_id].make(shape, panel, rng, anywhere(panel, rng))) continue;
        bool fits = true;
        for (int i = 0; i < count && fits; i++) {
            fits = overlap(&shape->bounds, &shapes[i].bounds) <= most_overlap(classes[i], class_id);
        }
        if (fits) classes[count++] = class_id;
    }
    return count;
}

static void draw_scene(struct canvas *canvas, struct synth_rng *rng, int *classes, int *count)
{
    const struct synth_panel *panel = &canvas->panel;
    for (int y = 0; y < panel->height; y++) {
        for (int x = 0; x < panel->width; x++) {
            struct synth_vec p = pld_synth_to_panel(panel, (float)x + 0.5f, (float)y + 0.5f);
            size_t at = (size_t)y * (size_t)panel->width + (size_t)x;
            pld_synth_panel_colour(panel, p.x, p.y, canvas->rgb + 3 * at);
        }
    }
    struct synth_shape defects[SYNTH_DEFECTS_MAX], extra;
    *count = choose_defects(defects, classes, panel, rng);
    for (int layer = 0; layer < SYNTH_CLASSES; layer++) {
        for (int i = 0; i < *count; i++)
            if (pld_synth_classes[classes[i]].layer == layer)
                draw_shape(canvas, &defects[i], (uint16_t)(1u << i), false);
    }
    int distractors = pld_synth_rng_int(rng, 2, SYNTH_EXTRAS_MAX);
    for (int i = 0; i < distractors; i++) {
        memset(&extra, 0, sizeof extra);
        extra.salt = pld_synth_rng_u32(rng);
        pld_synth_make_distractor(&extra, panel, rng, anywhere(panel, rng));
        draw_shape(canvas, &extra, 0, false);
    }
    int covers = pld_synth_rng_chance(rng, 0.55f) ? pld_synth_rng_int(rng, 1, 3) : 0;
    for (int i = 0; i < covers; i++) {
        memset(&extra, 0, sizeof extra);
        extra.salt = pld_synth_rng_u32(rng);
        struct synth_vec at = anywhere(panel, rng);
        if (*count > 0 && pld_synth_rng_chance(rng, 0.6f)) { /* half on top of a defect */
            const struct synth_rect *b = &defects[pld_synth_rng_int(rng, 0, *count - 1)].bounds;
            at.x = pld_synth_rng_chance(rng, 0.5f) ? b->x0 : b->x1;
            at.y = b->y0 + (b->y1 - b->y0) * pld_synth_rng_range(rng, 0.2f, 0.8f);
        }
        pld_synth_make_cover(&extra, panel, rng, at);
        draw_shape(canvas, &extra, 0, true);
    }
}

/* Light, lens and sensor: uneven illumination, contrast, blur, noise; then bytes. */
static void develop(struct canvas *canvas, struct synth_rng *rng, uint8_t *out)
{
    const struct synth_panel *panel = &canvas->panel;
    int w = panel->width, h = panel->height;
    struct synth_vec slope = pld_synth_rng_direction(rng);
    float tilt = pld_synth_rng_range(rng, 0.0f, 0.35f);
    float vignette = pld_synth_rng_range(rng, 0.0f, 0.30f);
    float gain = pld_synth_rng_range(rng, 0.72f, 1.20f);
    float contrast = pld_synth_rng_range(rng, 0.62f, 1.08f);
    float noise = pld_synth_rng_range(rng, 0.004f, 0.026f);
    float blur = pld_synth_rng_chance(rng, 0.4f) ? pld_synth_rng_range(rng, 0.05f, 0.22f) : 0.0f;
    float tint[3] = {1.0f, 1.0f, 1.0f};
    tint[0] = pld_synth_rng_range(rng, 0.94f, 1.06f);
    tint[2] = pld_synth_rng_range(rng, 0.94f, 1.06f);
    uint32_t salt = pld_synth_rng_u32(rng);

    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            float px = 2.0f * ((float)x + 0.5f) / (float)w - 1.0f;
            float py = 2.0f * ((float)y + 0.5f) / (float)h - 1.0f;
            float light = gain * (1.0f + tilt * (px * slope.x + py * slope.y)) *
                          (1.0f - vignette * 0.5f * (px * px + py * py));
            float *rgb = canvas->rgb + 3 * ((size_t)y * (size_t)w + (size_t)x);
            for (int c = 0; c < 3; c++)
                rgb[c] = 0.42f + (rgb[c] * light * tint[c] - 0.42f) * contrast;
        }
    }
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            size_t at = (size_t)y * (size_t)w + (size_t)x;
            size_t left = x > 0 ? at - 1 : at, right = x + 1 < w ? at + 1 : at;
            size_t up = y > 0 ? at - (size_t)w : at, down = y + 1 < h ? at + (size_t)w : at;
            for (int c = 0; c < 3; c++) {
                size_t k = (size_t)c;
                float value = canvas->rgb[3 * at + k];
                float around = 0.25f * (canvas->rgb[3 * left + k] + canvas->rgb[3 * right + k] +
                                        canvas->rgb[3 * up + k] + canvas->rgb[3 * down + k]);
                value += 2.0f * blur * (around - value);
                float grain = pld_synth_hash(x, y, salt + (uint32_t)c) +
                              pld_synth_hash(x, y, salt + 3 + (uint32_t)c) +
                              pld_synth_hash(x, y, salt + 6 + (uint32_t)c) - 1.5f;
                value = pld_synth_clamp(value + 2.0f * noise * grain, 0.0f, 1.0f);
                out[3 * at + k] = (uint8_t)(255.0f * value + 0.5f);
            }
        }
    }
}

/* Turns the marked pixels into boxes. A defect of which less than a quarter can be seen, or only a
 * sliver at the border, carries no box. */
static int measure(const struct canvas *canvas, const int *classes, int count,
                   struct pld_synth_box *boxes)
{
    int w = canvas->panel.width, h = canvas->panel.height, found = 0;
    for (int i = 0; i < count; i++) {
        uint16_t bit = (uint16_t)(1u << i);
        long covered = 0, visible = 0;
        int x0 = w, y0 = h, x1 = -1, y1 = -1;
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                size_t at = (size_t)y * (size_t)w + (size_t)x;
                if (canvas->covered[at] & bit) covered++;
                if (!(canvas->visible[at] & bit)) continue;
                visible++;
                x0 = x < x0 ? x : x0;
                y0 = y < y0 ? y : y0;
                x1 = x > x1 ? x : x1;
                y1 = y > y1 ? y : y1;
            }
        }
        if (visible < 12 || 4 * visible < covered) continue;
        int bw = x1 - x0 + 1, bh = y1 - y0 + 1;
        if (bw + bh < 12 || (bw < 4 && x0 == 0) || (bw < 4 && x1 == w - 1) || (bh < 4 && y0 == 0) ||
            (bh < 4 && y1 == h - 1))
            continue;
        boxes[found++] =
            (struct pld_synth_box){classes[i], (float)x0, (float)y0,
                                   (float)bw,  (float)bh, (float)visible / (float)covered};
    }
    return found;
}

pld_status pld_synth_render(struct pld_synth_image *out, uint64_t seed, int index)
{
    memset(out, 0, sizeof *out);
    if (index < 0) return pld_fail(PLD_EUSAGE, "", "picture index %d is negative", index);
    struct canvas canvas = {0};
    struct synth_rng rng;
    pld_synth_rng_init(&rng, seed, (uint64_t)index);
    pld_synth_panel_init(&canvas.panel, &rng);
    size_t pixels = (size_t)canvas.panel.width * (size_t)canvas.panel.height;
    canvas.rgb = malloc(3 * pixels * sizeof *canvas.rgb);
    canvas.covered = calloc(pixels, sizeof *canvas.covered);
    canvas.visible = calloc(pixels, sizeof *canvas.visible);
    uint8_t *bytes = malloc(3 * pixels);
    struct pld_synth_box *boxes = calloc(SYNTH_DEFECTS_MAX, sizeof *boxes);
    pld_status status = PLD_OK;
    if (!canvas.rgb || !canvas.covered || !canvas.visible || !bytes || !boxes) {
        status = pld_fail_memory("synthetic picture");
        free(bytes);
        free(boxes);
    } else {
        int classes[SYNTH_DEFECTS_MAX], count;
        draw_scene(&canvas, &rng, classes, &count);
        develop(&canvas, &rng, bytes);
        out->rgb = bytes;
        out->width = canvas.panel.width;
        out->height = canvas.panel.height;
        out->boxes = boxes;
        out->box_count = measure(&canvas, classes, count, boxes);
    }
    free(canvas.rgb);
    free(canvas.covered);
    free(canvas.visible);
    return status;
}

void pld_synth_image_release(struct pld_synth_image *image)
{
    free(image->rgb);
    free(image->boxes);
    memset(image, 0, sizeof *image);
}

int pld_synth_class_count(void)
{
    return SYNTH_CLASSES;
}

const char *pld_synth_class_name(int class_id)
{
    return class_id >= 0 && class_id < SYNTH_CLASSES ? pld_synth_classes[class_id].name : "";
}
