/* NonMaxSuppression: how many boxes stay depends on the data, so it is computed here once its
 * inputs are known (graph/tail.h), and its output is a constant. */
#include <math.h>
#include <stdlib.h>

#include "backend/element.h"
#include "graph/ops/ops.h"

struct box {
    float x0, y0, x1, y1, score;
    int64_t at;
};

struct nms {
    const struct pld_value *boxes, *scores; /* [N, boxes, 4], [N, classes, boxes] */
    bool centred;                           /* x, y, width, height; else two corners y, x */
    int64_t most;                           /* boxes of a class */
    float iou, least_score;
    bool has_least_score;
    struct box *candidates, *kept;   /* [boxes] */
    int64_t *rows, n_rows, cap_rows; /* [n_rows][3]: image, class, box */
};

/* The first element of optional input i, a number. */
static pld_status number(double *out, const struct pld_graph *graph, const struct pld_node *node,
                         int i)
{
    const struct pld_value *v = pld_op_in_value(graph, node, i);
    if (!v) return PLD_OK;
    PLD_TRY(pld_op_wait_for(graph, node, i));
    if (pld_shape_count(&v->desc.shape) != 1)
        return pld_op_fail(node, "input %d, %s, must be one number", i, v->name);
    *out = pld_load(v->desc.dtype, v->data, 0);
    return PLD_OK;
}

static struct box read_box(const struct nms *nms, int64_t image, int64_t at)
{
    float v[4];
    int64_t base = (image * nms->boxes->desc.shape.dim[1] + at) * 4;
    for (int i = 0; i < 4; i++)
        v[i] = (float)pld_load(nms->boxes->desc.dtype, nms->boxes->data, base + i);
    if (nms->centred)
        return (struct box){
            v[0] - v[2] / 2, v[1] - v[3] / 2, v[0] + v[2] / 2, v[1] + v[3] / 2, 0, at};
    /* Corners come in any order. */
    return (struct box){
        fminf(v[1], v[3]), fminf(v[0], v[2]), fmaxf(v[1], v[3]), fmaxf(v[0], v[2]), 0, at};
}

static bool overlaps(const struct box *a, const struct box *b, float threshold)
{
    float w = fminf(a->x1, b->x1) - fmaxf(a->x0, b->x0);
    float h = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);
    if (!(w > 0 && h > 0)) return false;
    float area_a = (a->x1 - a->x0) * (a->y1 - a->y0), area_b = (b->x1 - b->x0) * (b->y1 - b->y0);
    float both = area_a + area_b - w * h;
    return area_a > 0 && area_b > 0 && both > 0 && w * h / both > threshold;
}

static int by_score(const void *a, const void *b)
{
    const struct box *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static pld_status add_row(struct nms *nms, int64_t image, int64_t class, int64_t box)
{
    if (nms->n_rows == nms->cap_rows) {
        int64_t cap = nms->cap_rows ? 2 * nms->cap_rows : 256;
        int64_t *grown = realloc(nms->rows, (size_t)cap * 3 * sizeof *grown);
        if (!grown) return pld_fail_memory("NonMaxSuppression");
        nms->rows = grown;
        nms->cap_rows = cap;
    }
    int64_t *row = nms->rows + 3 * nms->n_rows++;
    row[0] = image;
    row[1] = class;
    row[2] = box;
    return PLD_OK;
}

/* Greedy: the best box stays and removes those that overlap it too much. */
static pld_status select_class(struct nms *nms, int64_t image, int64_t class)
{
    const struct pld_shape *shape = &nms->scores->desc.shape;
    int64_t n = 0, kept = 0;
    for (int64_t i = 0; i < shape->dim[2]; i++) {
        int64_t at = (image * shape->dim[1] + class) * shape->dim[2] + i;
        float score = (float)pld_load(nms->scores->desc.dtype, nms->scores->data, at);
        if (isnan(score) || (nms->has_least_score && !(score > nms->least_score))) continue;
        nms->candidates[n] = read_box(nms, image, i);
        nms->candidates[n++].score = score;
    }
    qsort(nms->candidates, (size_t)n, sizeof *nms->candidates, by_score);
    for (int64_t i = 0; i < n && kept < nms->most; i++) {
        bool stays = true;
        for (int64_t k = 0; k < kept && stays; k++)
            stays = !overlaps(&nms->candidates[i], &nms->kept[k], nms->iou);
        if (!stays) continue;
        nms->kept[kept++] = nms->candidates[i];
        PLD_TRY(add_row(nms, image, class, nms->candidates[i].at));
    }
    return PLD_OK;
}

static pld_status read_inputs(struct nms *nms, const struct pld_graph *graph,
                              const struct pld_node *node)
{
    const struct pld_desc *boxes, *scores;
    double most = 0, iou = 0, least = 0;
    PLD_TRY(pld_infer_input(&boxes, graph, node, 0));
    PLD_TRY(pld_infer_input(&scores, graph, node, 1));
    const struct pld_shape *b = &boxes->shape, *s = &scores->shape;
    if (b->rank != 3 || s->rank != 3 || b->dim[2] != 4 || b->dim[0] != s->dim[0] ||
        b->dim[1] != s->dim[2])
        return pld_op_fail(node, "boxes and scores do not fit each other");
    if (b->dim[1] > 1 << 24) return pld_op_fail(node, "more than %d boxes", 1 << 24);
    for (int i = 0; i < 2; i++)
        PLD_TRY(pld_op_wait_for(graph, node, i));
    PLD_TRY(number(&most, graph, node, 2));
    PLD_TRY(number(&iou, graph, node, 3));
    PLD_TRY(number(&least, graph, node, 4));
    nms->boxes = &graph->values[node->in[0]];
    nms->scores = &graph->values[node->in[1]];
    nms->most = most > 0 ? most < 0x1p40 ? (int64_t)most : INT64_C(1) << 40 : 0;
    nms->iou = (float)iou;
    nms->least_score = (float)least;
    nms->has_least_score = pld_op_in(node, 4) != PLD_NONE;
    nms->centred = pld_node_int(node, "center_point_box", 0) != 0;
    return PLD_OK;
}

static pld_status select_all(struct nms *nms, struct pld_arena *arena)
{
    const struct pld_shape *shape = &nms->scores->desc.shape;
    nms->candidates = pld_arena_array(arena, (size_t)shape->dim[2] + 1, 2 * sizeof(struct box));
    if (!nms->candidates) return PLD_EDEVICE;
    nms->kept = nms->candidates + shape->dim[2];
    for (int64_t image = 0; image < shape->dim[0]; image++)
        for (int64_t class = 0; class < shape->dim[1]; class ++)
            PLD_TRY(select_class(nms, image, class));
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    struct nms nms = {.boxes = NULL};
    void *data;
    pld_op_begin(node, 5);
    PLD_TRY(read_inputs(&nms, graph, node));
    pld_status status = select_all(&nms, &graph->arena);
    struct pld_shape out = {2, {nms.n_rows, 3}};
    if (status == PLD_OK) status = pld_op_constant_output(&data, graph, node, 0, PLD_I64, &out);
    for (int64_t i = 0; status == PLD_OK && i < 3 * nms.n_rows; i++)
        ((int64_t *)data)[i] = nms.rows[i];
    free(nms.rows);
    return status;
}

const struct pld_op_desc pld_opdesc_NON_MAX_SUPPRESSION = {infer, NULL, pld_op_channels_none,
                                                           PLD_LAYOUT_ROWS};
