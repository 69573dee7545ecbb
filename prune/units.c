#include "prune/units.h"

#include <string.h>

/* Numbers the units; of_root[e] is the unit of a representative, or -1. */
static void find_units(struct pld_units *u, int *of_root, const struct pld_lattice *l)
{
    for (int64_t e = 0; e < l->n_elements; e++)
        of_root[e] = -1;
    for (int p = 0; p < l->n_produces; p++) {
        int axis = l->produces[p].axis;
        if (l->role[axis] != PLD_ROLE_OUT) continue;
        for (int64_t e = l->first[axis]; e < l->first[axis + 1]; e++) {
            int32_t root = pld_lattice_root(l, e);
            if (of_root[root] < 0) of_root[root] = u->count++;
        }
    }
}

/* Counting sort of the elements by unit. */
static pld_status list_elements(struct pld_units *u, int *of_root, const struct pld_lattice *l)
{
    u->start = pld_arena_array(&u->arena, (size_t)u->count + 2, sizeof *u->start);
    if (!u->start) return PLD_EDEVICE;
    for (int64_t e = 0; e < l->n_elements; e++) {
        of_root[e] = of_root[pld_lattice_root(l, e)]; /* a root is the smallest of its elements */
        if (of_root[e] >= 0) u->start[of_root[e] + 2]++;
    }
    for (int i = 1; i <= u->count + 1; i++)
        u->start[i] += u->start[i - 1];
    u->items = pld_arena_array(&u->arena, (size_t)u->start[u->count + 1] + 1, sizeof *u->items);
    if (!u->items) return PLD_EDEVICE;
    for (int64_t e = 0; e < l->n_elements; e++)
        if (of_root[e] >= 0) u->items[u->start[of_root[e] + 1]++] = (int32_t)e;
    return PLD_OK;
}

int pld_units_lock(const struct pld_units *u, const struct pld_lattice *l, int unit)
{
    return l->lock[pld_lattice_root(l, u->items[u->start[unit]])];
}

int64_t pld_units_run(const struct pld_units *u, const struct pld_lattice *l, int unit, int64_t i,
                      int *axis)
{
    *axis = pld_lattice_axis_of(l, u->items[i]);
    int64_t end = l->first[*axis + 1];
    while (i < u->start[unit + 1] && u->items[i] < end)
        i++;
    return i;
}

/* Same axes, the same number of times on each, the same lock. */
static bool same_footprint(const struct pld_lattice *l, const struct pld_units *u, int a, int b)
{
    if (u->start[a + 1] - u->start[a] != u->start[b + 1] - u->start[b]) return false;
    if (pld_units_lock(u, l, a) != pld_units_lock(u, l, b)) return false;
    int64_t i = u->start[a], j = u->start[b];
    while (i < u->start[a + 1]) {
        int axis_a, axis_b;
        int64_t i2 = pld_units_run(u, l, a, i, &axis_a), j2 = pld_units_run(u, l, b, j, &axis_b);
        if (axis_a != axis_b || i2 - i != j2 - j) return false;
        i = i2;
        j = j2;
    }
    return true;
}

static uint64_t footprint_hash(const struct pld_lattice *l, const struct pld_units *u, int unit)
{
    uint64_t h = (uint64_t)pld_units_lock(u, l, unit);
    for (int64_t i = u->start[unit]; i < u->start[unit + 1];) {
        int axis;
        int64_t end = pld_units_run(u, l, unit, i, &axis);
        h = (h ^ ((uint64_t)axis << 20) ^ (uint64_t)(end - i)) * 0x9e3779b97f4a7c15u;
        h ^= h >> 31;
        i = end;
    }
    return h;
}

/* Open-addressed table of one unit for each footprint. */
struct footprints {
    int *leader; /* unit + 1, or 0 */
    size_t mask;
};

/* The slot of the unit's footprint: taken by an equal one, or free. */
static int *slot_of(struct footprints *table, const struct pld_lattice *l,
                    const struct pld_units *u, int unit)
{
    size_t i = footprint_hash(l, u, unit) & table->mask;
    while (table->leader[i] && !same_footprint(l, u, table->leader[i] - 1, unit))
        i = (i + 1) & table->mask;
    return &table->leader[i];
}

/* group[unit] for every unit. */
static pld_status match_footprints(int *group, struct pld_units *u, const struct pld_lattice *l)
{
    size_t size = 16;
    while (size < 2 * (size_t)u->count)
        size *= 2;
    struct footprints table = {pld_arena_array(&u->arena, size, sizeof(int)), size - 1};
    if (!table.leader) return PLD_EDEVICE;
    for (int i = 0; i < u->count; i++) {
        int *slot = slot_of(&table, l, u, i);
        if (*slot) {
            group[i] = group[*slot - 1];
        } else {
            *slot = i + 1;
            group[i] = u->n_groups++;
        }
    }
    return PLD_OK;
}

/* Counting sort of the units by group. */
static pld_status list_groups(struct pld_units *u, const int *group)
{
    u->first = pld_arena_array(&u->arena, (size_t)u->n_groups + 2, sizeof *u->first);
    u->members = pld_arena_array(&u->arena, (size_t)u->count + 1, sizeof *u->members);
    if (!u->first || !u->members) return PLD_EDEVICE;
    for (int i = 0; i < u->count; i++)
        u->first[group[i] + 2]++;
    for (int g = 1; g <= u->n_groups + 1; g++)
        u->first[g] += u->first[g - 1];
    for (int i = 0; i < u->count; i++)
        u->members[u->first[group[i] + 1]++] = i;
    return PLD_OK;
}

pld_status pld_units_init(struct pld_units *u, const struct pld_lattice *l)
{
    *u = (struct pld_units){0};
    int *of_root = pld_arena_array(&u->arena, (size_t)l->n_elements + 1, sizeof *of_root);
    if (!of_root) return PLD_EDEVICE;
    find_units(u, of_root, l);
    PLD_TRY(list_elements(u, of_root, l));
    int *group = pld_arena_array(&u->arena, (size_t)u->count + 1, sizeof *group);
    if (!group) return PLD_EDEVICE;
    PLD_TRY(match_footprints(group, u, l));
    return list_groups(u, group);
}

void pld_units_release(struct pld_units *u)
{
    pld_arena_release(&u->arena);
    *u = (struct pld_units){0};
}
