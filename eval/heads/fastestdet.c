/* FastestDet (dog-qiuqiu 2022): one map [N, 5 + classes, H, W] at stride 16. Channel 0 is the
 * objectness, 1 to 4 the box, the rest class scores; scores went through sigmoid and softmax in the
 * graph. cx = (tanh(t1) + gx) / W, cy = (tanh(t2) + gy) / H, w = sigmoid(t3), h = sigmoid(t4), all
 * normalised.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"
#include "eval/head_maps.h"

static bool find_map(struct pld_head_map *map, const struct pld_graph *graph)
{
    return graph->n_outputs == 1 && pld_head_shape(graph, 0)->rank == 4 &&
           pld_head_maps(map, graph) == 1 && map->channels > 5;
}

static int fastestdet_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_map maps[PLD_HEAD_OUTPUTS];
    if (!find_map(maps, graph) || maps[0].stride != 16) return 0;
    snprintf(why, n, "one map of 5 + %d channels at stride 16", maps[0].channels - 5);
    return 75;
}

static pld_status fastestdet_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    struct pld_head_map maps[PLD_HEAD_OUTPUTS];
    if (!find_map(maps, graph))
        return pld_head_misfit(graph, "fastestdet", "one map [N, 5 + classes, H, W]");
    model->score_maps[0] = maps[0];
    model->n_levels = 1;
    model->classes = maps[0].channels - 5;
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.45f, .max_det = 300, .best_class = true, .clip = false};
    return PLD_OK;
}

static struct pld_candidate to_box(const struct pld_head_model *model, const float *data, int64_t i)
{
    const struct pld_head_map *m = &model->score_maps[0];
    float x = tanhf(pld_head_map_at(m, data, i, 1)) + (float)(i % m->columns);
    float y = tanhf(pld_head_map_at(m, data, i, 2)) + (float)(i / m->columns);
    float w = pld_sigmoid(pld_head_map_at(m, data, i, 3));
    float h = pld_sigmoid(pld_head_map_at(m, data, i, 4));
    float width = (float)model->input_width, height = (float)model->input_height;
    return pld_box_center(x / (float)m->columns * width, y / (float)m->rows * height, w * width,
                          h * height);
}

static pld_status fastestdet_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                    const struct pld_head_output *outputs, float conf)
{
    const struct pld_head_map *m = &model->score_maps[0];
    const float *data = outputs[0].data;
    struct pld_class_scores scores = {
        .step = m->channel_step, .classes = model->classes, .best = model->defaults.best_class};
    for (int64_t i = 0; i < (int64_t)m->columns * m->rows; i++) {
        size_t first = out->count;
        scores.factor = pld_head_map_at(m, data, i, 0);
        scores.data = data + i * m->location_step + 5 * m->channel_step;
        PLD_TRY(pld_head_add_classes(out, &scores, conf));
        if (out->count > first) pld_head_set_box(out, first, to_box(model, data, i));
    }
    return PLD_OK;
}

extern const struct pld_head pld_head_fastestdet;
const struct pld_head pld_head_fastestdet = {
    .name = "fastestdet",
    .help = "FastestDet: one map [5 + classes, H, W] at stride 16",
    .preprocess = "fastestdet",
    .match = fastestdet_match,
    .bind = fastestdet_bind,
    .decode = fastestdet_decode,
};
