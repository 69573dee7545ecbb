#include "prune/surgery.h"

#include <string.h>

#include "graph/passes.h"
#include "prune/cut.h"
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

static pld_status rewrite_node(const struct pld_rewrite *r, int node, struct pld_backend *host)
{
    const struct pld_node *old = &r->before->nodes[node];
    if (old->dead) return PLD_OK;
    PLD_TRY(pld_rewrite_node(r, node));
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
    pld_status status = pld_cut_init(&cut, groups, units, removed);
    if (status == PLD_OK) status = pld_graph_clone(&r.after, groups->graph);
    if (status == PLD_OK) status = slice_stored(&r);
    for (int i = 0; i < groups->graph->n_nodes && status == PLD_OK; i++)
        status = rewrite_node(&r, i, host);
    if (status == PLD_OK) status = pld_graph_drop_unread(r.after);
    pld_cut_release(&cut);
    if (status == PLD_OK)
        *out = r.after;
    else
        pld_graph_free(r.after);
    return status;
}
