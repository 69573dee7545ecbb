/* What whole plans cost: exact, and in some microseconds.
 *
 * MACs of a layer are a product of the sizes of its axes, and every axis shrinks by a whole number
 * of indices for every unit of the groups that lie on it. So MACs and parameters are sums of
 * products of linear functions of the removal counts (bilinear where two groups meet in a conv).
 */
#ifndef PLD_PRUNE_PLAN_COST_H
#define PLD_PRUNE_PLAN_COST_H

#include "prune/group.h"

struct pld_cost {
    int64_t macs, params; /* MACs for one image */
};

struct pld_plan_costs;

/* The terms of the groups' graph; `groups` must outlive them. Free with pld_plan_costs_free(). */
pld_status pld_plan_costs_new(struct pld_plan_costs **out, const struct pld_groups *groups);
void pld_plan_costs_free(struct pld_plan_costs *costs);

/* Cost when group g loses removed[g] units ([n_groups]): what pld_groups_cost() says. */
struct pld_cost pld_cost_of(const struct pld_plan_costs *costs, const int *removed);

/* Cost with nothing removed. */
struct pld_cost pld_cost_whole(const struct pld_plan_costs *costs);

/* The part of it that depends on group g: terms on whose axes the group lies. Differences of it for
 * one g and different removed[g] are differences of the whole. */
struct pld_cost pld_cost_of_group(const struct pld_plan_costs *costs, const int *removed, int g);

#endif
