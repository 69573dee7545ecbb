/* The defect classes. Each has a maker, which places it and draws its random features, and a paint
 * function, which colours one panel point. Confusable on purpose: scratch and crack, spot and
 * bubble, stain and corrosion, chip and missing cell. */
#include "eval/synth/scene.h"

#include <math.h>
#include <string.h>

static const float black[3] = {0.03f, 0.03f, 0.035f};
static const float white[3] = {0.96f, 0.96f, 0.95f};

static float clip_cover(const struct synth_rect *clip, float u, float v)
{
    float d = fmaxf(fmaxf(clip->x0 - u, u - clip->x1), fmaxf(clip->y0 - v, v - clip->y1));
    return pld_synth_cover(d);
}

static void bound_path(struct synth_rect *bounds, const struct synth_path *path, float margin)
{
    for (int i = 0; i < path->count; i++) {
        bounds->x0 = fminf(bounds->x0, path->at[i].x - margin);
        bounds->y0 = fminf(bounds->y0, path->at[i].y - margin);
        bounds->x1 = fmaxf(bounds->x1, path->at[i].x + margin);
        bounds->y1 = fmaxf(bounds->y1, path->at[i].y + margin);
    }
}

static void bound_disc(struct synth_rect *bounds, struct synth_vec at, float radius)
{
    *bounds = (struct synth_rect){at.x - radius, at.y - radius, at.x + radius, at.y + radius};
}

/* Distance-like value of an irregular blob: 1 at its rim. */
static float blob(const struct synth_shape *shape, float u, float v, float rough, float lumps)
{
    struct synth_vec d = {u - shape->at.x, v - shape->at.y};
    d = pld_synth_turn(d, shape->angle);
    d.x /= shape->radius;
    d.y /= shape->radius * shape->ratio;
    float warp = pld_synth_fbm(d.x * lumps + 5.0f, d.y * lumps + 5.0f, shape->salt) - 0.5f;
    return sqrtf(d.x * d.x + d.y * d.y) + rough * warp;
}

/* ---- scratch: a long, nearly straight, bright line of varying depth ---- */

static float paint_scratch(const struct synth_shape *shape, const struct synth_panel *panel,
                           float u, float v, float rgb[3])
{
    (void)panel;
    float along;
    float d = pld_synth_path_distance(&shape->path, u, v, &along);
    float depth = 0.45f + 0.75f * pld_synth_noise(along * 1.7f, 0.5f, shape->salt);
    float cover = pld_synth_cover(d);
    float groove =
        pld_synth_cover(pld_synth_path_distance(&shape->path, u - 1.3f, v - 1.3f, &along));
    pld_synth_scale(rgb, 1.0f - 0.30f * shape->strength * groove);
    pld_synth_mix(rgb, white, pld_synth_clamp(cover * depth * shape->strength, 0.0f, 1.0f));
    return cover;
}

static bool make_scratch(struct synth_shape *shape, const struct synth_panel *panel,
                         struct synth_rng *rng, struct synth_vec at)
{
    struct synth_rect cell;
    if (!pld_synth_cell_at(panel, at, &cell)) return false;
    struct synth_vec way = pld_synth_rng_direction(rng);
    float length = pld_synth_rng_range(rng, 26.0f, 70.0f);
    if (pld_synth_rng_chance(rng, 0.45f)) length = pld_synth_rng_range(rng, 70.0f, 180.0f);
    float bend = pld_synth_rng_range(rng, -0.025f, 0.025f);
    float half = pld_synth_rng_range(rng, 0.35f, 0.95f);
    int steps = 9;
    struct synth_vec p = {at.x - 0.5f * length * way.x, at.y - 0.5f * length * way.y};
    shape->path.count = steps;
    for (int i = 0; i < steps; i++) {
        float middle = 1.0f - fabsf((float)i / (float)(steps - 1) - 0.5f) * 1.2f;
        shape->path.at[i] = p;
        shape->path.half_width[i] = half * middle + 0.15f;
        p.x += way.x * length / (float)(steps - 1);
        p.y += way.y * length / (float)(steps - 1);
        way = pld_synth_turn(way, bend);
    }
    shape->strength = pld_synth_rng_range(rng, 0.45f, 1.0f);
    shape->paint = paint_scratch;
    bound_disc(&shape->bounds, at, 0.0f);
    bound_path(&shape->bounds, &shape->path, 4.0f);
    return true;
}

