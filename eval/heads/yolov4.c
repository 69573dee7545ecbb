/* YOLOv4 (Bochkovskiy et al. 2020): raw maps, xy = (a sigmoid(t) - (a - 1) / 2 + grid) stride with
 * a = 1.2, 1.1, 1.05 for strides 8, 16, 32, wh = exp(t) anchor.
 */
#include "eval/head.h"

#include "eval/head_anchors.h"

static const struct pld_anchor_family family = {
    .name = "yolov4",
    .anchors = {{12, 16},
                {19, 36},
                {40, 28},
                {36, 75},
                {76, 55},
                {72, 146},
                {142, 110},
                {192, 243},
                {459, 401}},
    .xy_scale = {1.2f, 1.1f, 1.05f},
    .form = PLD_BOX_EXP,
    .iou = 0.45f,
};

PLD_ANCHOR_HEAD(yolov4, "yolov4", "YOLOv4: raw maps as YOLOv3, with its anchors and scale_x_y",
                "darknet");
