/* SSD (Liu et al. 2016): boxes [N, P, 4] and scores [N, P, 1 + classes], background first.
 *
 * Decoded inside the graph, boxes are corners as fractions of the input. Raw, they are offsets to
 * priors (cx, cy, w, h as fractions): cx = p.cx + 0.1 d0 p.w, w = p.w exp(0.2 d2), and alike for y
 * and h. Priors are a third output [P, 4] or [1, P, 4], or those of SSD300 (8732 of them). Raw
 * scores may lack their softmax.
 */
#include "eval/head.h"

#include <stdio.h>

#include "eval/head_decode.h"
#include "eval/head_graph.h"

enum { SSD300_PRIORS = 8732, MOST_CLASSES = 4096 };

static int find_priors(const struct pld_graph *graph, const struct pld_head_roles *roles)
{
    int64_t count = pld_head_shape(graph, roles->boxes)->dim[1];
    for (int i = 0; i < graph->n_outputs; i++) {
        const struct pld_shape *s = pld_head_shape(graph, i);
        if (i == roles->boxes || i == roles->scores || s->rank < 2 || s->rank > 3) continue;
        if (s->dim[s->rank - 1] == 4 && s->dim[s->rank - 2] == count) return i;
    }
    return PLD_NONE;
}

/* roles.labels is the output with the priors here. */
static bool find_outputs(struct pld_head_model *m, const struct pld_graph *graph)
{
    if (!pld_head_roles(&m->roles, graph)) return false;
    const struct pld_shape *b = pld_head_shape(graph, m->roles.boxes);
    const struct pld_shape *s = pld_head_shape(graph, m->roles.scores);
    if (s->rank != 3 || s->dim[1] != b->dim[1] || s->dim[2] < 2 || s->dim[2] > MOST_CLASSES)
        return false;
    m->classes = (int)s->dim[2] - 1;
    m->roles.labels = find_priors(graph, &m->roles);
    bool exp = pld_head_tail_has(graph, graph->outputs[m->roles.boxes], PLD_OP_EXP, false);
    m->decoded = m->roles.labels == PLD_NONE && (exp || b->dim[1] != SSD300_PRIORS);
    return true;
}

static int ssd_match(const struct pld_graph *graph, char *why, size_t n)
{
    struct pld_head_model m = {0};
    if (!find_outputs(&m, graph)) return 0;
    snprintf(why, n, "boxes and scores of background and %d classes, %s", m.classes,
             m.decoded                    ? "decoded in the graph"
             : m.roles.labels != PLD_NONE ? "raw, with priors"
                                          : "raw, priors of SSD300");
    return 70;
}

static pld_status ssd_bind(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!find_outputs(model, graph))
        return pld_head_misfit(graph, "ssd", "boxes [N, P, 4] and scores [N, P, 1 + classes]");
    int scores = graph->outputs[model->roles.scores];
    model->logits = !model->decoded && !pld_head_tail_has(graph, scores, PLD_OP_SOFTMAX, false);
    model->defaults = (struct pld_decode_options){
        .conf = 0.01f, .iou = 0.45f, .max_det = 200, .best_class = false, .clip = true};
    return PLD_OK;
}

struct prior {
    float cx, cy, w, h;
};

/* Prior `index` of SSD300: for each level and cell a square of the level's size, one of the
 * geometric mean with the next size, and pairs of the aspect ratios 2 and (where six) 3. */
static struct prior ssd300_prior(int index)
{
    static const struct {
        int side;
        float step, size, next;
        int count;
    } levels[] = {{38, 8, 30, 60, 4},   {19, 16, 60, 111, 6},  {10, 32, 111, 162, 6},
                  {5, 64, 162, 213, 6}, {3, 100, 213, 264, 4}, {1, 300, 264, 315, 4}};
    int level = 0;
    for (; index >= levels[level].side * levels[level].side * levels[level].count; level++)
        index -= levels[level].side * levels[level].side * levels[level].count;
    int count = levels[level].count, cell = index / count, kind = index % count;
    float size = levels[level].size / 300.0f, next = levels[level].next / 300.0f;
    float ratio = kind < 2 ? 1.0f : sqrtf(kind < 4 ? 2.0f : 3.0f);
    if (kind == 1) size = sqrtf(size * next);
    if (kind >= 2 && kind % 2) ratio = 1.0f / ratio;
    float step = levels[level].step / 300.0f;
    return (struct prior){((float)(cell % levels[level].side) + 0.5f) * step,
                          ((float)(cell / levels[level].side) + 0.5f) * step, size * ratio,
                          size / ratio};
}

static struct prior prior_of(const struct pld_head_model *model,
                             const struct pld_head_output *outputs, int64_t i)
{
    if (model->roles.labels == PLD_NONE) return ssd300_prior((int)i);
    const float *p = outputs[model->roles.labels].data + 4 * i;
    return (struct prior){p[0], p[1], p[2], p[3]};
}

static struct pld_candidate to_box(const struct pld_head_model *model,
                                   const struct pld_head_output *outputs, int64_t i)
{
    const float *b = outputs[model->roles.boxes].data + 4 * i;
    float width = (float)model->input_width, height = (float)model->input_height;
    if (model->decoded)
        return (struct pld_candidate){
            b[0] * width, b[1] * height, b[2] * width, b[3] * height, 0, 0};
    struct prior p = prior_of(model, outputs, i);
    return pld_box_center((p.cx + 0.1f * b[0] * p.w) * width, (p.cy + 0.1f * b[1] * p.h) * height,
                          p.w * expf(0.2f * b[2]) * width, p.h * expf(0.2f * b[3]) * height);
}

static void softmax(float *out, const float *x, int n)
{
    float most = x[0], sum = 0.0f;
    for (int i = 1; i < n; i++)
        if (x[i] > most) most = x[i];
    for (int i = 0; i < n; i++)
        sum += out[i] = expf(x[i] - most);
    for (int i = 0; i < n; i++)
        out[i] /= sum;
}

static pld_status ssd_decode(struct pld_candidates *out, const struct pld_head_model *model,
                             const struct pld_head_output *outputs, float conf)
{
    float normal[MOST_CLASSES];
    int width = model->classes + 1;
    int64_t n = outputs[model->roles.boxes].shape.dim[1];
    const float *row = outputs[model->roles.scores].data;
    struct pld_class_scores scores = {
        .step = 1, .classes = model->classes, .factor = 1.0f, .best = model->defaults.best_class};
    for (int64_t i = 0; i < n; i++, row += width) {
        size_t first = out->count;
        if (model->logits) softmax(normal, row, width);
        scores.data = (model->logits ? normal : row) + 1;
        PLD_TRY(pld_head_add_classes(out, &scores, conf));
        if (out->count > first) pld_head_set_box(out, first, to_box(model, outputs, i));
    }
    return PLD_OK;
}

extern const struct pld_head pld_head_ssd;
const struct pld_head pld_head_ssd = {
    .name = "ssd",
    .help = "SSD: boxes and scores of background + classes, raw with priors or decoded",
    .preprocess = "ssd",
    .match = ssd_match,
    .bind = ssd_bind,
    .decode = ssd_decode,
};
