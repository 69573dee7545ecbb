/* RT-DETR, D-FINE, DEIM, torchvision: outputs labels [N, K], boxes [N, K, 4], scores [N, K],
 * nothing to suppress. Boxes are corners in pixels of what the input orig_target_sizes says, which
 * is fed with the size of the network's input.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"

static bool find_outputs(struct pld_head_model *m, const struct pld_graph *graph)
{
    if (!pld_head_roles(&m->roles, graph) || m->roles.labels == PLD_NONE) return false;
    return pld_head_shape(graph, m->roles.scores)->rank == 2;
}

static int rtdetr_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!find_outputs(&m, graph)) return 0;
    snprintf(why, n, "labels, boxes and scores of %lld queries",
             (long long)pld_head_shape(graph, m.roles.boxes)->dim[1]);
    return 88;
}

static pld_status rtdetr_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!find_outputs(model, graph))
        return pld_head_misfit(graph, "rtdetr", "labels [N, K], boxes [N, K, 4], scores [N, K]");
    int named = pld_head_name_count(graph);
    model->classes = named ? named : 80; /* nothing in the outputs tells */
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 1.0f, .max_det = 300, .best_class = false, .clip = false};
    return PLD_OK;
}

static pld_status rtdetr_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                const struct pld_head_output *outputs, float conf)
{
    const struct pld_head_output *boxes = &outputs[model->roles.boxes];
    const float *scores = outputs[model->roles.scores].data;
    const float *labels = outputs[model->roles.labels].data;
    for (int64_t i = 0; i < boxes->shape.dim[1]; i++) {
        const float *b = boxes->data + 4 * i;
        struct pld_candidate c = {b[0], b[1], b[2], b[3], scores[i], 0};
        if (!(c.score > conf) || !pld_head_label(&c.cls, labels[i], model->classes)) continue;
        PLD_TRY(pld_candidates_add(out, &c));
    }
    return PLD_OK;
}

extern const struct pld_head pld_head_rtdetr;
const struct pld_head pld_head_rtdetr = {
    .name = "rtdetr",
    .help = "RT-DETR, D-FINE, DEIM and others: outputs labels, boxes, scores",
    .preprocess = "rtdetr",
    .match = rtdetr_match,
    .bind = rtdetr_bind,
    .decode = rtdetr_decode,
};
