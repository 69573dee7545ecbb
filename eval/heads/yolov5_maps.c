/* YOLOv5 cut before its decoding: xy = (2 sigmoid(t) - 0.5 + grid) stride, wh = (2 sigmoid(t))^2
 * anchor.
 */
#include "eval/head.h"

#include "eval/head_anchors.h"

static const struct pld_anchor_family family = {
    .name = "yolov5-maps",
    .anchors = {{10, 13},
                {16, 30},
                {33, 23},
                {30, 61},
                {62, 45},
                {59, 119},
                {116, 90},
                {156, 198},
                {373, 326}},
    .xy_scale = {1.0f, 1.0f, 1.0f},
    .form = PLD_BOX_SQUARE,
    .iou = 0.6f,
};

static int yolov5_maps_match(const struct pld_graph *graph, char *why, size_t n)
{
    return pld_anchor_maps_match(graph, why, n);
}

static pld_status yolov5_maps_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    return pld_anchor_maps_bind(model, graph, &family);
}

static pld_status yolov5_maps_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                     const struct pld_head_output *outputs, float conf)
{
    return pld_anchor_maps_decode(out, model, outputs, conf, family.form);
}

extern const struct pld_head pld_head_yolov5_maps;
const struct pld_head pld_head_yolov5_maps = {
    .name = "yolov5-maps",
    .help = "YOLOv5 without decoding: raw maps of 3 x (5 + classes) a level",
    .preprocess = "ultralytics",
    .match = yolov5_maps_match,
    .bind = yolov5_maps_bind,
    .decode = yolov5_maps_decode,
};
