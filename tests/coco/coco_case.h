/* A COCO evaluation case in memory, and the random ones of cases.py: the same draws in the same
 * order, so a seed names the same case here and there. Change both or neither. */
#ifndef PLD_TESTS_COCO_CASE_H
#define PLD_TESTS_COCO_CASE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "eval/dataset.h"
#include "eval/detection.h"

/* Tables of annotations name the fields that COCO knows; the others stay zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct coco_case {
    int n_images, n_categories;
    struct pld_annotation *notes;
    int n_notes;
    struct pld_detections dets;
};

struct coco_knobs {
    uint64_t truths, crowds, detections, levels;
    double divisor, scale;
    bool repeat, flood;
};

/* A dataset that borrows the case's annotations. Ids as cases.py gives them. */
static struct pld_dataset case_dataset(const struct coco_case *c)
{
    struct pld_dataset dataset = {.source = "case", .format = "coco", .has_labels = true};
    dataset.n_images = c->n_images;
    dataset.n_categories = c->n_categories;
    dataset.n_annotations = c->n_notes;
    dataset.annotations = c->notes;
    dataset.images = calloc((size_t)c->n_images, sizeof *dataset.images);
    dataset.categories = calloc((size_t)c->n_categories, sizeof *dataset.categories);
    for (int i = 0; i < c->n_images; i++)
        dataset.images[i] = (struct pld_image_entry){.id = 5 + 3 * i, .name = "image"};
    for (int k = 0; k < c->n_categories; k++)
        dataset.categories[k] = (struct pld_category){.id = 1 + 2 * k, .name = "class"};
    return dataset;
}

static void case_dataset_release(struct pld_dataset *dataset)
{
    free(dataset->images);
    free(dataset->categories);
}

static void case_release(struct coco_case *c)
{
    free(c->notes);
    pld_detections_release(&c->dets);
}

static struct pld_annotation case_truth(struct pld_rng *rng, const struct coco_knobs *knobs)
{
    static const uint64_t sizes[] = {24, 64, 160};
    static const double widths[] = {32, 96, 16, 100}, heights[] = {32, 96, 64, 100};
    static const double edges[] = {0.0,    1023.9999999999999, 1024.0, 1024.0000000000002,
                                   9216.0, 9216.000000000002,  1e10,   2e10};
    struct pld_annotation note = {0};
    uint64_t size = sizes[pld_rng_below(rng, 3)];
    note.x = (double)pld_rng_below(rng, 400) / knobs->divisor;
    note.y = (double)pld_rng_below(rng, 400) / knobs->divisor;
    note.w = (double)(1 + pld_rng_below(rng, size)) / knobs->scale;
    note.h = (double)(1 + pld_rng_below(rng, size)) / knobs->scale;
    if (pld_rng_below(rng, 4) == 0) {
        note.w = widths[pld_rng_below(rng, 4)];
        note.h = heights[pld_rng_below(rng, 4)];
    }
    note.area = note.w * note.h;
    uint64_t kind = pld_rng_below(rng, 8);
    if (kind == 0)
        note.area = edges[pld_rng_below(rng, 8)];
    else if (kind == 1)
        note.area = note.area / 2;
    note.crowd = pld_rng_below(rng, 8) < knobs->crowds;
    return note;
}

static void case_ids(struct pld_rng *rng, struct coco_case *c, bool repeat)
{
    int n = c->n_notes;
    int64_t first = (int64_t)pld_rng_below(rng, 2);
    int64_t *ids = calloc((size_t)n + 1, sizeof *ids);
    for (int i = 0; i < n; i++)
        ids[i] = first + i;
    for (int i = n - 1; i > 0; i--) {
        uint64_t j = pld_rng_below(rng, (uint64_t)i + 1);
        int64_t swap = ids[i];
        ids[i] = ids[j];
        ids[j] = swap;
    }
    if (repeat && n > 1) {
        int64_t id = ids[pld_rng_below(rng, (uint64_t)n)];
        ids[pld_rng_below(rng, (uint64_t)n)] = id;
    }
    for (int i = 0; i < n; i++)
        c->notes[i].id = ids[i];
    free(ids);
}

static void case_annotations(struct pld_rng *rng, struct coco_case *c,
                             const struct coco_knobs *knobs)
{
    size_t most = (size_t)c->n_images * (size_t)c->n_categories * (size_t)knobs->truths;
    c->notes = calloc(most + 1, sizeof *c->notes);
    for (int image = 0; image < c->n_images; image++) {
        if (pld_rng_below(rng, 6) == 0) continue;
        for (int category = 0; category < c->n_categories; category++) {
            uint64_t n = pld_rng_below(rng, knobs->truths + 1);
            if (c->n_categories > 8 && pld_rng_below(rng, 3)) n = 0;
            for (uint64_t i = 0; i < n; i++) {
                struct pld_annotation *note = &c->notes[c->n_notes++];
                *note = case_truth(rng, knobs);
                note->image = image;
                note->category = category;
            }
        }
    }
    for (int i = c->n_notes - 1; i > 0; i--) {
        uint64_t j = pld_rng_below(rng, (uint64_t)i + 1);
        struct pld_annotation swap = c->notes[i];
        c->notes[i] = c->notes[j];
        c->notes[j] = swap;
    }
    case_ids(rng, c, knobs->repeat);
}

