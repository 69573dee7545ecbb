/* Yolo-FastestV2 (dog-qiuqiu 2021): strides 16 and 32, as two maps [N, H, W, 15 + classes] or as
 * rows [locations, 15 + classes]. For anchor j: t = o[4j .. 4j+3], xy = (2t - 0.5 + grid) stride,
 * wh = (2t)^2 anchor, objectness o[12 + j]; the classes are shared by the three anchors. All went
 * through sigmoid or softmax in the graph. The anchors are the published ones for COCO unless the
 * model's metadata say otherwise.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_anchors.h"
#include "eval/head_decode.h"
#include "eval/head_graph.h"
#include "eval/head_maps.h"

static const float published[6][2] = {{12.64f, 19.39f},  {37.88f, 51.48f},   {55.71f, 138.31f},
                                      {126.91f, 78.23f}, {131.57f, 214.55f}, {279.92f, 258.87f}};

static bool find_rows(struct pld_head_model *m, const struct pld_graph *graph)
{
    if (graph->n_outputs != 1 || !pld_head_input_size(graph, &m->input_width, &m->input_height))
        return false;
    const struct pld_shape *s = pld_head_shape(graph, 0);
    if (s->rank < 2 || s->rank > 3 || s->dim[s->rank - 1] <= 15 || s->dim[s->rank - 1] > 100000)
        return false;
    if (s->dim[s->rank - 2] != pld_head_cells(m->input_width, m->input_height, 16, 32))
        return false;
    m->strides[0] = 16;
    m->strides[1] = 32;
    m->n_strides = m->n_levels = 2;
    m->classes = (int)s->dim[s->rank - 1] - 15;
    pld_head_split_rows(m->score_maps, m, 0, (int)s->dim[s->rank - 1]);
    return true;
}

static bool find_maps(struct pld_head_model *m, const struct pld_graph *graph)
{
    struct pld_head_map maps[PLD_HEAD_OUTPUTS];
    if (pld_head_maps(maps, graph) != 2) return find_rows(m, graph);
    if (maps[0].stride != 16 || maps[1].stride != 32 || maps[0].channels != maps[1].channels ||
        maps[0].channels <= 15 || maps[0].anchors != 1)
        return false;
    m->score_maps[0] = maps[0];
    m->score_maps[1] = maps[1];
    m->n_levels = 2;
    m->classes = maps[0].channels - 15;
    return true;
}

/* Maps [N, H, W, C] are this export's habit; others that fit have the channels in front. */
static int yolofastestv2_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!find_maps(&m, graph) || m.score_maps[0].channel_step != 1) return 0;
    snprintf(why, n, "15 + %d numbers a location at strides 16 and 32", m.classes);
    return 82;
}

static pld_status yolofastestv2_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!find_maps(model, graph))
        return pld_head_misfit(graph, "yolo-fastestv2",
                               "15 + classes numbers a location at strides 16 and 32");
    PLD_TRY(pld_head_anchors(model, graph, published, 6));
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.45f, .max_det = 300, .best_class = true, .clip = false};
    return PLD_OK;
}

static struct pld_candidate to_box(const struct pld_head_map *m, const float *data, int64_t i,
                                   int j, const float anchor[2])
{
    float t[4], s = (float)m->stride;
    for (int k = 0; k < 4; k++)
        t[k] = 2.0f * pld_head_map_at(m, data, i, 4 * j + k);
    float x = (t[0] - 0.5f + (float)(i % m->columns)) * s;
    float y = (t[1] - 0.5f + (float)(i / m->columns)) * s;
    return pld_box_center(x, y, t[2] * t[2] * anchor[0], t[3] * t[3] * anchor[1]);
}

static pld_status decode_level(struct pld_candidates *out, const struct pld_head_model *model,
                               int level, const float *data, float conf)
{
    const struct pld_head_map *m = &model->score_maps[level];
    struct pld_class_scores scores = {
        .step = m->channel_step, .classes = model->classes, .best = model->defaults.best_class};
    for (int64_t i = 0; i < (int64_t)m->columns * m->rows; i++) {
        for (int j = 0; j < 3; j++) {
            size_t first = out->count;
            scores.factor = pld_head_map_at(m, data, i, 12 + j);
            scores.data = data + m->offset + i * m->location_step + 15 * m->channel_step;
            PLD_TRY(pld_head_add_classes(out, &scores, conf));
            if (out->count > first)
                pld_head_set_box(out, first, to_box(m, data, i, j, model->anchors[3 * level + j]));
        }
    }
    return PLD_OK;
}

static pld_status yolofastestv2_decode(struct pld_candidates *out,
                                       const struct pld_head_model *model,
                                       const struct pld_head_output *outputs, float conf)
{
    for (int level = 0; level < 2; level++)
        PLD_TRY(
            decode_level(out, model, level, outputs[model->score_maps[level].output].data, conf));
    return PLD_OK;
}

extern const struct pld_head pld_head_yolofastestv2;
const struct pld_head pld_head_yolofastestv2 = {
    .name = "yolo-fastestv2",
    .help = "Yolo-FastestV2: 12 + 3 + classes numbers a location, strides 16 and 32",
    .preprocess = "fastestdet",
    .match = yolofastestv2_match,
    .bind = yolofastestv2_bind,
    .decode = yolofastestv2_decode,
};
