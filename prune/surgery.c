#include "prune/surgery.h"

#include <string.h>

#include "graph/passes.h"
#include "graph/shuffle.h"
#include "prune/cut.h"
#include "prune/lattice.h"
#include "prune/rewrite.h"

static pld_status check_plan(const struct pld_groups *groups, const int *removed)
{
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        if (!removed[g]) continue;
        if (!group->prunable)
            return pld_fail(PLD_EUSAGE, group->id, "cannot be pruned: %s", group->reason);
        if (removed[g] > group->most)
            return pld_fail(PLD_EUSAGE, group->id, "would lose all of its %d units", group->units);
    }
    return PLD_OK;
}

/* What stays of a constant of the unpruned model, in the new model's arena. */
static pld_status slice(void **data, struct pld_desc *desc, const struct pld_rewrite *r, int value)
{
    const struct pld_value *old = &r->before->values[value];
    *desc = old->desc;
    desc->shape = pld_cut_shape(r->cut, value);
    *data = pld_arena_alloc(&r->after->arena, pld_desc_bytes(desc));
    if (!*data) return PLD_EDEVICE;
    pld_cut_copy(*data, r->cut, value, old->data);
    return PLD_OK;
}

static pld_status slice_constant(const struct pld_rewrite *r, int value)
{
    void *data;
    struct pld_desc desc;
    PLD_TRY(slice(&data, &desc, r, value));
    return pld_graph_set_constant(r->after, value, &desc, data);
}

/* Constants that are stored in the file; folded ones follow in the order of their nodes. */
static pld_status slice_stored(const struct pld_rewrite *r)
{
    for (int v = 0; v < r->before->n_values; v++) {
        const struct pld_value *value = &r->before->values[v];
        bool stored =
            value->producer == PLD_NONE || r->before->nodes[value->producer].op == PLD_OP_CONSTANT;
        if (value->data && stored && pld_cut_touches(r->cut, v)) PLD_TRY(slice_constant(r, v));
    }
    return PLD_OK;
}

/* Further uses of a shared constant get a constant of their own where they lose other indices. */
static pld_status slice_copies(const struct pld_rewrite *r)
{
    const struct pld_lattice *l = r->cut->groups->lattice;
    struct pld_graph *graph = r->after;
    for (int c = 0; c < l->n_copies; c++) {
        if (!pld_cut_use_differs(r->cut, c)) continue;
        const struct pld_value *old = &r->before->values[l->copies[c].value];
        struct pld_desc desc = old->desc;
        desc.shape = pld_cut_use_shape(r->cut, c);
        const char *name = pld_arena_printf(&graph->arena, "%s.use%d", old->name, c);
        int v = name ? pld_graph_add_constant(graph, name, &desc, NULL) : PLD_NONE;
        if (v == PLD_NONE) return PLD_EDEVICE;
        pld_cut_use_copy((void *)(uintptr_t)graph->values[v].data, r->cut, c);
        struct pld_node *node = &graph->nodes[l->copies[c].node];
        for (int k = 0; k < node->n_in; k++)
            if (node->in[k] == l->copies[c].value) node->in[k] = v;
    }
    return PLD_OK;
}

static bool is_slice(const struct pld_value *now, const struct pld_desc *desc, const void *data)
{
    return now->data && now->desc.dtype == desc->dtype &&
           pld_shape_equal(&now->desc.shape, &desc->shape) &&
           memcmp(now->data, data, pld_desc_bytes(desc)) == 0;
}

/* A folded node computed its outputs again, from sliced inputs. Where that is not what has to be
 * left of the old ones, the slice is stored in its place: the node counts indices, or mixes them,
 * or makes a number of the width, as attention's scale is made. Integers that only describe shapes
 * are to follow the new widths. */
static pld_status settle_folded(const struct pld_rewrite *r, int node)
{
    for (int k = 0; k < r->before->nodes[node].n_out; k++) {
        int v = r->before->nodes[node].out[k];
        if (v == PLD_NONE) continue;
        void *data;
        struct pld_desc desc;
        bool real = r->before->values[v].desc.dtype <= PLD_F64;
        if (!real && !pld_cut_touches(r->cut, v)) continue;
        PLD_TRY(slice(&data, &desc, r, v));
        if (is_slice(&r->after->values[v], &desc, data)) continue;
        PLD_TRY(pld_graph_set_constant(r->after, v, &desc, data));
    }
    return PLD_OK;
}

/* The shapes that came out are the shapes that have to be left. Optional outputs that nothing reads
 * are related to nothing. */
