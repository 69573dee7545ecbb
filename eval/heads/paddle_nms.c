/* PaddleDetection exports with multiclass_nms inside: rows [M, 6] of class, score, x1, y1, x2, y2,
 * in pixels of the input (the input scale_factor is fed with ones), and the number of rows as a
 * second output. Unused rows have class -1.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"

static int find_rows(const struct pld_graph *graph)
{
    for (int i = 0; i < graph->n_outputs && graph->n_outputs <= 2; i++) {
        const struct pld_shape *s = pld_head_shape(graph, i);
        if (s->rank == 2 && s->dim[1] == 6) return i;
    }
    return PLD_NONE;
}

static int paddle_nms_match(const struct pld_graph *graph, char *why, size_t n)
{
    int rows = find_rows(graph);
    if (rows == PLD_NONE) return 0;
    snprintf(why, n, "rows of class, score and corners");
    return 80;
}

static pld_status paddle_nms_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    model->roles.boxes = find_rows(graph);
    if (model->roles.boxes == PLD_NONE)
        return pld_head_misfit(graph, "paddle-nms", "an output [M, 6]");
    int named = pld_head_name_count(graph);
    model->classes = named ? named : 80; /* nothing in the outputs tells */
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 1.0f, .max_det = 300, .best_class = false, .clip = true};
    return PLD_OK;
}

static pld_status paddle_nms_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                    const struct pld_head_output *outputs, float conf)
{
    const struct pld_head_output *rows = &outputs[model->roles.boxes];
    const float *row = rows->data;
    for (int64_t i = 0; i < rows->shape.dim[0]; i++, row += 6) {
        struct pld_candidate c = {row[2], row[3], row[4], row[5], row[1], 0};
        if (!(c.score > conf) || !pld_head_label(&c.cls, row[0], model->classes)) continue;
        PLD_TRY(pld_candidates_add(out, &c));
    }
    return PLD_OK;
}

extern const struct pld_head pld_head_paddle_nms;
const struct pld_head pld_head_paddle_nms = {
    .name = "paddle-nms",
    .help = "PaddleDetection with NMS inside: rows of class, score, corners",
    .preprocess = "ppyoloe",
    .match = paddle_nms_match,
    .bind = paddle_nms_bind,
    .decode = paddle_nms_decode,
};
