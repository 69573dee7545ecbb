#include "prune/group.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prune/product.h"
#include "prune/units.h"

const char *pld_role_name(enum pld_role role)
{
    static const char *const names[] = {"out", "in", "param"};
    return names[role];
}

/* A constant that a live node reads. (One behind a folded Transpose is seen in the form that is
 * used.) */
static bool is_member(const struct pld_lattice *l, int axis)
{
    int value = l->value_of_axis[axis];
    for (int c = l->copy_first[value]; c < l->copy_first[value + 1]; c++)
        if (l->copies[c].same && axis == l->copies[c].axis + l->position[axis]) return false;
    return l->graph->values[value].data && l->read[value];
}

/* Members are the constants among the axes of the group's first unit. */
static pld_status list_members(struct pld_groups *groups, const struct pld_units *u,
                               struct pld_group *group, int unit)
{
    struct pld_lattice *l = groups->lattice;
    size_t most = (size_t)(u->start[unit + 1] - u->start[unit]);
    group->members = pld_arena_array(&groups->arena, most, sizeof *group->members);
    group->touches = pld_arena_array(&groups->arena, most, sizeof *group->touches);
    if (!group->members || !group->touches) return PLD_EDEVICE;
    for (int64_t i = u->start[unit]; i < u->start[unit + 1];) {
        int axis;
        int64_t end = pld_units_run(u, l, unit, i, &axis);
        int per_unit = (int)(end - i);
        i = end;
        group->touches[group->n_touches++] = (struct pld_touch){axis, per_unit};
        if (!is_member(l, axis)) continue;
        int *indices = pld_arena_array(&groups->arena, (size_t)group->units * (size_t)per_unit,
                                       sizeof *indices);
        if (!indices) return PLD_EDEVICE;
        group->members[group->n_members++] =
            (struct pld_member){.value = l->value_of_axis[axis],
                                .axis = pld_lattice_position(l, axis),
                                .role = (enum pld_role)l->role[axis],
                                .masked = l->role[axis] == PLD_ROLE_IN,
                                .per_unit = per_unit,
                                .indices = indices};
    }
    return PLD_OK;
}

/* Fills in the indices of the group's k-th unit: all units touch the same axes in the same order.
 */
static void fill_unit(const struct pld_lattice *l, const struct pld_units *u,
                      struct pld_group *group, int k, int unit)
{
    int m = 0;
    for (int64_t i = u->start[unit]; i < u->start[unit + 1];) {
        int axis;
        int64_t end = pld_units_run(u, l, unit, i, &axis);
        if (is_member(l, axis)) {
            int *to = (int *)(uintptr_t)group->members[m].indices +
                      (size_t)k * (size_t)group->members[m].per_unit;
            for (int64_t j = i; j < end; j++)
                *to++ = (int)(u->items[j] - l->first[axis]);
            m++;
        }
        i = end;
    }
}

static pld_status fill_nodes(int **nodes, int *n, struct pld_groups *groups,
                             const struct pld_group *group, const struct pld_port *ports,
                             int n_ports, enum pld_role role, int extra)
{
    struct pld_lattice *l = groups->lattice;
    *nodes = pld_arena_array(&groups->arena, (size_t)n_ports + (size_t)extra + 1, sizeof **nodes);
    if (!*nodes) return PLD_EDEVICE;
    for (int p = 0; p < n_ports; p++) {
        for (int m = 0; m < group->n_members; m++) {
            const struct pld_member *member = &group->members[m];
            if (member->role != role) continue;
            if (l->axis_of_value[member->value] + member->axis != ports[p].axis) continue;
            (*nodes)[(*n)++] = ports[p].node;
            break;
        }
    }
    return PLD_OK;
}

static const char whole_layer[] =
    "one unit holds a whole layer: its channels stand or fall together";

static const char *lock_reason(struct pld_groups *groups, const struct pld_lock *lock)
{
    const struct pld_lattice *l = groups->lattice;
    return pld_arena_printf(&groups->arena, "%s: %s (axis %d of %s)",
                            lock->node == PLD_NONE ? "graph"
                                                   : groups->graph->nodes[lock->node].name,
                            lock->why, pld_lattice_position(l, lock->axis),
                            groups->graph->values[l->value_of_axis[lock->axis]].name);
}

