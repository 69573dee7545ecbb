/* YOLOX: one output [N, locations, 5 + classes] of tx, ty, tw, th, objectness, class scores.
 *
 * The two kinds of scores went through a sigmoid in the graph. Boxes are raw as a rule: with the
 * cell (gx, gy) and stride s of a location, cx = (tx + gx) s, cy = (ty + gy) s, w = exp(tw) s,
 * h = exp(th) s. Exports made with decoding inside have an Exp behind the last convolutions and
 * give cx, cy, w, h in pixels of the input.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"

static bool find_shape(const struct pld_graph *graph, int64_t *locations, int64_t *channels)
{
    int width, height, strides[PLD_HEAD_LEVELS];
    if (graph->n_outputs != 1 || !pld_head_input_size(graph, &width, &height)) return false;
    const struct pld_shape *s = &graph->values[graph->outputs[0]].desc.shape;
    if (s->rank != 3) return false;
    *locations = s->dim[1];
    *channels = s->dim[2];
    return *channels > 5 && *channels < INT32_MAX &&
           pld_head_levels(strides, width, height, *locations) > 0;
}

static bool decoded_inside(const struct pld_graph *graph)
{
    return pld_head_tail_has(graph, graph->outputs[0], PLD_OP_EXP, false);
}

static int yolox_match(const struct pld_graph *graph, char *why, size_t n)
{
    int64_t locations, channels;
    if (!find_shape(graph, &locations, &channels)) return 0;
    if (pld_head_name_count(graph) == channels - 4) return 0; /* a transposed YOLOv8 */
    int out = graph->outputs[0];
    if (pld_head_tail_has(graph, out, PLD_OP_SOFTMAX, true)) return 0;
    bool sigmoid = pld_head_tail_has(graph, out, PLD_OP_SIGMOID, false);
    snprintf(why, n, "%lld locations of 5 + %lld numbers%s, boxes %s", (long long)locations,
             (long long)channels - 5, sigmoid ? ", scores from a sigmoid" : "",
             decoded_inside(graph) ? "decoded by an Exp in the graph" : "raw");
    return sigmoid ? 85 : 40;
}

static pld_status yolox_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    int64_t locations, channels;
    char outputs[256];
    if (!find_shape(graph, &locations, &channels))
        return pld_fail(PLD_EMODEL, graph->path,
                        "head yolox needs one output [N, locations, 5 + classes] with one location "
                        "a cell of strides 8, 16, 32; the outputs are: %s",
                        pld_head_outputs_text(outputs, sizeof outputs, graph));
    model->classes = (int)(channels - 5);
    model->decoded = decoded_inside(graph);
    model->n_strides =
        pld_head_levels(model->strides, model->input_width, model->input_height, locations);
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.65f, .max_det = 300, .best_class = true, .clip = false};
    return PLD_OK;
}

/* cx, cy, w, h of a location -> corners. */
static struct pld_candidate to_box(const float *row, float gx, float gy, float s)
{
    return pld_box_center((row[0] + gx) * s, (row[1] + gy) * s, expf(row[2]) * s, expf(row[3]) * s);
}

static pld_status decode_raw(struct pld_candidates *out, const struct pld_head_model *model,
                             const float *row, float conf)
{
    struct pld_class_scores scores = {
        .step = 1, .classes = model->classes, .best = model->defaults.best_class};
    for (int level = 0; level < model->n_strides; level++) {
        int s = model->strides[level];
        int columns = (model->input_width + s - 1) / s, rows = (model->input_height + s - 1) / s;
        for (int gy = 0; gy < rows; gy++)
            for (int gx = 0; gx < columns; gx++, row += model->classes + 5) {
                if (!(row[4] > conf)) continue; /* class scores are at most 1 */
                size_t first = out->count;
                scores.data = row + 5;
                scores.factor = row[4];
                PLD_TRY(pld_head_add_classes(out, &scores, conf));
                if (out->count > first)
                    pld_head_set_box(out, first, to_box(row, (float)gx, (float)gy, (float)s));
            }
    }
    return PLD_OK;
}

static pld_status yolox_decode(struct pld_candidates *out, const struct pld_head_model *model,
                               const struct pld_head_output *outputs, float conf)
{
    return model->decoded ? pld_head_decode_rows(out, model, &outputs[0], conf)
                          : decode_raw(out, model, outputs[0].data, conf);
}

extern const struct pld_head pld_head_yolox;
const struct pld_head pld_head_yolox = {
    .name = "yolox",
    .help = "YOLOX: [locations, 5 + classes], grid decoding outside the graph",
    .preprocess = "yolox",
    .match = yolox_match,
    .bind = yolox_bind,
    .decode = yolox_decode,
};