/* ---- crack: a jagged dark line with branches, inside one cell ---- */

static float paint_crack(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                         float v, float rgb[3])
{
    (void)panel;
    float along;
    float d = pld_synth_path_distance(&shape->path, u, v, &along);
    float light = pld_synth_path_distance(&shape->path, u - 1.2f, v - 1.0f, &along);
    if (shape->branch.count > 1) {
        d = fminf(d, pld_synth_path_distance(&shape->branch, u, v, &along));
        light = fminf(light, pld_synth_path_distance(&shape->branch, u - 1.2f, v - 1.0f, &along));
    }
    float inside = clip_cover(&shape->clip, u, v);
    float cover = pld_synth_cover(d) * inside;
    pld_synth_mix(rgb, white, 0.28f * shape->strength * pld_synth_cover(light) * inside);
    pld_synth_mix(rgb, black, cover * shape->strength);
    return cover;
}

static void jagged(struct synth_path *path, struct synth_rng *rng, struct synth_vec from,
                   struct synth_vec way, float length, float half)
{
    int steps = (int)pld_synth_clamp(length / 6.0f, 4.0f, 18.0f);
    float stride = length / (float)steps;
    path->count = steps + 1;
    for (int i = 0; i <= steps; i++) {
        path->at[i] = from;
        path->half_width[i] = half * (1.0f - 0.7f * (float)i / (float)steps) + 0.1f;
        struct synth_vec step = pld_synth_turn(way, pld_synth_rng_range(rng, -0.42f, 0.42f));
        way = pld_synth_turn(way, pld_synth_rng_range(rng, -0.08f, 0.08f));
        float s = stride * pld_synth_rng_range(rng, 0.6f, 1.4f);
        from.x += step.x * s;
        from.y += step.y * s;
    }
}

static bool make_crack(struct synth_shape *shape, const struct synth_panel *panel,
                       struct synth_rng *rng, struct synth_vec at)
{
    if (!pld_synth_cell_at(panel, at, &shape->clip)) return false;
    struct synth_vec way = pld_synth_rng_direction(rng);
    float length = pld_synth_rng_range(rng, 22.0f, 0.95f * panel->cell_w);
    float half = pld_synth_rng_range(rng, 0.45f, 1.25f);
    struct synth_vec from = {at.x - 0.5f * length * way.x, at.y - 0.5f * length * way.y};
    from.x = pld_synth_clamp(from.x, shape->clip.x0, shape->clip.x1);
    from.y = pld_synth_clamp(from.y, shape->clip.y0, shape->clip.y1);
    jagged(&shape->path, rng, from, way, length, half);
    bound_disc(&shape->bounds, at, 0.0f);
    bound_path(&shape->bounds, &shape->path, 4.0f);
    if (pld_synth_rng_chance(rng, 0.6f)) {
        struct synth_vec fork = shape->path.at[shape->path.count / 2];
        float side = pld_synth_rng_chance(rng, 0.5f) ? 0.35f : -0.35f;
        jagged(&shape->branch, rng, fork, pld_synth_turn(way, side), 0.45f * length, 0.7f * half);
        bound_path(&shape->bounds, &shape->branch, 4.0f);
    }
    shape->strength = pld_synth_rng_range(rng, 0.55f, 1.0f);
    shape->paint = paint_crack;
    return true;
}

/* ---- spot: a small dark burn with a warm halo ---- */

static float paint_spot(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                        float v, float rgb[3])
{
    (void)panel;
    float f = blob(shape, u, v, 0.35f, 1.2f);
    float core = pld_synth_ramp(0.95f, 0.45f, f);
    float halo = pld_synth_ramp(1.35f, 0.75f, f);
    static const float warm[3] = {0.34f, 0.20f, 0.10f};
    pld_synth_mix(rgb, warm, 0.55f * halo * shape->strength);
    pld_synth_mix(rgb, black, core * shape->strength);
    return pld_synth_ramp(1.15f, 0.85f, f);
}

