#include "eval/metrics/tide.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "eval/metrics/match_impl.h"

const char *const pld_tide_names[PLD_TIDE_ERRORS] = {"Cls", "Loc", "Both", "Dupe", "Bkg", "Miss"};

enum state { MISSED, USED, IGNORED };

/* A detection that takes part. */
struct item {
    uint32_t det;
    int32_t image, category;
    double score;
    enum state state;
    int error;     /* enum pld_tide_error, -1: none */
    int32_t wrong; /* Cls and Loc: the annotation it would have found, -1: it is taken */
};

/* What the annotations remember. */
struct note_state {
    bool used;
    int32_t best; /* item of the highest score that a repair would give it to, -1: none */
};

/* A detection of a curve: its class, score and whether it counts. */
struct point {
    int32_t category;
    uint32_t order;
    double score;
    bool hit;
};

struct tide {
    const struct pld_dataset *dataset;
    const struct pld_detections *list;
    struct pld_tide_options options;
    struct item *items;
    size_t n_items;
    uint32_t *by_image; /* annotations by image, places kept */
    struct note_state *notes;
    struct match_truth *truths; /* of one image */
    double *overlap;            /* [annotations] of one detection */
    struct point *points;
    int32_t *positives; /* [categories] */
};

/* ---- order --------------------------------------------------------------------------------- */

static int by_image_and_score(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->image != y->image) return x->image < y->image ? -1 : 1;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->det < y->det ? -1 : x->det > y->det;
}

static pld_status gather_items(struct tide *t)
{
    for (size_t i = 0; i < t->list->count; i++) {
        const struct pld_detection *det = &t->list->items[i];
        if (det->image < 0 || det->image >= t->dataset->n_images || det->category < 0 ||
            det->category >= t->dataset->n_categories)
            return pld_fail(PLD_EFAIL, NULL,
                            "detection %zu is of an image or category outside of the dataset", i);
        t->items[i] = (struct item){.det = (uint32_t)i,
                                    .image = det->image,
                                    .category = det->category,
                                    .score = det->score,
                                    .error = -1,
                                    .wrong = -1};
    }
    qsort(t->items, t->list->count, sizeof *t->items, by_image_and_score);
    int rank = 0;
    for (size_t i = 0; i < t->list->count; i++) {
        rank = i && t->items[i].image == t->items[i - 1].image ? rank + 1 : 0;
        if (rank < t->options.limit) t->items[t->n_items++] = t->items[i];
    }
    return PLD_OK;
}

static int by_image(const void *a, const void *b, void *notes)
{
    const struct pld_annotation *list = notes;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    if (list[i].image != list[j].image) return list[i].image < list[j].image ? -1 : 1;
    return i < j ? -1 : i > j;
}

/* ---- one image ----------------------------------------------------------------------------- */

/* The annotations of one image, crowds last. */
struct scene {
    struct match_truth *truths;
    size_t n, n_crowds;
};

static double overlap_of(const struct tide *t, const struct item *item,
                         const struct match_truth *truth)
{
    return pld_match_overlap(&t->list->items[item->det], truth, PLD_OVERLAP_EDGES);
}

/* Greedy by score: the best free box of the class, the first of equal ones. */
static void match_item(struct tide *t, struct item *item, const struct scene *scene)
{
    double best = 0;
    const struct match_truth *chosen = NULL;
    for (size_t g = 0; g < scene->n; g++) {
        const struct match_truth *truth = &scene->truths[g];
        if (t->notes[truth->index].used || truth->note->category != item->category) continue;
        double overlap = overlap_of(t, item, truth);
        if (overlap <= best) continue;
        best = overlap;
        chosen = truth;
    }
    if (chosen && best >= t->options.iou) {
        item->state = USED;
        t->notes[chosen->index].used = true;
        return;
    }
    for (size_t g = scene->n; g < scene->n + scene->n_crowds; g++)
        if (scene->truths[g].note->category == item->category &&
            overlap_of(t, item, &scene->truths[g]) > t->options.iou)
            item->state = IGNORED;
}

/* What a repair would do: the annotation goes to the highest score that asks for it. */
static void ask_for(struct tide *t, struct item *item, const struct match_truth *truth)
{
    struct note_state *note = &t->notes[truth->index];
    if (note->used) return;
    item->wrong = truth->index;
    if (note->best < 0 || t->items[note->best].score < item->score)
        note->best = (int32_t)(item - t->items);
}

