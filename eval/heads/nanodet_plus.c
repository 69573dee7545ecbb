/* NanoDet-Plus (Lyu 2021): one output [N, locations, classes + 32], class scores behind a sigmoid,
 * then distances of 8 bins, for strides 8, 16, 32, 64. The centre of a cell is at i stride.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"
#include "eval/head_maps.h"

static bool find_shape(struct pld_head_model *m, const struct pld_graph *graph)
{
    if (graph->n_outputs != 1 || !pld_head_input_size(graph, &m->input_width, &m->input_height))
        return false;
    const struct pld_shape *s = pld_head_shape(graph, 0);
    if (s->rank != 3 || s->dim[2] <= 32 || s->dim[2] > 100000) return false;
    m->n_strides = pld_head_levels(m->strides, m->input_width, m->input_height, s->dim[1]);
    m->classes = (int)s->dim[2] - 32;
    return m->n_strides > 0;
}

static int nanodet_plus_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!find_shape(&m, graph) || m.n_strides != 4 || m.strides[0] != 8) return 0;
    if (pld_head_tail_has(graph, graph->outputs[0], PLD_OP_SOFTMAX, true)) return 0;
    snprintf(why, n, "%d classes + 4 x 8 distance bins at strides 8 to 64", m.classes);
    return 87;
}

static pld_status nanodet_plus_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!find_shape(model, graph))
        return pld_head_misfit(graph, "nanodet-plus", "one output [N, locations, classes + 32]");
    pld_head_split_rows(model->score_maps, model, 0, model->classes + 32);
    pld_head_split_rows(model->box_maps, model, 0, model->classes + 32);
    model->n_levels = model->n_strides;
    for (int i = 0; i < model->n_levels; i++)
        model->box_maps[i].offset += model->classes;
    model->bins = 8;
    model->center = 0.0f;
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.6f, .max_det = 100, .best_class = false, .clip = true};
    return PLD_OK;
}

static pld_status nanodet_plus_decode(struct pld_candidates *out,
                                      const struct pld_head_model *model,
                                      const struct pld_head_output *outputs, float conf)
{
    return pld_head_decode_distances(out, model, outputs, conf);
}

extern const struct pld_head pld_head_nanodet_plus;
const struct pld_head pld_head_nanodet_plus = {
    .name = "nanodet-plus",
    .help = "NanoDet-Plus: [locations, classes + 4 x 8], strides 8 to 64",
    .preprocess = "nanodet-stretch",
    .match = nanodet_plus_match,
    .bind = nanodet_plus_bind,
    .decode = nanodet_plus_decode,
};
