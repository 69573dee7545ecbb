/* Networks that finish their work inside the graph (YOLOv10, YOLO26, exports with NMS): one output
 * [N, K, 6] of x1, y1, x2, y2 in input pixels, score, class. Nothing is suppressed any more. Unused
 * rows have a score of 0.
 */
#include "eval/head.h"

#include <stdio.h>
#include <string.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"

static bool find_shape(const struct pld_graph *graph)
{
    int width, height;
    if (graph->n_outputs != 1 || !pld_head_input_size(graph, &width, &height)) return false;
    const struct pld_shape *s = pld_head_shape(graph, 0);
    return s->rank == 3 && s->dim[2] == 6;
}

static int end2end_match(const struct pld_graph *graph, char *why, size_t n)
{
    int width, height, strides[PLD_HEAD_LEVELS];
    if (!find_shape(graph) || !pld_head_input_size(graph, &width, &height)) return 0;
    int64_t k = pld_head_shape(graph, 0)->dim[1];
    const char *told = pld_graph_metadata(graph, "end2end");
    bool sure = told && strcmp(told, "True") == 0;
    bool grid = pld_head_levels(strides, width, height, k) > 0 ||
                (k % 3 == 0 && pld_head_levels(strides, width, height, k / 3) > 0);
    if (!sure && grid) return 0;
    snprintf(why, n, "%lld rows of corners, score, class%s", (long long)k,
             sure ? ", end2end in the metadata" : "");
    return sure ? 95 : 80;
}

static pld_status end2end_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!find_shape(graph)) return pld_head_misfit(graph, "end2end", "one output [N, K, 6]");
    int named = pld_head_name_count(graph);
    model->classes = named ? named : 80; /* nothing in the outputs tells */
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 1.0f, .max_det = 300, .best_class = false, .clip = true};
    return PLD_OK;
}

static pld_status end2end_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                 const struct pld_head_output *outputs, float conf)
{
    const float *row = outputs[0].data;
    for (int64_t i = 0; i < outputs[0].shape.dim[1]; i++, row += 6) {
        struct pld_candidate c = {row[0], row[1], row[2], row[3], row[4], 0};
        if (!(c.score > conf) || !pld_head_label(&c.cls, row[5], model->classes)) continue;
        PLD_TRY(pld_candidates_add(out, &c));
    }
    return PLD_OK;
}

extern const struct pld_head pld_head_end2end;
const struct pld_head pld_head_end2end = {
    .name = "end2end",
    .help = "YOLOv10, YOLO26 and other exports with NMS or top-k inside: [K, 6]",
    .preprocess = "ultralytics",
    .match = end2end_match,
    .bind = end2end_bind,
    .decode = end2end_decode,
};
