/* Explains a group: the chain of ties from its first producer to what decides its fate. */
#include <stdlib.h>
#include <string.h>

#include "core/str.h"
#include "prune/group.h"
#include "prune/lattice.h"

/* Breadth-first search over elements, through the ties that hold each of them. */
struct search {
    const struct pld_lattice *l;
    int *by_axis_start, *by_axis; /* ties that touch each axis */
    int32_t *from_element;        /* [n_elements] the step before, or -1; -2 = not reached */
    int *from_tie;
    int32_t *queue;
    int64_t head, tail;
};

static pld_status index_ties(struct search *s)
{
    const struct pld_lattice *l = s->l;
    s->by_axis_start = calloc((size_t)l->n_axes + 2, sizeof(int));
    s->by_axis = malloc((2 * (size_t)l->n_ties + 1) * sizeof(int));
    s->from_element = malloc(((size_t)l->n_elements + 1) * sizeof(int32_t));
    s->from_tie = malloc(((size_t)l->n_elements + 1) * sizeof(int));
    s->queue = malloc(((size_t)l->n_elements + 1) * sizeof(int32_t));
    if (!s->by_axis_start || !s->by_axis || !s->from_element || !s->from_tie || !s->queue)
        return pld_fail_memory("groups --why");
    for (int t = 0; t < l->n_ties; t++) {
        s->by_axis_start[l->ties[t].a + 1]++;
        s->by_axis_start[l->ties[t].b + 1]++;
    }
    for (int a = 0; a < l->n_axes; a++)
        s->by_axis_start[a + 1] += s->by_axis_start[a];
    for (int t = l->n_ties - 1; t >= 0; t--) {
        s->by_axis[--s->by_axis_start[l->ties[t].a + 1]] = t;
        s->by_axis[--s->by_axis_start[l->ties[t].b + 1]] = t;
    }
    /* The loop above moved every start one axis down: entry a + 1 is now where axis a begins. */
    memmove(s->by_axis_start, s->by_axis_start + 1, (size_t)l->n_axes * sizeof(int));
    s->by_axis_start[l->n_axes] = 2 * l->n_ties;
    for (int64_t e = 0; e < l->n_elements; e++)
        s->from_element[e] = -2;
    return PLD_OK;
}

static void search_release(struct search *s)
{
    free(s->by_axis_start);
    free(s->by_axis);
    free(s->from_element);
    free(s->from_tie);
    free(s->queue);
}

static void visit(struct search *s, int64_t element, int64_t from, int tie)
{
    if (s->from_element[element] != -2) return;
    s->from_element[element] = (int32_t)from;
    s->from_tie[element] = tie;
    s->queue[s->tail++] = (int32_t)element;
}

/* If `index` is on the side (start, step, count), visits its partner on the other side. */
static void cross(struct search *s, int64_t element, int tie, int64_t index, int64_t start,
                  int64_t step, int64_t count, int64_t other, int64_t other_step)
{
    if (step == 0) return;
    int64_t i = (index - start) / step;
    if (i < 0 || i >= count || start + i * step != index) return;
    visit(s, other + i * other_step, element, tie);
}

static void expand(struct search *s, int64_t element)
{
    const struct pld_lattice *l = s->l;
    int axis = pld_lattice_axis_of(l, element);
    int64_t index = element - l->first[axis];
    for (int k = s->by_axis_start[axis]; k < s->by_axis_start[axis + 1]; k++) {
        const struct pld_tie *t = &l->ties[s->by_axis[k]];
        if (t->a == axis)
            cross(s, element, s->by_axis[k], index, t->a0, t->a_step, t->count,
                  l->first[t->b] + t->b0, t->b_step);
        if (t->b == axis)
            cross(s, element, s->by_axis[k], index, t->b0, t->b_step, t->count,
                  l->first[t->a] + t->a0, t->a_step);
    }
}

static void print_axis(struct pld_str *out, const struct pld_lattice *l, int64_t element)
{
    int axis = pld_lattice_axis_of(l, element);
    pld_str_printf(out, "%s axis %d [%lld]", l->graph->values[l->value_of_axis[axis]].name,
                   pld_lattice_position(l, axis), (long long)(element - l->first[axis]));
}

/* Prints the path to `element`, first step first. */
static void print_path(struct pld_str *out, const struct search *s, int64_t element)
{
    const struct pld_graph *graph = s->l->graph;
    int64_t steps = 0;
    for (int64_t e = element; s->from_element[e] >= 0; e = s->from_element[e])
        s->queue[steps++] = (int32_t)e;
    while (steps-- > 0) {
        int64_t e = s->queue[steps];
        const struct pld_node *node = &graph->nodes[s->l->ties[s->from_tie[e]].node];
        pld_str_printf(out, "  -> %s (%s): ", node->name, node->type);
        print_axis(out, s->l, e);
        pld_str_printf(out, "\n");
    }
}

