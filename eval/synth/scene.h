/* The scene behind one synthetic picture, shared by the files of this folder. */
#ifndef PLD_EVAL_SYNTH_SCENE_H
#define PLD_EVAL_SYNTH_SCENE_H

#include "eval/synth/draw.h"

enum {
    SYNTH_CLASSES = 8,
    SYNTH_DEFECTS_MAX = 12,
    SYNTH_EXTRAS_MAX = 24,
    SYNTH_LAYER_HOLE = 0, /* the layer of missing cells */
};

/* A rectangle in panel units or pixels. */
struct synth_rect {
    float x0, y0, x1, y1;
};

/* The panel: a grid of cells with gaps, busbars (upright) and fingers (across), seen under a slight
 * rotation and perspective. Panel units are about one pixel at the middle of the picture. */
struct synth_panel {
    int width, height;                  /* of the picture, pixels */
    float cos_a, sin_a, kx, ky, cx, cy; /* picture to panel: rotation, perspective, panel centre */
    float cell_w, cell_h, gap, chamfer;
    int busbars;
    float bar_half, finger_period, finger_depth;
    struct synth_rect edge; /* the cells end here; beyond come margin, frame and ground */
    float cell[3], sheet[3], bar[3], frame[3], ground[3];
    float cell_spread, patch_depth, patch_size, grain;
    uint32_t salt;
};

/* Something drawn on the panel: a defect, a distractor or a cover. Its paint function changes rgb
 * at a panel point and returns how much of that point it covers (0..1). */
struct synth_shape {
    struct synth_rect bounds; /* panel units */
    struct synth_path path;
    struct synth_path branch;
    struct synth_rect clip; /* where the shape must stay inside (chips, cells) */
    struct synth_vec at;
    float radius, ratio, angle; /* ratio: flattening; angle: see pld_synth_turn */
    float strength, value;
    float colour[3];
    uint32_t salt;
    int variant;
    float (*paint)(const struct synth_shape *shape, const struct synth_panel *panel, float u,
                   float v, float rgb[3]);
};

/* One defect class. `weight`: how often it is drawn; `layer`: drawn over those of lower layers.
 * `make` makes one near panel point `at`, or returns false when it does not fit there. */
struct synth_class {
    const char *name;
    int weight, layer;
    bool (*make)(struct synth_shape *shape, const struct synth_panel *panel, struct synth_rng *rng,
                 struct synth_vec at);
    bool over_hole; /* may lie where a cell is missing */
};

extern const struct synth_class pld_synth_classes[SYNTH_CLASSES];

/* Chooses the panel and the view. */
void pld_synth_panel_init(struct synth_panel *panel, struct synth_rng *rng);
/* Colour of the bare panel at a panel point. */
void pld_synth_panel_colour(const struct synth_panel *panel, float u, float v, float rgb[3]);
struct synth_vec pld_synth_to_panel(const struct synth_panel *panel, float x, float y);
struct synth_vec pld_synth_to_picture(const struct synth_panel *panel, float u, float v);
/* The cell that holds a panel point (its outline without the gap). False outside the cells. */
bool pld_synth_cell_at(const struct synth_panel *panel, struct synth_vec at,
                       struct synth_rect *cell);
/* Left-to-right position of busbar `i` in a cell. */
float pld_synth_busbar(const struct synth_panel *panel, const struct synth_rect *cell, int i);

/* Harmless things, drawn under or over the defects: dust, threads, drops of glare (unlabelled). */
void pld_synth_make_distractor(struct synth_shape *shape, const struct synth_panel *panel,
                               struct synth_rng *rng, struct synth_vec at);
/* Things that hide defects: printed labels, clamps, greasy smears. */
void pld_synth_make_cover(struct synth_shape *shape, const struct synth_panel *panel,
                          struct synth_rng *rng, struct synth_vec at);

#endif
