/* What a model costs once some units of its groups are gone. */
#include <stdlib.h>
#include <string.h>

#include "prune/group.h"
#include "prune/cost.h"

/* The weights of every node: the constant that its rule named as consumed or produced. */
static void find_weights(int *weight, const struct pld_lattice *l)
{
    for (int i = 0; i < l->graph->n_nodes; i++)
        weight[i] = PLD_NONE;
    for (int p = 0; p < l->n_consumes; p++)
        weight[l->consumes[p].node] = l->value_of_axis[l->consumes[p].axis];
    for (int p = 0; p < l->n_produces; p++)
        weight[l->produces[p].node] = l->value_of_axis[l->produces[p].axis];
}

static void add_axes(struct pld_work *w, const struct pld_lattice *l, int value)
{
    for (int a = l->axis_of_value[value]; a < l->axis_of_value[value + 1]; a++)
        w->axis[w->n++] = a;
}

/* The axes that a node's MACs are a product over; none where they are not known. */
static struct pld_work work_of(const struct pld_lattice *l, int node, int weight)
{
    struct pld_work w = {.per_cell = pld_node_macs(l->graph, node)};
    if (weight != PLD_NONE) {
        add_axes(&w, l, weight);
    } else {
        for (int p = 0; p < l->n_contracts && !w.n; p++) {
            if (l->contracts[p].node != node) continue;
            w.axis[w.n++] = l->contracts[p].axis;
            add_axes(&w, l, l->graph->nodes[node].out[0]);
        }
    }
    for (int i = 0; i < w.n; i++)
        if (pld_lattice_size(l, w.axis[i]) > 0) w.per_cell /= pld_lattice_size(l, w.axis[i]);
    return w;
}

static pld_status list_work(struct pld_cost_model *m, struct pld_arena *arena,
                            const struct pld_lattice *l)
{
    const struct pld_graph *graph = l->graph;
    int *weight = pld_arena_array(arena, (size_t)graph->n_nodes + 1, sizeof *weight);
    m->work = pld_arena_array(arena, (size_t)graph->n_nodes + 1, sizeof *m->work);
    if (!weight || !m->work) return PLD_EDEVICE;
    find_weights(weight, l);
    for (int i = 0; i < graph->n_nodes; i++) {
        if (!pld_node_live(&graph->nodes[i]) || !pld_node_macs(graph, i)) continue;
        struct pld_work w = work_of(l, i, weight[i]);
        if (w.n)
            m->work[m->n_work++] = w;
        else
            m->fixed += w.per_cell;
    }
    return PLD_OK;
}

static pld_status index_work(struct pld_cost_model *m, struct pld_arena *arena,
                             const struct pld_lattice *l)
{
    int *first = pld_arena_array(arena, (size_t)l->n_axes + 2, sizeof *first);
    int *list = pld_arena_array(arena, (size_t)m->n_work * (PLD_MAX_RANK + 1) + 1, sizeof *list);
    if (!first || !list) return PLD_EDEVICE;
    for (int w = 0; w < m->n_work; w++)
        for (int i = 0; i < m->work[w].n; i++)
            first[m->work[w].axis[i] + 2]++;
    for (int a = 1; a <= l->n_axes + 1; a++)
        first[a] += first[a - 1];
    for (int w = 0; w < m->n_work; w++)
        for (int i = 0; i < m->work[w].n; i++)
            list[first[m->work[w].axis[i] + 1]++] = w;
    m->by_axis_first = first;
    m->by_axis = list;
    return PLD_OK;
}

static pld_status find_stored(struct pld_cost_model *m, struct pld_arena *arena,
                              const struct pld_graph *graph)
{
    m->params = pld_graph_params(graph);
    m->stored = pld_arena_array(arena, (size_t)graph->n_values + 1, sizeof *m->stored);
    if (!m->stored) return PLD_EDEVICE;
    for (int v = 0; v < graph->n_values; v++) {
        const struct pld_value *value = &graph->values[v];
        bool real = value->inferred && value->data && value->desc.dtype <= PLD_F64;
        m->stored[v] = real && (value->producer == PLD_NONE ||
                                graph->nodes[value->producer].op == PLD_OP_CONSTANT);
    }
    return PLD_OK;
}

static int64_t work_left(const struct pld_lattice *l, const struct pld_work *w, const int64_t *lost)
{
    int64_t macs = w->per_cell;
    for (int i = 0; i < w->n; i++)
        macs *= pld_lattice_size(l, w->axis[i]) - lost[w->axis[i]];
    return macs;
}

