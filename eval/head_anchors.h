/* Raw maps of anchors: YOLOv3, v4, v5, v7 and their relatives before decoding. */
#ifndef PLD_EVAL_HEAD_ANCHORS_H
#define PLD_EVAL_HEAD_ANCHORS_H

#include "eval/head.h"

/* How four numbers become a box, with s = sigmoid, g = the cell, A = the anchor:
 * EXP     xy = (a s(t) - (a - 1) / 2 + g) stride,  wh = exp(t) A          (YOLOv3; a = 1, YOLOv4)
 * SQUARE  xy = (2 s(t) - 0.5 + g) stride,          wh = (2 s(t))^2 A      (YOLOv5, v7) */
enum pld_box_form { PLD_BOX_EXP, PLD_BOX_SQUARE };

struct pld_anchor_family {
    const char *name;
    float anchors[9][2]; /* published ones, for strides 8, 16, 32 */
    float xy_scale[3];   /* `a` above */
    enum pld_box_form form;
    float iou;
};

/* Evidence common to the families, which shapes cannot tell apart. */
int pld_anchor_maps_match(const struct pld_graph *graph, char *why, size_t n);

/* Maps [N, A (5 + classes), H, W] or [N, A, H, W, 5 + classes]. Anchors come from the metadata
 * (PLD_META_ANCHORS), else the published ones where there are three levels. */
pld_status pld_anchor_maps_bind(struct pld_head_model *model, const struct pld_graph *graph,
                                const struct pld_anchor_family *family);

/* Order: level, anchor, location, class. */
pld_status pld_anchor_maps_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                  const struct pld_head_output *outputs, float conf,
                                  enum pld_box_form form);

/* Fills model->anchors with the `count` of the metadata, else with `published` (NULL: the metadata
 * must have them). */
pld_status pld_head_anchors(struct pld_head_model *model, const struct pld_graph *graph,
                            const float (*published)[2], int count);

/* The head of a file whose static `family` says all that is particular: `id` as in head.def. */
#define PLD_ANCHOR_HEAD(id, label, text, usual)                                                \
    static pld_status bind_family(struct pld_head_model *model, const struct pld_graph *graph) \
    {                                                                                          \
        return pld_anchor_maps_bind(model, graph, &family);                                    \
    }                                                                                          \
    static pld_status decode_family(struct pld_candidates *out,                                \
                                    const struct pld_head_model *model,                        \
                                    const struct pld_head_output *outputs, float conf)         \
    {                                                                                          \
        return pld_anchor_maps_decode(out, model, outputs, conf, family.form);                 \
    }                                                                                          \
    extern const struct pld_head pld_head_##id;                                                \
    const struct pld_head pld_head_##id = {.name = label,                                      \
                                           .help = text,                                       \
                                           .preprocess = usual,                                \
                                           .match = pld_anchor_maps_match,                     \
                                           .bind = bind_family,                                \
                                           .decode = decode_family}

#endif