static bool make_spot(struct synth_shape *shape, const struct synth_panel *panel,
                      struct synth_rng *rng, struct synth_vec at)
{
    struct synth_rect cell;
    if (!pld_synth_cell_at(panel, at, &cell)) return false;
    shape->at = at;
    shape->radius = pld_synth_rng_range(rng, 4.2f, 8.0f);
    shape->ratio = pld_synth_rng_range(rng, 0.75f, 1.0f);
    shape->angle = pld_synth_rng_range(rng, -1.0f, 1.0f);
    shape->strength = pld_synth_rng_range(rng, 0.5f, 1.0f);
    shape->paint = paint_spot;
    bound_disc(&shape->bounds, at, 1.7f * shape->radius);
    return true;
}

/* ---- bubble: a raised ring with a highlight ---- */

static float paint_bubble(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                          float v, float rgb[3])
{
    (void)panel;
    float f = blob(shape, u, v, 0.10f, 0.8f);
    float du = (u - shape->at.x) / shape->radius, dv = (v - shape->at.y) / shape->radius;
    float width = 1.0f / shape->radius;
    float rim = pld_synth_ramp(1.0f + width, 1.0f - 0.6f * width, f) *
                pld_synth_ramp(1.0f - 3.2f * width, 1.0f - 1.2f * width, f);
    float inside = pld_synth_ramp(1.0f + width, 1.0f - width, f);
    float lit = 0.5f - 0.42f * (du + dv);
    pld_synth_mix(rgb, white, inside * shape->strength * 0.22f * pld_synth_clamp(lit, 0.0f, 1.0f));
    pld_synth_mix(rgb, lit > 0.5f ? white : black,
                  rim * shape->strength * (0.25f + 0.9f * fabsf(lit - 0.5f)));
    float hx = du + 0.38f, hy = dv + 0.38f;
    float glint = pld_synth_ramp(0.10f, 0.02f, hx * hx + hy * hy);
    pld_synth_mix(rgb, white, 0.8f * glint * shape->strength);
    return pld_synth_ramp(1.0f + width, 1.0f, f);
}

static bool make_bubble(struct synth_shape *shape, const struct synth_panel *panel,
                        struct synth_rng *rng, struct synth_vec at)
{
    struct synth_rect cell;
    if (!pld_synth_cell_at(panel, at, &cell)) return false;
    shape->at = at;
    shape->radius = pld_synth_rng_chance(rng, 0.5f) ? pld_synth_rng_range(rng, 5.0f, 9.0f)
                                                    : pld_synth_rng_range(rng, 9.0f, 24.0f);
    shape->ratio = pld_synth_rng_range(rng, 0.8f, 1.0f);
    shape->angle = pld_synth_rng_range(rng, -1.0f, 1.0f);
    shape->strength = pld_synth_rng_range(rng, 0.5f, 1.0f);
    shape->paint = paint_bubble;
    bound_disc(&shape->bounds, at, 1.25f * shape->radius + 2.0f);
    return true;
}

/* ---- chip: a piece broken off a cell's border, the back sheet showing ---- */

static float paint_chip(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                        float v, float rgb[3])
{
    float distance = -1e9f; /* to a convex outline: the largest of its half planes */
    for (int i = 0; i < shape->path.count; i++)
        distance = fmaxf(distance, (u - shape->at.x) * shape->path.at[i].x +
                                       (v - shape->at.y) * shape->path.at[i].y -
                                       shape->path.half_width[i]);
    float inside = clip_cover(&shape->clip, u, v);
    float ragged = distance + 1.6f * (pld_synth_noise(u * 0.5f, v * 0.5f, shape->salt) - 0.5f);
    float cover = pld_synth_cover(ragged) * inside;
    float lip = pld_synth_ramp(3.0f, 0.5f, ragged) * inside;
    pld_synth_scale(rgb, 1.0f - 0.45f * lip * shape->strength);
    float sheet[3];
    memcpy(sheet, panel->sheet, sizeof sheet);
    pld_synth_scale(sheet, 0.92f);
    pld_synth_mix(rgb, sheet, cover * shape->strength);
    return cover;
}