static pld_status check_shapes(const struct pld_rewrite *r, int index)
{
    const struct pld_node *node = &r->before->nodes[index];
    for (int k = 0; k < node->n_out; k++) {
        if (node->out[k] == PLD_NONE || !pld_cut_matters(r->cut, node->out[k])) continue;
        struct pld_shape wanted = pld_cut_shape(r->cut, node->out[k]);
        const struct pld_shape *got = &r->after->values[node->out[k]].desc.shape;
        char a[128], b[128];
        if (!pld_shape_equal(&wanted, got))
            return pld_fail(PLD_EMODEL, node->name,
                            "%s cannot be rewritten: its output became %s and must be %s",
                            node->type, pld_shape_text(a, sizeof a, got),
                            pld_shape_text(b, sizeof b, &wanted));
    }
    return PLD_OK;
}

/* Puts a Gather in the place of a shuffle's last node. */
static pld_status gather_picks(const struct pld_rewrite *r, const struct pld_pick *pick)
{
    struct pld_graph *graph = r->after;
    struct pld_node *node = &graph->nodes[pick->node];
    struct pld_desc desc = {.dtype = PLD_I64, .shape = {.rank = 1, .dim = {0}}};
    int64_t *list = pld_arena_array(&graph->arena, (size_t)pick->n + 1, sizeof *list);
    int *in = pld_arena_array(&graph->arena, 2, sizeof *in);
    const char *name = pld_arena_printf(&graph->arena, "%s.picks", node->name);
    if (!list || !in || !name) return PLD_EDEVICE;
    for (int64_t i = 0; i < pick->n; i++)
        if (pld_cut_keeps(r->cut, node->out[0], PLD_SHUFFLE_AXIS, i))
            list[desc.shape.dim[0]++] =
                pld_cut_kept_below(r->cut, pick->from, PLD_SHUFFLE_AXIS, pick->index[i]);
    in[0] = pick->from;
    in[1] = pld_graph_add_constant(graph, name, &desc, list);
    if (in[1] == PLD_NONE) return PLD_EDEVICE;
    node->op = PLD_OP_GATHER;
    node->type = pld_op_name(PLD_OP_GATHER);
    node->in = in;
    node->n_in = 2;
    node->n_attrs = 0;
    return pld_node_set_int(graph, pick->node, "axis", PLD_SHUFFLE_AXIS);
}

/* *done: the node went with its shuffle. */
static pld_status rewrite_shuffle(bool *done, const struct pld_rewrite *r,
                                  const struct pld_shuffles *shuffles, int node)
{
    int pick = shuffles->pick_of_node[node];
    if (!pick) return PLD_OK;
    const struct pld_pick *end = &shuffles->picks[(pick > 0 ? pick : -pick) - 1];
    if (!pld_cut_touches(r->cut, end->from)) return PLD_OK;
    if (pick > 0) return gather_picks(r, end);
    *done = r->after->nodes[node].dead = true;
    return PLD_OK;
}

static pld_status rewrite_node(const struct pld_rewrite *r, const struct pld_shuffles *shuffles,
                               int node, struct pld_backend *host)
{
    const struct pld_node *old = &r->before->nodes[node];
    bool done = old->dead;
    if (!done) PLD_TRY(rewrite_shuffle(&done, r, shuffles, node));
    if (done) return PLD_OK;
    if (!shuffles->pick_of_node[node]) PLD_TRY(pld_rewrite_node(r, node));
    PLD_TRY(pld_pass_infer_node(r->after, node, host));
    if (old->constant && old->op != PLD_OP_CONSTANT) return settle_folded(r, node);
    return check_shapes(r, node);
}

pld_status pld_surgery(struct pld_graph **out, const struct pld_groups *groups, int *const *units,
                       const int *removed, struct pld_backend *host)
{
    struct pld_cut cut;
    struct pld_rewrite r = {.cut = &cut, .before = groups->graph};
    *out = NULL;
    PLD_TRY(check_plan(groups, removed));
    struct pld_shuffles shuffles;
    struct pld_arena arena = {0};
    pld_status status = pld_cut_init(&cut, groups, units, removed);
    if (status == PLD_OK) status = pld_shuffles_find(&shuffles, &arena, groups->graph);
    if (status == PLD_OK) status = pld_graph_clone(&r.after, groups->graph);
    if (status == PLD_OK) status = slice_stored(&r);
    if (status == PLD_OK) status = slice_copies(&r);
    for (int i = 0; i < groups->graph->n_nodes && status == PLD_OK; i++)
        status = rewrite_node(&r, &shuffles, i, host);
    if (status == PLD_OK) status = pld_graph_drop_unread(r.after);
    pld_arena_release(&arena);
    pld_cut_release(&cut);
    if (status == PLD_OK)
        *out = r.after;
    else
        pld_graph_free(r.after);
    return status;
}