static void classify(struct tide *t, struct item *item, const struct scene *scene)
{
    double same = 0, other = 0, taken = 0, any = 0;
    const struct match_truth *near = scene->truths, *wrong = scene->truths;
    item->error = PLD_TIDE_BKG;
    if (scene->n == 0) return;
    for (size_t g = 0; g < scene->n; g++) {
        const struct match_truth *truth = &scene->truths[g];
        double overlap = overlap_of(t, item, truth);
        if (overlap > any) any = overlap;
        if (truth->note->category != item->category) {
            if (overlap > other) {
                other = overlap;
                wrong = truth;
            }
            continue;
        }
        if (overlap > same) {
            same = overlap;
            near = truth;
        }
        if (t->notes[truth->index].used && overlap > taken) taken = overlap;
    }
    if (t->options.background <= same && same <= t->options.iou) {
        item->error = PLD_TIDE_LOC;
        ask_for(t, item, near);
    } else if (other >= t->options.iou) {
        item->error = PLD_TIDE_CLS;
        ask_for(t, item, wrong);
    } else if (taken >= t->options.iou) {
        item->error = PLD_TIDE_DUPE;
    } else if (any > t->options.background) {
        item->error = PLD_TIDE_BOTH;
    }
}

static struct scene scene_of(const struct tide *t, const uint32_t *notes, size_t n)
{
    struct scene scene = {.truths = t->truths};
    for (int crowds = 0; crowds < 2; crowds++) {
        for (size_t i = 0; i < n; i++) {
            const struct pld_annotation *note = &t->dataset->annotations[notes[i]];
            if (note->crowd != (crowds == 1)) continue;
            t->truths[scene.n + scene.n_crowds] = (struct match_truth){
                .note = note, .index = (int32_t)notes[i], .region = note->crowd};
            crowds ? scene.n_crowds++ : scene.n++;
        }
    }
    return scene;
}

static void match_images(struct tide *t)
{
    const struct pld_annotation *notes = t->dataset->annotations;
    size_t g = 0, n_notes = (size_t)t->dataset->n_annotations;
    for (size_t i = 0, last; i < t->n_items; i = last) {
        int32_t image = t->items[i].image;
        while (g < n_notes && notes[t->by_image[g]].image < image)
            g++;
        size_t end = g;
        while (end < n_notes && notes[t->by_image[end]].image == image)
            end++;
        for (last = i; last < t->n_items && t->items[last].image == image;)
            last++;
        struct scene scene = scene_of(t, t->by_image + g, end - g);
        for (size_t j = i; j < last; j++)
            match_item(t, &t->items[j], &scene);
        for (size_t j = i; j < last; j++)
            if (t->items[j].state != USED) classify(t, &t->items[j], &scene);
        g = end;
    }
}

/* ---- AP ------------------------------------------------------------------------------------ */

