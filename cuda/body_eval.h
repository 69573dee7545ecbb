/* Bodies of COCO evaluation (backend/evaluator.h says what is computed). To be compiled without
 * contraction.
 *
 *   eval_count   0, 1, 2 ..: what a sort starts with
 *   eval_key     numbers to sort by
 *   eval_groups  where each candidate's categories begin
 *   eval_rank    a detection's place in its cell; what it counts when nothing matches it
 *   eval_match   a cell with truths, in one area range
 *   eval_curve   a curve at one threshold
 *
 * Detections are known by three numbers: the item (place in the lists, one after the other), the
 * place in the order (by candidate and category, then score), and the slot (places by cell).
 */
#ifndef PLD_CUDA_BODY_EVAL_H
#define PLD_CUDA_BODY_EVAL_H

#include "backend/evaluator.h"
#include "cuda/body.h"

/* A detection's outcome, in the order. Bit t of word a is threshold t in area range a. */
struct pld_eval_mark {
    uint16_t hit[PLD_EVAL_AREAS];  /* true positive */
    uint16_t miss[PLD_EVAL_AREAS]; /* false positive */
    uint32_t image;
    uint32_t rank; /* in its cell, `most` at most */
};

enum pld_eval_key { PLD_KEY_IMAGE, PLD_KEY_SCORE, PLD_KEY_GROUP, PLD_KEY_CELL };

/* One for all bodies; pointers are device memory. A group is a candidate's category. */
struct pld_eval_args {
    uint32_t n_images, n_categories, n_cells, n_curves, n_candidates, n_items, most;
    double iou[PLD_EVAL_IOUS];
    double area[PLD_EVAL_AREAS][2];
    const struct pld_eval_item *items;
    const uint32_t *starts; /* [n_candidates + 1] items */
    uint32_t *groups;       /* [n_candidates * n_categories + 1] places */
    const struct pld_truth *truths;
    uint32_t n_truths;
    const struct pld_eval_cell *cells;
    const uint32_t (*need)[PLD_EVAL_RECALLS];
    const struct pld_eval_curve *curves;
    int kind;                    /* of key: enum pld_eval_key */
    uint64_t *key;               /* what eval_key writes; sorted groups for eval_groups, sorted
                                    cells for rank and match */
    uint32_t *value;             /* what eval_key takes the key of; the place for each slot */
    const uint32_t *order;       /* [n_items] item at each place */
    struct pld_eval_mark *marks; /* [n_items] by place */
    uint16_t (*taken)[PLD_EVAL_AREAS]; /* [n_candidates][n_truths] */
    uint32_t *hits;
    double *precision, *scores;
};

/* ---- order ---- */

/* The last of n ascending numbers, from the first on, that is not above x; the first is not. */
static PLD_HD uint32_t pld_eval_find(const uint32_t *ascending, uint32_t n, uint32_t x)
{
    uint32_t low = 0;
    while (n > 1) {
        uint32_t half = n / 2;
        if (ascending[low + half] <= x) low += half;
        n -= half;
    }
    return low;
}

static PLD_HD uint64_t pld_eval_group(const struct pld_eval_args *a, uint32_t item)
{
    uint32_t candidate = pld_eval_find(a->starts, a->n_candidates, item);
    return (uint64_t)candidate * a->n_categories + (uint32_t)a->items[item].category;
}

static PLD_HD void pld_eval_key_body(const struct pld_eval_args *a, uint32_t i)
{
    uint32_t item = a->kind == PLD_KEY_CELL ? a->order[a->value[i]] : a->value[i];
    const struct pld_eval_item *it = &a->items[item];
    switch (a->kind) {
    case PLD_KEY_IMAGE:
        a->key[i] = (uint32_t)it->image;
        break;
    case PLD_KEY_SCORE:
        a->key[i] = pld_order_of_score(it->score);
        break;
    case PLD_KEY_GROUP:
        a->key[i] = pld_eval_group(a, item);
        break;
    default:
        a->key[i] = pld_eval_group(a, item) * a->n_images + (uint32_t)it->image;
    }
}

/* 0, 1, 2 ... */
static PLD_HD void pld_eval_count_body(const struct pld_eval_args *a, uint32_t i)
{
    a->value[i] = i;
}

