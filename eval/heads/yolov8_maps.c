/* YOLOv8 and relatives cut before their decoding: for each level 4 x 16 distance bins and class
 * logits, in one map [N, 64 + classes, H, W] or in two. The centre of a cell is at (i + 0.5)
 * stride.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"
#include "eval/head_maps.h"

/* One map a level with the bins in front. */
static bool joined_maps(struct pld_head_model *m, const struct pld_graph *graph)
{
    struct pld_head_map maps[PLD_HEAD_OUTPUTS];
    int n = pld_head_maps(maps, graph);
    if (n < 2 || n > PLD_HEAD_LEVELS) return false;
    for (int i = 0; i < n; i++) {
        if (maps[i].channels <= 64 || maps[i].channels != maps[0].channels) return false;
        if (maps[i].anchors != 1 || (i && maps[i].stride != 2 * maps[i - 1].stride)) return false;
        m->box_maps[i] = m->score_maps[i] = maps[i];
        m->score_maps[i].offset = 64 * maps[i].channel_step;
    }
    m->classes = maps[0].channels - 64;
    m->bins = 16;
    m->n_levels = n;
    return true;
}

static bool find_maps(struct pld_head_model *m, const struct pld_graph *graph)
{
    return (pld_head_pair_maps(m, graph) && m->bins > 8) || joined_maps(m, graph);
}

static int yolov8_maps_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!find_maps(&m, graph) || m.n_levels != 3) return 0;
    int named = pld_head_name_count(graph);
    bool pairs = m.score_maps[0].output != m.box_maps[0].output;
    snprintf(why, n, "4 x %d distance bins and %d classes for three levels", m.bins, m.classes);
    return named == m.classes ? 90 : pairs ? 80 : 60;
}

static pld_status yolov8_maps_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!find_maps(model, graph))
        return pld_head_misfit(graph, "yolov8-maps", "distance bins and class logits a level");
    model->center = 0.5f;
    int scores = graph->outputs[model->score_maps[0].output];
    model->logits = !pld_head_tail_has(graph, scores, PLD_OP_SIGMOID, false);
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.7f, .max_det = 300, .best_class = false, .clip = true};
    return PLD_OK;
}

static pld_status yolov8_maps_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                     const struct pld_head_output *outputs, float conf)
{
    return pld_head_decode_distances(out, model, outputs, conf);
}

extern const struct pld_head pld_head_yolov8_maps;
const struct pld_head pld_head_yolov8_maps = {
    .name = "yolov8-maps",
    .help = "YOLOv8, v9, v11, v6 without decoding: a map of 4 x 16 bins and class logits a level",
    .preprocess = "ultralytics",
    .match = yolov8_maps_match,
    .bind = yolov8_maps_bind,
    .decode = yolov8_maps_decode,
};
