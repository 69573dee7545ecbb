/* Einsum: every letter is an index; those that the result does not have are summed over. */
#include <ctype.h>
#include <string.h>

#include "graph/ops/ops.h"

/* Letters of one term; the axes that "..." stands for are the characters 1, 2, ... */
struct term {
    int n;
    char letter[PLD_MAX_RANK + 1];
};

/* Reads a term up to `end`; `dots` axes stand for "...". False where it is no term. */
static bool read_term(struct term *t, const char *text, const char *end, int dots)
{
    t->n = 0;
    while (text < end) {
        if (*text == ' ') {
            text++;
        } else if (*text == '.' && end - text >= 3 && strncmp(text, "...", 3) == 0) {
            for (int i = 0; i < dots; i++) {
                if (t->n == PLD_MAX_RANK) return false;
                t->letter[t->n++] = (char)(1 + i);
            }
            text += 3;
        } else {
            if (!isalpha((unsigned char)*text) || t->n == PLD_MAX_RANK) return false;
            t->letter[t->n++] = *text++;
        }
    }
    return true;
}

static int letters_in(const char *text, const char *end)
{
    int n = 0;
    for (; text < end; text++)
        n += isalpha((unsigned char)*text) != 0;
    return n;
}

/* The terms of an equation: those of the inputs, then the result's. */
struct equation {
    struct term term[PLD_EINSUM_INPUTS + 1];
    int n_in, dots;
    const char *arrow; /* NULL: the result is what each letter that occurs once makes */
};

static pld_status read_inputs(struct equation *e, const char *text, const struct pld_graph *graph,
                              const struct pld_node *node)
{
    e->arrow = strstr(text, "->");
    const char *last = e->arrow ? e->arrow : text + strlen(text);
    for (int pass = 0; pass < 2; pass++) { /* how many axes "..." stands for comes first */
        const char *from = text;
        for (int i = 0; i < e->n_in; i++) {
            const char *comma = memchr(from, ',', (size_t)(last - from)),
                       *end = comma ? comma : last;
            if ((i < e->n_in - 1) != (comma != NULL))
                return pld_op_fail(node, "equation '%s' is not for %d inputs", text, e->n_in);
            const struct pld_desc *x;
            PLD_TRY(pld_infer_input(&x, graph, node, i));
            int rest = x->shape.rank - letters_in(from, end);
            bool dotted = memchr(from, '.', (size_t)(end - from)) != NULL;
            if (pass == 0 && dotted && rest > e->dots) e->dots = rest;
            if (rest < 0 || (rest > 0 && !dotted) || (dotted && pass == 1 && rest != e->dots) ||
                (pass == 1 && !read_term(&e->term[i], from, end, e->dots)))
                return pld_op_fail(node, "equation '%s' does not fit input %d", text, i);
            from = end + 1;
        }
    }
    return PLD_OK;
}

/* Without an arrow: "..." and then, in order, the letters that occur once. */
static void implied_result(struct equation *e)
{
    struct term *out = &e->term[e->n_in];
    int seen[128] = {0};
    for (int i = 0; i < e->n_in; i++)
        for (int k = 0; k < e->term[i].n; k++)
            seen[(unsigned char)e->term[i].letter[k] & 127]++;
    out->n = 0;
    for (int c = 1; c < 128; c++) {
        bool dot = c <= e->dots;
        if ((dot || seen[c] == 1) && out->n < PLD_MAX_RANK) out->letter[out->n++] = (char)c;
    }
}

static int label_of(const char *letters, int n, char c)
{
    for (int i = 0; i < n; i++)
        if (letters[i] == c) return i;
    return -1;
}