/* The first of the slots from `low` up to, not including, `high` whose key is not below `key`. */
static PLD_HD uint32_t pld_eval_slot(const uint64_t *keys, uint64_t key, uint32_t low,
                                     uint32_t high)
{
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static PLD_HD void pld_eval_groups_body(const struct pld_eval_args *a, uint32_t group)
{
    a->groups[group] = pld_eval_slot(a->key, group, 0, a->n_items);
}

/* ---- match ---- */

enum { PLD_EVAL_ALL = (1 << PLD_EVAL_IOUS) - 1 };

static PLD_HD void pld_eval_rank_body(const struct pld_eval_args *a, uint32_t slot)
{
    uint32_t place = a->value[slot], low = slot > a->most ? slot - a->most : 0;
    const struct pld_eval_item *it = &a->items[a->order[place]];
    struct pld_eval_mark *mark = &a->marks[place];
    double size = it->w * it->h;
    mark->image = (uint32_t)it->image;
    mark->rank = slot - pld_eval_slot(a->key, a->key[slot], low, slot);
    for (int r = 0; r < PLD_EVAL_AREAS; r++) {
        bool out = size < a->area[r][0] || size > a->area[r][1];
        mark->hit[r] = 0;
        mark->miss[r] = out || mark->rank >= a->most ? 0 : PLD_EVAL_ALL;
    }
}

/* For one detection, the best truth at each threshold so far. */
struct pld_eval_choice {
    double best[PLD_EVAL_IOUS];
    uint32_t truth[PLD_EVAL_IOUS];
    uint16_t found; /* thresholds that have one */
};

/* Looks through the truths that count, or the ignored ones, for the thresholds that are open. */
static PLD_HD void pld_eval_choose(struct pld_eval_choice *c, const struct pld_box *box,
                                   const struct pld_truth *truths,
                                   const uint16_t (*taken)[PLD_EVAL_AREAS], uint32_t n,
                                   uint32_t area, bool ignored)
{
    uint16_t open = PLD_EVAL_ALL & ~c->found;
    for (uint32_t g = 0; g < n; g++) {
        if ((bool)(truths[g].ignored >> 16 * area & 1) != ignored) continue;
        uint16_t free = truths[g].crowd ? open : open & ~taken[g][area];
        if (!free) continue;
        double overlap = pld_overlap(box, &truths[g], false);
        for (int t = 0; t < PLD_EVAL_IOUS; t++) {
            if (!(free >> t & 1) || overlap < c->best[t]) continue;
            c->best[t] = overlap;
            c->truth[t] = g;
            c->found |= 1 << t;
        }
    }
}

static PLD_HD bool pld_eval_finite(double x)
{
    return x - x == 0;
}

static PLD_HD void pld_eval_match_one(const struct pld_eval_args *a, uint32_t place,
                                      const struct pld_eval_cell *cell,
                                      uint16_t (*taken)[PLD_EVAL_AREAS], uint32_t area)
{
    const struct pld_eval_item *it = &a->items[a->order[place]];
    const struct pld_truth *truths = a->truths + cell->first;
    if (!pld_eval_finite(it->x) || !pld_eval_finite(it->y) || !pld_eval_finite(it->w) ||
        !pld_eval_finite(it->h))
        return;
    struct pld_box box = pld_box_of(it->x, it->y, it->w, it->h);
    struct pld_eval_choice c;
    c.found = 0;
    for (int t = 0; t < PLD_EVAL_IOUS; t++)
        c.best[t] = a->iou[t];
    pld_eval_choose(&c, &box, truths, taken, cell->count, area, false);
    pld_eval_choose(&c, &box, truths, taken, cell->count, area, true);
    uint16_t hit = 0, ignored = 0;
    for (int t = 0; t < PLD_EVAL_IOUS; t++) {
        if (!(c.found >> t & 1)) continue;
        const struct pld_truth *truth = &truths[c.truth[t]];
        taken[c.truth[t]][area] |= 1 << t;
        if (truth->ignored >> 16 * area & 1)
            ignored |= 1 << t;
        else if (!truth->zero_id)
            hit |= 1 << t;
    }
    a->marks[place].hit[area] = hit;
    a->marks[place].miss[area] &= ~(hit | ignored);
}

/* i = (candidate, cell, area). Areas write words of their own. */
static PLD_HD void pld_eval_match_body(const struct pld_eval_args *a, uint32_t i)
{
    uint32_t area = i % PLD_EVAL_AREAS, pair = i / PLD_EVAL_AREAS;
    uint32_t candidate = pair / a->n_cells;
    const struct pld_eval_cell *cell = &a->cells[pair % a->n_cells];
    uint64_t group = (uint64_t)candidate * a->n_categories + cell->category;
    uint64_t key = group * a->n_images + cell->image;
    uint16_t(*taken)[PLD_EVAL_AREAS] = a->taken + (size_t)candidate * a->n_truths + cell->first;
    for (uint32_t g = 0; g < cell->count; g++)
        taken[g][area] = 0;
    uint32_t first = pld_eval_slot(a->key, key, a->groups[group], a->groups[group + 1]);
    uint32_t last = a->n_items - first < a->most ? a->n_items : first + a->most;
    for (uint32_t slot = first; slot < last && a->key[slot] == key; slot++)
        pld_eval_match_one(a, a->value[slot], cell, taken, area);
}

/* ---- curves ---- */

/* numpy.spacing(1), which the reference adds to the divisor. */
#define PLD_EVAL_SPACING 0x1p-52

/* i = (candidate, curve, threshold). Detections are counted first, then walked backwards: precision
 * can only peak at a true positive, so the highest one so far is known at each. */
static PLD_HD void pld_eval_curve_body(const struct pld_eval_args *a, uint32_t i)
{
    uint32_t t = i % PLD_EVAL_IOUS, c = i / PLD_EVAL_IOUS % a->n_curves;
    uint32_t candidate = i / PLD_EVAL_IOUS / a->n_curves;
    const struct pld_eval_curve *curve = &a->curves[c];
    const uint32_t *need = a->need[curve->need];
    const uint32_t *group = a->groups + (size_t)candidate * a->n_categories + curve->category;
    uint32_t hits = 0, total = 0;
    for (uint32_t p = group[0]; p < group[1]; p++) {
        const struct pld_eval_mark *mark = &a->marks[p];
        if (mark->rank >= curve->limit) continue;
        if (mark->image >= curve->leave_first && mark->image < curve->leave_last) continue;
        uint32_t hit = mark->hit[curve->area] >> t & 1;
        hits += hit;
        total += hit + (mark->miss[curve->area] >> t & 1);
    }
    double *out = a->precision + (size_t)i * PLD_EVAL_RECALLS;
    double *score = a->scores ? a->scores + (size_t)i * PLD_EVAL_RECALLS : NULL;
    a->hits[i] = hits;
    /* Recall 0 is reached by the first detection, whatever it is. */
    double first = group[0] < group[1] ? a->items[a->order[group[0]]].score : 0;
    int r = PLD_EVAL_RECALLS - 1;
    for (; r >= 0 && need[r] > hits; r--) {
        out[r] = 0;
        if (score) score[r] = 0;
    }
    uint64_t best = 0, best_total = 1;
    uint32_t n = hits;
    for (uint32_t p = group[1]; n > 0 && p-- > group[0];) {
        const struct pld_eval_mark *mark = &a->marks[p];
        if (mark->rank >= curve->limit) continue;
        if (mark->image >= curve->leave_first && mark->image < curve->leave_last) continue;
        if (mark->miss[curve->area] >> t & 1) total--;
        if (!(mark->hit[curve->area] >> t & 1)) continue;
        if (n * best_total > best * total) {
            best = n;
            best_total = total;
        }
        for (; r >= 0 && need[r] == n; r--) {
            out[r] = (double)best / ((double)best_total + PLD_EVAL_SPACING);
            if (score) score[r] = a->items[a->order[p]].score;
        }
        n--;
        total--;
    }
    for (; r >= 0; r--) { /* recall 0 */
        out[r] = best ? (double)best / ((double)best_total + PLD_EVAL_SPACING) : 0;
        if (score) score[r] = first;
    }
}

#endif
