/* Which uses of shared constants get axes of their own. */
#include "prune/lattice.h"

/* A receiver that only wants to know what is weights. */
static pld_status no_tie(void *self, int node, struct pld_axis a, int64_t a0, int64_t a_step,
                         struct pld_axis b, int64_t b0, int64_t b_step, int64_t count)
{
    (void)self, (void)node, (void)a, (void)a0, (void)a_step, (void)b, (void)b0, (void)b_step;
    (void)count;
    return PLD_OK;
}

static pld_status no_lock(void *self, int node, struct pld_axis axis, const char *why)
{
    (void)self, (void)node, (void)axis, (void)why;
    return PLD_OK;
}

static pld_status no_contract(void *self, int node, struct pld_axis a, struct pld_axis b)
{
    (void)self, (void)node, (void)a, (void)b;
    return PLD_OK;
}

static pld_status on_weight(void *self, int node, struct pld_axis weight)
{
    bool *weights = self;
    (void)node;
    weights[weight.value] = true;
    return PLD_OK;
}

static bool may_differ(const struct pld_value *value, int readers)
{
    return value->data && value->inferred && readers > 1 && value->desc.dtype <= PLD_F64 &&
           pld_shape_count(&value->desc.shape) > 1;
}

pld_status pld_copies_find(struct pld_lattice *l)
{
    static const struct pld_channel_sink sink = {no_tie, no_lock, on_weight, on_weight,
                                                 no_contract};
    const struct pld_graph *graph = l->graph;
    size_t n = (size_t)graph->n_values + 1;
    struct pld_uses uses;
    bool *weights = pld_arena_array(&l->arena, n, sizeof *weights);
    l->copy_first = pld_arena_array(&l->arena, n, sizeof *l->copy_first);
    if (!weights || !l->copy_first) return PLD_EDEVICE;
    PLD_TRY(pld_graph_uses(&uses, &l->arena, graph));
    int most = 0;
    for (int v = 0; v < graph->n_values; v++)
        if (may_differ(&graph->values[v], uses.first[v + 1] - uses.first[v]))
            most += uses.first[v + 1] - uses.first[v] - 1;
    if (!most) return PLD_OK;
    struct pld_channels channels = {.sink = &sink, .self = weights};
    PLD_TRY(pld_channels_walk(&channels, graph));
    l->copies = pld_arena_array(&l->arena, (size_t)most, sizeof *l->copies);
    if (!l->copies) return PLD_EDEVICE;
    for (int v = 0; v < graph->n_values; v++) {
        l->copy_first[v] = l->n_copies;
        if (weights[v] || !may_differ(&graph->values[v], uses.first[v + 1] - uses.first[v]))
            continue;
        for (int k = uses.first[v] + 1; k < uses.first[v + 1]; k++)
            l->copies[l->n_copies++] = (struct pld_copy){.value = v, .node = uses.users[k]};
    }
    l->copy_first[graph->n_values] = l->n_copies;
    return PLD_OK;
}
