/* YOLOX: one output [N, locations, 5 + classes] of tx, ty, tw, th, objectness, class scores.
 *
 * The two kinds of scores went through a sigmoid in the graph. Boxes are raw as a rule: with the
 * cell (gx, gy) and stride s of a location, cx = (tx + gx) s, cy = (ty + gy) s, w = exp(tw) s,
 * h = exp(th) s. Exports made with decoding inside have an Exp behind the last convolutions and
 * give cx, cy, w, h in pixels of the input.
 */
#include "eval/head.h"

#include <math.h>
#include <stdio.h>

#include "eval/head_graph.h"

static bool find_shape(const struct pld_graph *graph, int64_t *locations, int64_t *channels)
{
    int width, height, strides[4];
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
static struct pld_candidate to_box(const float *row, bool decoded, float gx, float gy, float s)
{
    float cx = row[0], cy = row[1], w = row[2], h = row[3];
    if (!decoded) {
        cx = (cx + gx) * s;
        cy = (cy + gy) * s;
        w = expf(w) * s;
        h = expf(h) * s;
    }
    w *= 0.5f;
    h *= 0.5f;
    return (struct pld_candidate){.x1 = cx - w, .y1 = cy - h, .x2 = cx + w, .y2 = cy + h};
}

static int best_class(const float *scores, int classes)
{
    int best = 0;
    for (int c = 1; c < classes; c++)
        if (scores[c] > scores[best]) best = c;
    return best;
}

/* Appends the classes of one location whose objectness is above the threshold already: class scores
 * are at most 1, so that no location without it could pass. */
static pld_status add_location(struct pld_candidates *out, const struct pld_head_model *model,
                               const float *row, struct pld_candidate box, float conf)
{
    float objectness = row[4];
    const float *scores = row + 5;
    int first = 0, last = model->classes - 1;
    if (model->defaults.best_class) first = last = best_class(scores, model->classes);
    PLD_TRY(pld_candidates_reserve(out, (size_t)model->classes));
    for (int c = first; c <= last; c++) {
        box.score = objectness * scores[c];
        box.cls = c;
        if (box.score > conf) out->items[out->count++] = box;
    }
    return PLD_OK;
}

static pld_status yolox_decode(struct pld_candidates *out, const struct pld_head_model *model,
                               const struct pld_head_output *outputs, float conf)
{
    int64_t width = model->classes + 5;
    const struct pld_shape *shape = &outputs[0].shape;
    const float *row = outputs[0].data;
    int64_t left = shape->rank == 3 && shape->dim[2] == width ? shape->dim[1] : -1;
    for (int level = 0; level < model->n_strides; level++) {
        int s = model->strides[level];
        int columns = (model->input_width + s - 1) / s, rows = (model->input_height + s - 1) / s;
        left -= (int64_t)columns * rows;
        if (left < 0) break;
        for (int gy = 0; gy < rows; gy++)
            for (int gx = 0; gx < columns; gx++, row += width) {
                if (!(row[4] > conf)) continue;
                struct pld_candidate box =
                    to_box(row, model->decoded, (float)gx, (float)gy, (float)s);
                PLD_TRY(add_location(out, model, row, box, conf));
            }
    }
    if (left == 0) return PLD_OK;
    return pld_fail(PLD_EMODEL, "yolox", "the output's shape changed since the head was chosen");
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
