#include "prune/plan_cost.h"

#include <stdlib.h>

#include "prune/cost.h"

/* Indices that an axis loses for each unit of a group. */
struct part {
    int group, per_unit;
};

/* A product of sizes, each of which falls with the units of some groups:
 * scale * product over its axes of (size - sum over the axis' parts of removed * per_unit). */
struct term {
    int64_t macs, params; /* scale of each; one of them is 0 */
    const int *axes;
    int n_axes;
};

struct pld_plan_costs {
    struct pld_arena arena;
    const struct pld_lattice *lattice;
    int *part_first; /* [n_axes + 1] parts of an axis */
    struct part *parts;
    struct term *terms;
    int n_terms;
    int *group_first, *group_terms; /* terms of group g: group_terms[group_first[g] ..] */
    struct pld_cost constant;       /* what no term speaks of */
    struct pld_cost whole;
};

static pld_status list_parts(struct pld_plan_costs *c, const struct pld_groups *groups)
{
    const struct pld_lattice *l = groups->lattice;
    size_t n = 0;
    for (int g = 0; g < groups->n_groups; g++)
        n += (size_t)groups->groups[g].n_touches;
    c->part_first = pld_arena_array(&c->arena, (size_t)l->n_axes + 2, sizeof(int));
    c->parts = pld_arena_array(&c->arena, n + 1, sizeof *c->parts);
    if (!c->part_first || !c->parts) return PLD_EDEVICE;
    for (int g = 0; g < groups->n_groups; g++)
        for (int t = 0; t < groups->groups[g].n_touches; t++)
            c->part_first[groups->groups[g].touches[t].axis + 2]++;
    for (int a = 1; a <= l->n_axes + 1; a++)
        c->part_first[a] += c->part_first[a - 1];
    for (int g = 0; g < groups->n_groups; g++)
        for (int t = 0; t < groups->groups[g].n_touches; t++) {
            const struct pld_touch *touch = &groups->groups[g].touches[t];
            c->parts[c->part_first[touch->axis + 1]++] = (struct part){g, touch->per_unit};
        }
    return PLD_OK;
}

static bool shrinks(const struct pld_plan_costs *c, const int *axes, int n)
{
    for (int i = 0; i < n; i++)
        if (c->part_first[axes[i]] < c->part_first[axes[i] + 1]) return true;
    return false;
}

/* Terms that no group changes become part of the constant. */
static void add_term(struct pld_plan_costs *c, struct term term)
{
    if (shrinks(c, term.axes, term.n_axes)) {
        c->terms[c->n_terms++] = term;
        return;
    }
    int64_t product = 1;
    for (int i = 0; i < term.n_axes; i++)
        product *= pld_lattice_size(c->lattice, term.axes[i]);
    c->constant.macs += term.macs * product;
    c->constant.params += term.params * product;
}

static pld_status list_terms(struct pld_plan_costs *c, const struct pld_groups *groups)
{
    const struct pld_cost_model *m = groups->cost;
    const struct pld_lattice *l = groups->lattice;
    int n_values = groups->graph->n_values;
    int *axes = pld_arena_array(&c->arena, (size_t)l->n_axes + 1, sizeof *axes);
    c->terms = pld_arena_array(&c->arena, (size_t)(m->n_work + n_values) + 1, sizeof *c->terms);
    if (!axes || !c->terms) return PLD_EDEVICE;
    for (int a = 0; a < l->n_axes; a++)
        axes[a] = a;
    c->constant = (struct pld_cost){m->fixed, m->params};
    for (int w = 0; w < m->n_work; w++)
        add_term(c, (struct term){m->work[w].per_cell, 0, m->work[w].axis, m->work[w].n});
    for (int v = 0; v < n_values; v++) {
        if (!m->stored[v]) continue;
        int first = l->axis_of_value[v], n = l->axis_of_value[v + 1] - first;
        if (!shrinks(c, axes + first, n)) continue;
        add_term(c, (struct term){0, 1, axes + first, n});
        c->constant.params -= pld_shape_count(&groups->graph->values[v].desc.shape);
    }
    return PLD_OK;
}

