/* What a model costs once some units of its groups are gone. */
#include <stdlib.h>

#include "prune/group.h"
#include "prune/lattice.h"

/* Indices that each axis loses. */
static void count_removed(int64_t *lost, const struct pld_groups *groups, const int *removed)
{
    const struct pld_lattice *l = groups->lattice;
    for (int a = 0; a < l->n_axes; a++)
        lost[a] = 0;
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        for (int m = 0; removed[g] && m < group->n_members; m++) {
            const struct pld_member *member = &group->members[m];
            lost[l->axis_of_value[member->value] + member->axis] +=
                (int64_t)removed[g] * member->per_unit;
        }
    }
}

/* Elements of a value that stay. */
static int64_t kept_elements(const struct pld_lattice *l, const int64_t *lost, int value)
{
    int64_t n = 1;
    for (int a = l->axis_of_value[value]; a < l->axis_of_value[value + 1]; a++)
        n *= pld_lattice_size(l, a) - lost[a];
    return n;
}

/* The weights of a node: the constant that its rule named as produced or consumed. */
static int weight_of(const struct pld_lattice *l, int node)
{
    for (int p = 0; p < l->n_produces; p++)
        if (l->produces[p].node == node) return l->value_of_axis[l->produces[p].axis];
    for (int p = 0; p < l->n_consumes; p++)
        if (l->consumes[p].node == node) return l->value_of_axis[l->consumes[p].axis];
    return PLD_NONE;
}

pld_status pld_groups_cost(int64_t *macs, int64_t *params, const struct pld_groups *groups,
                           const int *removed)
{
    const struct pld_lattice *l = groups->lattice;
    const struct pld_graph *graph = groups->graph;
    int64_t *lost = malloc(((size_t)l->n_axes + 1) * sizeof *lost);
    if (!lost) return pld_fail_memory("cost");
    count_removed(lost, groups, removed);
    *macs = 0;
    *params = pld_graph_params(graph);
    for (int i = 0; i < graph->n_nodes; i++) {
        if (!pld_node_live(&graph->nodes[i])) continue;
        int64_t cost = pld_node_macs(graph, i);
        int weight = cost ? weight_of(l, i) : PLD_NONE;
        /* MACs of conv, gemm and matmul are proportional to the elements of their weights. */
        if (weight != PLD_NONE) {
            int64_t all = pld_shape_count(&graph->values[weight].desc.shape);
            cost = all ? cost / all * kept_elements(l, lost, weight) : 0;
        }
        *macs += cost;
    }
    for (int v = 0; v < graph->n_values; v++)
        if (graph->values[v].data && graph->values[v].inferred)
            *params -= pld_shape_count(&graph->values[v].desc.shape) - kept_elements(l, lost, v);
    free(lost);
    return PLD_OK;
}
