#include "eval/head_decode.h"

#include "eval/head_maps.h"

float pld_head_dfl(const float *bins, int64_t step, int n)
{
    float most = bins[0], sum = 0.0f, weighted = 0.0f;
    for (int k = 1; k < n; k++)
        if (bins[k * step] > most) most = bins[k * step];
    for (int k = 0; k < n; k++) {
        float e = expf(bins[k * step] - most);
        sum += e;
        weighted += (float)k * e;
    }
    return weighted / sum;
}

static int best_class(const struct pld_class_scores *s)
{
    int best = 0;
    for (int c = 1; c < s->classes; c++)
        if (s->data[c * s->step] > s->data[best * s->step]) best = c;
    return best;
}

pld_status pld_head_add_classes(struct pld_candidates *out, const struct pld_class_scores *s,
                                float conf)
{
    int first = 0, last = s->classes - 1;
    if (s->best) first = last = best_class(s);
    PLD_TRY(pld_candidates_reserve(out, (size_t)s->classes));
    for (int c = first; c <= last; c++) {
        float score = s->data[c * s->step];
        if (s->logits) score = pld_sigmoid(score);
        score *= s->factor;
        if (score > conf)
            out->items[out->count++] = (struct pld_candidate){.score = score, .cls = c};
    }
    return PLD_OK;
}

static struct pld_candidate distance_box(const struct pld_head_map *map, const float *data,
                                         int64_t location, int bins, float center)
{
    float side[4], stride = (float)map->stride;
    const float *at = data + map->offset + location * map->location_step;
    for (int k = 0; k < 4; k++)
        side[k] = stride *
                  pld_head_dfl(at + (int64_t)k * bins * map->channel_step, map->channel_step, bins);
    float x = ((float)(location % map->columns) + center) * stride;
    float y = ((float)(location / map->columns) + center) * stride;
    return (struct pld_candidate){
        .x1 = x - side[0], .y1 = y - side[1], .x2 = x + side[2], .y2 = y + side[3]};
}

static pld_status decode_level(struct pld_candidates *out, const struct pld_head_model *model,
                               int level, const struct pld_head_output *outputs, float conf)
{
    const struct pld_head_map *s = &model->score_maps[level], *b = &model->box_maps[level];
    struct pld_class_scores scores = {.step = s->channel_step,
                                      .classes = model->classes,
                                      .factor = 1.0f,
                                      .logits = model->logits,
                                      .best = model->defaults.best_class};
    int64_t n = (int64_t)s->columns * s->rows;
    for (int64_t i = 0; i < n; i++) {
        size_t first = out->count;
        scores.data = outputs[s->output].data + s->offset + i * s->location_step;
        PLD_TRY(pld_head_add_classes(out, &scores, conf));
        if (out->count == first) continue;
        pld_head_set_box(out, first,
                         distance_box(b, outputs[b->output].data, i, model->bins, model->center));
    }
    return PLD_OK;
}

pld_status pld_head_decode_distances(struct pld_candidates *out, const struct pld_head_model *model,
                                     const struct pld_head_output *outputs, float conf)
{
    for (int level = 0; level < model->n_levels; level++)
        PLD_TRY(decode_level(out, model, level, outputs, conf));
    return PLD_OK;
}

pld_status pld_head_decode_rows(struct pld_candidates *out, const struct pld_head_model *model,
                                const struct pld_head_output *output, float conf)
{
    int64_t width = model->classes + 5, n = pld_shape_count(&output->shape) / width;
    struct pld_class_scores scores = {
        .step = 1, .classes = model->classes, .best = model->defaults.best_class};
    const float *row = output->data;
    for (int64_t i = 0; i < n; i++, row += width) {
        if (!(row[4] > conf)) continue; /* class scores are at most 1 */
        size_t first = out->count;
        scores.data = row + 5;
        scores.factor = row[4];
        PLD_TRY(pld_head_add_classes(out, &scores, conf));
        pld_head_set_box(out, first, pld_box_center(row[0], row[1], row[2], row[3]));
    }
    return PLD_OK;
}
