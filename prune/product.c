#include "prune/product.h"

#include <string.h>

enum zero { NEVER, FIRST, ALL, ANY, WEIGHTS, SCALE };

static const unsigned char kinds[PLD_OP_COUNT] = {
#define PLD_ZERO(op, how) [PLD_OP_##op] = how,
#include "prune/zero.def"
#undef PLD_ZERO
};

struct walk {
    const struct pld_lattice *l;
    struct pld_group *group;
    bool *touched; /* [n_values] has the channel */
    bool *zeroed;  /* [n_members] to be zeroed on the way that is being tried */
    char *verdict; /* [n_values] 0: not asked yet, 'y', 'n' */
};

static bool can_zero(struct walk *w, int value);

/* Notes that a constant is to be zeroed; false when it does not belong to the channel. */
static bool zero_constant(struct walk *w, int value)
{
    bool found = false;
    if (w->l->copy_first[value] < w->l->copy_first[value + 1]) return false; /* others read it */
    for (int m = 0; m < w->group->n_members; m++) {
        if (w->group->members[m].value != value) continue;
        w->zeroed[m] = found = true;
    }
    return found;
}

static bool all_inputs(struct walk *w, const struct pld_node *node)
{
    for (int k = 0; k < node->n_data; k++) {
        bool skip = node->op == PLD_OP_CONCAT && !w->touched[node->in[k]];
        if (!skip && !can_zero(w, node->in[k])) return false;
    }
    return true;
}

static bool any_input(struct walk *w, const struct pld_node *node)
{
    for (int k = 0; k < node->n_data; k++)
        if (can_zero(w, node->in[k])) return true;
    return false;
}

static int input_of(const struct pld_node *node, int k)
{
    return k < node->n_data ? node->in[k] : PLD_NONE;
}

static bool node_gives_zero(struct walk *w, const struct pld_node *node)
{
    int added = input_of(node, 2);
    switch (kinds[node->op]) {
    case FIRST:
        return can_zero(w, node->in[0]);
    case ALL:
        return all_inputs(w, node);
    case ANY:
        return any_input(w, node);
    case WEIGHTS:
        return zero_constant(w, node->in[1]) && (added == PLD_NONE || zero_constant(w, added));
    case SCALE: /* passes may fold it into what is in front, so that is zeroed too if possible */
        (void)can_zero(w, node->in[0]);
        return zero_constant(w, node->in[1]) && zero_constant(w, added);
    default:
        return false;
    }
}

static bool can_zero(struct walk *w, int value)
{
    const struct pld_value *v = &w->l->graph->values[value];
    if (!w->touched[value]) return false;
    if (v->data) return zero_constant(w, value);
    if (v->producer == PLD_NONE) return false;
    if (!w->verdict[value]) {
        const struct pld_node *node = &w->l->graph->nodes[v->producer];
        w->verdict[value] = node->op != PLD_NONE && node_gives_zero(w, node) ? 'y' : 'n';
    }
    return w->verdict[value] == 'y';
}

/* Tries one factor of a product; the constants on a way that failed stay as they are. */
static bool try_factor(struct walk *w, int value)
{
    int n = w->group->n_members;
    memset(w->zeroed, 0, (size_t)n * sizeof *w->zeroed);
    memset(w->verdict, 0, (size_t)w->l->graph->n_values);
    if (!can_zero(w, value)) return false;
    for (int m = 0; m < n; m++)
        w->group->members[m].masked |= w->zeroed[m];
    return true;
}

static bool touches_axis(const struct pld_group *group, int axis)
{
    for (int t = 0; t < group->n_touches; t++)
        if (group->touches[t].axis == axis) return true;
    return false;
}

static pld_status start(struct walk *w, struct pld_arena *arena)
{
    size_t values = (size_t)w->l->graph->n_values;
    w->touched = pld_arena_array(arena, values, sizeof *w->touched);
    w->verdict = pld_arena_array(arena, values, sizeof *w->verdict);
    w->zeroed = pld_arena_array(arena, (size_t)w->group->n_members, sizeof *w->zeroed);
    if (!w->touched || !w->verdict || !w->zeroed) return PLD_EDEVICE;
    for (int t = 0; t < w->group->n_touches; t++)
        w->touched[w->l->value_of_axis[w->group->touches[t].axis]] = true;
    return PLD_OK;
}

/* Contracts come in pairs: the axes of both factors. */
static pld_status settle(int *blocker, struct walk *w)
{
    const struct pld_lattice *l = w->l;
    for (int c = 0; c < l->n_contracts; c += 2) {
        int node = l->contracts[c].node;
        if (!touches_axis(w->group, l->contracts[c].axis)) continue;
        w->group->consumers[w->group->n_consumers++] = node;
        if (!try_factor(w, l->value_of_axis[l->contracts[c].axis]) &&
            !try_factor(w, l->value_of_axis[l->contracts[c + 1].axis]))
            *blocker = node;
    }
    return PLD_OK;
}

pld_status pld_product_settle(int *blocker, struct pld_groups *groups, struct pld_group *group)
{
    struct walk w = {.l = groups->lattice, .group = group};
    struct pld_arena arena = {0};
    *blocker = PLD_NONE;
    bool any = false;
    for (int c = 0; c < w.l->n_contracts && !any; c += 2)
        any = touches_axis(group, w.l->contracts[c].axis);
    if (!any) return PLD_OK;
    pld_status status = start(&w, &arena);
    if (status == PLD_OK) status = settle(blocker, &w);
    pld_arena_release(&arena);
    return status;
}
