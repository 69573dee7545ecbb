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

/* Where an index stands among the inputs. */
struct places {
    int n, input[2], axis[2]; /* the first two */
};

static struct places places_of(const struct pld_graph *graph, const struct pld_node *node,
                               int label)
{
    struct places at = {0};
    for (int i = 0; i < node->n_in; i++)
        for (int a = 0; a < pld_op_shape(graph, node->in[i])->rank; a++) {
            if (node->params.einsum.label[i][a] != label) continue;
            if (at.n < 2) at.input[at.n] = i, at.axis[at.n] = a;
            at.n++;
        }
    return at;
}

/* Does the sum over an index multiply two inputs, as MatMul does? */
static bool contracts(const struct pld_graph *graph, const struct pld_node *node,
                      const struct places *at)
{
    return at->n == 2 && at->input[0] != at->input[1] &&
           pld_op_shape(graph, node->in[at->input[0]])->dim[at->axis[0]] ==
               pld_op_shape(graph, node->in[at->input[1]])->dim[at->axis[1]];
}

/* The indices that weights alone bring into the result are the channels they make. */
static pld_status made_by(struct pld_channels *c, const struct pld_graph *graph,
                          const struct pld_node *node, int weights)
{
    for (int label = 0; label < node->params.einsum.n_out; label++) {
        struct places at = places_of(graph, node, label);
        if (at.n == 1 && at.input[0] == weights)
            PLD_TRY(pld_ch_produce(c, node->in[weights], at.axis[0]));
    }
    return PLD_OK;
}

/* An index that is summed over: a term of a product of two inputs, or locked. Notes which input
 * turned out to be weights. */
static pld_status summed(bool *weights, struct pld_channels *c, const struct pld_graph *graph,
                         const struct pld_node *node, int label)
{
    struct places at = places_of(graph, node, label);
    int x = node->in[at.input[0]], w = node->in[at.n > 1 ? at.input[1] : at.input[0]];
    if (contracts(graph, node, &at)) {
        int k = graph->values[x].data ? 0 : 1; /* where weights would be */
        if (graph->values[node->in[at.input[k]]].data) weights[at.input[k]] = true;
        PLD_TRY(pld_ch_tie(c, x, at.axis[0], w, at.axis[1], node->params.einsum.size[label]));
        return pld_op_weight(c, graph, k ? x : w, at.axis[1 - k], k ? w : x, at.axis[k], PLD_NONE);
    }
    for (int i = 0; i < node->n_in; i++)
        for (int a = 0; a < pld_op_shape(graph, node->in[i])->rank; a++)
            if (node->params.einsum.label[i][a] == label)
                PLD_TRY(pld_ch_lock(c, node->in[i], a, "sum over the index"));
    return PLD_OK;
}

/* An index of the result ties all axes that carry it. */
static pld_status channels(struct pld_channels *c, const struct pld_graph *graph, int index)
{
    const struct pld_node *node = &graph->nodes[index];
    const struct pld_einsum_params *p = &node->params.einsum;
    bool weights[PLD_EINSUM_INPUTS] = {false};
    for (int i = 0; i < node->n_in; i++)
        for (int a = 0; a < pld_op_shape(graph, node->in[i])->rank; a++)
            if (p->label[i][a] < p->n_out &&
                pld_op_shape(graph, node->in[i])->dim[a] == p->size[p->label[i][a]])
                PLD_TRY(pld_ch_tie(c, node->in[i], a, node->out[0], p->label[i][a],
                                   p->size[p->label[i][a]]));
    for (int label = p->n_out; label < p->n_labels; label++)
        PLD_TRY(summed(weights, c, graph, node, label));
    for (int i = 0; i < node->n_in; i++)
        if (weights[i]) PLD_TRY(made_by(c, graph, node, i));
    return PLD_OK;
}

const struct pld_op_desc pld_opdesc_EINSUM = {infer, macs, channels, PLD_LAYOUT_ROWS};
