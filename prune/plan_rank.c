#include "prune/plan_rank.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    double score;
    int group, place; /* place in the group's own order */
};

static int by_score(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

pld_status pld_plan_rank(double *wished, const struct pld_plan_problem *p, const int *scope,
                         int which, double t)
{
    int all = 0, n = 0;
    for (int g = 0; g < p->groups->n_groups; g++)
        if (scope[g] == which) all += p->groups->groups[g].units;
    struct ranked *ranked = malloc(((size_t)all + 1) * sizeof *ranked);
    if (!ranked) return pld_fail_memory("plan");
    for (int g = 0; g < p->groups->n_groups; g++) {
        if (scope[g] != which) continue;
        wished[g] = 0;
        for (int i = 0; i < p->groups->groups[g].units; i++)
            ranked[n++] = (struct ranked){p->scores[g][p->order[g][i]], g, i};
    }
    qsort(ranked, (size_t)n, sizeof *ranked, by_score);
    int gone = (int)floor(t * n + 0.5);
    for (int i = 0; i < gone && i < n; i++)
        wished[ranked[i].group]++;
    free(ranked);
    return PLD_OK;
}