/* Numbers the letters: those of the result first, in its order. */
static pld_status number(struct pld_einsum_params *p, const struct equation *e,
                         const struct pld_graph *graph, const struct pld_node *node)
{
    char letters[PLD_EINSUM_LABELS];
    const struct term *out = &e->term[e->n_in];
    p->n_out = out->n;
    for (int k = 0; k < out->n; k++) {
        if (label_of(letters, k, out->letter[k]) >= 0)
            return pld_op_fail(node, "the result has an index twice");
        letters[k] = out->letter[k];
    }
    p->n_labels = out->n;
    for (int i = 0; i < e->n_in; i++) {
        const struct pld_shape *shape = pld_op_shape(graph, node->in[i]);
        for (int k = 0; k < e->term[i].n; k++) {
            int label = label_of(letters, p->n_labels, e->term[i].letter[k]);
            if (label < 0) {
                if (p->n_labels == PLD_EINSUM_LABELS)
                    return pld_op_fail(node, "more than %d indices", PLD_EINSUM_LABELS);
                letters[label = p->n_labels++] = e->term[i].letter[k];
            }
            int64_t *size = &p->size[label], dim = shape->dim[k];
            if (*size > 1 && dim > 1 && *size != dim)
                return pld_op_fail(node, "an index has the sizes %lld and %lld", (long long)*size,
                                   (long long)dim);
            if (*size == 0 || *size == 1) *size = dim;
            p->label[i][k] = label;
        }
    }
    return PLD_OK;
}

static pld_status infer(struct pld_graph *graph, struct pld_node *node)
{
    struct equation e = {.n_in = node->n_in};
    struct pld_einsum_params *p = &node->params.einsum;
    const struct pld_desc *x, *other;
    const char *text = pld_node_string(node, "equation", "");
    pld_op_begin(node, node->n_in);
    PLD_TRY(pld_infer_input(&x, graph, node, 0));
    if (node->n_in > PLD_EINSUM_INPUTS)
        return pld_op_fail(node, "%d inputs; up to %d are supported", node->n_in,
                           PLD_EINSUM_INPUTS);
    for (int i = 1; i < node->n_in; i++) {
        PLD_TRY(pld_infer_input(&other, graph, node, i));
        if (other->dtype != x->dtype) return pld_op_fail(node, "the inputs differ in type");
    }
    PLD_TRY(read_inputs(&e, text, graph, node));
    if (!e.arrow)
        implied_result(&e);
    else if (!read_term(&e.term[e.n_in], e.arrow + 2, text + strlen(text), e.dots))
        return pld_op_fail(node, "equation '%s' has no result", text);
    PLD_TRY(number(p, &e, graph, node));
    struct pld_shape out = {.rank = p->n_out};
    for (int k = 0; k < p->n_out; k++) {
        bool found = false;
        for (int i = 0; i < node->n_in; i++)
            for (int a = 0; a < e.term[i].n; a++)
                found |= p->label[i][a] == k;
        if (!found) return pld_op_fail(node, "equation '%s' makes an index of nothing", text);
        out.dim[k] = p->size[k];
    }
    return pld_infer_output(graph, node, 0, x->dtype, &out);
}

static int64_t macs(const struct pld_graph *graph, const struct pld_node *node)
{
    int64_t n = 1;
    (void)graph;
    for (int i = 0; i < node->params.einsum.n_labels; i++)
        n = pld_op_macs(n, node->params.einsum.size[i]);
    return n;
}

/* An index of the result ties all axes that carry it; one that is summed over is locked. */
static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    static const char why[] = "sum over the index";
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_einsum_params *p = &node->params.einsum;
    int seen_value[PLD_EINSUM_LABELS], seen_axis[PLD_EINSUM_LABELS];
    for (int l = 0; l < p->n_labels; l++)
        seen_value[l] = PLD_NONE;
    for (int i = 0; i < node->n_in; i++) {
        int v = node->in[i];
        const struct pld_shape *shape = pld_op_shape(graph, v);
        for (int a = 0; a < shape->rank; a++) {
            int l = p->label[i][a];
            if (l < p->n_out) {
                if (shape->dim[a] == p->size[l])
                    PLD_TRY(pld_ch_tie(c, v, a, node->out[0], l, p->size[l]));
                continue;
            }
            PLD_TRY(pld_ch_lock(c, v, a, why));
            if (seen_value[l] == PLD_NONE) {
                seen_value[l] = v;
                seen_axis[l] = a;
            } else if (shape->dim[a] == pld_op_shape(graph, seen_value[l])->dim[seen_axis[l]]) {
                PLD_TRY(pld_ch_tie(c, seen_value[l], seen_axis[l], v, a, shape->dim[a]));
            }
        }
    }
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_EINSUM = {infer, macs, channels, PLD_LAYOUT_ROWS};
