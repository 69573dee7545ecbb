#include "run/eval_report/worst.h"

#include <math.h>
#include <stdlib.h>

static bool counts(const struct pld_annotation *note, const struct pld_rules *rules)
{
    if (note->crowd && rules->crowd != PLD_SPECIAL_COUNT) return false;
    return !note->difficult || rules->difficult == PLD_SPECIAL_COUNT;
}

static void judge(struct pld_worst *out, const struct pld_dataset *dataset,
                  const struct pld_matches *matches)
{
    for (int i = 0; i < dataset->n_annotations; i++)
        if (counts(&dataset->annotations[i], &matches->rules)) out->boxes[i] = PLD_JUDGED_WRONG;
    for (int k = 0; k < matches->n_classes; k++)
        for (size_t i = 0; i < matches->classes[k].count; i++) {
            const struct pld_matched *item = &matches->classes[k].items[i];
            struct pld_worst_image *image = &out->images[item->image];
            if (item->hit) {
                out->detections[item->det] = PLD_JUDGED_RIGHT;
                out->boxes[item->truth] = PLD_JUDGED_RIGHT;
                image->right++;
            } else if (item->miss) {
                out->detections[item->det] = PLD_JUDGED_WRONG;
                image->wrong++;
                image->cost += isfinite(item->score) ? item->score : 0;
            }
        }
    for (int i = 0; i < dataset->n_annotations; i++) {
        if (out->boxes[i] != PLD_JUDGED_WRONG) continue;
        struct pld_worst_image *image = &out->images[dataset->annotations[i].image];
        image->missed++;
        image->cost += 1;
    }
}

static int by_cost(const void *a, const void *b)
{
    const struct pld_worst_image *x = a, *y = b;
    if (x->cost != y->cost) return x->cost > y->cost ? -1 : 1;
    return x->image < y->image ? -1 : x->image > y->image;
}

static void rank(struct pld_worst *out, int n_images)
{
    for (int i = 0; i < n_images; i++) {
        const struct pld_worst_image image = out->images[i];
        if (image.wrong || image.missed) out->images[out->n_images++] = image;
    }
    qsort(out->images, (size_t)out->n_images, sizeof *out->images, by_cost);
}

pld_status pld_worst_find(struct pld_worst *out, const struct pld_dataset *dataset,
                          const struct pld_detections *found, const struct pld_rules *rules,
                          double score, double iou, struct pld_pool *pool)
{
    struct pld_truths truths;
    struct pld_matches matches = {0};
    struct pld_rules at = *rules;
    *out = (struct pld_worst){.score = score, .iou = iou};
    at.iou[0] = iou;
    at.n_iou = 1;
    at.zero_id = false; /* an accident of file formats, nothing that a picture shows */
    at.limit_cell = at.limit_image = 0;
    at.area[1] = 0;
    at.min_score = nextafter(score, -1); /* scores must be higher */
    out->detections = calloc(found->count + 1, 1);
    out->boxes = calloc((size_t)dataset->n_annotations + 1, 1);
    out->images = calloc((size_t)dataset->n_images + 1, sizeof *out->images);
    if (!out->detections || !out->boxes || !out->images) return pld_fail_memory("worst images");
    for (int i = 0; i < dataset->n_images; i++)
        out->images[i].image = i;
    pld_status status = pld_truths_init(&truths, dataset, at.class_agnostic);
    if (status == PLD_OK) status = pld_match(&matches, &truths, found, &at, pool);
    if (status == PLD_OK) {
        judge(out, dataset, &matches);
        rank(out, dataset->n_images);
    }
    pld_matches_release(&matches);
    pld_truths_release(&truths);
    return status;
}

void pld_worst_release(struct pld_worst *worst)
{
    free(worst->detections);
    free(worst->boxes);
    free(worst->images);
    *worst = (struct pld_worst){0};
}
