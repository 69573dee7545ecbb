#include "eval/synth/scene.h"

#include <math.h>
#include <string.h>

struct style {
    float cell[3], sheet[3], bar[3];
    float chamfer, patch_depth, grain;
};

static const struct style styles[] = {
    /* blue multi-crystalline, white back sheet */
    {{0.15f, 0.25f, 0.50f}, {0.82f, 0.83f, 0.84f}, {0.70f, 0.72f, 0.74f}, 0.0f, 0.34f, 0.05f},
    /* dark mono-crystalline with cut corners */
    {{0.17f, 0.18f, 0.25f}, {0.76f, 0.77f, 0.78f}, {0.66f, 0.67f, 0.69f}, 0.13f, 0.03f, 0.04f},
    /* grey wafer, dark back sheet */
    {{0.56f, 0.57f, 0.58f}, {0.12f, 0.12f, 0.13f}, {0.38f, 0.38f, 0.39f}, 0.07f, 0.08f, 0.10f},
    /* teal thin film */
    {{0.20f, 0.37f, 0.37f}, {0.70f, 0.70f, 0.64f}, {0.55f, 0.52f, 0.44f}, 0.0f, 0.05f, 0.07f},
};

static const int sizes[][2] = {{288, 256}, {256, 224}, {320, 240}, {256, 256}, {240, 288}};

void pld_synth_panel_init(struct synth_panel *panel, struct synth_rng *rng)
{
    memset(panel, 0, sizeof *panel);
    panel->salt = pld_synth_rng_u32(rng);
    int size = pld_synth_rng_int(rng, 0, (int)(sizeof sizes / sizeof sizes[0]) - 1);
    panel->width = sizes[size][0];
    panel->height = sizes[size][1];

    const struct style *style =
        &styles[pld_synth_rng_int(rng, 0, (int)(sizeof styles / sizeof styles[0]) - 1)];
    float bright = pld_synth_rng_range(rng, 0.85f, 1.15f);
    for (int c = 0; c < 3; c++) {
        panel->cell[c] = style->cell[c] * bright * pld_synth_rng_range(rng, 0.93f, 1.07f);
        panel->sheet[c] = style->sheet[c] * pld_synth_rng_range(rng, 0.96f, 1.04f);
        panel->bar[c] = style->bar[c] * pld_synth_rng_range(rng, 0.97f, 1.03f);
    }
    panel->patch_depth = style->patch_depth;
    panel->patch_size = pld_synth_rng_range(rng, 7.0f, 15.0f);
    panel->grain = style->grain;
    panel->cell_spread = pld_synth_rng_range(rng, 0.02f, 0.12f);

    panel->cell_w = pld_synth_rng_range(rng, 46.0f, 130.0f);
    panel->cell_h = panel->cell_w * pld_synth_rng_range(rng, 0.85f, 1.15f);
    panel->gap = pld_synth_rng_range(rng, 2.0f, 4.5f);
    panel->chamfer = style->chamfer * panel->cell_w;
    panel->busbars = panel->cell_w < 70.0f ? 2 : pld_synth_rng_int(rng, 2, 4);
    panel->bar_half = pld_synth_rng_range(rng, 0.7f, 1.5f);
    panel->finger_period = pld_synth_rng_range(rng, 3.2f, 6.0f);
    panel->finger_depth = pld_synth_rng_range(rng, 0.0f, 0.16f);

    struct synth_vec turn =
        pld_synth_turn((struct synth_vec){1.0f, 0.0f}, pld_synth_rng_range(rng, -0.07f, 0.07f));
    float zoom = pld_synth_rng_range(rng, 0.95f, 1.05f);
    panel->cos_a = turn.x * zoom;
    panel->sin_a = turn.y * zoom;
    panel->kx = pld_synth_rng_range(rng, -0.0005f, 0.0005f);
    panel->ky = pld_synth_rng_range(rng, -0.0005f, 0.0005f);
    panel->cx = pld_synth_rng_range(rng, 0.0f, panel->cell_w);
    panel->cy = pld_synth_rng_range(rng, 0.0f, panel->cell_h);

    /* The edge of the panel shows on one or two sides of every third picture. */
    panel->edge = (struct synth_rect){-1e6f, -1e6f, 1e6f, 1e6f};
    if (pld_synth_rng_chance(rng, 0.33f)) {
        float x = panel->cell_w * (panel->width > 2.4f * panel->cell_w ? 1.0f : 0.0f);
        if (pld_synth_rng_chance(rng, 0.5f))
            panel->edge.x0 = -x;
        else
            panel->edge.x1 = panel->cell_w + x;
    }
    if (pld_synth_rng_chance(rng, 0.25f)) {
        float y = panel->cell_h * (panel->height > 2.4f * panel->cell_h ? 1.0f : 0.0f);
        if (pld_synth_rng_chance(rng, 0.5f))
            panel->edge.y0 = -y;
        else
            panel->edge.y1 = panel->cell_h + y;
    }
    float metal = pld_synth_rng_range(rng, 0.55f, 0.78f);
    float earth = pld_synth_rng_range(rng, 0.14f, 0.40f);
    for (int c = 0; c < 3; c++) {
        panel->frame[c] = metal + 0.01f * (float)c;
        panel->ground[c] = earth * (1.1f - 0.12f * (float)c);
    }
}

