#include "prune/plan_curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* exp(-5) of the metric left is nothing left. */
static const double MOST_DAMAGE = 5;

static int by_removed(const void *a, const void *b)
{
    const struct pld_curve_point *x = a, *y = b;
    return (x->removed > y->removed) - (x->removed < y->removed);
}

static double damage_of(double drop, double baseline)
{
    double left = baseline > 0 ? 1 - drop / baseline : 1;
    return left >= 1 ? 0 : fmin(-log(fmax(left, exp(-MOST_DAMAGE))), MOST_DAMAGE);
}

double pld_damage_drop(double damage, double baseline)
{
    return baseline * (1 - exp(-damage));
}

static double weight_of(const struct pld_curve_point *p)
{
    double half = (p->ci[1] - p->ci[0]) / 2;
    return isfinite(half) ? 1 / (half * half + 1e-6) : 1;
}

struct block {
    double value, weight;
    int count;
};

static pld_status fit_isotonic(struct pld_curve *c)
{
    struct block *blocks = malloc((size_t)c->n * sizeof *blocks);
    if (!blocks) return pld_fail_memory("plan");
    int n = 0;
    for (int i = 0; i < c->n; i++) {
        double w = i ? weight_of(&c->points[i]) : 1e9; /* nothing removed is certain */
        blocks[n++] = (struct block){damage_of(c->points[i].drop, c->baseline), w, 1};
        while (n > 1 && blocks[n - 2].value >= blocks[n - 1].value) {
            struct block *a = &blocks[n - 2], *b = &blocks[n - 1];
            a->value = (a->value * a->weight + b->value * b->weight) / (a->weight + b->weight);
            a->weight += b->weight;
            a->count += b->count;
            n--;
        }
    }
    for (int b = 0, i = 0; b < n; b++)
        for (int k = 0; k < blocks[b].count; k++)
            c->damage[i++] = b ? blocks[b].value : 0;
    free(blocks);
    return PLD_OK;
}

pld_status pld_curve_fit(struct pld_curve *out, struct pld_arena *arena,
                         const struct pld_curve_point *points, int n, int base, double baseline)
{
    *out = (struct pld_curve){.baseline = baseline};
    out->points = pld_arena_array(arena, (size_t)n + 1, sizeof *out->points);
    out->damage = pld_arena_array(arena, (size_t)n + 1, sizeof *out->damage);
    if (!out->points || !out->damage) return PLD_EDEVICE;
    if (n) memcpy(out->points + 1, points, (size_t)n * sizeof *points);
    if (n) qsort(out->points + 1, (size_t)n, sizeof *points, by_removed);
    out->points[0].removed = base;
    out->n = 1;
    for (int i = 1; i <= n; i++) /* ratios that round to one count were measured as one */
        if (out->points[i].removed > out->points[out->n - 1].removed)
            out->points[out->n++] = out->points[i];
    return fit_isotonic(out);
}

/* The point before `removed`, and how far it lies towards the next one (0..1). */
static int locate(double *towards, const struct pld_curve *c, double removed, int units)
{
    int i = c->n - 1;
    while (i > 0 && c->points[i].removed > removed)
        i--;
    double end = i + 1 < c->n ? c->points[i + 1].removed : units;
    double span = end - c->points[i].removed;
    *towards = span > 0 ? (removed - c->points[i].removed) / span : 0;
    return i;
}

double pld_curve_damage(const struct pld_curve *c, double removed, int units)
{
    double towards;
    int i = locate(&towards, c, removed, units);
    double next = i + 1 < c->n ? c->damage[i + 1] : MOST_DAMAGE;
    return c->damage[i] + towards * (next - c->damage[i]);
}

void pld_curve_drop(double *drop, double ci[2], const struct pld_curve *c, double removed,
                    int units)
{
    double towards;
    int i = locate(&towards, c, removed, units);
    const struct pld_curve_point all = {1, units, c->baseline, {c->baseline, c->baseline}};
    const struct pld_curve_point *a = &c->points[i], *b = i + 1 < c->n ? a + 1 : &all;
    *drop = a->drop + towards * (b->drop - a->drop);
    for (int k = 0; k < 2; k++)
        ci[k] = towards > 0 ? a->ci[k] + towards * (b->ci[k] - a->ci[k]) : a->ci[k];
}

double pld_curve_ratio_by_loss(const struct pld_curve *c, double loss)
{
    for (int i = c->n - 1; i > 0; i--) {
        double ratio = c->points[i].ratio, here = c->points[i].drop / c->baseline;
        if (here > loss) continue;
        if (i == c->n - 1) return ratio;
        double next = c->points[i + 1].drop / c->baseline;
        return ratio + (loss - here) * (c->points[i + 1].ratio - ratio) / (next - here);
    }
    return 0;
}
