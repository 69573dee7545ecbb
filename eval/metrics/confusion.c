#include "eval/metrics/confusion.h"

#include <stdbool.h>
#include <stdlib.h>

#include "eval/metrics/match_impl.h"

struct pair {
    double iou, score;
    uint32_t det, note;
};

struct confusing {
    const struct pld_dataset *dataset;
    const struct pld_detections *list;
    uint32_t *dets, *notes; /* by image, places kept */
    uint32_t *first_det, *first_note;
    bool *det_done, *note_done;
    struct pair *pairs;
    size_t n_pairs, cap_pairs;
};

/* Places of n things by image: counting sort. `image` gives that of thing i. */
static pld_status by_image(uint32_t **order, uint32_t **first, size_t n, int n_images,
                           int32_t (*image)(const struct confusing *, size_t),
                           const struct confusing *c)
{
    *order = malloc((n + 1) * sizeof **order);
    *first = calloc((size_t)n_images + 2, sizeof **first);
    if (!*order || !*first) return pld_fail_memory("confusion matrix");
    /* first[i + 1] is moved to the end of image i, where image i + 1 begins. */
    for (size_t i = 0; i < n; i++)
        (*first)[image(c, i) + 2]++;
    for (int i = 1; i <= n_images; i++)
        (*first)[i + 1] += (*first)[i];
    for (size_t i = 0; i < n; i++)
        (*order)[(*first)[image(c, i) + 1]++] = (uint32_t)i;
    return PLD_OK;
}

static int32_t image_of_det(const struct confusing *c, size_t i)
{
    return c->list->items[i].image;
}

static int32_t image_of_note(const struct confusing *c, size_t i)
{
    return c->dataset->annotations[i].image;
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->iou != y->iou) return x->iou > y->iou ? -1 : 1;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    if (x->note != y->note) return x->note < y->note ? -1 : 1;
    return x->det < y->det ? -1 : x->det > y->det;
}

static double overlap_of(const struct confusing *c, uint32_t det, uint32_t note)
{
    const struct pld_annotation *a = &c->dataset->annotations[note];
    struct match_truth truth = {.note = a, .region = a->crowd};
    return pld_match_overlap(&c->list->items[det], &truth, PLD_OVERLAP_EDGES);
}

static pld_status add_pair(struct confusing *c, struct pair pair)
{
    if (c->n_pairs == c->cap_pairs) {
        size_t cap = c->cap_pairs ? c->cap_pairs * 2 : 256;
        struct pair *pairs = realloc(c->pairs, cap * sizeof *pairs);
        if (!pairs) return pld_fail_memory("confusion matrix");
        c->pairs = pairs;
        c->cap_pairs = cap;
    }
    c->pairs[c->n_pairs++] = pair;
    return PLD_OK;
}

static pld_status find_pairs(struct confusing *c, const struct pld_confusion *out, int image)
{
    c->n_pairs = 0;
    for (uint32_t i = c->first_det[image]; i < c->first_det[image + 1]; i++) {
        uint32_t det = c->dets[i];
        double score = c->list->items[det].score;
        c->det_done[det] = !(score >= out->score);
        for (uint32_t j = c->first_note[image]; !c->det_done[det] && j < c->first_note[image + 1];
             j++) {
            uint32_t note = c->notes[j];
            if (c->dataset->annotations[note].crowd) continue;
            double iou = overlap_of(c, det, note);
            if (iou >= out->iou) PLD_TRY(add_pair(c, (struct pair){iou, score, det, note}));
        }
    }
    if (c->n_pairs) qsort(c->pairs, c->n_pairs, sizeof *c->pairs, compare_pairs);
    return PLD_OK;
}

static bool in_crowd(const struct confusing *c, double iou, int image, uint32_t det)
{
    for (uint32_t j = c->first_note[image]; j < c->first_note[image + 1]; j++) {
        const struct pld_annotation *note = &c->dataset->annotations[c->notes[j]];
        if (note->crowd && note->category == c->list->items[det].category &&
            overlap_of(c, det, c->notes[j]) > iou)
            return true;
    }
    return false;
}

static void count_image(struct pld_confusion *out, struct confusing *c, int image)
{
    size_t stride = (size_t)out->n + 1, none = (size_t)out->n;
    const struct pld_annotation *notes = c->dataset->annotations;
    for (size_t p = 0; p < c->n_pairs; p++) {
        uint32_t det = c->pairs[p].det, note = c->pairs[p].note;
        if (c->det_done[det] || c->note_done[note]) continue;
        c->det_done[det] = c->note_done[note] = true;
        out->counts[(size_t)notes[note].category * stride + (size_t)c->list->items[det].category]++;
    }
    for (uint32_t i = c->first_det[image]; i < c->first_det[image + 1]; i++) {
        uint32_t det = c->dets[i];
        if (!c->det_done[det] && !in_crowd(c, out->iou, image, det))
            out->counts[none * stride + (size_t)c->list->items[det].category]++;
    }
    for (uint32_t j = c->first_note[image]; j < c->first_note[image + 1]; j++) {
        uint32_t note = c->notes[j];
        if (!c->note_done[note] && !notes[note].crowd)
            out->counts[(size_t)notes[note].category * stride + none]++;
    }
}

static void confusing_free(struct confusing *c)
{
    free(c->dets);
    free(c->notes);
    free(c->first_det);
    free(c->first_note);
    free(c->det_done);
    free(c->note_done);
    free(c->pairs);
}

pld_status pld_confusion_measure(struct pld_confusion *out, const struct pld_dataset *dataset,
                                 const struct pld_detections *detections, double score, double iou)
{
    size_t n = (size_t)dataset->n_categories + 1, n_notes = (size_t)dataset->n_annotations;
    struct confusing c = {.dataset = dataset, .list = detections};
    *out = (struct pld_confusion){.score = score, .iou = iou, .n = dataset->n_categories};
    out->counts = calloc(n * n, sizeof *out->counts);
    c.det_done = calloc(detections->count + 1, sizeof *c.det_done);
    c.note_done = calloc(n_notes + 1, sizeof *c.note_done);
    pld_status status =
        out->counts && c.det_done && c.note_done ? PLD_OK : pld_fail_memory("confusion matrix");
    if (status == PLD_OK)
        status =
            by_image(&c.dets, &c.first_det, detections->count, dataset->n_images, image_of_det, &c);
    if (status == PLD_OK)
        status = by_image(&c.notes, &c.first_note, n_notes, dataset->n_images, image_of_note, &c);
    for (int image = 0; status == PLD_OK && image < dataset->n_images; image++) {
        status = find_pairs(&c, out, image);
        if (status == PLD_OK) count_image(out, &c, image);
    }
    confusing_free(&c);
    return status;
}

void pld_confusion_release(struct pld_confusion *confusion)
{
    free(confusion->counts);
    *confusion = (struct pld_confusion){0};
}

uint32_t pld_confusion_at(const struct pld_confusion *confusion, int truth, int found)
{
    return confusion->counts[(size_t)truth * ((size_t)confusion->n + 1) + (size_t)found];
}
