/* The decisions of a protocol, one by one. */
#include "eval/metrics/rules.h"

#include <stdio.h>
#include <string.h>

static void take_iou(struct pld_rules *to, const struct pld_rules *from)
{
    memcpy(to->iou, from->iou, sizeof to->iou);
    to->n_iou = from->n_iou;
}

static void say_iou(char *out, size_t size, const struct pld_rules *rules)
{
    if (rules->n_iou == 1)
        snprintf(out, size, "IoU %.9g", rules->iou[0]);
    else
        snprintf(out, size, "mean of %d IoUs, %.9g to %.9g", rules->n_iou, rules->iou[0],
                 rules->iou[rules->n_iou - 1]);
}

static void take_above(struct pld_rules *to, const struct pld_rules *from)
{
    to->above = from->above;
}

static void say_above(char *out, size_t size, const struct pld_rules *rules)
{
    snprintf(out, size, rules->above ? "above the threshold" : "the threshold or above");
}

static void take_overlap(struct pld_rules *to, const struct pld_rules *from)
{
    to->overlap = from->overlap;
}

static void say_overlap(char *out, size_t size, const struct pld_rules *rules)
{
    static const char *const text[] = {
        [PLD_OVERLAP_EDGES] = "edges, 64 bits",
        [PLD_OVERLAP_PIXELS] = "inclusive pixels (+1)",
        [PLD_OVERLAP_FLOAT] = "edges, 32 bits",
    };
    snprintf(out, size, "%s", text[rules->overlap]);
}

static const char *const special_text[] = {
    [PLD_SPECIAL_COUNT] = "count as any box",
    [PLD_SPECIAL_IGNORE] = "ignored",
    [PLD_SPECIAL_REGION] = "ignored, overlap over the detection",
    [PLD_SPECIAL_DROP] = "left out",
};

static void take_crowd(struct pld_rules *to, const struct pld_rules *from)
{
    to->crowd = from->crowd;
}

static void say_crowd(char *out, size_t size, const struct pld_rules *rules)
{
    snprintf(out, size, "%s", special_text[rules->crowd]);
}

static void take_difficult(struct pld_rules *to, const struct pld_rules *from)
{
    to->difficult = from->difficult;
}

static void say_difficult(char *out, size_t size, const struct pld_rules *rules)
{
    snprintf(out, size, "%s", special_text[rules->difficult]);
}

static void take_zero_id(struct pld_rules *to, const struct pld_rules *from)
{
    to->zero_id = from->zero_id;
}

static void say_zero_id(char *out, size_t size, const struct pld_rules *rules)
{
    snprintf(out, size, rules->zero_id ? "cannot be found" : "as any box");
}

static void take_choice(struct pld_rules *to, const struct pld_rules *from)
{
    to->choice = from->choice;
}

static void say_choice(char *out, size_t size, const struct pld_rules *rules)
{
    snprintf(out, size,
             rules->choice == PLD_CHOICE_FREE ? "best free box" : "best box, no second choice");
}

static void take_area(struct pld_rules *to, const struct pld_rules *from)
{
    memcpy(to->area, from->area, sizeof to->area);
}

static void say_area(char *out, size_t size, const struct pld_rules *rules)
{
    if (rules->area[1] > 0)
        snprintf(out, size, "areas %g to %g", rules->area[0], rules->area[1]);
    else
        snprintf(out, size, "all");
}

static void take_score(struct pld_rules *to, const struct pld_rules *from)
{
    to->min_score = from->min_score;
}

static void say_score(char *out, size_t size, const struct pld_rules *rules)
{
    if (rules->min_score < 0)
        snprintf(out, size, "all");
    else
        snprintf(out, size, "above %g", rules->min_score);
}

static void take_limits(struct pld_rules *to, const struct pld_rules *from)
{
    to->limit_cell = from->limit_cell;
    to->limit_image = from->limit_image;
}

static void say_limits(char *out, size_t size, const struct pld_rules *rules)
{
    if (rules->limit_cell)
        snprintf(out, size, "%d an image and class", rules->limit_cell);
    else if (rules->limit_image)
        snprintf(out, size, "%d an image", rules->limit_image);
    else
        snprintf(out, size, "no limit");
}

static void take_agnostic(struct pld_rules *to, const struct pld_rules *from)
{
    to->class_agnostic = from->class_agnostic;
}

static void say_agnostic(char *out, size_t size, const struct pld_rules *rules)
{
    snprintf(out, size, rules->class_agnostic ? "one class" : "mean of classes with boxes");
}

static void take_average(struct pld_rules *to, const struct pld_rules *from)
{
    to->average = from->average;
}

static void say_average(char *out, size_t size, const struct pld_rules *rules)
{
    static const char *const text[] = {
        [PLD_AVERAGE_101] = "101 points",
        [PLD_AVERAGE_11] = "11 points",
        [PLD_AVERAGE_AREA] = "area under the curve",
        [PLD_AVERAGE_TRAPEZOID] = "101 points, ramp to recall 1",
        [PLD_AVERAGE_TRAPEZOID_CUT] = "101 points, trapezoids",
    };
    snprintf(out, size, "%s", text[rules->average]);
}

const struct pld_rule pld_rule_list[] = {
    {"thresholds", take_iou, say_iou},
    {"lowest score", take_score, say_score},
    {"detections", take_limits, say_limits},
    {"classes", take_agnostic, say_agnostic},
    {"sizes", take_area, say_area},
    {"crowds", take_crowd, say_crowd},
    {"difficult boxes", take_difficult, say_difficult},
    {"box with id 0", take_zero_id, say_zero_id},
    {"box geometry", take_overlap, say_overlap},
    {"equal overlap", take_above, say_above},
    {"matching", take_choice, say_choice},
    {"interpolation", take_average, say_average},
};
const int pld_rule_count = sizeof pld_rule_list / sizeof *pld_rule_list;

struct pld_rules pld_rules_for(const struct pld_rules *rules, const struct pld_dataset *dataset)
{
    struct pld_rules out = *rules;
    if (dataset->last_pixel_inside && out.overlap == PLD_OVERLAP_PIXELS)
        out.overlap = PLD_OVERLAP_EDGES;
    return out;
}

bool pld_rule_same(const struct pld_rule *rule, const struct pld_rules *a,
                   const struct pld_rules *b)
{
    /* memcmp() must see equal padding, so both start as copies of `a`. */
    struct pld_rules mine, theirs;
    memcpy(&mine, a, sizeof mine);
    memcpy(&theirs, a, sizeof theirs);
    rule->take(&theirs, b);
    return memcmp(&mine, &theirs, sizeof mine) == 0;
}
