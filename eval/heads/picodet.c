/* PP-PicoDet (Yu et al. 2021), exported without its post-processing: class scores behind a sigmoid,
 * and distances of 8 bins, for strides 8, 16, 32, 64. The centre of a cell is at (i + 0.5) stride.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"
#include "eval/head_maps.h"

static int picodet_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!pld_head_pair_maps(&m, graph) || m.bins != 8 || m.n_levels != 4) return 0;
    snprintf(why, n, "%d classes and 4 x 8 distance bins for four levels", m.classes);
    return 85;
}

static pld_status picodet_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!pld_head_pair_maps(model, graph))
        return pld_head_misfit(graph, "picodet", "class scores and distance bins a level");
    model->center = 0.5f;
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.6f, .max_det = 100, .best_class = false, .clip = true};
    return PLD_OK;
}

static pld_status picodet_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                 const struct pld_head_output *outputs, float conf)
{
    return pld_head_decode_distances(out, model, outputs, conf);
}

extern const struct pld_head pld_head_picodet;
const struct pld_head pld_head_picodet = {
    .name = "picodet",
    .help = "PP-PicoDet: class and distance outputs of four levels (8 bins a side)",
    .preprocess = "picodet",
    .match = picodet_match,
    .bind = picodet_bind,
    .decode = picodet_decode,
};
