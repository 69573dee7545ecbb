#include "eval/head_anchors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"
#include "eval/head_maps.h"

enum { ANCHORS_A_LEVEL = 3 };

/* Reads numbers with commas or spaces between them; their count, or -1 where there is more. */
static int read_numbers(float *out, int most, const char *text)
{
    int n = 0;
    for (;;) {
        text += strspn(text, " ,\t\n[]()");
        if (!*text) return n;
        char *end;
        float value = strtof(text, &end);
        if (end == text || n == most) return -1;
        out[n++] = value;
        text = end;
    }
}

static pld_status from_metadata(float *out, int count, const struct pld_graph *graph,
                                const char *key, const char *text)
{
    float numbers[2 * PLD_HEAD_ANCHORS];
    int n = read_numbers(numbers, 2 * PLD_HEAD_ANCHORS, text);
    if (n != count)
        return pld_fail(PLD_EMODEL, graph->path, "%s must be %d numbers, not '%.80s'", key, count,
                        text);
    memcpy(out, numbers, (size_t)count * sizeof *out);
    return PLD_OK;
}

pld_status pld_head_anchors(struct pld_head_model *model, const struct pld_graph *graph,
                            const float (*published)[2], int count)
{
    const char *told = pld_graph_metadata(graph, PLD_META_ANCHORS);
    if (told) return from_metadata(model->anchors[0], 2 * count, graph, "anchors", told);
    if (!published)
        return pld_fail(PLD_EMODEL, graph->path,
                        "the model does not tell its %d anchors: --anchors W,H,W,H,... in pixels, "
                        "finest level first",
                        count);
    memcpy(model->anchors, published, (size_t)count * sizeof *published);
    return PLD_OK;
}

/* Splits a map of A (5 + classes) channels into anchors. */
static bool split_anchors(struct pld_head_map *m)
{
    if (m->anchors == ANCHORS_A_LEVEL) return m->channels > 5;
    if (m->anchors != 1 || m->channels % ANCHORS_A_LEVEL) return false;
    m->anchors = ANCHORS_A_LEVEL;
    m->channels /= ANCHORS_A_LEVEL;
    m->anchor_step = m->channels * m->channel_step;
    return m->channels > 5;
}

static bool find_maps(struct pld_head_model *model, const struct pld_graph *graph)
{
    struct pld_head_map maps[PLD_HEAD_OUTPUTS];
    int n = pld_head_maps(maps, graph);
    if (n < 1 || n > PLD_HEAD_LEVELS) return false;
    for (int i = 0; i < n; i++) {
        if (!split_anchors(&maps[i]) || maps[i].channels != maps[0].channels) return false;
        if (i && maps[i].stride <= maps[i - 1].stride) return false;
        model->score_maps[i] = maps[i];
    }
    model->n_levels = n;
    model->classes = maps[0].channels - 5;
    return true;
}

int pld_anchor_maps_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!find_maps(&m, graph) || m.n_levels < 2) return 0;
    snprintf(why, n, "%d maps of 3 x (5 + %d) channels", m.n_levels, m.classes);
    return 65;
}

pld_status pld_anchor_maps_bind(struct pld_head_model *model, const struct pld_graph *graph,
                                const struct pld_anchor_family *family)
{
    if (!find_maps(model, graph))
        return pld_head_misfit(graph, family->name, "maps of 3 x (5 + classes) channels");
    bool usual = model->n_levels == 3 && model->score_maps[0].stride == 8;
    PLD_TRY(pld_head_anchors(model, graph, usual ? family->anchors : NULL,
                             ANCHORS_A_LEVEL * model->n_levels));
    for (int i = 0; i < model->n_levels; i++)
        model->xy_scale[i] = usual ? family->xy_scale[i] : 1.0f;
    const char *scales = pld_graph_metadata(graph, PLD_META_XY_SCALE);
    if (scales)
        PLD_TRY(from_metadata(model->xy_scale, model->n_levels, graph, "scale_x_y", scales));
    model->logits = true;
    model->defaults = (struct pld_decode_options){
        .conf = 0.001f, .iou = family->iou, .max_det = 300, .best_class = false, .clip = true};
    return PLD_OK;
}

static struct pld_candidate to_box(const float t[4], int64_t column, int64_t row, float stride,
                                   float a, const float anchor[2], enum pld_box_form form)
{
    float x = pld_sigmoid(t[0]), y = pld_sigmoid(t[1]), w, h;
    if (form == PLD_BOX_SQUARE) {
        a = 2.0f;
        w = 2.0f * pld_sigmoid(t[2]);
        h = 2.0f * pld_sigmoid(t[3]);
        w *= w;
        h *= h;
    } else {
        w = expf(t[2]);
        h = expf(t[3]);
    }
    x = (a * x - (a - 1.0f) * 0.5f + (float)column) * stride;
    y = (a * y - (a - 1.0f) * 0.5f + (float)row) * stride;
    return pld_box_center(x, y, w * anchor[0], h * anchor[1]);
}

/* `data` points at the anchor's first location. */
static pld_status decode_anchor(struct pld_candidates *out, const struct pld_head_model *model,
                                int level, int anchor, const float *data, float conf,
                                enum pld_box_form form)
{
    const struct pld_head_map *m = &model->score_maps[level];
    struct pld_class_scores scores = {.step = m->channel_step,
                                      .classes = model->classes,
                                      .logits = true,
                                      .best = model->defaults.best_class};
    int64_t n = (int64_t)m->columns * m->rows;
    for (int64_t i = 0; i < n; i++, data += m->location_step) {
        scores.factor = pld_sigmoid(data[4 * m->channel_step]);
        if (!(scores.factor > conf)) continue; /* class scores are at most 1 */
        size_t first = out->count;
        scores.data = data + 5 * m->channel_step;
        PLD_TRY(pld_head_add_classes(out, &scores, conf));
        if (out->count == first) continue;
        float t[4];
        for (int k = 0; k < 4; k++)
            t[k] = data[k * m->channel_step];
        pld_head_set_box(out, first,
                         to_box(t, i % m->columns, i / m->columns, (float)m->stride,
                                model->xy_scale[level],
                                model->anchors[ANCHORS_A_LEVEL * level + anchor], form));
    }
    return PLD_OK;
}

pld_status pld_anchor_maps_decode(struct pld_candidates *out, const struct pld_head_model *model,
                                  const struct pld_head_output *outputs, float conf,
                                  enum pld_box_form form)
{
    for (int level = 0; level < model->n_levels; level++) {
        const struct pld_head_map *m = &model->score_maps[level];
        const float *data = outputs[m->output].data + m->offset;
        for (int a = 0; a < m->anchors; a++)
            PLD_TRY(decode_anchor(out, model, level, a, data + a * m->anchor_step, conf, form));
    }
    return PLD_OK;
}
