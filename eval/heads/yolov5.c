/* YOLOv5, YOLOv7 and other networks with three anchors a cell, decoded inside the graph: one output
 * [N, 3 x locations, 5 + classes] of cx, cy, w, h in input pixels, objectness and class scores.
 * Exports that keep the raw maps as further outputs are read by the first.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"

static bool find_shape(const struct pld_graph *graph, int64_t *rows, int64_t *channels)
{
    int width, height, strides[PLD_HEAD_LEVELS];
    if (graph->n_outputs < 1 || !pld_head_input_size(graph, &width, &height)) return false;
    const struct pld_shape *s = pld_head_shape(graph, 0);
    if (s->rank != 3 || s->dim[1] % 3 || s->dim[2] <= 5 || s->dim[2] > 100000) return false;
    for (int i = 1; i < graph->n_outputs; i++)
        if (pld_head_shape(graph, i)->rank != 5) return false;
    *rows = s->dim[1];
    *channels = s->dim[2];
    return pld_head_levels(strides, width, height, *rows / 3) > 0 ||
           pld_head_cells(width, height, 16, 32) == *rows / 3;
}

static int yolov5_match(const struct pld_graph *graph, char *why, size_t n)
{
    int64_t rows, channels;
    if (!find_shape(graph, &rows, &channels)) return 0;
    snprintf(why, n, "three anchors at %lld locations, 5 + %lld numbers each", (long long)rows / 3,
             (long long)channels - 5);
    return 85;
}

static pld_status yolov5_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    int64_t rows, channels;
    if (!find_shape(graph, &rows, &channels))
        return pld_head_misfit(graph, "yolov5",
                               "an output [N, 3 x locations, 5 + classes], strides 8, 16, 32");
    model->classes = (int)channels - 5;
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.6f, .max_det = 300, .best_class = false, .clip = true};
    return PLD_OK;
}

static pld_status yolov5_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                const struct pld_head_output *outputs, float conf)
{
    return pld_head_decode_rows(out, model, &outputs[0], conf);
}

extern const struct pld_head pld_head_yolov5;
const struct pld_head pld_head_yolov5 = {
    .name = "yolov5",
    .help = "YOLOv5, v7 (and v3 to v4 exported alike): [3 x locations, 5 + classes], decoded in "
            "the graph",
    .preprocess = "ultralytics",
    .match = yolov5_match,
    .bind = yolov5_bind,
    .decode = yolov5_decode,
};