struct synth_vec pld_synth_to_panel(const struct synth_panel *panel, float x, float y)
{
    float px = x - 0.5f * (float)panel->width, py = y - 0.5f * (float)panel->height;
    float w = 1.0f + panel->kx * px + panel->ky * py;
    return (struct synth_vec){(panel->cos_a * px - panel->sin_a * py) / w + panel->cx,
                              (panel->sin_a * px + panel->cos_a * py) / w + panel->cy};
}

struct synth_vec pld_synth_to_picture(const struct synth_panel *panel, float u, float v)
{
    /* (u - cx) w = c x - s y and (v - cy) w = s x + c y with w = 1 + kx x + ky y: linear in x, y.
     */
    float du = u - panel->cx, dv = v - panel->cy;
    float a = panel->cos_a - du * panel->kx, b = -panel->sin_a - du * panel->ky;
    float c = panel->sin_a - dv * panel->kx, d = panel->cos_a - dv * panel->ky;
    float det = a * d - b * c;
    return (struct synth_vec){(du * d - b * dv) / det + 0.5f * (float)panel->width,
                              (a * dv - du * c) / det + 0.5f * (float)panel->height};
}

bool pld_synth_cell_at(const struct synth_panel *panel, struct synth_vec at,
                       struct synth_rect *cell)
{
    if (at.x < panel->edge.x0 || at.x > panel->edge.x1 || at.y < panel->edge.y0 ||
        at.y > panel->edge.y1)
        return false;
    float x = floorf(at.x / panel->cell_w) * panel->cell_w;
    float y = floorf(at.y / panel->cell_h) * panel->cell_h;
    float half = 0.5f * panel->gap;
    *cell =
        (struct synth_rect){x + half, y + half, x + panel->cell_w - half, y + panel->cell_h - half};
    return true;
}

float pld_synth_busbar(const struct synth_panel *panel, const struct synth_rect *cell, int i)
{
    return cell->x0 + (cell->x1 - cell->x0) * ((float)i + 0.5f) / (float)panel->busbars;
}

static void surroundings(const struct synth_panel *panel, float u, float v, float out, float rgb[3])
{
    float border = 5.0f, frame = 13.0f;
    memcpy(rgb, panel->sheet, sizeof panel->sheet);
    float brushed =
        0.92f + 0.16f * pld_synth_noise(u * 0.9f + v * 0.05f, v * 0.06f, panel->salt + 9);
    float metal[3], ground[3];
    memcpy(metal, panel->frame, sizeof metal);
    memcpy(ground, panel->ground, sizeof ground);
    float bevel = pld_synth_ramp(border, border + 2.5f, out);
    pld_synth_scale(metal, brushed * (0.72f + 0.28f * bevel));
    pld_synth_scale(ground, 0.55f + 0.9f * pld_synth_fbm(u * 0.22f, v * 0.22f, panel->salt + 11));
    pld_synth_mix(rgb, metal, pld_synth_cover(border - out));
    pld_synth_mix(rgb, ground, pld_synth_cover(border + frame - out));
    /* the frame's shadow on the ground */
    float shadow = pld_synth_ramp(border + frame + 6.0f, border + frame, out);
    if (out > border + frame) pld_synth_scale(rgb, 1.0f - 0.45f * shadow);
}

void pld_synth_panel_colour(const struct synth_panel *panel, float u, float v, float rgb[3])
{
    float out = fmaxf(fmaxf(panel->edge.x0 - u, u - panel->edge.x1),
                      fmaxf(panel->edge.y0 - v, v - panel->edge.y1));
    if (out > 0.0f) {
        surroundings(panel, u, v, out, rgb);
        return;
    }
    memcpy(rgb, panel->sheet, sizeof panel->sheet);
    struct synth_rect cell;
    if (!pld_synth_cell_at(panel, (struct synth_vec){u, v}, &cell)) return;
    float d = fmaxf(fmaxf(cell.x0 - u, u - cell.x1), fmaxf(cell.y0 - v, v - cell.y1));
    if (panel->chamfer > 0.0f) {
        float cu = fminf(u - cell.x0, cell.x1 - u), cv = fminf(v - cell.y0, cell.y1 - v);
        d = fmaxf(d, (panel->chamfer - cu - cv) * 0.7071f);
    }
    float inside = pld_synth_cover(d);
    if (inside > 0.0f) {
        int ix = (int)floorf(u / panel->cell_w), iy = (int)floorf(v / panel->cell_h);
        float shade =
            1.0f + panel->cell_spread * (2.0f * pld_synth_hash(ix, iy, panel->salt) - 1.0f);
        float patch = pld_synth_patches(u / panel->patch_size, v / panel->patch_size,
                                        panel->salt + 20 + (uint32_t)(ix * 31 + iy * 17));
        shade *= 1.0f + panel->patch_depth * (patch - 0.5f);
        shade *= 1.0f + panel->grain *
                            (2.0f * pld_synth_fbm(u * 0.35f, v * 0.35f, panel->salt + 5) - 1.0f);
        float silicon[3];
        memcpy(silicon, panel->cell, sizeof silicon);
        pld_synth_scale(silicon, shade);
        float phase = v / panel->finger_period;
        phase -= floorf(phase);
        pld_synth_mix(silicon, panel->bar,
                      panel->finger_depth *
                          pld_synth_ramp(0.35f, 0.5f, 0.5f - fabsf(phase - 0.5f)));
        pld_synth_mix(rgb, silicon, inside);
    }
    for (int i = 0; i < panel->busbars; i++) {
        float distance = fabsf(u - pld_synth_busbar(panel, &cell, i)) - panel->bar_half;
        if (distance < 1.0f) pld_synth_mix(rgb, panel->bar, pld_synth_cover(distance));
    }
}
