#include "prune/group.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"
#include "prune/lattice.h"

/* Channel units before they are sorted into groups: elements of unit u, in ascending order, are
 * items[start[u] .. start[u+1]-1]. */
struct units {
    int *of_root; /* [n_elements] unit of a representative, or -1 */
    int64_t *start;
    int32_t *items;
    int *group; /* [count] */
    int count;
};

const char *pld_role_name(enum pld_role role)
{
    static const char *const names[] = {"out", "in", "param"};
    return names[role];
}

/* A depthwise filter carries its channel through, it does not make a new one. */
static bool is_depthwise(const struct pld_graph *graph, int node)
{
    const struct pld_node *n = &graph->nodes[node];
    if (n->op != PLD_OP_CONV || n->params.conv.group == 1) return false;
    return graph->values[n->in[1]].desc.shape.dim[1] == 1;
}

/* Numbers the units in the order in which their first producer makes them. */
static void find_units(struct units *u, struct pld_lattice *l)
{
    for (int64_t e = 0; e < l->n_elements; e++)
        u->of_root[e] = -1;
    for (int p = 0; p < l->n_produces; p++) {
        if (is_depthwise(l->graph, l->produces[p].node)) continue;
        int axis = l->produces[p].axis;
        for (int64_t e = l->first[axis]; e < l->first[axis + 1]; e++) {
            int32_t root = pld_lattice_root(l, e);
            if (u->of_root[root] < 0) u->of_root[root] = u->count++;
        }
    }
}

static pld_status list_elements(struct units *u, struct pld_lattice *l)
{
    u->start = calloc((size_t)u->count + 2, sizeof *u->start);
    u->items = malloc(((size_t)l->n_elements + 1) * sizeof *u->items);
    u->group = malloc(((size_t)u->count + 1) * sizeof *u->group);
    if (!u->start || !u->items || !u->group) return pld_fail_memory("channel groups");
    for (int64_t e = 0; e < l->n_elements; e++) {
        int unit = u->of_root[pld_lattice_root(l, e)];
        if (unit >= 0) u->start[unit + 2]++;
    }
    for (int i = 1; i <= u->count + 1; i++)
        u->start[i] += u->start[i - 1];
    for (int64_t e = 0; e < l->n_elements; e++) {
        int unit = u->of_root[pld_lattice_root(l, e)];
        if (unit >= 0) u->items[u->start[unit + 1]++] = (int32_t)e;
    }
    return PLD_OK;
}

static int lock_of(struct pld_lattice *l, const struct units *u, int unit)
{
    return l->lock[pld_lattice_root(l, u->items[u->start[unit]])];
}

/* The next run of elements of a unit on one axis: axis, and the end of the run. */
static int64_t next_run(const struct pld_lattice *l, const struct units *u, int unit, int64_t i,
                        int *axis)
{
    *axis = pld_lattice_axis_of(l, u->items[i]);
    int64_t end = l->first[*axis + 1];
    while (i < u->start[unit + 1] && u->items[i] < end)
        i++;
    return i;
}

/* Same axes, the same number of times on each, the same lock. */
static bool same_footprint(struct pld_lattice *l, const struct units *u, int a, int b)
{
    if (u->start[a + 1] - u->start[a] != u->start[b + 1] - u->start[b]) return false;
    if (lock_of(l, u, a) != lock_of(l, u, b)) return false;
    int64_t i = u->start[a], j = u->start[b];
    while (i < u->start[a + 1]) {
        int axis_a, axis_b;
        int64_t i2 = next_run(l, u, a, i, &axis_a), j2 = next_run(l, u, b, j, &axis_b);
        if (axis_a != axis_b || i2 - i != j2 - j) return false;
        i = i2;
        j = j2;
    }
    return true;
}

static uint64_t footprint_hash(struct pld_lattice *l, const struct units *u, int unit)
{
    uint64_t h = (uint64_t)lock_of(l, u, unit);
    for (int64_t i = u->start[unit]; i < u->start[unit + 1];) {
        int axis;
        int64_t end = next_run(l, u, unit, i, &axis);
        h = (h ^ ((uint64_t)axis << 20) ^ (uint64_t)(end - i)) * 0x9e3779b97f4a7c15u;
        h ^= h >> 31;
        i = end;
    }
    return h;
}

