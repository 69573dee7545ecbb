/* NanoDet-m (Lyu 2020): class scores behind a sigmoid, and distances of 8 bins, for strides 8,
 * 16, 32.
 *
 * The centre of a cell is at (i + 0.5) stride: with i stride, mAP halves.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"
#include "eval/head_maps.h"

static int nanodet_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!pld_head_pair_maps(&m, graph) || m.bins != 8 || m.n_levels != 3) return 0;
    snprintf(why, n, "%d classes and 4 x 8 distance bins for three levels", m.classes);
    return 85;
}

static pld_status nanodet_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!pld_head_pair_maps(model, graph))
        return pld_head_misfit(graph, "nanodet", "class scores and distance bins a level");
    model->center = 0.5f;
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.6f, .max_det = 100, .best_class = false, .clip = true};
    return PLD_OK;
}

static pld_status nanodet_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                 const struct pld_head_output *outputs, float conf)
{
    return pld_head_decode_distances(out, model, outputs, conf);
}

extern const struct pld_head pld_head_nanodet;
const struct pld_head pld_head_nanodet = {
    .name = "nanodet",
    .help = "NanoDet: class and distance outputs of three levels (8 bins a side)",
    .preprocess = "nanodet",
    .match = nanodet_match,
    .bind = nanodet_bind,
    .decode = nanodet_decode,
};
