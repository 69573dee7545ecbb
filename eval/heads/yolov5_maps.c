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

PLD_ANCHOR_HEAD(yolov5_maps, "yolov5-maps",
                "YOLOv5 without decoding: raw maps of 3 x (5 + classes) a level", "ultralytics");