static bool make_chip(struct synth_shape *shape, const struct synth_panel *panel,
                      struct synth_rng *rng, struct synth_vec at)
{
    struct synth_rect cell;
    if (!pld_synth_cell_at(panel, at, &cell)) return false;
    shape->clip = cell;
    /* to the nearest border of the cell, clear of the cut corners */
    float keep = panel->chamfer + 8.0f;
    float left = at.x - cell.x0, right = cell.x1 - at.x, up = at.y - cell.y0, down = cell.y1 - at.y;
    float least = fminf(fminf(left, right), fminf(up, down));
    if (least == left || least == right) {
        shape->at.x = least == left ? cell.x0 : cell.x1;
        shape->at.y = pld_synth_clamp(at.y, cell.y0 + keep, cell.y1 - keep);
    } else {
        shape->at.y = least == up ? cell.y0 : cell.y1;
        shape->at.x = pld_synth_clamp(at.x, cell.x0 + keep, cell.x1 - keep);
    }
    float size = pld_synth_rng_range(rng, 7.0f, 19.0f);
    struct synth_vec normal = pld_synth_rng_direction(rng);
    shape->path.count = pld_synth_rng_int(rng, 4, 6);
    float turn = shape->path.count == 4 ? 0.41f : shape->path.count == 5 ? 0.32f : 0.27f;
    for (int i = 0; i < shape->path.count; i++) {
        shape->path.at[i] = normal;
        shape->path.half_width[i] = size * pld_synth_rng_range(rng, 0.55f, 1.0f);
        normal = pld_synth_turn(normal, turn * pld_synth_rng_range(rng, 0.8f, 1.2f));
    }
    shape->strength = pld_synth_rng_range(rng, 0.7f, 1.0f);
    shape->paint = paint_chip;
    bound_disc(&shape->bounds, shape->at, 1.8f * size + 3.0f);
    return true;
}

/* ---- stain: a pale or brownish film with a dried rim ---- */

static float paint_stain(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                         float v, float rgb[3])
{
    (void)panel;
    float f = blob(shape, u, v, 1.0f, 1.5f);
    float film = pld_synth_ramp(1.02f, 0.90f, f);
    float rim = pld_synth_ramp(1.02f, 0.94f, f) * pld_synth_ramp(0.72f, 0.92f, f);
    float mottle = 0.75f + 0.5f * pld_synth_fbm(u * 0.12f, v * 0.12f, shape->salt + 3);
    pld_synth_mix(rgb, shape->colour, film * shape->strength * 0.42f * mottle);
    float edge[3];
    memcpy(edge, shape->colour, sizeof edge);
    pld_synth_scale(edge, shape->variant ? 0.55f : 1.15f);
    pld_synth_mix(rgb, edge, rim * shape->strength * 0.55f);
    return pld_synth_ramp(1.02f, 0.94f, f);
}

static bool make_stain(struct synth_shape *shape, const struct synth_panel *panel,
                       struct synth_rng *rng, struct synth_vec at)
{
    struct synth_rect cell;
    if (!pld_synth_cell_at(panel, at, &cell)) return false;
    static const float pale[3] = {0.72f, 0.74f, 0.72f}, brown[3] = {0.50f, 0.40f, 0.27f};
    shape->at = at;
    shape->variant = pld_synth_rng_chance(rng, 0.5f);
    memcpy(shape->colour, shape->variant ? brown : pale, sizeof shape->colour);
    pld_synth_scale(shape->colour, pld_synth_rng_range(rng, 0.85f, 1.1f));
    shape->radius = pld_synth_rng_chance(rng, 0.35f) ? pld_synth_rng_range(rng, 13.0f, 24.0f)
                                                     : pld_synth_rng_range(rng, 24.0f, 78.0f);
    shape->ratio = pld_synth_rng_range(rng, 0.55f, 1.0f);
    shape->angle = pld_synth_rng_range(rng, -1.0f, 1.0f);
    shape->strength = pld_synth_rng_range(rng, 0.55f, 1.0f);
    shape->paint = paint_stain;
    bound_disc(&shape->bounds, at, 1.6f * shape->radius);
    return true;
}

/* ---- corrosion: an orange crust that follows a busbar ---- */

static float paint_corrosion(const struct synth_shape *shape, const struct synth_panel *panel,
                             float u, float v, float rgb[3])
{
    (void)panel;
    float taper =
        1.0f - pld_synth_clamp(fabsf(v - shape->at.y) / (0.5f * shape->value), 0.0f, 1.0f);
    if (taper <= 0.0f) return 0.0f;
    float half = shape->radius * (0.35f + 1.3f * pld_synth_noise(v * 0.17f, 0.5f, shape->salt)) *
                 pld_synth_clamp(0.35f + 3.0f * taper, 0.0f, 1.0f);
    float side = 2.5f * (pld_synth_noise(v * 0.11f, 9.5f, shape->salt) - 0.5f);
    float d = fabsf(u - shape->at.x - side) - half;
    float cover = pld_synth_ramp(0.8f, -0.8f, d);
    float crust = pld_synth_fbm(u * 0.55f, v * 0.55f, shape->salt + 5);
    float rust[3] = {0.58f, 0.31f + 0.12f * crust, 0.10f + 0.10f * crust};
    pld_synth_scale(rust, 0.55f + 0.75f * crust);
    pld_synth_mix(rgb, rust, cover * shape->strength);
    return cover;
}

