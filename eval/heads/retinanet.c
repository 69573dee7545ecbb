/* RetinaNet (Lin et al. 2017): nine anchors a cell at strides 8 to 128, class scores and offsets.
 *
 * As maps [N, 9 classes, H, W] and [N, 36, H, W] a level, or as rows [N, A, classes] and [N, A, 4].
 * The anchors of a cell have sizes 4 stride 2^(k/3), k = 0, 1, 2, and for each h/w = 0.5, 1, 2
 * (maps: ratio outside, size inside; rows: the same). cx = a.cx + d0 a.w, w = a.w exp(d2), and
 * alike for y and h.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"
#include "eval/head_maps.h"

enum { ANCHORS = 9, FIRST = 8, LAST = 128 };

static bool find_pairs(struct pld_head_model *m, const struct pld_graph *graph)
{
    struct pld_head_map maps[PLD_HEAD_OUTPUTS];
    int n = pld_head_maps(maps, graph);
    if (n != 2 * PLD_HEAD_LEVELS || maps[0].stride != FIRST) return false;
    for (int i = 0; i < n; i += 2) {
        bool boxes_first = maps[i].channels == 4 * ANCHORS;
        struct pld_head_map *b = &maps[boxes_first ? i : i + 1];
        struct pld_head_map *s = &maps[boxes_first ? i + 1 : i];
        if (b->stride != s->stride || b->channels != 4 * ANCHORS || s->channels % ANCHORS ||
            s->channels != (i ? m->classes * ANCHORS : s->channels))
            return false;
        m->classes = s->channels / ANCHORS;
        s->anchors = b->anchors = ANCHORS;
        s->anchor_step = m->classes * s->channel_step;
        b->anchor_step = 4 * b->channel_step;
        m->score_maps[i / 2] = *s;
        m->box_maps[i / 2] = *b;
    }
    m->n_levels = PLD_HEAD_LEVELS;
    return true;
}

/* Rows of all anchors: a location is ANCHORS rows. */
static void split(struct pld_head_map *maps, const struct pld_head_model *m, int output, int width)
{
    pld_head_split_rows(maps, m, output, width * ANCHORS);
    for (int i = 0; i < m->n_strides; i++) {
        maps[i].channels = width;
        maps[i].anchors = ANCHORS;
        maps[i].anchor_step = width;
    }
}

static bool find_rows(struct pld_head_model *m, const struct pld_graph *graph)
{
    if (!pld_head_input_size(graph, &m->input_width, &m->input_height) ||
        !pld_head_roles(&m->roles, graph))
        return false;
    const struct pld_shape *b = pld_head_shape(graph, m->roles.boxes);
    const struct pld_shape *s = pld_head_shape(graph, m->roles.scores);
    int64_t cells = pld_head_cells(m->input_width, m->input_height, FIRST, LAST);
    if (s->rank != 3 || s->dim[1] != b->dim[1] || b->dim[1] != cells * ANCHORS ||
        s->dim[2] > 100000)
        return false;
    m->classes = (int)s->dim[2];
    m->n_strides = m->n_levels = PLD_HEAD_LEVELS;
    for (int i = 0; i < PLD_HEAD_LEVELS; i++)
        m->strides[i] = FIRST << i;
    split(m->score_maps, m, m->roles.scores, m->classes);
    split(m->box_maps, m, m->roles.boxes, 4);
    return true;
}

static int retinanet_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!find_pairs(&m, graph) && !find_rows(&m, graph)) return 0;
    snprintf(why, n, "nine anchors a cell at strides 8 to 128, %d classes", m.classes);
    return 85;
}

static pld_status retinanet_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!find_pairs(model, graph) && !find_rows(model, graph))
        return pld_head_misfit(graph, "retinanet", "nine anchors a cell at strides 8 to 128");
    int scores = graph->outputs[model->score_maps[0].output];
    model->logits = !pld_head_tail_has(graph, scores, PLD_OP_SIGMOID, false);
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = 0.5f, .max_det = 300, .best_class = false, .clip = true};
    return PLD_OK;
}

static struct pld_candidate to_box(const struct pld_head_map *m, const float *data, int64_t i,
                                   int anchor)
{
    static const float ratios[3] = {0.5f, 1.0f, 2.0f}; /* height : width */
    float stride = (float)m->stride, size = 4.0f * stride * exp2f((float)(anchor % 3) / 3.0f);
    float root = sqrtf(ratios[anchor / 3]), w = size / root, h = size * root;
    float x = (float)(i % m->columns) * stride, y = (float)(i / m->columns) * stride;
    const float *d = data + m->offset + i * m->location_step + anchor * m->anchor_step;
    int64_t step = m->channel_step;
    return pld_box_center(x + d[0] * w, y + d[step] * h, expf(d[2 * step]) * w,
                          expf(d[3 * step]) * h);
}

static pld_status decode_level(struct pld_candidates *out, const struct pld_head_model *model,
                               int level, const struct pld_head_output *outputs, float conf)
{
    const struct pld_head_map *s = &model->score_maps[level], *b = &model->box_maps[level];
    const float *data = outputs[s->output].data + s->offset;
    struct pld_class_scores scores = {.step = s->channel_step,
                                      .classes = model->classes,
                                      .factor = 1.0f,
                                      .logits = model->logits,
                                      .best = model->defaults.best_class};
    for (int64_t k = 0; k < (int64_t)s->columns * s->rows * ANCHORS; k++) {
        int64_t i = k / ANCHORS;
        int anchor = (int)(k % ANCHORS);
        size_t first = out->count;
        scores.data = data + i * s->location_step + anchor * s->anchor_step;
        PLD_TRY(pld_head_add_classes(out, &scores, conf));
        if (out->count > first)
            pld_head_set_box(out, first, to_box(b, outputs[b->output].data, i, anchor));
    }
    return PLD_OK;
}

static pld_status retinanet_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                   const struct pld_head_output *outputs, float conf)
{
    for (int level = 0; level < model->n_levels; level++)
        PLD_TRY(decode_level(out, model, level, outputs, conf));
    return PLD_OK;
}

extern const struct pld_head pld_head_retinanet;
const struct pld_head pld_head_retinanet = {
    .name = "retinanet",
    .help = "RetinaNet: nine anchors a cell at strides 8 to 128, as maps or rows",
    .preprocess = "retinanet",
    .match = retinanet_match,
    .bind = retinanet_bind,
    .decode = retinanet_decode,
};
