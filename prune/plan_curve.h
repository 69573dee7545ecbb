/* What a group loses at every width: the curve that a sweep measured, and what several together
 * are expected to lose. */
#ifndef PLD_PRUNE_PLAN_CURVE_H
#define PLD_PRUNE_PLAN_CURVE_H

#include "core/arena.h"
#include "core/status.h"

struct pld_curve_point {
    double ratio; /* that was asked for; removed is what it rounds to */
    int removed;
    double drop;  /* of the metric, as measured */
    double ci[2]; /* its 95 % interval; may be infinite or NaN */
};

struct pld_curve {
    struct pld_curve_point *points; /* ascending by removed, the first with removed = 0 */
    int n;
    double *damage;  /* [n] see below, never falling */
    double baseline; /* the metric of the unpruned model */
};

/* Sorts the points, puts a drop of 0 at `base` removed units before them and fits the damage:
 * -log(1 - drop / baseline), clipped to 0 .. 5, made monotone by the least-squares isotonic fit
 * (pool adjacent violators; Barlow et al., "Statistical Inference under Order Restrictions", 1972),
 * each point weighted by the inverse of its variance. Memory comes from the arena. */
pld_status pld_curve_fit(struct pld_curve *out, struct pld_arena *arena,
                         const struct pld_curve_point *points, int n, int base, double baseline);

/* Damage of `removed` units, linear between the points and, behind the last one, towards losing
 * everything. Damages of groups add up when what one leaves is a share of what it finds. */
double pld_curve_damage(const struct pld_curve *curve, double removed, int units);

/* Drop as measured and its interval, linear between the points (no smoothing). */
void pld_curve_drop(double *drop, double ci[2], const struct pld_curve *curve, double removed,
                    int units);

/* Drop that a total damage stands for. */
double pld_damage_drop(double damage, double baseline);

/* PaddleSlim's rule for one curve: the largest ratio whose relative loss is at most `loss`, with
 * linear interpolation towards the next measured ratio; 0 where none is (get_ratios_by_loss). */
double pld_curve_ratio_by_loss(const struct pld_curve *curve, double loss);

#endif