/* Lists every group's terms, each once: counts them in the first pass, places them in the second.
 */
static pld_status index_groups(struct pld_plan_costs *c, int n_groups)
{
    size_t most = 0;
    for (int t = 0; t < c->n_terms; t++)
        for (int i = 0; i < c->terms[t].n_axes; i++)
            most += (size_t)(c->part_first[c->terms[t].axes[i] + 1] -
                             c->part_first[c->terms[t].axes[i]]);
    int *last = pld_arena_array(&c->arena, (size_t)n_groups + 1, sizeof *last);
    c->group_first = pld_arena_array(&c->arena, (size_t)n_groups + 3, sizeof(int));
    c->group_terms = pld_arena_array(&c->arena, most + 1, sizeof(int));
    if (!last || !c->group_first || !c->group_terms) return PLD_EDEVICE;
    for (int pass = 0; pass < 2; pass++) {
        for (int g = 0; g < n_groups; g++)
            last[g] = -1;
        for (int t = 0; t < c->n_terms; t++)
            for (int i = 0; i < c->terms[t].n_axes; i++) {
                int axis = c->terms[t].axes[i];
                for (int p = c->part_first[axis]; p < c->part_first[axis + 1]; p++) {
                    int g = c->parts[p].group;
                    if (last[g] == t) continue;
                    last[g] = t;
                    if (pass)
                        c->group_terms[c->group_first[g + 1]++] = t;
                    else
                        c->group_first[g + 2]++;
                }
            }
        for (int g = 1; g <= n_groups + 1 && !pass; g++)
            c->group_first[g] += c->group_first[g - 1];
    }
    return PLD_OK;
}

static pld_status build(struct pld_plan_costs *c, const struct pld_groups *groups)
{
    PLD_TRY(list_parts(c, groups));
    PLD_TRY(list_terms(c, groups));
    PLD_TRY(index_groups(c, groups->n_groups));
    int *nothing = pld_arena_array(&c->arena, (size_t)groups->n_groups + 1, sizeof *nothing);
    if (!nothing) return PLD_EDEVICE;
    c->whole = pld_cost_of(c, nothing);
    return PLD_OK;
}

pld_status pld_plan_costs_new(struct pld_plan_costs **out, const struct pld_groups *groups)
{
    *out = NULL;
    struct pld_plan_costs *c = calloc(1, sizeof *c);
    if (!c) return pld_fail_memory("cost");
    c->lattice = groups->lattice;
    pld_status status = build(c, groups);
    if (status != PLD_OK) {
        pld_plan_costs_free(c);
        return status;
    }
    *out = c;
    return PLD_OK;
}

void pld_plan_costs_free(struct pld_plan_costs *c)
{
    if (!c) return;
    pld_arena_release(&c->arena);
    free(c);
}

static void evaluate(struct pld_cost *cost, const struct pld_plan_costs *c, const struct term *term,
                     const int *removed)
{
    int64_t product = 1;
    for (int i = 0; i < term->n_axes; i++) {
        int axis = term->axes[i];
        int64_t size = pld_lattice_size(c->lattice, axis);
        for (int p = c->part_first[axis]; p < c->part_first[axis + 1]; p++)
            size -= (int64_t)removed[c->parts[p].group] * c->parts[p].per_unit;
        product *= size;
    }
    cost->macs += term->macs * product;
    cost->params += term->params * product;
}

struct pld_cost pld_cost_of(const struct pld_plan_costs *c, const int *removed)
{
    struct pld_cost cost = c->constant;
    for (int t = 0; t < c->n_terms; t++)
        evaluate(&cost, c, &c->terms[t], removed);
    return cost;
}

struct pld_cost pld_cost_whole(const struct pld_plan_costs *c)
{
    return c->whole;
}

struct pld_cost pld_cost_of_group(const struct pld_plan_costs *c, const int *removed, int g)
{
    struct pld_cost cost = {0};
    for (int i = c->group_first[g]; i < c->group_first[g + 1]; i++)
        evaluate(&cost, c, &c->terms[c->group_terms[i]], removed);
    return cost;
}
