#include "run/eval_params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

bool pld_eval_params_given(const struct pld_eval_params *given)
{
    return given->iou_thrs.count || given->area_ranges.count || given->max_dets.count ||
           given->class_agnostic;
}

/* The parts of text between colons, as numbers; their count, 0 for what is no number. */
static int split_numbers(double *out, int most, const char *text)
{
    char copy[128], *rest = copy, *word;
    int n = 0;
    if (strlen(text) >= sizeof copy) return 0;
    strcpy(copy, text);
    while ((word = strsep(&rest, ":")))
        if (n == most || !pld_parse_f64(word, &out[n++])) return 0;
    return n;
}

static pld_status add_iou(struct pld_coco_params *out, double iou)
{
    if (out->n_iou == PLD_RULES_IOUS)
        return pld_fail(PLD_EUSAGE, "--iou-thrs", "more than %d thresholds", PLD_RULES_IOUS);
    out->iou[out->n_iou++] = iou;
    return PLD_OK;
}

/* numpy.linspace(first, last, n): first + i * step, and the last one as it is. */
static pld_status add_grid(struct pld_coco_params *out, const double part[3], const char *text)
{
    if (!(part[0] <= part[1] && part[2] > 0 && part[1] - part[0] <= PLD_RULES_IOUS * part[2]))
        return pld_fail(PLD_EUSAGE, "--iou-thrs", "'%s': first <= last and %d steps at most", text,
                        PLD_RULES_IOUS);
    int steps = (int)lround((part[1] - part[0]) / part[2]);
    double step = steps ? (part[1] - part[0]) / steps : 0;
    for (int i = 0; i < steps; i++)
        PLD_TRY(add_iou(out, i * step + part[0]));
    return add_iou(out, part[1]);
}

static pld_status read_ious(struct pld_coco_params *out, const struct pld_words *words)
{
    out->n_iou = 0;
    for (size_t i = 0; i < words->count; i++) {
        double part[3];
        int n = split_numbers(part, 3, words->items[i]);
        if (n != 1 && n != 3)
            return pld_fail(PLD_EUSAGE, "--iou-thrs",
                            "'%s' is neither a number nor first:last:step", words->items[i]);
        PLD_TRY(n == 1 ? add_iou(out, part[0]) : add_grid(out, part, words->items[i]));
    }
    return PLD_OK;
}

static pld_status read_areas(struct pld_coco_params *out, const struct pld_words *words,
                             struct pld_arena *arena)
{
    if (words->count > PLD_COCO_CUSTOM_AREAS)
        return pld_fail(PLD_EUSAGE, "--area-ranges", "more than %d ranges", PLD_COCO_CUSTOM_AREAS);
    out->n_areas = (int)words->count;
    for (size_t i = 0; i < words->count; i++) {
        double part[2];
        char *label = pld_arena_strdup(arena, words->items[i]);
        if (!label) return PLD_EDEVICE;
        char *sign = strchr(label, '=');
        if (!sign || sign == label || split_numbers(part, 2, sign + 1) != 2)
            return pld_fail(PLD_EUSAGE, "--area-ranges", "'%s' is not NAME=LOW:HIGH",
                            words->items[i]);
        *sign = '\0';
        out->areas[i] = (struct pld_coco_area){label, part[0], part[1]};
    }
    return PLD_OK;
}

static int ascending(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}

static pld_status read_limits(struct pld_coco_params *out, const struct pld_ints *limits)
{
    if (limits->count > PLD_COCO_CUSTOM_LIMITS)
        return pld_fail(PLD_EUSAGE, "--max-dets", "more than %d limits", PLD_COCO_CUSTOM_LIMITS);
    out->n_limits = (int)limits->count;
    memcpy(out->limits, limits->items, limits->count * sizeof *limits->items);
    qsort(out->limits, limits->count, sizeof *out->limits, ascending);
    return PLD_OK;
}

pld_status pld_eval_params_read(struct pld_coco_params *out, const struct pld_eval_params *given,
                                struct pld_arena *arena)
{
    pld_coco_params_init(out);
    if (given->iou_thrs.count) PLD_TRY(read_ious(out, &given->iou_thrs));
    if (given->area_ranges.count) PLD_TRY(read_areas(out, &given->area_ranges, arena));
    if (given->max_dets.count) PLD_TRY(read_limits(out, &given->max_dets));
    out->class_agnostic = given->class_agnostic;
    return pld_coco_params_check(out);
}
