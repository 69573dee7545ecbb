/* PP-YOLOE exported without NMS: corners [N, locations, 4] in input pixels (the input scale_factor
 * is fed with ones) and scores [N, classes, locations]. PP-YOLOE+ has the same outputs and other
 * preprocessing (ppyoloe-plus): only a measurement tells them apart.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"

static bool find_outputs(struct pld_head_model *m, const struct pld_graph *graph)
{
    if (!pld_head_roles(&m->roles, graph)) return false;
    const struct pld_shape *b = pld_head_shape(graph, m->roles.boxes);
    const struct pld_shape *s = pld_head_shape(graph, m->roles.scores);
    if (s->rank != 3 || s->dim[2] != b->dim[1] || s->dim[1] > 100000) return false;
    m->classes = (int)s->dim[1];
    return true;
}

static int ppyoloe_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!find_outputs(&m, graph)) return 0;
    snprintf(why, n, "corners, and scores of %d classes by class", m.classes);
    return 80;
}

static pld_status ppyoloe_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!find_outputs(model, graph))
        return pld_head_misfit(graph, "ppyoloe", "boxes [N, L, 4] and scores [N, classes, L]");
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.7f, .max_det = 300, .best_class = false, .clip = true};
    return PLD_OK;
}

static pld_status ppyoloe_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                 const struct pld_head_output *outputs, float conf)
{
    const struct pld_head_output *boxes = &outputs[model->roles.boxes];
    int64_t n = boxes->shape.dim[1];
    struct pld_class_scores scores = {
        .step = n, .classes = model->classes, .factor = 1.0f, .best = model->defaults.best_class};
    for (int64_t i = 0; i < n; i++) {
        size_t first = out->count;
        const float *b = boxes->data + 4 * i;
        scores.data = outputs[model->roles.scores].data + i;
        PLD_TRY(pld_head_add_classes(out, &scores, conf));
        pld_head_set_box(out, first, (struct pld_candidate){b[0], b[1], b[2], b[3], 0, 0});
    }
    return PLD_OK;
}

extern const struct pld_head pld_head_ppyoloe;
const struct pld_head pld_head_ppyoloe = {
    .name = "ppyoloe",
    .help = "PP-YOLOE without NMS: boxes [locations, 4] and scores [classes, locations]",
    .preprocess = "ppyoloe",
    .match = ppyoloe_match,
    .bind = ppyoloe_bind,
    .decode = ppyoloe_decode,
};
