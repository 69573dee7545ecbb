/* What is on a panel besides defects: distractors, which look like defects and are none, and
 * covers, which hide them. */
#include "eval/synth/scene.h"

#include <math.h>
#include <string.h>

static const float dark[3] = {0.06f, 0.06f, 0.07f};

static void bounds_around(struct synth_shape *shape, float half_w, float half_h)
{
    shape->bounds = (struct synth_rect){shape->at.x - half_w, shape->at.y - half_h,
                                        shape->at.x + half_w, shape->at.y + half_h};
}

static float paint_dust(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                        float v, float rgb[3])
{
    (void)panel;
    float dx = u - shape->at.x, dy = v - shape->at.y;
    float cover = pld_synth_cover(sqrtf(dx * dx + dy * dy) - shape->radius);
    pld_synth_mix(rgb, shape->colour, cover * shape->strength);
    return cover;
}

/* A thread: smooth, of one width, coloured, with a soft shadow. */
static float paint_thread(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                          float v, float rgb[3])
{
    (void)panel;
    float along;
    float cover = pld_synth_cover(pld_synth_path_distance(&shape->path, u, v, &along));
    float shadow = pld_synth_path_distance(&shape->path, u - 2.0f, v - 2.5f, &along);
    pld_synth_scale(rgb, 1.0f - 0.30f * pld_synth_ramp(2.0f, -0.5f, shadow));
    pld_synth_mix(rgb, shape->colour, cover * 0.9f);
    return cover;
}

/* Glare: a soft bright patch. */
static float paint_glare(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                         float v, float rgb[3])
{
    (void)panel;
    struct synth_vec d = {u - shape->at.x, v - shape->at.y};
    d = pld_synth_turn(d, shape->angle);
    float x = d.x / shape->radius, y = d.y / (shape->radius * shape->ratio);
    float fall = pld_synth_ramp(1.0f, 0.0f, sqrtf(x * x + y * y));
    for (int c = 0; c < 3; c++)
        rgb[c] += shape->strength * fall * shape->colour[c];
    return 0.0f;
}

/* A chalk mark: a ring left by an inspector. */
static float paint_mark(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                        float v, float rgb[3])
{
    (void)panel;
    float dx = (u - shape->at.x), dy = (v - shape->at.y) / shape->ratio;
    float d = fabsf(sqrtf(dx * dx + dy * dy) - shape->radius) - 0.8f;
    float chalk = pld_synth_noise(u * 0.8f, v * 0.8f, shape->salt);
    float cover = pld_synth_cover(d) * pld_synth_ramp(0.15f, 0.5f, chalk);
    pld_synth_mix(rgb, shape->colour, cover * 0.85f);
    return cover;
}

static void make_thread(struct synth_shape *shape, struct synth_rng *rng)
{
    struct synth_vec way = pld_synth_rng_direction(rng), p = shape->at;
    float stride = pld_synth_rng_range(rng, 3.0f, 6.0f);
    float bend = pld_synth_rng_range(rng, -0.10f, 0.10f);
    float change = pld_synth_rng_range(rng, -0.015f, 0.015f);
    struct synth_rect box = {p.x, p.y, p.x, p.y};
    shape->path.count = 14;
    for (int i = 0; i < shape->path.count; i++) {
        shape->path.at[i] = p;
        shape->path.half_width[i] = 0.55f;
        box.x0 = fminf(box.x0, p.x);
        box.y0 = fminf(box.y0, p.y);
        box.x1 = fmaxf(box.x1, p.x);
        box.y1 = fmaxf(box.y1, p.y);
        p.x += way.x * stride;
        p.y += way.y * stride;
        way = pld_synth_turn(way, bend);
        bend += change;
    }
    shape->bounds = (struct synth_rect){box.x0 - 3.0f, box.y0 - 3.0f, box.x1 + 6.0f, box.y1 + 6.0f};
    static const float threads[3][3] = {
        {0.75f, 0.16f, 0.15f}, {0.20f, 0.20f, 0.22f}, {0.85f, 0.83f, 0.76f}};
    memcpy(shape->colour, threads[pld_synth_rng_int(rng, 0, 2)], sizeof shape->colour);
    shape->paint = paint_thread;
}