/* A box that overlaps `note`: on a threshold, equal, or shifted a little. */
static struct pld_detection case_near(struct pld_rng *rng, const struct coco_knobs *knobs,
                                      const struct pld_annotation *note)
{
    struct pld_detection det = {.x = note->x, .y = note->y, .w = note->w, .h = note->h};
    uint64_t kind = pld_rng_below(rng, 5);
    if (kind == 0) {
        det.h = note->h * (50.0 + 5.0 * (double)pld_rng_below(rng, 10)) / 100.0;
    } else if (kind == 1) {
        det.w = note->w * (50.0 + 5.0 * (double)pld_rng_below(rng, 10)) / 100.0;
    } else if (kind > 2) {
        det.x += ((double)pld_rng_below(rng, 9) - 4.0) / knobs->divisor;
        det.y += ((double)pld_rng_below(rng, 9) - 4.0) / knobs->divisor;
        det.w += (double)pld_rng_below(rng, 5);
        det.h += (double)pld_rng_below(rng, 5);
    }
    return det;
}

static struct pld_detection case_detection(struct pld_rng *rng, const struct coco_case *c,
                                           const struct coco_knobs *knobs, int image)
{
    struct pld_detection det = {0};
    bool flooded = knobs->flood && image == 0;
    int category = (int)pld_rng_below(rng, (uint64_t)c->n_categories);
    if (flooded) category = 0;
    det.x = (double)pld_rng_below(rng, 400) / knobs->divisor;
    det.y = (double)pld_rng_below(rng, 400) / knobs->divisor;
    det.w = (double)pld_rng_below(rng, 120);
    det.h = (double)pld_rng_below(rng, 120);
    if (c->n_notes && pld_rng_below(rng, 4)) {
        const struct pld_annotation *note = &c->notes[pld_rng_below(rng, (uint64_t)c->n_notes)];
        det = case_near(rng, knobs, note);
        if (pld_rng_below(rng, 8)) category = note->category;
        if (pld_rng_below(rng, 8) && !flooded) image = note->image;
    }
    det.image = image;
    det.category = category;
    det.score = (double)(1 + pld_rng_below(rng, knobs->levels)) / (double)knobs->levels;
    return det;
}

static void case_detections(struct pld_rng *rng, struct coco_case *c,
                            const struct coco_knobs *knobs)
{
    for (int image = 0; image < c->n_images; image++) {
        if (pld_rng_below(rng, 6) == 0) continue;
        uint64_t n = pld_rng_below(rng, knobs->detections + 1);
        if (knobs->flood && image == 0) n = 130 + pld_rng_below(rng, 40);
        for (uint64_t i = 0; i < n; i++) {
            struct pld_detection det = case_detection(rng, c, knobs, image);
            pld_detections_add(&c->dets, &det);
        }
    }
    if (!c->dets.count) {
        struct pld_detection det = {1, 2, 3, 4, 0.5, 0, 0};
        pld_detections_add(&c->dets, &det);
    }
    if (!pld_rng_below(rng, 2)) return;
    for (size_t i = c->dets.count - 1; i > 0; i--) {
        uint64_t j = pld_rng_below(rng, (uint64_t)i + 1);
        struct pld_detection swap = c->dets.items[i];
        c->dets.items[i] = c->dets.items[j];
        c->dets.items[j] = swap;
    }
}

static struct coco_case random_case(uint64_t seed)
{
    static const double divisors[] = {1, 4, 7, 10};
    static const uint64_t levels[] = {3, 10, 1000, (uint64_t)1 << 53};
    struct coco_case c = {0};
    struct coco_knobs knobs = {0};
    struct pld_rng rng;
    pld_rng_init(&rng, seed);
    c.n_images = (int)(1 + pld_rng_below(&rng, 10));
    if (pld_rng_below(&rng, 8) == 0)
        c.n_categories = (int)(20 + pld_rng_below(&rng, 60));
    else
        c.n_categories = (int)(1 + pld_rng_below(&rng, 4));
    knobs.divisor = divisors[pld_rng_below(&rng, 4)];
    knobs.levels = levels[pld_rng_below(&rng, 4)];
    knobs.truths = 1 + pld_rng_below(&rng, 6);
    knobs.crowds = pld_rng_below(&rng, 3);
    knobs.repeat = pld_rng_below(&rng, 16) == 0;
    knobs.detections = 1 + pld_rng_below(&rng, 40);
    knobs.flood = pld_rng_below(&rng, 10) == 0;
    knobs.scale = pld_rng_below(&rng, 2) ? knobs.divisor : 1;
    case_annotations(&rng, &c, &knobs);
    case_detections(&rng, &c, &knobs);
    return c;
}

#endif
