/* YOLOv6: one output [N, locations, 5 + classes] of cx, cy, w, h in input pixels, a constant 1 in
 * the place of an objectness, class scores. The shape is YOLOX's; what tells them apart is how
 * boxes are made: here corners are points minus and plus distances (a Sub, and no Exp), there sizes
 * come from an Exp.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"

static bool find_shape(const struct pld_graph *graph, int64_t *channels)
{
    int width, height, strides[PLD_HEAD_LEVELS];
    if (graph->n_outputs != 1 || !pld_head_input_size(graph, &width, &height)) return false;
    const struct pld_shape *s = pld_head_shape(graph, 0);
    if (s->rank != 3 || s->dim[2] <= 5 || s->dim[2] > 100000) return false;
    *channels = s->dim[2];
    return pld_head_levels(strides, width, height, s->dim[1]) > 0;
}

static int yolov6_match(const struct pld_graph *graph, char *why, size_t n)
{
    int64_t channels;
    if (!find_shape(graph, &channels)) return 0;
    if (pld_head_name_count(graph) == channels - 4) return 0; /* a transposed YOLOv8 */
    int out = graph->outputs[0];
    if (!pld_head_tail_has(graph, out, PLD_OP_SUB, false) ||
        pld_head_tail_has(graph, out, PLD_OP_EXP, false))
        return 0;
    snprintf(why, n, "5 + %lld numbers a location, boxes from distances", (long long)channels - 5);
    return 88;
}

static pld_status yolov6_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    int64_t channels;
    if (!find_shape(graph, &channels))
        return pld_head_misfit(graph, "yolov6", "one output [N, locations, 5 + classes]");
    model->classes = (int)channels - 5;
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.65f, .max_det = 300, .best_class = false, .clip = true};
    return PLD_OK;
}

static pld_status yolov6_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                const struct pld_head_output *outputs, float conf)
{
    return pld_head_decode_rows(out, model, &outputs[0], conf);
}

extern const struct pld_head pld_head_yolov6;
const struct pld_head pld_head_yolov6 = {
    .name = "yolov6",
    .help = "YOLOv6: [locations, 5 + classes], decoded in the graph, objectness 1",
    .preprocess = "ultralytics",
    .match = yolov6_match,
    .bind = yolov6_bind,
    .decode = yolov6_decode,
};
