#include "eval/head.h"

#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "core/str.h"
#include "eval/head_graph.h"
#include "eval/names.h"

#define PLD_HEAD(id) extern const struct pld_head pld_head_##id;
#include "eval/head.def"
#undef PLD_HEAD

static const struct pld_head *const heads[] = {
#define PLD_HEAD(id) &pld_head_##id,
#include "eval/head.def"
#undef PLD_HEAD
};

enum { N_HEADS = sizeof heads / sizeof *heads };

const struct pld_head *const *pld_head_list(int *count)
{
    *count = N_HEADS;
    return heads;
}

const struct pld_head *pld_head_find(const char *name)
{
    for (int i = 0; i < N_HEADS; i++)
        if (strcmp(heads[i]->name, name) == 0) return heads[i];
    return NULL;
}

static const char *known_heads(char *text, size_t size)
{
    size_t len = 0;
    for (int i = 0; i < N_HEADS && len < size; i++)
        len += (size_t)snprintf(text + len, size - len, "%s%s", i ? ", " : "", heads[i]->name);
    return text;
}

static pld_status unknown_name(const char *name)
{
    char known[512];
    const char *names[N_HEADS];
    for (int i = 0; i < N_HEADS; i++)
        names[i] = heads[i]->name;
    const char *nearest = pld_str_nearest(name, names, N_HEADS);
    known_heads(known, sizeof known);
    if (nearest)
        return pld_fail(PLD_EUSAGE, name, "no such detector head; did you mean '%s'? (known: %s)",
                        nearest, known);
    return pld_fail(PLD_EUSAGE, name, "no such detector head; known: %s", known);
}

/* Heads that fit equally well cannot be told apart by shape: only a measurement tells. */
static pld_status ambiguous(const struct pld_graph *graph, int best)
{
    char names[256] = "";
    size_t len = 0;
    for (int i = 0; i < N_HEADS && len < sizeof names; i++) {
        char reason[256];
        if (heads[i]->match(graph, reason, sizeof reason) == best)
            len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "",
                                    heads[i]->name);
    }
    return pld_fail(PLD_EMODEL, graph->path,
                    "several heads fit these outputs: %s; choose one with --head, or let 'pollard "
                    "doctor --probe' measure which is right",
                    names);
}

static pld_status surest(const struct pld_head **out, const struct pld_graph *graph, char *why,
                         size_t why_size)
{
    int best = 0, equal = 0;
    *out = NULL;
    for (int i = 0; i < N_HEADS; i++) {
        char reason[256] = "";
        int score = heads[i]->match(graph, reason, sizeof reason);
        equal += score == best && score > 0;
        if (score <= best) continue;
        best = score;
        equal = 1;
        *out = heads[i];
        if (why) snprintf(why, why_size, "%s", reason);
    }
    if (*out) return equal > 1 ? ambiguous(graph, best) : PLD_OK;
    char outputs[512], known[512];
    return pld_fail(PLD_EMODEL, graph->path,
                    "no known detector head fits; outputs: %s; known heads: %s (--head forces one)",
                    pld_head_outputs_text(outputs, sizeof outputs, graph),
                    known_heads(known, sizeof known));
}

/* Input size and output shapes, the same for every head. */
static pld_status fill_shapes(struct pld_head_model *model, const struct pld_graph *graph)
{
    if (!pld_head_input_size(graph, &model->input_width, &model->input_height))
        return pld_fail(PLD_EMODEL, graph->path, "no input of shape N x C x H x W");
    if (graph->n_outputs > PLD_HEAD_OUTPUTS)
        return pld_fail(PLD_EMODEL, graph->path, "%d outputs, more than any head has (%d)",
                        graph->n_outputs, PLD_HEAD_OUTPUTS);
    model->n_outputs = graph->n_outputs;
    for (int i = 0; i < graph->n_outputs; i++)
        model->outputs[i] = graph->values[graph->outputs[i]].desc.shape;
    return PLD_OK;
}

/* Unreadable names or a wrong number of them are no reason to refuse a network that detects; the
 * classes stay numbers then, and that is said. */