void pld_synth_make_distractor(struct synth_shape *shape, const struct synth_panel *panel,
                               struct synth_rng *rng, struct synth_vec at)
{
    (void)panel;
    shape->at = at;
    int kind = pld_synth_rng_int(rng, 0, 9);
    if (kind < 6) {
        static const float pale[3] = {0.85f, 0.84f, 0.80f};
        memcpy(shape->colour, pld_synth_rng_chance(rng, 0.7f) ? pale : dark, sizeof shape->colour);
        shape->radius = pld_synth_rng_range(rng, 0.5f, 1.7f);
        shape->strength = pld_synth_rng_range(rng, 0.3f, 0.8f);
        shape->paint = paint_dust;
        bounds_around(shape, 3.0f, 3.0f);
    } else if (kind < 8) {
        make_thread(shape, rng);
    } else if (kind < 9) {
        static const float sun[3] = {1.0f, 0.98f, 0.92f};
        memcpy(shape->colour, sun, sizeof sun);
        shape->radius = pld_synth_rng_range(rng, 25.0f, 90.0f);
        shape->ratio = pld_synth_rng_range(rng, 0.2f, 0.9f);
        shape->angle = pld_synth_rng_range(rng, -1.0f, 1.0f);
        shape->strength = pld_synth_rng_range(rng, 0.08f, 0.30f);
        shape->paint = paint_glare;
        bounds_around(shape, shape->radius, shape->radius);
    } else {
        static const float chalks[2][3] = {{0.92f, 0.90f, 0.80f}, {0.90f, 0.78f, 0.20f}};
        memcpy(shape->colour, chalks[pld_synth_rng_int(rng, 0, 1)], sizeof shape->colour);
        shape->radius = pld_synth_rng_range(rng, 10.0f, 22.0f);
        shape->ratio = pld_synth_rng_range(rng, 0.7f, 1.0f);
        shape->paint = paint_mark;
        bounds_around(shape, shape->radius + 3.0f, shape->radius + 3.0f);
    }
}

/* ---- covers ---- */

/* A paper label with a bar code and two lines of print. */
static float paint_label(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                         float v, float rgb[3])
{
    (void)panel;
    struct synth_vec d =
        pld_synth_turn((struct synth_vec){u - shape->at.x, v - shape->at.y}, shape->angle);
    float half_w = shape->radius, half_h = shape->radius * shape->ratio;
    float cover = pld_synth_cover(fmaxf(fabsf(d.x) - half_w, fabsf(d.y) - half_h));
    float shadow =
        pld_synth_ramp(3.0f, 0.0f, fmaxf(fabsf(d.x - 1.5f) - half_w, fabsf(d.y - 1.5f) - half_h));
    pld_synth_scale(rgb, 1.0f - 0.3f * shadow);
    if (cover <= 0.0f) return 0.0f;
    float paper[3];
    memcpy(paper, shape->colour, sizeof paper);
    float x = (d.x + half_w) / (2.0f * half_w), y = (d.y + half_h) / (2.0f * half_h);
    if (x > 0.1f && x < 0.9f && y > 0.14f && y < 0.56f) {
        int bar = (int)floorf((d.x + half_w) / 1.6f);
        if (pld_synth_hash(bar, 1, shape->salt) < 0.48f) pld_synth_mix(paper, dark, 0.9f);
    } else if (x > 0.1f && x < 0.9f && ((y > 0.64f && y < 0.74f) || (y > 0.81f && y < 0.9f))) {
        int letter = (int)floorf((d.x + half_w) / 2.2f);
        if (pld_synth_hash(letter, y > 0.78f ? 7 : 5, shape->salt) < 0.6f)
            pld_synth_mix(paper, dark, 0.75f);
    }
    pld_synth_mix(rgb, paper, cover);
    return cover;
}

