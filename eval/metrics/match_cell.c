/* One image and class: who takes which box. */
#include <math.h>

#include "eval/metrics/match_impl.h"

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* maskApi's bbIou: right edges as w + x, nothing added; sums in its order. */
static double overlap_edges(const struct pld_detection *det, const struct pld_annotation *note,
                            bool region)
{
    double w = smaller(det->w + det->x, note->w + note->x) - larger(det->x, note->x);
    if (w <= 0) return 0;
    double h = smaller(det->h + det->y, note->h + note->y) - larger(det->y, note->y);
    if (h <= 0) return 0;
    double i = w * h, size = det->w * det->h;
    return i / (region ? size : (size + note->w * note->h) - i);
}

/* voc_eval: corners are pixels that belong to the box. */
static double overlap_pixels(const struct pld_detection *det, const struct pld_annotation *note,
                             bool region)
{
    double x1 = det->x + det->w, y1 = det->y + det->h;
    double gx1 = note->x + note->w, gy1 = note->y + note->h;
    double w = larger(smaller(gx1, x1) - larger(note->x, det->x) + 1.0, 0);
    double h = larger(smaller(gy1, y1) - larger(note->y, det->y) + 1.0, 0);
    double i = w * h, size = (x1 - det->x + 1.0) * (y1 - det->y + 1.0);
    double uni = size + (gx1 - note->x + 1.0) * (gy1 - note->y + 1.0) - i;
    return i / (region ? size : uni);
}

static double overlap_float(const struct pld_detection *det, const struct pld_annotation *note,
                            bool region)
{
    float x0 = (float)det->x, y0 = (float)det->y;
    float x1 = (float)(det->x + det->w), y1 = (float)(det->y + det->h);
    float gx0 = (float)note->x, gy0 = (float)note->y;
    float gx1 = (float)(note->x + note->w), gy1 = (float)(note->y + note->h);
    float w = fmaxf(fminf(x1, gx1) - fmaxf(x0, gx0), 0);
    float h = fmaxf(fminf(y1, gy1) - fmaxf(y0, gy0), 0);
    float i = w * h, size = (x1 - x0) * (y1 - y0), other = (gx1 - gx0) * (gy1 - gy0);
    return region ? i / (size + 1e-7f) : i / (other + size - i + 1e-7f);
}

double pld_match_overlap(const struct pld_detection *det, const struct match_truth *truth,
                         enum pld_overlap kind)
{
    if (kind == PLD_OVERLAP_PIXELS) return overlap_pixels(det, truth->note, truth->region);
    if (kind == PLD_OVERLAP_FLOAT) return overlap_float(det, truth->note, truth->region);
    return overlap_edges(det, truth->note, truth->region);
}

/* pycocotools' loop: boxes that count come first and are preferred; a NaN passes, as there. */
static int choose_free(const struct match_truth *truths, size_t n, const double *overlap, int t,
                       const struct pld_rules *rules)
{
    double threshold = smaller(rules->iou[t], 1 - 1e-10), best = threshold;
    int chosen = -1;
    for (int pass = 0; pass < 2 && chosen < 0; pass++) {
        for (size_t g = 0; g < n; g++) {
            if (truths[g].ignored != (pass == 1)) continue;
            if (truths[g].taken >> t & 1 && !truths[g].many) continue;
            if (overlap[g] < best || (rules->above && !(overlap[g] > threshold))) continue;
            best = overlap[g];
            chosen = (int)g;
        }
    }
    return chosen;
}

/* The best box of all, or -1 where none overlaps enough. */
static int choose_best(size_t n, const double *overlap, int t, const struct pld_rules *rules)
{
    int best = -1;
    for (size_t g = 0; g < n; g++)
        if (best < 0 ? overlap[g] == overlap[g] : overlap[g] > overlap[best]) best = (int)g;
    if (best < 0) return -1;
    bool enough = rules->above ? overlap[best] > rules->iou[t] : overlap[best] >= rules->iou[t];
    return enough ? best : -1;
}

static void settle(struct pld_matched *item, struct match_truth *truth, int t, bool zero_id)
{
    uint32_t bit = (uint32_t)1 << t;
    bool free = truth->many || !(truth->taken & bit);
    truth->taken |= bit;
    if (t == 0 && free) item->truth = truth->index;
    if (truth->ignored) return;
    if (free && !(zero_id && truth->note->id == 0))
        item->hit |= bit;
    else
        item->miss |= bit;
}

static bool finite_box(const struct pld_detection *det)
{
    return isfinite(det->x) && isfinite(det->y) && isfinite(det->w) && isfinite(det->h);
}

void pld_match_cell(struct pld_matched *items, size_t n_items, struct match_truth *truths,
                    size_t n_truths, const struct pld_detections *list,
                    const struct pld_rules *rules, double *overlap)
{
    for (size_t i = 0; i < n_items; i++) {
        const struct pld_detection *det = &list->items[items[i].det];
        size_t n = finite_box(det) ? n_truths : 0;
        for (size_t g = 0; g < n; g++)
            overlap[g] = pld_match_overlap(det, &truths[g], rules->overlap);
        for (int t = 0; t < rules->n_iou; t++) {
            int g = rules->choice == PLD_CHOICE_FREE ? choose_free(truths, n, overlap, t, rules)
                                                     : choose_best(n, overlap, t, rules);
            if (g < 0)
                items[i].miss |= (uint32_t)1 << t;
            else
                settle(&items[i], &truths[g], t, rules->zero_id);
        }
        if (pld_rules_outside(rules, det->w * det->h)) items[i].miss = 0;
    }
}
