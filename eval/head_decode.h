/* What the decoders of several heads have in common: box forms, distance bins, thresholds. */
#ifndef PLD_EVAL_HEAD_DECODE_H
#define PLD_EVAL_HEAD_DECODE_H

#include <math.h>

#include "eval/head.h"

static inline float pld_sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

/* Centre and size -> corners; class and score are left to the caller. */
static inline struct pld_candidate pld_box_center(float cx, float cy, float w, float h)
{
    w *= 0.5f;
    h *= 0.5f;
    return (struct pld_candidate){.x1 = cx - w, .y1 = cy - h, .x2 = cx + w, .y2 = cy + h};
}

/* A class number that came as a float; false for what is none of 0 .. classes - 1, NaN included. */
static inline bool pld_head_label(int32_t *out, float label, int classes)
{
    if (!(label >= 0.0f && label < (float)classes)) return false;
    *out = (int32_t)label;
    return true;
}

/* Expectation of a softmax over `n` bins: sum k softmax(x)_k (distribution focal loss, Li et al.
 * 2020, "Generalized Focal Loss"). `step`: elements from one bin to the next. */
float pld_head_dfl(const float *bins, int64_t step, int n);

/* The class scores of one location. */
struct pld_class_scores {
    const float *data;
    int64_t step; /* elements from one class to the next */
    int classes;
    float factor; /* objectness, or 1 */
    bool logits;  /* apply a sigmoid first */
    bool best;    /* the best class only, else all */
};

/* Appends a candidate for each class with factor * score > conf, in order of class; boxes are set
 * by pld_head_set_box() afterwards, so that none is decoded for nothing. */
pld_status pld_head_add_classes(struct pld_candidates *out, const struct pld_class_scores *scores,
                                float conf);

/* Gives the corners of `box` to the candidates from `first` on. */
static inline void pld_head_set_box(struct pld_candidates *out, size_t first,
                                    struct pld_candidate box)
{
    for (size_t i = first; i < out->count; i++) {
        struct pld_candidate *c = &out->items[i];
        c->x1 = box.x1;
        c->y1 = box.y1;
        c->x2 = box.x2;
        c->y2 = box.y2;
    }
}

/* Decodes model->score_maps and box_maps: distances of `bins` bins a side, in cells, from the point
 * (i + center) * stride. The order is level, location, class. */
pld_status pld_head_decode_distances(struct pld_candidates *out, const struct pld_head_model *model,
                                     const struct pld_head_output *outputs, float conf);

/* Rows of cx, cy, w, h in input pixels, objectness, class scores: [.., 5 + classes]. */
pld_status pld_head_decode_rows(struct pld_candidates *out, const struct pld_head_model *model,
                                const struct pld_head_output *output, float conf);

#endif