/* Elements of a value that stay, its axes numbered from `axis`. */
static int64_t elements_left(const struct pld_lattice *l, int axis, int rank, const int64_t *lost)
{
    int64_t left = 1;
    for (int a = axis; a < axis + rank; a++)
        left *= pld_lattice_size(l, a) - lost[a];
    return left;
}

/* Elements of a value that go; less what further uses need that lose others (prune/surgery.c). */
static int64_t elements_lost(const struct pld_lattice *l, int value, const int64_t *lost)
{
    const struct pld_shape *shape = &l->graph->values[value].desc.shape;
    int64_t all = pld_shape_count(shape);
    int64_t first = elements_left(l, l->axis_of_value[value], shape->rank, lost), left = first;
    for (int c = l->copy_first[value]; c < l->copy_first[value + 1]; c++) {
        int64_t use = elements_left(l, l->copies[c].axis, shape->rank, lost);
        if (!l->copies[c].same && (use < all || first < all)) left += use;
    }
    return all - left;
}

pld_status pld_groups_cost(int64_t *macs, int64_t *params, const struct pld_groups *groups,
                           const int *removed)
{
    const struct pld_lattice *l = groups->lattice;
    const struct pld_cost_model *m = groups->cost;
    int64_t *lost = calloc((size_t)l->n_axes + 1, sizeof *lost);
    if (!lost) return pld_fail_memory("cost");
    for (int g = 0; g < groups->n_groups; g++) {
        const struct pld_group *group = &groups->groups[g];
        for (int t = 0; removed[g] && t < group->n_touches; t++)
            lost[group->touches[t].axis] += (int64_t)removed[g] * group->touches[t].per_unit;
    }
    *macs = m->fixed;
    *params = m->params;
    for (int w = 0; w < m->n_work; w++)
        *macs += work_left(l, &m->work[w], lost);
    for (int v = 0; v < groups->graph->n_values; v++)
        if (m->stored[v]) *params -= elements_lost(l, v, lost);
    free(lost);
    return PLD_OK;
}

/* What one unit of a group saves. `lost` and the stamps are scratch: zero, and below g + 1. */
static void unit_cost(struct pld_groups *groups, int g, int64_t *lost, int *work_stamp,
                      int *value_stamp)
{
    const struct pld_lattice *l = groups->lattice;
    const struct pld_cost_model *m = groups->cost;
    struct pld_group *group = &groups->groups[g];
    for (int t = 0; t < group->n_touches; t++)
        lost[group->touches[t].axis] = group->touches[t].per_unit;
    for (int t = 0; t < group->n_touches; t++) {
        int axis = group->touches[t].axis, value = l->value_of_axis[axis];
        for (int k = m->by_axis_first[axis]; k < m->by_axis_first[axis + 1]; k++) {
            const struct pld_work *w = &m->work[m->by_axis[k]];
            if (work_stamp[m->by_axis[k]] == g + 1) continue;
            work_stamp[m->by_axis[k]] = g + 1;
            int64_t all = w->per_cell;
            for (int i = 0; i < w->n; i++)
                all *= pld_lattice_size(l, w->axis[i]);
            group->macs_per_unit += all - work_left(l, w, lost);
        }
        if (!m->stored[value] || value_stamp[value] == g + 1) continue;
        value_stamp[value] = g + 1;
        group->params_per_unit += elements_lost(l, value, lost);
    }
    for (int t = 0; t < group->n_touches; t++)
        lost[group->touches[t].axis] = 0;
}

pld_status pld_cost_model_new(struct pld_groups *groups)
{
    const struct pld_lattice *l = groups->lattice;
    struct pld_arena *arena = &groups->arena, scratch = {0};
    struct pld_cost_model *m = pld_arena_alloc(arena, sizeof *m);
    if (!m) return PLD_EDEVICE;
    groups->cost = m;
    PLD_TRY(list_work(m, arena, l));
    PLD_TRY(index_work(m, arena, l));
    PLD_TRY(find_stored(m, arena, groups->graph));
    int64_t *lost = pld_arena_array(&scratch, (size_t)l->n_axes + 1, sizeof *lost);
    int *works = pld_arena_array(&scratch, (size_t)m->n_work + 1, sizeof *works);
    int *values = pld_arena_array(&scratch, (size_t)groups->graph->n_values + 1, sizeof *values);
    bool room = lost && works && values;
    for (int g = 0; room && g < groups->n_groups; g++)
        unit_cost(groups, g, lost, works, values);
    pld_arena_release(&scratch);
    return room ? PLD_OK : PLD_EDEVICE;
}