static bool make_corrosion(struct synth_shape *shape, const struct synth_panel *panel,
                           struct synth_rng *rng, struct synth_vec at)
{
    struct synth_rect cell;
    if (!pld_synth_cell_at(panel, at, &cell)) return false;
    float best = 1e9f;
    for (int i = 0; i < panel->busbars; i++) {
        float x = pld_synth_busbar(panel, &cell, i);
        if (fabsf(x - at.x) < best) {
            best = fabsf(x - at.x);
            shape->at.x = x;
        }
    }
    shape->at.y = at.y;
    shape->value = pld_synth_rng_chance(rng, 0.4f) ? pld_synth_rng_range(rng, 14.0f, 28.0f)
                                                   : pld_synth_rng_range(rng, 28.0f, 120.0f);
    shape->radius = pld_synth_rng_range(rng, 3.0f, 6.5f);
    shape->strength = pld_synth_rng_range(rng, 0.55f, 0.95f);
    shape->paint = paint_corrosion;
    float half = 0.5f * shape->value;
    float y0 = fmaxf(at.y - half, panel->edge.y0), y1 = fminf(at.y + half, panel->edge.y1);
    shape->bounds = (struct synth_rect){shape->at.x - 14.0f, y0, shape->at.x + 14.0f, y1};
    return true;
}

/* ---- missing cell: a whole cell gone, back sheet and torn ribbons left ---- */

static float paint_missing(const struct synth_shape *shape, const struct synth_panel *panel,
                           float u, float v, float rgb[3])
{
    float cover = clip_cover(&shape->clip, u, v);
    float wall = fminf(u - shape->clip.x0, v - shape->clip.y0);
    float ground[3];
    memcpy(ground, panel->sheet, sizeof ground);
    pld_synth_scale(ground, 0.80f + 0.25f * pld_synth_fbm(u * 0.07f, v * 0.07f, shape->salt));
    pld_synth_scale(ground, 1.0f - 0.45f * pld_synth_ramp(5.0f, 0.0f, wall));
    for (int i = 0; i < panel->busbars; i++) {
        float bar = pld_synth_busbar(panel, &shape->clip, i);
        float torn =
            shape->clip.y0 + (shape->clip.y1 - shape->clip.y0) * pld_synth_hash(i, 3, shape->salt);
        float d = fabsf(u - bar) - panel->bar_half;
        float shown = pld_synth_cover(d) * pld_synth_cover(v - torn);
        float metal[3];
        memcpy(metal, panel->bar, sizeof metal);
        pld_synth_scale(metal, 0.75f);
        pld_synth_mix(ground, metal, shown);
    }
    pld_synth_mix(rgb, ground, cover);
    return cover;
}

static bool make_missing(struct synth_shape *shape, const struct synth_panel *panel,
                         struct synth_rng *rng, struct synth_vec at)
{
    (void)rng;
    if (!pld_synth_cell_at(panel, at, &shape->clip)) return false;
    shape->paint = paint_missing;
    shape->strength = 1.0f;
    shape->bounds = (struct synth_rect){shape->clip.x0 - 1.0f, shape->clip.y0 - 1.0f,
                                        shape->clip.x1 + 1.0f, shape->clip.y1 + 1.0f};
    return true;
}

const struct synth_class pld_synth_classes[SYNTH_CLASSES] = {
    {"scratch", 16, 7, make_scratch, true},
    {"crack", 16, 6, make_crack, false},
    {"spot", 16, 5, make_spot, false},
    {"bubble", 14, 4, make_bubble, false},
    {"chip", 14, 3, make_chip, false},
    {"stain", 13, 1, make_stain, true},
    {"corrosion", 12, 2, make_corrosion, false},
    {"missing_cell", 9, SYNTH_LAYER_HOLE, make_missing, false},
};
