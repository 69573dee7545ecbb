#include "prune/group_axis.h"

#include <stdlib.h>

#include "prune/lattice.h"

struct root_unit {
    int32_t root;
    int unit;
};

static int by_root(const void *a, const void *b)
{
    const struct root_unit *x = a, *y = b;
    return (x->root > y->root) - (x->root < y->root);
}

/* Every unit is one set of the lattice; its first index on the first member names it. */
static struct root_unit *list_roots(const struct pld_groups *groups, int g)
{
    const struct pld_group *group = &groups->groups[g];
    const struct pld_member *member = &group->members[0];
    struct pld_lattice *l = groups->lattice;
    struct root_unit *roots = malloc(((size_t)group->units + 1) * sizeof *roots);
    int64_t first = l->first[l->axis_of_value[member->value] + member->axis];
    for (int u = 0; roots && u < group->units; u++)
        roots[u] = (struct root_unit){
            pld_lattice_root(l, first + member->indices[u * member->per_unit]), u};
    if (roots) qsort(roots, (size_t)group->units, sizeof *roots, by_root);
    return roots;
}

pld_status pld_group_axis(int *axis, int **unit_of, struct pld_arena *arena,
                          const struct pld_groups *groups, int g, int value)
{
    struct pld_lattice *l = groups->lattice;
    struct root_unit *roots = list_roots(groups, g);
    if (!roots) return pld_fail_memory("channel groups");
    *axis = PLD_NONE;
    pld_status status = PLD_OK;
    int first = l->axis_of_value[value], end = l->axis_of_value[value + 1];
    for (int a = first; a < end && *axis == PLD_NONE && status == PLD_OK; a++) {
        *unit_of = pld_arena_array(arena, (size_t)pld_lattice_size(l, a) + 1, sizeof **unit_of);
        if (!*unit_of) status = PLD_EDEVICE;
        for (int64_t e = l->first[a]; e < l->first[a + 1] && status == PLD_OK; e++) {
            struct root_unit key = {.root = pld_lattice_root(l, e)};
            const struct root_unit *hit =
                bsearch(&key, roots, (size_t)groups->groups[g].units, sizeof *roots, by_root);
            (*unit_of)[e - l->first[a]] = hit ? hit->unit : -1;
            if (hit) *axis = a - first;
        }
    }
    free(roots);
    return status;
}
