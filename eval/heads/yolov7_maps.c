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

PLD_ANCHOR_HEAD(yolov7_maps, "yolov7-maps",
                "YOLOv7 without decoding: raw maps as YOLOv5, with its anchors", "ultralytics");
