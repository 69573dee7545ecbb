/* YOLOv7 cut before its decoding: boxes as in YOLOv5, other anchors.
 */
#include "eval/head.h"

#include "eval/head_anchors.h"

static const struct pld_anchor_family family = {
    .name = "yolov7-maps",
    .anchors = {{12, 16},
                {19, 36},
                {40, 28},
                {36, 75},
                {76, 55},
                {72, 146},
                {142, 110},
                {192, 243},
                {459, 401}},
    .xy_scale = {1.0f, 1.0f, 1.0f},
    .form = PLD_BOX_SQUARE,
    .iou = 0.65f,
};

static int yolov7_maps_match(const struct pld_graph *graph, char *why, size_t n)
{
    return pld_anchor_maps_match(graph, why, n);
}

static pld_status yolov7_maps_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    return pld_anchor_maps_bind(model, graph, &family);
}

static pld_status yolov7_maps_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                     const struct pld_head_output *outputs, float conf)
{
    return pld_anchor_maps_decode(out, model, outputs, conf, family.form);
}

extern const struct pld_head pld_head_yolov7_maps;
const struct pld_head pld_head_yolov7_maps = {
    .name = "yolov7-maps",
    .help = "YOLOv7 without decoding: raw maps as YOLOv5, with its anchors",
    .preprocess = "ultralytics",
    .match = yolov7_maps_match,
    .bind = yolov7_maps_bind,
    .decode = yolov7_maps_decode,
};