/* Sorts units into groups: u->group[unit], groups in order of their first unit. */
static pld_status match_footprints(int *n_groups, struct pld_lattice *l, struct units *u)
{
    int *leader = malloc(((size_t)u->count + 1) * sizeof *leader);
    uint64_t *hash = malloc(((size_t)u->count + 1) * sizeof *hash);
    if (!leader || !hash) {
        free(leader);
        free(hash);
        return pld_fail_memory("channel groups");
    }
    *n_groups = 0;
    for (int i = 0; i < u->count; i++) {
        uint64_t h = footprint_hash(l, u, i);
        int g = *n_groups - 1;
        while (g >= 0 && (hash[g] != h || !same_footprint(l, u, leader[g], i)))
            g--;
        if (g < 0) {
            g = (*n_groups)++;
            leader[g] = i;
            hash[g] = h;
        }
        u->group[i] = g;
    }
    free(leader);
    free(hash);
    return PLD_OK;
}

static bool has_port(const struct pld_port *ports, int n, int axis)
{
    for (int i = 0; i < n; i++)
        if (ports[i].axis == axis) return true;
    return false;
}

static enum pld_role role_of(const struct pld_lattice *l, int axis)
{
    if (has_port(l->consumes, l->n_consumes, axis)) return PLD_ROLE_IN;
    for (int i = 0; i < l->n_produces; i++)
        if (l->produces[i].axis == axis && !is_depthwise(l->graph, l->produces[i].node))
            return PLD_ROLE_OUT;
    return PLD_ROLE_PARAM;
}

/* One member: the indices of every unit of group g on `axis`. */
static pld_status fill_member(struct pld_member *member, struct pld_groups *groups,
                              const struct units *u, int g, int axis, int per_unit)
{
    struct pld_lattice *l = groups->lattice;
    struct pld_group *group = &groups->groups[g];
    int *indices =
        pld_arena_array(&groups->arena, (size_t)group->units * (size_t)per_unit, sizeof *indices);
    if (!indices) return PLD_EDEVICE;
    int n = 0;
    for (int unit = 0; unit < u->count; unit++) {
        if (u->group[unit] != g) continue;
        for (int64_t i = u->start[unit]; i < u->start[unit + 1]; i++)
            if (u->items[i] >= l->first[axis] && u->items[i] < l->first[axis + 1])
                indices[n++] = (int)(u->items[i] - l->first[axis]);
    }
    *member = (struct pld_member){.value = l->value_of_axis[axis],
                                  .axis = pld_lattice_position(l, axis),
                                  .role = role_of(l, axis),
                                  .per_unit = per_unit,
                                  .indices = indices};
    return PLD_OK;
}