/* Locks the group where it is alone to blame; what other groups leave of an axis comes later. */
static pld_status decide(struct pld_groups *groups, struct pld_group *group, int lock)
{
    struct pld_lattice *l = groups->lattice;
    int blocker;
    PLD_TRY(pld_product_settle(&blocker, groups, group));
    group->lock_node = PLD_NONE;
    group->most = group->units - 1;
    if (lock >= 0) {
        group->lock_node = l->locks[lock].node;
        group->reason = lock_reason(groups, &l->locks[lock]);
        if (!group->reason) return PLD_EDEVICE;
    } else if (blocker != PLD_NONE) {
        group->lock_node = blocker;
        group->reason = pld_arena_printf(&groups->arena,
                                         "%s: two activations are multiplied over the axis, and a "
                                         "removed channel is not zero in either",
                                         groups->graph->nodes[blocker].name);
        if (!group->reason) return PLD_EDEVICE;
    } else if (group->n_consumers == 0) {
        group->reason = group->units == 1 ? whole_layer : "no weights read these channels";
    }
    group->prunable = group->reason == NULL;
    return PLD_OK;
}

/* Takes the unit's indices off every axis it lies on, if something stays on all of them. */
static bool spare(int64_t *left, const struct pld_group *group)
{
    for (int t = 0; t < group->n_touches; t++)
        if (left[group->touches[t].axis] <= group->touches[t].per_unit) return false;
    for (int t = 0; t < group->n_touches; t++)
        left[group->touches[t].axis] -= group->touches[t].per_unit;
    return true;
}

/* A group of several units keeps one. A group of one unit can go where something else stays on
 * every axis it lies on; `left` is what stays when the groups before it have gone. */
static pld_status decide_single_units(struct pld_groups *groups)
{
    const struct pld_lattice *l = groups->lattice;
    int64_t *left = calloc((size_t)l->n_axes + 1, sizeof *left);
    if (!left) return pld_fail_memory("channel groups");
    for (int a = 0; a < l->n_axes; a++)
        left[a] = pld_lattice_size(l, a);
    for (int g = 0; g < groups->n_groups; g++) {
        struct pld_group *group = &groups->groups[g];
        if (group->units > 1 || !group->prunable) continue;
        group->most = spare(left, group);
        if (group->most) continue;
        group->reason = whole_layer;
        group->prunable = false;
    }
    free(left);
    return PLD_OK;
}

static pld_status fill_group(struct pld_groups *groups, const struct pld_units *u, int g)
{
    struct pld_lattice *l = groups->lattice;
    struct pld_group *group = &groups->groups[g];
    const int *units = &u->members[u->first[g]];
    group->units = u->first[g + 1] - u->first[g];
    snprintf(group->id, sizeof group->id, "g%d", g);
    PLD_TRY(list_members(groups, u, group, units[0]));
    for (int k = 0; k < group->units; k++)
        fill_unit(l, u, group, k, units[k]);
    PLD_TRY(fill_nodes(&group->producers, &group->n_producers, groups, group, l->produces,
                       l->n_produces, PLD_ROLE_OUT, 0));
    PLD_TRY(fill_nodes(&group->consumers, &group->n_consumers, groups, group, l->consumes,
                       l->n_consumes, PLD_ROLE_IN, l->n_contracts));
    group->name = groups->graph->nodes[group->producers[0]].name;
    return decide(groups, group, pld_units_lock(u, l, units[0]));
}

static pld_status build(struct pld_groups *groups, struct pld_units *u)
{
    PLD_TRY(pld_units_init(u, groups->lattice));
    groups->n_groups = u->n_groups;
    groups->groups =
        pld_arena_array(&groups->arena, (size_t)u->n_groups + 1, sizeof *groups->groups);
    if (!groups->groups) return PLD_EDEVICE;
    for (int g = 0; g < u->n_groups; g++)
        PLD_TRY(fill_group(groups, u, g));
    PLD_TRY(decide_single_units(groups));
    return pld_cost_model_new(groups);
}

pld_status pld_groups_new(struct pld_groups **out, const struct pld_graph *graph)
{
    *out = NULL;
    struct pld_groups *groups = calloc(1, sizeof *groups);
    if (!groups) return pld_fail_memory("channel groups");
    groups->graph = graph;
    struct pld_units units = {0};
    pld_status status = pld_lattice_new(&groups->lattice, graph);
    if (status == PLD_OK) status = build(groups, &units);
    pld_units_release(&units);
    if (status != PLD_OK) {
        pld_groups_free(groups);
        return status;
    }
    *out = groups;
    return PLD_OK;
}

void pld_groups_free(struct pld_groups *groups)
{
    if (!groups) return;
    pld_lattice_free(groups->lattice);
    pld_arena_release(&groups->arena);
    free(groups);
}

int pld_groups_touched(const struct pld_groups *groups, int g, int t)
{
    return groups->lattice->value_of_axis[groups->groups[g].touches[t].axis];
}

int pld_ratio_count(double ratio, int units)
{
    /* The small excess undoes representation error: 0.35 * 10 must round up as 3.5 does. */
    int n = (int)floor(ratio * units + 0.5 + 1e-9);
    if (n > units - 1) n = units - 1;
    return n < 0 ? 0 : n;
}
