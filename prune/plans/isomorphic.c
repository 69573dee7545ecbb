/* Ranking among like structures only (Fang et al., "Isomorphic Pruning for Vision Models", ECCV
 * 2024): groups whose members play the same roles in operators of the same kinds are one class, and
 * of every class the same share goes. */
#include <stdlib.h>
#include <string.h>

#include "prune/plan_rank.h"

/* Operators that read the member, as a small hash, independent of sizes and of order. */
static uint64_t member_key(const struct pld_graph *graph, const struct pld_member *member)
{
    uint64_t key = (uint64_t)member->role + 1;
    for (int n = 0; n < graph->n_nodes; n++) {
        const struct pld_node *node = &graph->nodes[n];
        for (int i = 0; i < node->n_in && pld_node_live(node); i++)
            if (node->in[i] == member->value)
                key = key * 31 + (uint64_t)(node->op + 2) * 8 + (uint64_t)i;
    }
    return key * 0x9e3779b97f4a7c15u ^ key >> 7;
}

static uint64_t group_key(const struct pld_groups *groups, int g)
{
    uint64_t key = 0;
    for (int m = 0; m < groups->groups[g].n_members; m++)
        key += member_key(groups->graph, &groups->groups[g].members[m]);
    return key;
}

static pld_status wish(double *wished, const struct pld_plan_problem *p, double t)
{
    size_t n = (size_t)p->groups->n_groups + 1;
    int *scope = malloc(n * sizeof *scope);
    uint64_t *keys = malloc(n * sizeof *keys);
    int classes = 0;
    pld_status status = scope && keys ? PLD_OK : pld_fail_memory("plan");
    for (int g = 0; g < p->groups->n_groups && status == PLD_OK; g++) {
        scope[g] = -1;
        wished[g] = 0;
        if (!pld_plan_free_to_choose(p, g)) continue;
        keys[g] = group_key(p->groups, g);
        for (int i = 0; i < g && scope[g] < 0; i++)
            if (scope[i] >= 0 && keys[i] == keys[g]) scope[g] = scope[i];
        if (scope[g] < 0) scope[g] = classes++;
    }
    for (int c = 0; c < classes && status == PLD_OK; c++)
        status = pld_plan_rank(wished, p, scope, c, t);
    free(scope);
    free(keys);
    return status;
}

const struct pld_plan_method pld_plan_method_isomorphic = {
    .name = "isomorphic",
    .help = "the same share of every kind of structure, ranked inside it",
    .wish = wish,
};
