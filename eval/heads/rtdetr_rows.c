/* RT-DETR as Ultralytics exports it: one output [N, queries, 4 + classes] of cx, cy, w, h as
 * fractions of the input, then class scores behind a sigmoid. Nothing is suppressed.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"

static bool find_shape(struct pld_head_model *m, const struct pld_graph *graph)
{
    int width, height, strides[PLD_HEAD_LEVELS];
    if (graph->n_outputs != 1 || !pld_head_input_size(graph, &width, &height)) return false;
    const struct pld_shape *s = pld_head_shape(graph, 0);
    if (s->rank != 3 || s->dim[2] <= 4 || s->dim[2] > 100000) return false;
    if (pld_head_levels(strides, width, height, s->dim[1]) ||
        pld_head_levels(strides, width, height, s->dim[2]))
        return false;
    m->classes = (int)s->dim[2] - 4;
    return true;
}

static int rtdetr_rows_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!find_shape(&m, graph)) return 0;
    int64_t queries = pld_head_shape(graph, 0)->dim[1];
    bool named = pld_head_name_count(graph) == m.classes;
    if (!named && queries != 300) return 0;
    snprintf(why, n, "%lld queries of 4 + %d numbers", (long long)queries, m.classes);
    return named ? 90 : 70;
}

static pld_status rtdetr_rows_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!find_shape(model, graph))
        return pld_head_misfit(graph, "rtdetr-rows", "one output [N, queries, 4 + classes]");
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 1.0f, .max_det = 300, .best_class = true, .clip = false};
    return PLD_OK;
}

static pld_status rtdetr_rows_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                     const struct pld_head_output *outputs, float conf)
{
    float width = (float)model->input_width, height = (float)model->input_height;
    struct pld_class_scores scores = {
        .step = 1, .classes = model->classes, .factor = 1.0f, .best = model->defaults.best_class};
    const float *row = outputs[0].data;
    for (int64_t i = 0; i < outputs[0].shape.dim[1]; i++, row += 4 + model->classes) {
        size_t first = out->count;
        scores.data = row + 4;
        PLD_TRY(pld_head_add_classes(out, &scores, conf));
        pld_head_set_box(
            out, first,
            pld_box_center(row[0] * width, row[1] * height, row[2] * width, row[3] * height));
    }
    return PLD_OK;
}

extern const struct pld_head pld_head_rtdetr_rows;
const struct pld_head pld_head_rtdetr_rows = {
    .name = "rtdetr-rows",
    .help = "RT-DETR as Ultralytics exports it: [queries, 4 + classes], normalised boxes",
    .preprocess = "rtdetr",
    .match = rtdetr_rows_match,
    .bind = rtdetr_rows_bind,
    .decode = rtdetr_rows_decode,
};
