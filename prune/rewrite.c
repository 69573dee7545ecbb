#include "prune/rewrite.h"

#include <string.h>

#define PLD_REWRITE(op, file) pld_status pld_rewrite_##file(const struct pld_rewrite *r, int node);
#include "prune/rewrite.def"
#undef PLD_REWRITE

static const pld_rewrite_fn rows[PLD_OP_COUNT] = {
#define PLD_REWRITE(op, file) [PLD_OP_##op] = pld_rewrite_##file,
#include "prune/rewrite.def"
#undef PLD_REWRITE
};

static bool touched(const struct pld_rewrite *r, const int *values, int n)
{
    for (int i = 0; i < n; i++)
        if (values[i] != PLD_NONE && pld_cut_touches(r->cut, values[i])) return true;
    return false;
}

pld_status pld_rewrite_node(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    if (node->op == PLD_NONE || !rows[node->op]) return PLD_OK;
    if (!touched(r, node->in, node->n_in) && !touched(r, node->out, node->n_out)) return PLD_OK;
    return rows[node->op](r, index);
}

static pld_status read_value(int64_t *out, int *n, int max, const struct pld_rewrite *r,
                             const struct pld_node *node, int value)
{
    const struct pld_value *v = &r->after->values[value];
    int64_t count = pld_shape_count(&v->desc.shape);
    if (!v->data && count)
        return pld_fail(PLD_EMODEL, node->name, "%s reads '%s', which is no constant", node->type,
                        v->name);
    if (count > max || (v->desc.dtype != PLD_I64 && v->desc.dtype != PLD_I32))
        return pld_fail(PLD_EMODEL, node->name, "%s reads '%s', which is no list of up to %d",
                        node->type, v->name, max);
    for (*n = 0; *n < count; (*n)++)
        out[*n] = v->desc.dtype == PLD_I64 ? ((const int64_t *)v->data)[*n]
                                           : ((const int32_t *)v->data)[*n];
    return PLD_OK;
}

static int input_of(const struct pld_node *node, int input)
{
    return input >= 0 && input < node->n_in ? node->in[input] : PLD_NONE;
}

pld_status pld_rewrite_read(int64_t *out, int *n, int max, const struct pld_rewrite *r, int index,
                            int input, const char *attr)
{
    const struct pld_node *node = &r->after->nodes[index];
    const struct pld_attr *a = attr ? pld_node_attr(node, attr) : NULL;
    *n = -1;
    if (input_of(node, input) != PLD_NONE)
        return read_value(out, n, max, r, node, input_of(node, input));
    if (!a) return PLD_OK;
    if (a->type != PLD_ATTR_INTS || a->n > max)
        return pld_fail(PLD_EMODEL, node->name, "attribute %s is no list of up to %d", attr, max);
    *n = a->n;
    if (a->n) memcpy(out, a->ints, (size_t)a->n * sizeof *out);
    return PLD_OK;
}

/* A new initializer with the integers, of the type of the one it replaces (64 bit if none). */
static int new_input(const struct pld_rewrite *r, int node, int input, const int64_t *values, int n)
{
    struct pld_graph *graph = r->after;
    int old = input_of(&graph->nodes[node], input);
    int32_t narrow[64];
    struct pld_desc desc = {.dtype = PLD_I64, .shape = {.rank = 1, .dim = {n}}};
    if (old != PLD_NONE) desc.dtype = graph->values[old].desc.dtype;
    bool small = desc.dtype == PLD_I32 && n <= (int)(sizeof narrow / sizeof narrow[0]);
    for (int i = 0; i < n && small; i++)
        narrow[i] = (int32_t)values[i];
    if (!small) desc.dtype = PLD_I64;
    const char *stem = old != PLD_NONE ? graph->values[old].name : graph->nodes[node].name;
    const char *name = pld_arena_printf(&graph->arena, "%s.pruned%d_%d", stem, node, input);
    if (!name) return PLD_NONE;
    return pld_graph_add_constant(graph, name, &desc, small ? (const void *)narrow : values);
}

static pld_status set_input(struct pld_graph *graph, int index, int input, int value)
{
    struct pld_node *node = &graph->nodes[index];
    if (input >= node->n_in) {
        int *longer = pld_arena_array(&graph->arena, (size_t)input + 1, sizeof *longer);
        if (!longer) return PLD_EDEVICE;
        for (int i = 0; i <= input; i++)
            longer[i] = i < node->n_in ? node->in[i] : PLD_NONE;
        node->in = longer;
        node->n_in = input + 1;
    }
    node->in[input] = value;
    return PLD_OK;
}

static bool reads_already(const struct pld_rewrite *r, int index, int input, const char *attr,
                          const int64_t *values, int n)
{
    struct pld_arena arena = {0};
    int64_t *now = pld_arena_array(&arena, (size_t)n + 1, sizeof *now);
    int n_now = -1;
    bool same = now && pld_rewrite_read(now, &n_now, n, r, index, input, attr) == PLD_OK &&
                n_now == n && memcmp(now, values, (size_t)n * sizeof *values) == 0;
    pld_arena_release(&arena);
    return same;
}

pld_status pld_rewrite_ints(const struct pld_rewrite *r, int index, int input, const char *attr,
                            const int64_t *values, int n)
{
    const struct pld_node *node = &r->after->nodes[index];
    bool attribute = input < 0 || (attr && pld_node_attr(node, attr));
    if (reads_already(r, index, input, attr, values, n)) return PLD_OK;
    if (attribute) return pld_node_set_ints(r->after, index, attr, values, n);
    int value = new_input(r, index, input, values, n);
    return value == PLD_NONE ? PLD_EDEVICE : set_input(r->after, index, input, value);
}
