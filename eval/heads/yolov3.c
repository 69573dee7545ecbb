/* YOLOv3 (Redmon and Farhadi 2018) and Darknet networks like it: raw maps, anchors of COCO at 416
 * unless the metadata say otherwise. xy = (sigmoid(t) + grid) stride, wh = exp(t) anchor.
 */
#include "eval/head.h"

#include "eval/head_anchors.h"

static const struct pld_anchor_family family = {
    .name = "yolov3",
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
    .form = PLD_BOX_EXP,
    .iou = 0.45f,
};

static int yolov3_match(const struct pld_graph *graph, char *why, size_t n)
{
    return pld_anchor_maps_match(graph, why, n);
}

static pld_status yolov3_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    return pld_anchor_maps_bind(model, graph, &family);
}

static pld_status yolov3_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                const struct pld_head_output *outputs, float conf)
{
    return pld_anchor_maps_decode(out, model, outputs, conf, family.form);
}

extern const struct pld_head pld_head_yolov3;
const struct pld_head pld_head_yolov3 = {
    .name = "yolov3",
    .help = "YOLOv3 family: raw maps of 3 x (5 + classes) a level",
    .preprocess = "darknet-letterbox",
    .match = yolov3_match,
    .bind = yolov3_bind,
    .decode = yolov3_decode,
};