static int64_t find_target(const struct search *s, const struct pld_group *group,
                           const struct pld_lock **lock)
{
    const struct pld_lattice *l = s->l;
    *lock = NULL;
    for (int64_t i = 0; i < s->tail; i++) {
        int axis = pld_lattice_axis_of(l, s->queue[i]);
        for (int k = 0; k < l->n_locks && !group->prunable; k++) {
            if (l->locks[k].axis != axis) continue;
            *lock = &l->locks[k];
            return s->queue[i];
        }
    }
    return -1;
}

static void print_consumers(struct pld_str *out, const struct pld_groups *groups,
                            const struct pld_group *group)
{
    const struct pld_graph *graph = groups->graph;
    for (int i = 0; i < group->n_consumers; i++)
        pld_str_printf(out, "  read by %s (%s)\n", graph->nodes[group->consumers[i]].name,
                       graph->nodes[group->consumers[i]].type);
}

static pld_status explain(struct pld_str *out, const struct pld_groups *groups,
                          const struct pld_group *group)
{
    const struct pld_lattice *l = groups->lattice;
    struct search s = {.l = l};
    pld_status status = index_ties(&s);
    if (status == PLD_OK) {
        const struct pld_member *first = NULL;
        for (int m = 0; m < group->n_members && !first; m++)
            if (group->members[m].role == PLD_ROLE_OUT) first = &group->members[m];
        int64_t start = l->first[l->axis_of_value[first->value] + first->axis] + first->indices[0];
        visit(&s, start, -1, -1);
        while (s.head < s.tail)
            expand(&s, s.queue[s.head++]);
        pld_str_printf(out, "%s %s: %d units, %s%s\n", group->id, group->name, group->units,
                       group->prunable ? "prunable" : "locked by ",
                       group->prunable ? "" : group->reason);
        pld_str_printf(out, "  made by %s: ", group->name);
        print_axis(out, l, start);
        pld_str_printf(out, "\n");
        const struct pld_lock *lock;
        int64_t target = find_target(&s, group, &lock);
        if (target >= 0) {
            print_path(out, &s, target);
            pld_str_printf(out, "  locked by %s: %s\n",
                           lock->node == PLD_NONE ? "the graph"
                                                  : groups->graph->nodes[lock->node].name,
                           lock->why);
        } else {
            print_consumers(out, groups, group);
        }
    }
    search_release(&s);
    return status;
}

int pld_groups_find(const struct pld_groups *groups, const char *text)
{
    for (int g = 0; g < groups->n_groups; g++)
        if (strcmp(groups->groups[g].id, text) == 0) return g;
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        for (int p = 0; p < group->n_producers; p++)
            if (strcmp(groups->graph->nodes[group->producers[p]].name, text) == 0) return g;
    }
    return -1;
}

static bool touches(const struct pld_group *group, int node)
{
    for (int i = 0; i < group->n_producers; i++)
        if (group->producers[i] == node) return true;
    for (int i = 0; i < group->n_consumers; i++)
        if (group->consumers[i] == node) return true;
    return false;
}

static pld_status unknown_name(const struct pld_groups *groups, const char *text)
{
    const struct pld_graph *graph = groups->graph;
    const char **names = calloc((size_t)graph->n_nodes + 1, sizeof *names);
    if (!names) return pld_fail_memory("groups --why");
    for (int i = 0; i < graph->n_nodes; i++)
        names[i] = graph->nodes[i].name;
    const char *near = pld_str_nearest(text, names, (size_t)graph->n_nodes);
    pld_status status =
        pld_fail(PLD_EUSAGE, text, "no group or node of this name%s%s%s",
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    free(names);
    return status;
}

pld_status pld_groups_why(struct pld_str *out, const struct pld_groups *groups, const char *text)
{
    int node = pld_graph_find_node(groups->graph, text), exact = pld_groups_find(groups, text);
    if (node == PLD_NONE) {
        if (exact < 0) return unknown_name(groups, text);
        return explain(out, groups, &groups->groups[exact]);
    }
    int found = 0;
    for (int g = 0; g < groups->n_groups; g++) {
        if (!touches(&groups->groups[g], node)) continue;
        found++;
        PLD_TRY(explain(out, groups, &groups->groups[g]));
    }
    if (!found) {
        const struct pld_node *n = &groups->graph->nodes[node];
        pld_str_printf(out, "%s (%s) makes no channels of its own and holds no weights over them\n",
                       n->name, n->type);
    }
    return PLD_OK;
}