static int by_class_and_score(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    if (x->category != y->category) return x->category < y->category ? -1 : 1;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Mean over recalls i / 100 of the highest precision from there on. */
static double class_ap(const struct point *points, size_t n, int32_t positives)
{
    enum { POINTS = 101 };
    double best = 0, at[POINTS] = {0};
    uint32_t hits = 0;
    if (positives <= 0) return 0;
    for (size_t i = 0; i < n; i++)
        hits += points[i].hit;
    int r = POINTS - 1;
    for (size_t i = n; i-- > 0;) {
        double precision = hits / (double)(i + 1), recall = hits / (double)positives;
        for (; r >= 0 && r / 100.0 > recall; r--)
            at[r] = best;
        if (precision > best) best = precision;
        hits -= points[i].hit;
    }
    for (; r >= 0 && n; r--)
        at[r] = best;
    double sum = 0;
    for (r = 0; r < POINTS; r++)
        sum += at[r];
    return sum / POINTS;
}

static double mean_ap(struct tide *t, size_t n_points)
{
    double sum = 0, classes = 0;
    size_t i = 0;
    qsort(t->points, n_points, sizeof *t->points, by_class_and_score);
    for (int32_t k = 0; k < t->dataset->n_categories; k++) {
        size_t first = i;
        while (i < n_points && t->points[i].category == k)
            i++;
        if (i == first && t->positives[k] == 0) continue;
        classes++;
        sum += class_ap(t->points + first, i - first, t->positives[k]);
    }
    return classes > 0 ? sum / classes : -1;
}

static void count_positives(struct tide *t)
{
    memset(t->positives, 0, (size_t)t->dataset->n_categories * sizeof *t->positives);
    for (int i = 0; i < t->dataset->n_annotations; i++)
        if (!t->dataset->annotations[i].crowd) t->positives[t->dataset->annotations[i].category]++;
}

/* A box that no error could be mended into finding. */
static bool never_near(const struct tide *t, int note)
{
    return !t->dataset->annotations[note].crowd && !t->notes[note].used && t->notes[note].best < 0;
}

static bool mended_point(struct point *out, const struct tide *t, const struct item *item)
{
    if (item->wrong < 0 || t->notes[item->wrong].best != (int32_t)(item - t->items)) return false;
    out->category = t->dataset->annotations[item->wrong].category;
    out->hit = true;
    return true;
}

/* AP with the errors of one kind mended; PLD_TIDE_ERRORS mends none. */
static double ap_mended(struct tide *t, int error)
{
    size_t n = 0;
    count_positives(t);
    for (int i = 0; error == PLD_TIDE_MISS && i < t->dataset->n_annotations; i++)
        if (never_near(t, i)) t->positives[t->dataset->annotations[i].category]--;
    for (size_t i = 0; i < t->n_items; i++) {
        const struct item *item = &t->items[i];
        struct point point = {item->category, (uint32_t)i, item->score, item->state == USED};
        bool keep = item->state != IGNORED;
        if (item->error == error) keep = mended_point(&point, t, item);
        if (keep) t->points[n++] = point;
    }
    return mean_ap(t, n);
}

/* AP with all true positives before all others, or without the boxes that nobody found. */
static double ap_perfect(struct tide *t, bool precision)
{
    size_t n = 0;
    count_positives(t);
    for (int i = 0; !precision && i < t->dataset->n_annotations; i++) {
        const struct pld_annotation *note = &t->dataset->annotations[i];
        if (!note->crowd && !t->notes[i].used) t->positives[note->category]--;
    }
    for (size_t i = 0; i < t->n_items; i++) {
        const struct item *item = &t->items[i];
        bool hit = item->state == USED;
        if (item->state != IGNORED)
            t->points[n++] =
                (struct point){item->category, (uint32_t)i, precision ? hit : item->score, hit};
    }
    return mean_ap(t, n);
}

/* ---- all ----------------------------------------------------------------------------------- */

static pld_status tide_init(struct tide *t, const struct pld_dataset *dataset,
                            const struct pld_detections *list)
{
    size_t n = (size_t)dataset->n_annotations + 1, found = list->count + 1;
    t->items = malloc(found * sizeof *t->items);
    t->points = malloc(found * sizeof *t->points);
    t->by_image = malloc(n * sizeof *t->by_image);
    t->notes = malloc(n * sizeof *t->notes);
    t->truths = malloc(n * sizeof *t->truths);
    t->positives = malloc(((size_t)dataset->n_categories + 1) * sizeof *t->positives);
    if (!t->items || !t->points || !t->by_image || !t->notes || !t->truths || !t->positives)
        return pld_fail_memory("error breakdown");
    for (uint32_t i = 0; i + 1 < n; i++) {
        t->by_image[i] = i;
        t->notes[i] = (struct note_state){.best = -1};
    }
    qsort_r(t->by_image, n - 1, sizeof *t->by_image, by_image, dataset->annotations);
    return gather_items(t);
}

static void tide_free(struct tide *t)
{
    free(t->items);
    free(t->points);
    free(t->by_image);
    free(t->notes);
    free(t->truths);
    free(t->positives);
}

static pld_status fill(struct pld_tide *out, struct tide *t)
{
    out->errors = malloc(t->list->count + 1);
    if (!out->errors) return pld_fail_memory("error breakdown");
    memset(out->errors, -1, t->list->count);
    for (size_t i = 0; i < t->n_items; i++) {
        out->errors[t->items[i].det] = (signed char)t->items[i].error;
        if (t->items[i].error >= 0) out->count[t->items[i].error]++;
    }
    for (int i = 0; i < t->dataset->n_annotations; i++)
        out->count[PLD_TIDE_MISS] += never_near(t, i);
    out->ap = ap_mended(t, PLD_TIDE_ERRORS);
    for (int e = 0; e < PLD_TIDE_ERRORS; e++) {
        double gain = ap_mended(t, e) - out->ap;
        out->gain[e] = gain > 0 ? gain : 0;
    }
    out->false_positive = ap_perfect(t, true) - out->ap;
    out->false_negative = ap_perfect(t, false) - out->ap;
    return PLD_OK;
}

pld_status pld_tide_measure(struct pld_tide *out, const struct pld_dataset *dataset,
                            const struct pld_detections *detections,
                            const struct pld_tide_options *options)
{
    struct tide t = {.dataset = dataset, .list = detections};
    t.options = options ? *options : PLD_TIDE_DEFAULTS;
    *out = (struct pld_tide){0};
    pld_status status = tide_init(&t, dataset, detections);
    if (status == PLD_OK) {
        match_images(&t);
        status = fill(out, &t);
    }
    tide_free(&t);
    return status;
}

void pld_tide_release(struct pld_tide *tide)
{
    free(tide->errors);
    *tide = (struct pld_tide){0};
}
