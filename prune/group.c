#include "prune/group.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
                             int n_ports, enum pld_role role)
{
    struct pld_lattice *l = groups->lattice;
    *nodes = pld_arena_array(&groups->arena, (size_t)n_ports + 1, sizeof **nodes);
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

static void decide(struct pld_groups *groups, struct pld_group *group, int lock)
{
    struct pld_lattice *l = groups->lattice;
    group->lock_node = PLD_NONE;
    if (lock >= 0) {
        const struct pld_lock *k = &l->locks[lock];
        const char *value = groups->graph->values[l->value_of_axis[k->axis]].name;
        group->lock_node = k->node;
        group->reason =
            pld_arena_printf(&groups->arena, "%s: %s (axis %d of %s)",
                             k->node == PLD_NONE ? "graph" : groups->graph->nodes[k->node].name,
                             k->why, pld_lattice_position(l, k->axis), value);
    } else if (group->n_consumers == 0) {
        group->reason = "no layer reads these channels through weights";
    } else if (group->units < 2) {
        group->reason = "a single unit: removing it would remove the layer";
    }
    group->prunable = group->reason == NULL;
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
                       l->n_produces, PLD_ROLE_OUT));
    PLD_TRY(fill_nodes(&group->consumers, &group->n_consumers, groups, group, l->consumes,
                       l->n_consumes, PLD_ROLE_IN));
    group->name = groups->graph->nodes[group->producers[0]].name;
    decide(groups, group, pld_units_lock(u, l, units[0]));
    return PLD_OK;
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

int pld_ratio_count(double ratio, int units)
{
    /* The small excess undoes representation error: 0.35 * 10 must round up as 3.5 does. */
    int n = (int)floor(ratio * units + 0.5 + 1e-9);
    if (n > units - 1) n = units - 1;
    return n < 0 ? 0 : n;
}