static void fill_names(struct pld_head_model *model, const struct pld_graph *graph)
{
    const char *text = pld_graph_metadata(graph, "names");
    if (!text) return;
    /* The names live as long as the graph; adding to its arena changes nothing else of it. */
    struct pld_arena *arena = (struct pld_arena *)&graph->arena;
    const char *const *names;
    int count;
    if (pld_names_parse(&names, &count, arena, text, graph->path) != PLD_OK) {
        pld_log(PLD_LOG_WARN, "%s: %s; classes are known by number", graph->path,
                pld_error_last()->message);
    } else if (count != model->classes) {
        pld_log(PLD_LOG_WARN, "%s: %d class names for %d classes; classes are known by number",
                graph->path, count, model->classes);
    } else {
        model->class_names = names;
    }
}

pld_status pld_head_bind(struct pld_head_model *out, const struct pld_graph *graph,
                         const char *name, char *why, size_t why_size)
{
    *out = (struct pld_head_model){0};
    const struct pld_head *head;
    const char *told = name ? name : pld_graph_metadata(graph, PLD_META_HEAD);
    if (told) {
        head = pld_head_find(told);
        if (!head) return unknown_name(told);
        if (why) snprintf(why, why_size, name ? "chosen by name" : "named in the metadata");
    } else {
        PLD_TRY(surest(&head, graph, why, why_size));
    }
    PLD_TRY(fill_shapes(out, graph));
    out->head = head;
    PLD_TRY(head->bind(out, graph));
    fill_names(out, graph);
    return PLD_OK;
}

static double clamp(double value, double most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

static struct pld_detection to_original(const struct pld_candidate *c,
                                        const struct pld_placement *p, bool clip)
{
    double x1 = (c->x1 - p->offset_x) / p->scale_x, y1 = (c->y1 - p->offset_y) / p->scale_y;
    double x2 = (c->x2 - p->offset_x) / p->scale_x, y2 = (c->y2 - p->offset_y) / p->scale_y;
    if (clip) {
        x1 = clamp(x1, p->width);
        x2 = clamp(x2, p->width);
        y1 = clamp(y1, p->height);
        y2 = clamp(y2, p->height);
    }
    return (struct pld_detection){.x = x1, .y = y1, .w = x2 - x1, .h = y2 - y1, .score = c->score};
}

/* Decoders trust the shapes they were bound to; only the batch may differ. */
static pld_status check_shape(const struct pld_head_model *model, int output,
                              const struct pld_shape *shape)
{
    const struct pld_shape *bound = &model->outputs[output];
    bool same = shape->rank == bound->rank;
    for (int i = 1; i < bound->rank && same; i++)
        same = shape->dim[i] == bound->dim[i];
    if (same) return PLD_OK;
    char now[96], then[96];
    return pld_fail(PLD_EMODEL, model->head->name, "output %d is %s, and was %s at loading", output,
                    pld_shape_text(now, sizeof now, shape),
                    pld_shape_text(then, sizeof then, bound));
}

pld_status pld_head_detect(struct pld_detections *out, struct pld_candidates *scratch,
                           const struct pld_head_model *model,
                           const struct pld_head_output *outputs,
                           const struct pld_placement *placement, int image,
                           const int32_t *class_map, const struct pld_decode_options *options)
{
    for (int i = 0; i < model->n_outputs; i++)
        PLD_TRY(check_shape(model, i, &outputs[i].shape));
    struct pld_head_model chosen = *model;
    chosen.defaults = *options; /* decode() looks at best_class there */
    scratch->count = 0;
    PLD_TRY(model->head->decode(scratch, &chosen, outputs, options->conf));
    PLD_TRY(pld_nms(scratch, options->iou, options->max_det, options->class_agnostic));
    for (size_t i = 0; i < scratch->count; i++) {
        const struct pld_candidate *c = &scratch->items[i];
        int32_t category = class_map ? class_map[c->cls] : c->cls;
        if (category < 0) continue;
        struct pld_detection d = to_original(c, placement, options->clip);
        d.image = image;
        d.category = category;
        PLD_TRY(pld_detections_add(out, &d));
    }
    return PLD_OK;
}