/* Members are the constants among the axes of the group's first unit. */
static pld_status fill_members(struct pld_groups *groups, const struct units *u, int g, int unit)
{
    struct pld_lattice *l = groups->lattice;
    struct pld_group *group = &groups->groups[g];
    size_t most = (size_t)(u->start[unit + 1] - u->start[unit]);
    group->members = pld_arena_array(&groups->arena, most, sizeof *group->members);
    if (!group->members) return PLD_EDEVICE;
    for (int64_t i = u->start[unit]; i < u->start[unit + 1];) {
        int axis;
        int64_t end = next_run(l, u, unit, i, &axis);
        if (groups->graph->values[l->value_of_axis[axis]].data)
            PLD_TRY(fill_member(&group->members[group->n_members++], groups, u, g, axis,
                                (int)(end - i)));
        i = end;
    }
    return PLD_OK;
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

/* A member whose data is no part of the file but a folded computation: it cannot be edited. */
static const char *computed_member(const struct pld_groups *groups, const struct pld_group *group)
{
    const struct pld_graph *graph = groups->graph;
    for (int m = 0; m < group->n_members; m++) {
        const struct pld_value *value = &graph->values[group->members[m].value];
        if (value->initializer) continue;
        if (value->producer == PLD_NONE || graph->nodes[value->producer].op != PLD_OP_CONSTANT)
            return value->name;
    }
    return NULL;
}

static void decide(struct pld_groups *groups, struct pld_group *group, int lock)
{
    struct pld_lattice *l = groups->lattice;
    const char *computed;
    group->lock_node = PLD_NONE;
    if (lock >= 0) {
        const struct pld_lock *k = &l->locks[lock];
        const char *value = groups->graph->values[l->value_of_axis[k->axis]].name;
        group->lock_node = k->node;
        group->reason =
            pld_arena_printf(&groups->arena, "%s: %s (axis %d of %s)",
                             k->node == PLD_NONE ? "graph" : groups->graph->nodes[k->node].name,
                             k->why, pld_lattice_position(l, k->axis), value);
    } else if ((computed = computed_member(groups, group)) != NULL) {
        group->reason =
            pld_arena_printf(&groups->arena, "weights are computed by the graph (%s)", computed);
    } else if (group->n_consumers == 0) {
        group->reason = "no layer reads these channels through weights";
    } else if (group->units < 2) {
        group->reason = "a single unit: removing it would remove the layer";
    }
    group->prunable = group->reason == NULL;
}

static pld_status fill_group(struct pld_groups *groups, const struct units *u, int g, int unit)
{
    struct pld_lattice *l = groups->lattice;
    struct pld_group *group = &groups->groups[g];
    snprintf(group->id, sizeof group->id, "g%d", g);
    PLD_TRY(fill_members(groups, u, g, unit));
    PLD_TRY(fill_nodes(&group->producers, &group->n_producers, groups, group, l->produces,
                       l->n_produces, PLD_ROLE_OUT));
    PLD_TRY(fill_nodes(&group->consumers, &group->n_consumers, groups, group, l->consumes,
                       l->n_consumes, PLD_ROLE_IN));
    group->name = groups->graph->nodes[group->producers[0]].name;
    decide(groups, group, lock_of(l, u, unit));
    return PLD_OK;
}

/* What one unit saves, for every group; with a scratch array of removals. */
static pld_status fill_costs(struct pld_groups *groups)
{
    int64_t macs, params;
    int *removed = calloc((size_t)groups->n_groups + 1, sizeof *removed);
    if (!removed) return pld_fail_memory("channel groups");
    pld_status status = pld_groups_cost(&macs, &params, groups, removed);
    for (int g = 0; g < groups->n_groups && status == PLD_OK; g++) {
        int64_t less_macs, less_params;
        removed[g] = 1;
        status = pld_groups_cost(&less_macs, &less_params, groups, removed);
        removed[g] = 0;
        groups->groups[g].macs_per_unit = macs - less_macs;
        groups->groups[g].params_per_unit = params - less_params;
    }
    free(removed);
    return status;
}

static pld_status build(struct pld_groups *groups, struct units *u)
{
    struct pld_lattice *l = groups->lattice;
    u->of_root = malloc(((size_t)l->n_elements + 1) * sizeof *u->of_root);
    if (!u->of_root) return pld_fail_memory("channel groups");
    find_units(u, l);
    PLD_TRY(list_elements(u, l));
    PLD_TRY(match_footprints(&groups->n_groups, l, u));
    groups->groups =
        pld_arena_array(&groups->arena, (size_t)groups->n_groups + 1, sizeof *groups->groups);
    if (!groups->groups) return PLD_EDEVICE;
    for (int i = 0; i < u->count; i++)
        groups->groups[u->group[i]].units++;
    for (int i = 0, done = 0; i < u->count; i++)
        if (u->group[i] == done) PLD_TRY(fill_group(groups, u, done++, i));
    return fill_costs(groups);
}

pld_status pld_groups_new(struct pld_groups **out, const struct pld_graph *graph)
{
    *out = NULL;
    struct pld_groups *groups = calloc(1, sizeof *groups);
    if (!groups) return pld_fail_memory("channel groups");
    groups->graph = graph;
    struct units units = {0};
    pld_status status = pld_lattice_new(&groups->lattice, graph);
    if (status == PLD_OK) status = build(groups, &units);
    free(units.of_root);
    free(units.start);
    free(units.items);
    free(units.group);
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
