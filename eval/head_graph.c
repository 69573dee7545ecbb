#include "eval/head_graph.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "eval/names.h"

bool pld_head_input_size(const struct pld_graph *graph, int *width, int *height)
{
    for (int i = 0; i < graph->n_inputs; i++) {
        const struct pld_shape *s = &graph->values[graph->inputs[i]].desc.shape;
        if (s->rank != 4 || s->dim[2] <= 0 || s->dim[3] <= 0) continue;
        if (s->dim[2] > INT_MAX || s->dim[3] > INT_MAX) continue;
        *height = (int)s->dim[2];
        *width = (int)s->dim[3];
        return true;
    }
    return false;
}

int64_t pld_head_cells(int width, int height, int first, int last)
{
    int64_t cells = 0;
    for (int64_t s = first; s <= last; s *= 2)
        cells += ((width + s - 1) / s) * ((height + s - 1) / s);
    return cells;
}

int pld_head_levels(int strides[PLD_HEAD_LEVELS], int width, int height, int64_t locations)
{
    static const int sets[][2] = {{8, 32}, {4, 32}, {8, 64}};
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        if (pld_head_cells(width, height, sets[k][0], sets[k][1]) != locations) continue;
        int n = 0;
        for (int s = sets[k][0]; s <= sets[k][1]; s *= 2)
            strides[n++] = s;
        return n;
    }
    return 0;
}

/* ---- roles ---- */

static bool named(const struct pld_graph *graph, int output, const char *word)
{
    return strcasestr(graph->values[graph->outputs[output]].name, word) != NULL;
}

/* Takes `output` for the labels or for scores that are one number a box. */
static void take_vector(struct pld_head_roles *out, const struct pld_graph *graph, int output)
{
    enum pld_dtype type = graph->values[graph->outputs[output]].desc.dtype;
    bool whole = type == PLD_I64 || type == PLD_I32;
    if (whole || named(graph, output, "label") || named(graph, output, "class"))
        out->labels = output;
    else if (out->scores == PLD_NONE)
        out->scores = output;
}

/* How much an output of shape [K,4] looks like boxes: scores of four classes have that shape, too,
 * and then the names decide. */
static int boxes_likeness(const struct pld_graph *graph, int output)
{
    static const char *const box_words[] = {"box", "loc", "reg"};
    static const char *const score_words[] = {"score", "conf", "cls", "class", "prob"};
    const struct pld_shape *s = pld_head_shape(graph, output);
    if (s->rank != 3 || s->dim[2] != 4) return 0;
    int likeness = 2;
    for (size_t i = 0; i < sizeof box_words / sizeof *box_words; i++)
        if (named(graph, output, box_words[i])) likeness = 3;
    for (size_t i = 0; i < sizeof score_words / sizeof *score_words && likeness == 2; i++)
        if (named(graph, output, score_words[i])) likeness = 1;
    return likeness;
}

bool pld_head_roles(struct pld_head_roles *out, const struct pld_graph *graph)
{
    *out = (struct pld_head_roles){PLD_NONE, PLD_NONE, PLD_NONE};
    int best = 0;
    for (int i = 0; i < graph->n_outputs; i++) {
        int likeness = boxes_likeness(graph, i);
        if (likeness > best) out->boxes = i;
        if (likeness > best) best = likeness;
    }
    if (out->boxes == PLD_NONE) return false;
    int64_t count = pld_head_shape(graph, out->boxes)->dim[1];
    for (int i = 0; i < graph->n_outputs; i++) {
        const struct pld_shape *s = pld_head_shape(graph, i);
        if (i == out->boxes) continue;
        if (s->rank == 2 && s->dim[1] == count)
            take_vector(out, graph, i);
        else if (s->rank == 3 && (s->dim[1] == count || s->dim[2] == count) &&
                 out->scores == PLD_NONE)
            out->scores = i;
    }
    return out->scores != PLD_NONE;
}

pld_status pld_head_misfit(const struct pld_graph *graph, const char *name, const char *what)
{
    char outputs[512];
    return pld_fail(PLD_EMODEL, graph->path, "head %s needs %s; the outputs are: %s", name, what,
                    pld_head_outputs_text(outputs, sizeof outputs, graph));
}

/* Breadth first towards the inputs. The tail of a head has a few dozen nodes: levels times
 * (reshape, concat, sigmoid, grid arithmetic). */
bool pld_head_tail_has(const struct pld_graph *graph, int value, enum pld_op op, bool through_conv)
{
    enum { MOST = 96 };
    int queue[MOST], n = 0;
    int first = graph->values[value].producer;
    if (first != PLD_NONE) queue[n++] = first;
    for (int at = 0; at < n; at++) {
        const struct pld_node *node = &graph->nodes[queue[at]];
        if (node->op == (int)op) return true;
        if (node->op == PLD_OP_CONV && !through_conv) continue;
        for (int i = 0; i < node->n_in && n < MOST; i++) {
            int producer = node->in[i] < 0 ? PLD_NONE : graph->values[node->in[i]].producer;
            bool seen = producer == PLD_NONE;
            for (int j = 0; j < n && !seen; j++)
                seen = queue[j] == producer;
            if (!seen) queue[n++] = producer;
        }
    }
    return false;
}

int pld_head_name_count(const struct pld_graph *graph)
{
    const char *text = pld_graph_metadata(graph, "names");
    if (!text) return 0;
    struct pld_arena arena = {0};
    const char *const *names;
    int count;
    if (pld_names_parse(&names, &count, &arena, text, graph->path) != PLD_OK) count = 0;
    pld_arena_release(&arena);
    return count;
}

char *pld_head_outputs_text(char *text, size_t size, const struct pld_graph *graph)
{
    size_t len = 0;
    if (size) text[0] = '\0';
    for (int i = 0; i < graph->n_outputs && len + 1 < size; i++) {
        const struct pld_value *v = &graph->values[graph->outputs[i]];
        char shape[128];
        int n = snprintf(text + len, size - len, "%s%s %s", i ? ", " : "", v->name,
                         pld_shape_text(shape, sizeof shape, &v->desc.shape));
        if (n < 0) break;
        len += (size_t)n;
    }
    if (len >= size && size > 4) memcpy(text + size - 4, "...", 4);
    return text;
}
