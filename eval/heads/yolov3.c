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

PLD_ANCHOR_HEAD(yolov3, "yolov3", "YOLOv3 family: raw maps of 3 x (5 + classes) a level",
                "darknet-letterbox");