/* A metal clamp with a screw. */
static float paint_clamp(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                         float v, float rgb[3])
{
    struct synth_vec d = {u - shape->at.x, v - shape->at.y};
    float half_w = shape->radius, half_h = shape->radius * shape->ratio;
    float edge = fmaxf(fabsf(d.x) - half_w, fabsf(d.y) - half_h);
    float cover = pld_synth_cover(edge);
    float shadow =
        pld_synth_ramp(4.0f, 0.0f, fmaxf(fabsf(d.x - 2.0f) - half_w, fabsf(d.y - 2.0f) - half_h));
    pld_synth_scale(rgb, 1.0f - 0.4f * shadow);
    if (cover <= 0.0f) return 0.0f;
    float metal[3];
    memcpy(metal, panel->frame, sizeof metal);
    pld_synth_scale(metal, 0.85f + 0.2f * pld_synth_noise(d.x * 0.1f, d.y * 1.2f, shape->salt) -
                               0.18f * pld_synth_ramp(-2.5f, 0.0f, edge));
    float from_screw = sqrtf(d.x * d.x + d.y * d.y) - 0.42f * fminf(half_w, half_h);
    pld_synth_scale(metal, 1.0f - 0.5f * pld_synth_cover(fabsf(from_screw) - 0.5f));
    if (from_screw < 0.0f && fabsf(d.x - d.y) < 1.5f) pld_synth_scale(metal, 0.45f);
    pld_synth_mix(rgb, metal, cover);
    return cover;
}

/* A greasy smear: half transparent, hides fine things. */
static float paint_smear(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                         float v, float rgb[3])
{
    (void)panel;
    struct synth_vec d =
        pld_synth_turn((struct synth_vec){u - shape->at.x, v - shape->at.y}, shape->angle);
    float x = d.x / shape->radius, y = d.y / (shape->radius * shape->ratio);
    float streak = pld_synth_fbm(d.x * 0.05f, d.y * 0.35f, shape->salt);
    float fall = pld_synth_ramp(1.0f, 0.55f, sqrtf(x * x + y * y) + 0.5f * (streak - 0.5f));
    float cover = fall * (0.55f + 0.45f * streak);
    pld_synth_mix(rgb, shape->colour, cover * shape->strength);
    return cover * shape->strength;
}

void pld_synth_make_cover(struct synth_shape *shape, const struct synth_panel *panel,
                          struct synth_rng *rng, struct synth_vec at)
{
    (void)panel;
    shape->at = at;
    int kind = pld_synth_rng_int(rng, 0, 4);
    if (kind < 2) {
        static const float papers[2][3] = {{0.93f, 0.93f, 0.90f}, {0.88f, 0.80f, 0.30f}};
        memcpy(shape->colour, papers[pld_synth_rng_int(rng, 0, 1)], sizeof shape->colour);
        shape->radius = pld_synth_rng_range(rng, 13.0f, 26.0f);
        shape->ratio = pld_synth_rng_range(rng, 0.45f, 0.75f);
        shape->angle = pld_synth_rng_range(rng, -0.25f, 0.25f);
        shape->paint = paint_label;
    } else if (kind < 3) {
        shape->radius = pld_synth_rng_range(rng, 8.0f, 14.0f);
        shape->ratio = pld_synth_rng_range(rng, 0.8f, 1.6f);
        shape->paint = paint_clamp;
    } else {
        static const float greases[2][3] = {{0.45f, 0.45f, 0.44f}, {0.24f, 0.23f, 0.21f}};
        memcpy(shape->colour, greases[pld_synth_rng_int(rng, 0, 1)], sizeof shape->colour);
        shape->radius = pld_synth_rng_range(rng, 18.0f, 45.0f);
        shape->ratio = pld_synth_rng_range(rng, 0.25f, 0.6f);
        shape->angle = pld_synth_rng_range(rng, -1.0f, 1.0f);
        shape->strength = pld_synth_rng_range(rng, 0.5f, 0.9f);
        shape->paint = paint_smear;
    }
    bounds_around(shape, 1.6f * shape->radius + 5.0f, 1.8f * shape->radius + 5.0f);
}
